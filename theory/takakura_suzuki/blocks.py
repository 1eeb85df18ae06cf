"""Claims about blocks, truncation and widths: what is lost when only the basis functions of order below T are kept."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

VARIANT = "psi_l = prod of sqrt2 cos or sqrt2 sin or 1; block s: floor(2^(s_i - 1)) <= |l_i| < 2^(s_i)"
BALL = "p = theta = 2: the ball sum_s 2^(2 gamma(s)) ||delta_s f||^2 <= 1"

size = Claim(
    id="takakura-suzuki/blocks/size",
    statement="Block s holds exactly 2^|s| basis functions, |s| = s_1 + s_2 + ...",
    formula="#{l : floor(2^(s_i - 1)) <= |l_i| < 2^(s_i)} = 2^(s_1 + s_2 + ...)",
    quantifier="for all s with finitely many entries other than 0",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="integers",
    paper="2^|s|",
    expected="confirmed",
    strength="derived",
    reason="a coordinate with s_i = 0 has l_i = 0 alone; else 2^(s_i - 1) sizes with two signs each",
    argument="""
    Coordinates are chosen apart, so the count is a product over i. For s_i = 0: floor(1/2) = 0 <= |l_i| < 1 leaves 0: one, 2^0.
    For s_i = s >= 1 the sizes 2^(s-1), ..., 2^s - 1 are positive, each with two signs: 2 (2^s - 2^(s-1)) - 2^s is zero, an
    identity in s.
    """,
)

truncation = Claim(
    id="takakura-suzuki/blocks/truncation",
    statement="Keeping the blocks with gamma(s) < T, the worst error over the ball is exactly 2^(-t), t = min{gamma(s) : gamma(s) "
    ">= T}; it "
    "is at most 2^(-T), with equality exactly when T is a value of gamma.",
    formula="sup ||f - f_T|| = 2^(-min{gamma(s) >= T})",
    quantifier="for all T > 0, mixed and anisotropic, finitely or infinitely many coordinates",
    hypotheses=(BALL,),
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q (exponents)",
    paper="at most 2^(-T)",
    expected="confirmed",
    strength="exhausted",
    reason="by Parseval the tail is sum ||delta_s f||^2 over gamma(s) >= T; all weight on one function of the least order is the "
    "worst",
    argument="""
    sum_{gamma >= T} ||delta_s f||^2 <= 2^(-2t) sum 2^(2 gamma) ||delta_s f||^2 <= 2^(-2t), with equality for f = 2^(-t) psi_l, l
    in a block of order t. The minimum is attained: a_i tends to infinity, so finitely many blocks lie below any level. The next
    order is found without enumeration beyond T: taking one unit from a block of least order >= T leaves a block below T.
    """,
)

active = Claim(
    id="takakura-suzuki/blocks/active-coordinates",
    statement="If the j-th smallest smoothness is at least j^alpha (weak l^alpha norm at most 1), fewer than T^(1/alpha) "
    "coordinates are active below T, whatever the kind, so as many heads suffice; and no frequency below T reaches 2^(T/a_1).",
    formula="a_j >= j^alpha: d_max = #{j : a_j < T} < T^(1/alpha), or none;  |l_i| < 2^(s_i), s_i <= ceil(T/a_i) - 1 < T/a_1",
    quantifier="for all T > 0, alpha > 0, all sorted a with a_j >= j^alpha",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q: powers of T with rational exponents compared by their integer powers",
    paper="about T^(1/alpha) heads",
    expected="confirmed",
    strength="exhausted",
    reason="j^alpha <= a_j < T says j < T^(1/alpha), and a_1 s_i <= a_i s_i < T",
)

width = Claim(
    id="takakura-suzuki/blocks/width",
    statement="No linear space of dimension N = G(T) does better in the worst case than the basis functions below T: the "
    "Kolmogorov width of "
    "the ball is d_N = 2^(-min{gamma >= T}); one dimension fewer gives 2^(-max{gamma < T}).",
    formula="d_N = 2^(-gamma_(N+1)), gamma_(1) <= gamma_(2) <= ... the orders with multiplicity",
    quantifier="for all T > 0, all subspaces of dimension N",
    hypotheses=(BALL,),
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q",
    paper="(ours: the approximation rate without Monte Carlo)",
    expected="confirmed",
    strength="exhausted",
    reason="the ball is an ellipsoid with semi-axes 2^(-gamma); the width of an ellipsoid is its (N+1)-th semi-axis",
    argument="""
    Upper bound: truncation. Lower bound: let V have dimension N. The first N+1 basis functions span a space of dimension N+1,
    which holds an x orthogonal to V, |x| = 1. sum 2^(2 gamma_i) x_i^2 <= 2^(2 gamma_(N+1)), so 2^(-gamma_(N+1)) x lies in the
    ball, and its distance to V is its length.
    """,
)
