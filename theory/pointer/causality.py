"""Which layers look ahead: by the rule of candidates, for all sizes; programs of them on small sequences; and why the Jacobian of the
values cannot tell."""

from theory.claim import Claim
from theory.pointer.source import LAYER, POINTER

_FEW = "at most 4 tokens of one coordinate -1, 0 or 1"
_SAME = "x_1 .. x_i = x'_1 .. x'_i  =>"

by_candidates = Claim(
    id="pointer/causality/by-candidates",
    statement="A layer is causal if the candidates of position i are none of them later and are the same whatever follows i; and those "
    "of every causal rule of the layer are.",
    formula=f"{_SAME} C_i = C'_i and C_i in 0..i;   then H'_i and p_i are the same",
    quantifier="the rules: at most 6 positions, sizes 1..7, strides 1 and up to 7, buckets of up to two bits, all previous pointers "
    "that go back, all that may follow; layers of them: by the argument, of any length, width and depth",
    source=POINTER,
    variant=f"{LAYER}; candidates of the layer's programs, masks of all positions and of tiles among them",
    hypotheses=("all numbers are finite: zero times infinity is not zero, whatever the weight",),
    arithmetic="positions, integers; scores of a query and a key are a function of these two",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a distance that is not negative, a place that is not later in a stable order of earlier ones, a pointer of a pointer back",
    argument="""
    By induction over layers: let rows, and pointers of the layer before, at positions up to i be functions of x_0 .. x_i. Encoding,
    maps, gate, norm and FFN take one position alone. So q_i, and k_j and h_j for j <= i, are functions of x_0 .. x_i, and so are
    the scores s_ij of candidates j <= i, if a score is a function of q_i and k_j. Candidates that are none are -inf, below every
    score of one that is: neither target nor softmax weights depend on them. So p_i, at most i, and what is read at candidates are
    functions of x_0 .. x_i, and so is H'_i. Hops that are put together read pointers at positions up to i, which lead to such.
    No length, width or depth entered. That programs of a matrix product round a score the same whatever the shape is not so, see
    pointer/ties/equal-keys: the last bits of a causal layer may depend on how many tokens follow, though not on which.
    """,
)


def _causal(
    name: str,
    what: str,
    reason: str,
    domain: str = f"for all sequences of {_FEW}, two layers of width 1, every training",
) -> Claim:
    return Claim(
        id=f"pointer/causality/{name}",
        statement=f"With {what} as candidates, no output and no pointer of two layers on {_FEW} depends on a later token.",
        formula=f"{_SAME} H'_i and p_i the same;   d H'_i / d x_j = 0 for j > i",
        quantifier=domain,
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
tiled = _causal(
    "tiled",
    "all positions up to its own, in tiles of 1, 2, 3 or 5 keys,",
    "a tile meets the queries that are not before it, and its own later keys are masked",
    f"for all sequences of {_FEW}, two layers of width 1, hard selection, four tile sizes",
)
running = _causal(
    "running",
    "all positions up to its own, by a running maximum of additive scores,",
    "a maximum so far is of what was so far",
    f"for all sequences of {_FEW}, two layers of width 1, hard selection, both rules for ties",
)

decoding = Claim(
    id="pointer/causality/decoding",
    statement=f"Decoded token by token, two layers on {_FEW} have the outputs and the pointers that the whole sequence gives, for "
    "every causal rule of candidates.",
    formula="step(x_i; x_1 .. x_(i-1)) = (H'_i, p_i)",
    quantifier=f"for all sequences of {_FEW}, two layers of width 1, hard and straight-through, both rules for ties",
    source=POINTER,
    variant=LAYER,
    arithmetic="integers in fp64, exact",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a step knows what the position may look at and nothing else; sums of small integers are exact in every order, which "
    "rounded ones are not: pointer/ties/equal-keys",
)

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
