"""Conditional positive definiteness of mixtures: what keeps it, what breaks it, and at which slopes."""

from fractions import Fraction

from theory.claim import Claim
from theory.position_kernels.source import KERPLE, MEP

TWO_BRACKET = (Fraction(6944107046, 10**11), Fraction(6944107047, 10**11))
THREE_BRACKET = (Fraction(307446443, 10**11), Fraction(307446444, 10**11))
"""The slopes between which the mixtures of two and three kernels begin to be conditionally positive definite."""

_TWO = "b = log((e^{-r d} + e^{-r d^2}) / 2)"
_THREE = "b = log((e^{-r d} + e^{-r d / 2} + e^{-r d^2}) / 3)"
_CPD = (
    "conditionally positive definite on the integers: sum_ij c_i c_j b(|i - j|) >= 0 for all finitely many c of sum 0"
)

log_convex = Claim(
    id="position-kernels/definiteness/log-convex-mixtures",
    statement="A positive mixture of log-convex non-increasing kernels has a conditionally positive definite bias.",
    formula="2 b_i(d) <= b_i(d-1) + b_i(d+1), b_i non-increasing  =>  b = log sum w_i e^{b_i} is conditionally positive definite",
    quantifier="for all numbers of kernels and all positive weights",
    hypotheses=(_CPD,),
    source=KERPLE,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="second differences of a convex sequence are dominated by their diagonal",
    argument="""
    (1) The mixture is log-convex: with x_i = w_i K_i(d-1), z_i = w_i K_i(d+1) and (w_i K_i(d))^2 <= x_i z_i, Cauchy and Schwarz give
        (sum w_i K_i(d))^2 <= (sum sqrt(x_i z_i))^2 <= (sum x_i)(sum z_i); for two kernels the difference is the square
        (sqrt(x_1 z_2) - sqrt(x_2 z_1))^2, and mixtures nest. It is non-increasing as each term is.
    (2) So b is convex and non-increasing: a(d) = 2 b(d) - b(d+1) - b(d-1) <= 0 for d >= 1, a(0) = 2 b(0) - 2 b(1) >= 0, and
        a(0) + 2 sum_{1 <= d <= D} a(d) = 2 (b(D) - b(D+1)) >= 0 for every D, by induction: the step adds 2 a(D+1).
    (3) Hence a(0) >= 2 sum |a(d)|: every finite Toeplitz matrix of a is dominated by its diagonal, so positive semidefinite.
    (4) c of sum 0 is a difference, c_i = u_{i-1} - u_i, and sum c_i c_j b(|i-j|) = sum u_i u_j a(|i-j|) >= 0.
    """,
)

closed = Claim(
    id="position-kernels/definiteness/closed-under-mixing",
    statement="A mixture of kernels whose biases are conditionally positive definite has such a bias.",
    quantifier="for all kernels and positive weights",
    hypotheses=(_CPD,),
    source=KERPLE,
    variant="the exponential and the Gaussian of the released slopes of 8 heads, equal weights",
    arithmetic="R",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="-r d and -r d^2 are conditionally positive definite, the log of their mean is not for small r: the Gaussian is log-concave",
)


def _released(count: str, formula: str, below: str, expected_reason: str, certified: str) -> Claim:
    return Claim(
        id=f"position-kernels/definiteness/{count}-kernels-released",
        statement=f"Of the slopes released for 8, 12 and 16 heads the bias of {count} kernels is conditionally positive definite at "
        f"{below}.",
        formula=formula,
        quantifier="for the heads of all three, 16 distinct slopes",
        hypotheses=(_CPD,),
        source=MEP,
        arithmetic="R",
        paper="(ours)",
        expected="confirmed",
        strength="certified",
        reason=expected_reason,
        assumptions=(certified,),
    )


