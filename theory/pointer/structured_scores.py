"""Scores of a form that makes pairwise scoring needless: sums, and products of two numbers."""

from theory.claim import Claim
from theory.pointer.source import POINTER

_TIES = "among equal scores the earliest candidate wins, always; or the latest, always"
_SCOPE = "for all N, causal (candidates j <= i) or not; here all orders of up to four keys"

additive = Claim(
    id="pointer/work/additive-scores",
    statement="With scores a_i + b_j the pointer does not depend on a: positions that see the same candidates point at the same, and "
    "causal pointers are those of a running maximum of b. Work O(N).",
    formula="argmax_j (a_i + b_j) = argmax_j b_j",
    quantifier=_SCOPE,
    hypotheses=(_TIES,),
    source=POINTER,
    variant="scores a_i + b_j, exact",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="adding a_i to all candidates of i changes neither their order nor their ties",
)

additive_rounded = Claim(
    id="pointer/work/additive-scores-rounded",
    statement="Choosing by b alone gives the pointers of the scores a_i + b_j when the sums are rounded, too.",
    formula="argmax_j fl(a_i + b_j) = argmax_j b_j",
    quantifier="for all whole a_i and b_j that the format holds",
    hypotheses=("rounding to nearest, ties to even", "among equal scores the earliest candidate wins"),
    source=POINTER,
    variant="scores a_i + b_j, rounded once",
    arithmetic="bf16, fp16, fp32, fp64",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="rounding keeps order but makes ties: at a = 2^p the next whole number is not in the format, and b = 0 and b = 1 tie",
)

rank_one = Claim(
    id="pointer/work/rank-one-scores",
    statement="With scores q_i k_j, one number each, the pointer is the largest k for q_i > 0, the smallest for q_i < 0 and, as all "
    "tie, the first candidate (the last, by the other rule) for q_i = 0. Work O(N), no pair is made.",
    formula="argmax_j q_i k_j in {argmax_j k_j, argmin_j k_j, first or last}, by the sign of q_i",
    quantifier=_SCOPE,
    hypotheses=(_TIES,),
    source=POINTER,
    variant="scores q_i k_j, exact",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="k -> q k keeps order and ties for q > 0, turns order and keeps ties for q < 0, and makes all equal for q = 0",
)

rank_one_work = Claim(
    id="pointer/work/rank-one-work",
    statement="Pointers by q_i k_j with q and k linear in a row of d numbers, and the gathering of rows, are exactly 5 N d + 23 N + 2 "
    "operations: linear, with no d^2.",
    formula="work = 5 N d + 23 N + 2",
    quantifier="for all sizes of at least 2",
    source=POINTER,
    variant="cost model v1: two maps to one number, running maximum and minimum, causal, the earliest wins",
    arithmetic="counts, exact",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="maps 4 N d; the negative N; two running maxima, 8 N + 1 each; times N, zeros N, two comparisons 2 N, two choices 2 N; "
    "gathering N d",
)
