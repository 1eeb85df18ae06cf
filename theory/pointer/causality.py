"""Which layers look ahead: by the rule of candidates; and why the Jacobian of the values cannot tell."""

from theory.claim import Claim
from theory.pointer.source import LAYER, POINTER

_DOMAIN = "for all sequences of at most 4 tokens of one coordinate -1, 0 or 1, two layers, every training"


def _causal(name: str, what: str, reason: str) -> Claim:
    return Claim(
        id=f"pointer/causality/{name}",
        statement=f"With {what} as candidates, no output and no pointer depends on a later token.",
        formula="x_1 .. x_i = x'_1 .. x'_i  =>  H'_i and p_i the same;   d H'_i / d x_j = 0 for j > i",
        quantifier=_DOMAIN,
        source=POINTER,
        variant=LAYER,
        arithmetic="integers in fp64, exact where hard",
        paper="(ours)",
        expected="confirmed",
        strength="exhausted",
        reason=reason,
    )


all_positions = _causal(
    "all", "all positions up to its own", "a masked score is no score; everything else is position by position"
)
window = _causal("window", "the last w positions", "candidates are fixed and not later")
strides = _causal("strides", "itself and those a stride back", "candidates are fixed and not later")
buckets = _causal(
    "buckets",
    "the most recent positions of its hash bucket",
    "sorted by bucket and time, a later token of the same bucket comes after all of these, and of another bucket moves all alike",
)
previous = _causal(
    "previous",
    "itself, the one before and the chain of the previous layer's pointers",
    "pointers of a causal layer are not later, and pointers of pointers are not",
)
hierarchical = _causal("hierarchical", "a window whose hops are put together", "a chain of hops that go back goes back")

by_values = Claim(
    id="pointer/causality/by-values",
    statement="A layer in which no output has a derivative in a later token is causal.",
    formula="d H'_i / d x_j = 0 for all j > i and all inputs  =>  H'_i is a function of x_1 .. x_i",
    quantifier="for all Pointer layers with hard selection",
    source=POINTER,
    variant=f"{LAYER}; candidates: of the last K of a position's bucket those that are not later, and itself",
    arithmetic="integers in fp64, exact",
    paper="(ours)",
    expected="refuted",
    strength="exhausted",
    reason="a later token of the same bucket pushes an earlier one out of the last K, so it decides what is read, without being read; "
    "the derivative of a choice is zero",
)