two_released = _released(
    "two",
    _TWO,
    "those above 2^-4 only: 5 of 8, 5 of 12 and 9 of 16 heads fail",
    "the threshold lies between 2^-4 and 2^-(7/2)",
    "beyond the values in a certificate of definiteness the second differences are bounded here, by a geometric series",
)
three_released = _released(
    "three",
    _THREE,
    "all",
    "the threshold lies below 2^-8, the least slope released",
    "certificates are of slopes down to 2^-4; below, balls decide the symbol",
)

fewest = Claim(
    id="position-kernels/definiteness/fewest-positions",
    statement="The fewest positions that show it, for two kernels at 2^-4, ..., 2^-8: 75, 34, 33, 37, 40.",
    formula=_TWO,
    quantifier="for the five released slopes of 8 heads that fail",
    hypotheses=("n positions show it: some c of sum 0 on n successive positions has sum c_i c_j b(|i - j|) < 0",),
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the symbol is negative at each, so some minor of the second differences is; Levinson's recursion finds the first",
    assumptions=("that one position fewer does not show it: all minors positive in balls",),
)


fewest_three = Claim(
    id="position-kernels/definiteness/fewest-positions-three",
    statement="The fewest positions that show it for three kernels at 2^-9 and 2^-10, below every released slope: 164 and 134.",
    formula=_THREE,
    quantifier="for the two slopes",
    hypotheses=fewest.hypotheses,
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="the symbol is negative at both, so some minor of the second differences is; Levinson's recursion finds the first",
    assumptions=fewest.assumptions,
)


def _threshold(count: str, formula: str, low: Fraction, high: Fraction) -> Claim:
    return Claim(
        id=f"position-kernels/definiteness/{count}-kernels-threshold",
        statement=f"The bias of {count} kernels is not conditionally positive definite at slope {float(low)}, and is at {float(high)}.",
        formula=formula,
        quantifier="at the two slopes",
        hypotheses=(_CPD,),
        source=MEP,
        arithmetic="R",
        paper="(ours)",
        expected="confirmed",
        strength="exhausted",
        reason="bisection on the sign of the symbol's least value",
    )


def _every(count: str, formula: str, low: str, high: str) -> Claim:
    return Claim(
        id=f"position-kernels/definiteness/{count}-kernels-every-slope",
        statement=f"The bias of {count} kernels is not conditionally positive definite for every slope up to {low}, and is for "
        f"every slope from {high} on.",
        formula=formula,
        quantifier="for all r > 0 outside the gap",
        hypotheses=(_CPD,),
        source=MEP,
        arithmetic="R",
        paper="(ours)",
        expected="confirmed",
        strength="exhausted",
        reason="balls of slopes cover the middle; plain bounds do for large slopes, an expansion in sqrt(r) for small ones",
        argument="""
        b is conditionally positive definite exactly when its symbol s(w) is nowhere negative (theory.position_kernels.symbols).
        Large slopes. 2 (1 - cos w) <= 4 and g(d) falls with r. Two kernels: (1 - c)(1 + 2 c) >= -2 for |c| <= 1, so
        s >= 2 r - 4 log 2 - 8 sum_{d >= 2} g(d), and g(d) <= e^{-r d (d - 1)}. Three: s >= r - 8 sum_{d >= 1} g(d), as E <= r/2 and
        g(0) > 0, with g(d) <= e^{-r d (d - 1)} / (1 + e^{r d / 2}). Both bounds grow with r and are positive at r = 2 and r = 3.
        Middle: cells of slopes, each decided for all its slopes in balls. Small slopes, r <= 2^-12: one angle theta sqrt(r)
        (theory.position_kernels.small_rates).
        """,
    )


two_threshold, three_threshold = (
    _threshold("two", _TWO, *TWO_BRACKET),
    _threshold("three", _THREE, *THREE_BRACKET),
)
two_every, three_every = (
    _every("two", _TWO, "0.0694", "0.0695"),
    _every("three", _THREE, "0.0030", "0.0032"),
)
