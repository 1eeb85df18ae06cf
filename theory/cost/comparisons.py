"""Claims that compare two layers."""

from theory.claim import Claim
from theory.cost.reference_layers import COST_MODEL, MODEL

tree_cheaper = Claim(
    id="cost/scan-blelloch/cheaper-from",
    statement="The scan of Blelloch has less work than that of Hillis and Steele from 16 tokens on, and not below.",
    formula="work(blelloch) < work(hillis-steele) exactly when N >= 16",
    quantifier="for N = 1, 2, 4, ..., 256 and d = 1, 2",
    source=COST_MODEL,
    variant=MODEL,
    arithmetic="counts, exact",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="with N = 2^l the difference of the formulas is d (5 N l + 3 l - 19 N + 19): 0, -6, -11, -4 up to N = 8, 47 at 16, and for "
    "l >= 4 the first term outweighs the third",
)
