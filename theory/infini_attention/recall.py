"""When a token is recalled exactly by the linear rule, and how far from it ELU + 1 is."""

from theory.claim import Claim
from theory.infini_attention.source import FROM_NOTHING, INFINI, LINEAR

orthogonal = Claim(
    id="infini-attention/recall/orthogonal",
    statement="A query reads v_i, whatever the values are, exactly when it meets key i and no other: phi(q) phi(k_i) > 0 and "
    "phi(q) phi(k_t) = 0 for all other tokens.",
    formula="read = v_i for all V  <=>  phi(q) phi(k_t) = 0 for t != i, > 0 for t = i",
    quantifier="for all streams and queries, phi >= 0",
    source=INFINI,
    variant=LINEAR,
    hypotheses=(FROM_NOTHING,),
    arithmetic="any ordered field",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the read is a convex combination with weights in proportion to phi(q) phi(k_t), and unit vectors as values show them",
)

positive = Claim(
    id="infini-attention/recall/positive-features",
    statement="With features that are all positive, as ELU + 1 of every real number is, none of two or more tokens is "
    "recalled for all values: "
    "the others have the share 1 - a_i / sum_t a_t > 0. Exact recall by orthogonal features is vacuous for ELU + 1.",
    formula="|read - v_i| = share * |v_i - the others' average|",
    quantifier="for all N >= 2, d, real keys and queries",
    source=INFINI,
    variant=LINEAR,
    hypotheses=(FROM_NOTHING,),
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="an inner product of positive vectors is positive",
    argument="""
    With a_t = phi(q) phi(k_t) > 0, A = a_i, B the sum of the other a_t and o their average with weights a_t / B, the read is
    (A v_i + B o) / (A + B) = v_i + (B / (A + B)) (o - v_i): the identity checked. B / (A + B) = 1 - A / (A + B) is positive as soon as
    there is another token, and some values have o != v_i.
    """,
)

falls = Claim(
    id="infini-attention/recall/one-hot-like",
    statement="With N = d keys of pre-activation x >= 0 in their own channel and -y <= 0 in the others the other tokens' "
    "share of a read is "
    "1 - (1 + (d - 1) r^2) / (1 + (d - 1) r)^2, r = e^-y / (1 + x): at most 2 (d - 1) r, so it falls as e^-y, and as 1 / x only.",
    formula="a_ii = g^2 + (d-1) E^2, a_ij = 2 g E + (d-2) E^2, g = 1 + x, E = e^-y",
    quantifier="for all d >= 2, x, y >= 0",
    source=INFINI,
    variant=f"{LINEAR}; ELU + 1",
    hypotheses=(FROM_NOTHING,),
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the features are g in one channel and E in d - 1",
    argument="""
    ELU + 1 of x is g = 1 + x, of -y it is E = e^-y. Two different keys share d - 2 channels E E and have two g E; a key with
    itself g g and
    d - 1 times E E. With r = E / g the share of the others, (d - 1) a_ij / (a_ii + (d - 1) a_ij), has the denominator
    1 + (d-1) r^2 + (d-1) (2 r + (d-2) r^2) = (1 + (d-1) r)^2: checked with d as a symbol. And 2 (d-1) r - share is
    (d-1) r^2 (3 (d-1) + 1 + 2 (d-1)^2 r) / (1 + (d-1) r)^2, which is not negative: checked.
    """,
)

TENTHS_NEEDED = {8: 111, 11: 132, 24: 222, 53: 423}
"""The tenths of y that `needed` states, by p."""

needed = Claim(
    id="infini-attention/recall/pre-activation-needed",
    statement="With d = 128 one-hot-like keys and x = 0 the others' share is below 2^-p from y = 11.1, 13.2, 22.2, 42.3 on, "
    "for p = 8, 11, "
    "24, 53, and above it a tenth before: about log(254) + p log 2.",
    formula="1 - (1 + 127 E^2) / (1 + 127 E)^2 < 2^-p,  E = e^-y",
    quantifier="for p = 8, 11, 24, 53 (the precisions of bf16, fp16, fp32, fp64); the share falls with y",
    source=INFINI,
    variant=f"{LINEAR}; ELU + 1",
    hypotheses=(FROM_NOTHING,),
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the share is nearly 2 * 127 e^-y: log(254) = 5.537, and p log 2 = 5.545, 7.625, 16.64, 36.74",
)
