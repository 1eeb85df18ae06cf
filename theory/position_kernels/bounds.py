"""What a mixture's bias is beside its kernels': ALiBi is one kernel, the slowest kernel decides, the Gaussian's effect is bounded."""

from theory.claim import Claim
from theory.position_kernels.source import MEP, MEP_TOLD

one_kernel = Claim(
    id="position-kernels/bounds/one-kernel",
    statement="The mixture of one exponential kernel is ALiBi, b(d) = -r d, exactly.",
    formula="log(e^{-r d} / 1) = -r d",
    quantifier="for all slopes r > 0 and distances d >= 0",
    source=MEP_TOLD,
    arithmetic="R; in a torch format bit for bit",
    paper="ALiBi is the case of one kernel",
    expected="confirmed",
    strength="derived",
    reason="log undoes exp",
    argument="""
    A mixture of one kernel has weight 1, so its bias is log K(d) = log e^{-r d}, and log and exp are inverse on the reals. That the
    definition says so is an identity with r and d as symbols.
    """,
)

slowest = Claim(
    id="position-kernels/bounds/slowest-kernel",
    statement="A mixture of n kernels with equal weights lies between its greatest kernel and that over n.",
    formula="max_i log K_i - log n <= b <= max_i log K_i",
    quantifier="for all slopes, distances, and the mixtures of one to four kernels",
    source=MEP,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a mean of positive numbers is at most the greatest and at least its share",
    argument="""
    For every j two identities hold with the log K_i as symbols:
        n e^b - K_j = sum of the K_i with i != j,      K_j - e^b = (1/n) sum_i (K_j - K_i).
    The right side of the first is not negative as K_i > 0: log K_j - log n <= b for every j, so for the greatest. That of the second
    is not negative when K_j is the greatest: b <= log K_j. The largest mixture is checked besides with numbers.
    """,
)

tail_is_alibi = Claim(
    id="position-kernels/bounds/tail",
    statement="From d = 1 on the three-kernel bias is ALiBi's of half the slope, less log 3, up to 2 e^{-r d / 2}: no new decay class.",
    formula="0 < b(d) + r d / 2 + log 3 <= 2 e^{-r d / 2}",
    quantifier="for all r > 0 and integers d >= 1",
    source=MEP,
    variant="b = log((e^{-r d} + e^{-r d / 2} + e^{-r d^2}) / 3)",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the half-exponential is the slowest of the three",
    argument="""
    With x = e^{-r d / 2} and y = e^{-r d^2 + r d / 2} the identity b + r d / 2 + log 3 = log(1 + x + y) holds with r, d as symbols.
    x, y > 0 give the left inequality, log(1 + z) <= z gives at most x + y, and y <= x as the exponents differ by
    (-r d^2 + r d / 2) - (-r d / 2) = -r d (d - 1) <= 0 for d >= 1.
    """,
)

gaussian_below = Claim(
    id="position-kernels/bounds/gaussian-three",
    statement="At integers the Gaussian never exceeds the exponential of its slope beyond d = 0, and leaving it out of the three "
    "kernels lowers b by at most log(3/2), which d = 0 reaches.",
    formula="e^{-r d^2} <= e^{-r d};   0 < log((e + h + g) / 3) - log((e + h) / 3) <= log(3/2)",
    quantifier="for all r > 0 and integers d >= 0",
    source=MEP,
    variant="e = e^{-r d}, h = e^{-r d / 2}, g = e^{-r d^2}",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="d^2 >= d at integers, so g <= e <= h",
    argument="""
    log g - log e = -r d (d - 1) <= 0 for integers d >= 0, log e - log h = -r d / 2 <= 0. The difference is log(1 + g / (e + h)), and
    e + h - 2 g = (e - g) + (h - e) + (e - g) >= 0, so it is at most log(1 + 1/2). At d = 0 all three are 1. Renormalised to
    weights 1/2 it lies in (-log(3/2), 0] for the same reason: the effect is log(3/2) at most either way.
    """,
)

gaussian_two = Claim(
    id="position-kernels/bounds/gaussian-two-by-three-halves",
    statement="In the mixture of two kernels, too, the Gaussian's effect on b is at most log(3/2).",
    formula="log((e + g) / 2) - log(e / 2) <= log(3/2)",
    quantifier="for all r > 0 and integers d >= 0",
    source=MEP,
    variant="e = e^{-r d}, g = e^{-r d^2}",
    arithmetic="R",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="at d = 0 and d = 1 the Gaussian is the exponential, so the effect is log 2",
)

gaussian_two_amended = Claim(
    id="position-kernels/bounds/gaussian-two",
    statement="In the mixture of two kernels the Gaussian's effect on b is at most log 2, reached at d = 0 and d = 1 only.",
    formula="0 < log((e + g) / 2) - log(e / 2) <= log 2, with equality exactly where d (d - 1) = 0",
    quantifier="for all r > 0 and integers d >= 0",
    source=MEP,
    variant="e = e^{-r d}, g = e^{-r d^2}",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the difference is log(1 + e^{-r d (d - 1)})",
    argument="""
    b + r d + log 2 = log(1 + e^{-r d (d - 1)}), an identity with r and d as symbols. The exponent is 0 for d = 0, 1 and negative for
    integers d >= 2, so the logarithm is log 2 there and less elsewhere, and positive always.
    """,
)
