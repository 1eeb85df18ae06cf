"""Measurements through the explicit transformer: its read-out fitted, tokens read by importance, parameters shared."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

FROZEN = "features of the explicit transformer, frozen; least squares on them and on the exact basis, same data"
ROUNDS = "windows of 6 tokens with importances 1/12 apart; rounds of attention, the explicit network, a read-out fitted"
TOKENS = "independent uniform tokens, least squares, risk exact by Parseval"
SIZES = "for mixed a_i = i, T = 3, n = 256 and 512, 16 replicates in the quick budget, 48 in the full one; intervals of 1 - 10^-5"

perturbation = Claim(
    id="takakura-suzuki/measured-transformer/perturbation",
    statement="Least squares on features A' in place of the basis A moves the coefficients by the features' error applied to the fit, "
    "and by the residual seen through that error.",
    formula="c' - c = A'^+ (r - (A' - A) c),  A'^+ r = (A'^T A')^-1 (A' - A)^T r;  "
    "|c' - c| <= move / (s - delta) + delta |r| / (s - delta)^2",
    quantifier="for all n >= N, all data, all A' of full column rank",
    source=DERIVED,
    variant=FROZEN,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a left inverse of A' recovers c from A' c, and the residual is orthogonal to A",
    argument="""
    Let P = A'^+ = (A'^T A')^-1 A'^T, so P A' = 1, and b = A c + r with A^T r = 0. Two identities, with letters that do not commute:
        P b - c - P (r - (A' - A) c) = (P A' - 1) c = 0,   b = A c + r;
        A'^T r - (A' - A)^T r = A^T r = 0.
    |P| = 1 / s' and |(A'^T A')^-1| = 1 / s'^2; Weyl: s' >= s - |A' - A|; |A' - A| is at most the root of the sum of e_l^2 and |(A' -
    A) c| at most sum |c_l| e_l, as each entry of column l is off by e_l / sqrt(n) at most.
    """,
)

read_out = Claim(
    id="takakura-suzuki/measured-transformer/read-out",
    statement="With its features frozen and only its read-out fitted, the explicit transformer's coefficients and root risk stay "
    "within the a-priori bound of those on the exact basis; a single wave without noise reaches 1/25 of the bound.",
    formula="|root risk' - root risk| <= |c' - c| <= move / (s - delta) + delta |r| / (s - delta)^2, e_l from the depths alone",
    quantifier="for mixed a_i = i, T = 3 in the quick budget, 3 and 4 in the full one, targets with a tail, sigma = 1/4 and 1/4096; "
    "data at random",
    hypotheses=("the designs are well conditioned: s > delta",),
    source=DERIVED,
    variant=FROZEN,
    arithmetic="fp64, rounding included in the bound",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="perturbation of least squares; the angle's part of a wave's error has one sign, its mean is 0.37 of its bound and it is "
    "a quarter of e at least, and s > 1/2",
)

sorted_tokens = Claim(
    id="takakura-suzuki/measured-transformer/sorted-tokens",
    statement="When rounds of attention sort the tokens, a target that is smooth in the tokens sorted by importance is estimated as if "
    "they came sorted: the mean risk lies between the bounds for N functions in sorted coordinates.",
    formula="tail + sigma^2 N / n  <=  mean risk  <=  tail (1 + 4 N / n) + sigma^2 (N / n) (1 + 2 (N - 1) / n)",
    quantifier=SIZES,
    hypotheses=("importances 1/12 apart", "values uniform and independent of the importances"),
    source=DERIVED,
    variant=ROUNDS,
    arithmetic="fp64",
    paper="(ours; piecewise-smoothness is about exponents)",
    expected="confirmed",
    strength="measured",
    reason="values are independent of the order, so sorted values are uniform on the cube and the basis in them is orthonormal",
)

fixed_order = Claim(
    id="takakura-suzuki/measured-transformer/fixed-order",
    statement="A reader of the same tokens in a fixed order that does not see their importances fails: its best risk is the target's "
    "norm less that of the mean over all orders, and a single wave keeps 1 / W of its energy.",
    formula="b_l = (W - k)! prod(mult!) / W! * sum of c_m over m with the frequencies of l;  risk >= |g|^2 - |b|^2",
    quantifier="for windows of at most 4 tokens in the quick budget, 5 in the full one, all targets of two functions of |l_i| <= 1",
    source=DERIVED,
    variant="order and values independent; any function of the values alone",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the mean over a uniform order is the best prediction, and an order carries one basis function to another one",
)

fixed_order_measured = Claim(
    id="takakura-suzuki/measured-transformer/fixed-order-risk",
    statement="Measured, least squares in a fixed order stays above that floor and between the bounds for its own bias.",
    formula="floor <= |g|^2 - |b|^2 + sigma^2 N / n <= mean risk <= (|g|^2 - |b|^2)(1 + 4 N / n) + sigma^2 (N / n)(1 + 2 (N - 1) / n)",
    quantifier=SIZES,
    source=DERIVED,
    variant="the exact basis in the first tokens of the window",
    arithmetic="fp64",
    paper="(ours)",
    expected="confirmed",
    strength="measured",
    reason="what is left is orthogonal to the kept functions, which is all that the bound on a tail uses",
)

sharing = Claim(
    id="takakura-suzuki/measured-transformer/sharing",
    statement="For a shift-equivariant map with L outputs a shared read-out has one L-th of the parameters and one L-th of the risk of "
    "separate ones, up to a factor that goes to 1 with n.",
    formula="L / (1 + 2 K (N - 1) / (n L P)) <= separate / shared <= L (1 + 2 (N - 1) / (n P)),  K = 2 U + 1",
    quantifier="for N = 9, n = 1024, L = 2, 8, 64 replicates in the quick budget, 256 and L = 32 too in the full one; intervals of "
    "1 - 10^-5",
    hypotheses=("the target lies in the span", "noise is independent", "the functions are closed under signs"),
    source=DERIVED,
    variant=TOKENS,
    arithmetic="fp64",
    paper="(ours)",
    expected="confirmed",
    strength="measured",
    reason="the trace of the Gram matrix is N whatever the windows, so n L dependent rows have the variance of n L independent ones, "
    "nearly",
)
