"""What positive mixtures keep: the declared properties, monotone decay, positive definiteness."""

from theory.claim import Claim
from theory.position_kernels.source import KERPLE, MEP, MEP_TOLD

declared = Claim(
    id="position-kernels/closure/declared",
    statement="The kernels have the properties they declare and lack those they deny, as far as finitely many positions show.",
    formula="theory.position_kernels.kernels",
    quantifier="for the kernels and mixtures of a list, distances up to 24",
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="each declaration has its reason in the module; a denied property fails at small distances",
)

monotone = Claim(
    id="position-kernels/closure/monotone",
    statement="Positive mixtures of non-increasing kernels are non-increasing.",
    formula="sum w_i K_i(d) - sum w_i K_i(d+1) = sum w_i (K_i(d) - K_i(d+1)) >= 0",
    quantifier="for all numbers of kernels and all positive weights",
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a sum of non-negative numbers",
    argument="""
    The identity of the formula is linear in the kernels; for two kernels it is checked with the values as symbols, and a mixture of n
    is one of two, of which one is a mixture of n - 1. Every summand on the right is a positive weight times a number >= 0, and log is
    increasing, so b is non-increasing with the mixture.
    """,
)

non_monotone = Claim(
    id="position-kernels/closure/non-monotone",
    statement="The weighted sum of the kernels expresses distance effects that are not monotone.",
    formula="b(d) < b(d+1) for some d",
    quantifier="for some slope and d, with two and with three kernels",
    source=MEP_TOLD,
    variant="the two and three kernels at the released slopes of 8 heads and at 1, distances up to 100",
    arithmetic="R",
    paper="weighted sums of kernels express non-monotone distance effects",
    expected="refuted",
    strength="exhausted",
    reason="theorem closure/monotone: it needs a negative weight, or a T5 or Sandwich term",
)

positive_definite = Claim(
    id="position-kernels/closure/positive-definite",
    statement="Positive mixtures of positive-definite kernels are positive definite.",
    formula="sum_ij c_i c_j sum_m w_m K_m(|i-j|) = sum_m w_m sum_ij c_i c_j K_m(|i-j|) >= 0",
    quantifier="for all numbers of kernels, positions and all positive weights",
    source=KERPLE,
    arithmetic="R",
    paper="sums of kernels are kernels",
    expected="confirmed",
    strength="derived",
    reason="a quadratic form is linear in its matrix",
    argument="""
    The identity exchanges two finite sums. It is checked for two kernels on three positions with all values as symbols, which shows its
    form; both sides are linear in the values and in the weights, so entry by entry it is the same for every size. Each inner sum
    is >= 0 and the weights are positive.
    """,
)

t5_definite = Claim(
    id="position-kernels/closure/t5-positive-definite",
    statement="With a T5 term the mixture's e^b is positive definite as well.",
    formula="K(d) = (e^{-r d} + e^{v(bucket of d)}) / 2",
    quantifier="for all bucket values, rising or falling",
    source=MEP,
    variant="buckets beginning at 0 and 1, and at 0 and 2; values 0, 2 and 2, -2; slopes 1, 1/4",
    arithmetic="R",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a value above that of distance 0 breaks two positions, a flat start with a later fall breaks three",
)
