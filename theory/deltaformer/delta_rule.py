"""What the delta rule does to a memory: the last pair, the earlier ones, and writing everything again."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

_RULE = (
    "u_t = v_t - beta_t sum_{i<t} kappa(k_i, k_t) u_i;  o(q) = sum_i kappa(k_i, q) u_i; w = k, kernel not normalised"
)

last_pair = Claim(
    id="deltaformer/delta-rule/last-pair",
    statement="The pair written last is read at its key as kappa_tt v_t, whatever was written before, exactly when "
    "beta_t kappa(k_t, k_t) = 1: as v_t itself when both are 1.",
    formula="o_t = kappa_tt v_t + (1 - beta_t kappa_tt) s,  s = what is read at k_t before",
    quantifier="for all T, all keys and values, every kernel that is not normalised",
    source=DELTAFORMER,
    variant=_RULE,
    arithmetic="any field",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the token subtracts beta times what is read at its key before it adds its own value there",
    argument="""
    Let s = sum_{i<t} kappa(k_i, k_t) u_i be what is read at k_t before token t. The token stores u_t = v_t - beta_t s, and reading at
    k_t afterwards adds kappa_tt u_t: o_t = s + kappa_tt (v_t - beta_t s) = kappa_tt v_t + (1 - beta_t kappa_tt) s. That is
    kappa_tt v_t for every s exactly when beta_t kappa_tt = 1; and in a field s takes every value as v_1 does, if kappa(k_1, k_t)
    is not 0. (In a ring with zero divisors (1 - beta_t kappa_tt) s may vanish for all s.)
    """,
)

every_pair = Claim(
    id="deltaformer/delta-rule/every-pair-as-stated",
    statement="With beta = 1 and kappa(k, k) = 1 every pair is read exactly at its key, as long as the keys are independent.",
    formula="o_i = v_i for all i, after all pairs are written",
    quantifier="for all N, all independent unit keys, all values",
    source=DELTAFORMER,
    variant=f"{_RULE}; beta = 1",
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="a later pair with kappa(k_t, k_i) not 0 adds kappa(k_t, k_i) u_t to what is read at k_i; two pairs suffice",
)

forgetting = Claim(
    id="deltaformer/delta-rule/forgetting",
    statement="With random unit keys and a linear kernel the error of a pair with a later and e earlier ones is exactly "
    "2 (1 - q^a) - (q^a - alpha_a) q^e: it never falls with age and stays at most 2, however many pairs are written.",
    formula="q = 1 - 1/d,  r = (d^2 - 2) / (d (d + 2)),  alpha_a = q^a / d + (1 - 1/d) r^a;  E|o - v|^2 / E|v|^2",
    quantifier="for all d, a, e",
    hypotheses=(
        "keys independent, uniform on the unit sphere of R^d",
        "values independent, mean 0, one covariance; beta = 1",
    ),
    source=DELTAFORMER,
    variant=f"{_RULE}; linear kernel; beta = 1",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="every later token removes from a key its component along the new one, on average a share 1/d",
    argument="""
    With P_t = I - k_t k_t^T the state is S_N = sum_j v_j k_j^T P_{j+1} ... P_N, so reading at k_i gives sum_j c_j v_j with
    c_j = k_j^T P_{j+1} ... P_N k_i, and E|o - v_i|^2 / E|v|^2 = E (1 - c_i)^2 + sum_{j != i} E c_j^2, as values are uncorrelated.
    For g uniform on the sphere and fixed x, y: E (g x)(g y) = <x, y> / d, and
    E (g x)^2 (g y)^2 = (|x|^2 |y|^2 + 2 <x, y>^2) / (d (d + 2)). Let x_0 = k_i and x_{s+1} = (I - g g^T) x_s with fresh g; x_a has the
    law of P_{i+1} ... P_N k_i for a = N - i.
    (1) E|x_{s+1}|^2 = (1 - 1/d) E|x_s|^2, so E|x_s|^2 = q^s; and E <k_i, x_s> = q^s.
    (2) For m_s = E <k_i, x_s>^2: <k, x - g (g x)>^2 = <k, x>^2 - 2 <k, x> (k g)(g x) + (k g)^2 (g x)^2, so
        m_{s+1} = (1 - 2/d + 2/(d (d+2))) m_s + q^s / (d (d+2)),  m_0 = 1,
    solved by alpha_s. So E (1 - c_i)^2 = 1 - 2 q^a + alpha_a.
    (3) j > i: k_j is independent of x = P_{j+1} ... P_N k_i, so E c_j^2 = q^{N-j} / d; over j > i these add up to
    (1/d) (1 - q^a) / (1 - q) = 1 - q^a.
    (4) j < i: P_i takes x_a to x_a - c_i k_i, of squared length |x_a|^2 - c_i^2, mean q^a - alpha_a; the i - 1 - j keys between
    shrink it by q each, and k_j takes the share 1/d: summed over the e earlier pairs (q^a - alpha_a) (1 - q^e).
    Together 1 - 2 q^a + alpha_a + 1 - q^a + (q^a - alpha_a) (1 - q^e), which is the formula. It is at most 2, as q^a >= alpha_a
    (|x| >= |<k, x>|).
    It does not fall with age. As q^a - alpha_a = q (q^a - r^a), the next a adds 2 q^a / d - q^(1+e) (r^a (1 - r) - q^a / d). For
    d >= 2, 0 <= r <= q and 1 - r = (2 d + 2) / (d (d + 2)), so the bracket is at most q^a / d ((2 d + 2) / (d + 2) - 1) < q^a / d,
    and what is added is positive. For d = 1, q = 0: the error is 0 at a = 0 and 2 from a = 1 on.
    """,
)

repeated_passes = Claim(
    id="deltaformer/delta-rule/repeated-passes",
    statement="When the kernel is positive definite on N keys and kappa(k, k) = 1, writing the N pairs again and again makes every "
    "pair read exactly in the limit, for every N, whatever d: each token lowers the energy of the error by |u_t|^2.",
    formula="e = coefficients - K^{-1} V,  E = <e, K e>;  after a token E - |u_t|^2",
    quantifier="for all N, all kernels positive definite on the keys, all values",
    hypotheses=("beta = 1", "kappa(k, k) = 1 and kappa symmetric"),
    source=DELTAFORMER,
    variant=f"{_RULE}; beta = 1",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a token is a step of the Gauss-Seidel method for K c = V, which minimises the energy in one coordinate",
    argument="""
    Tokens with the same key add up: let c_j be the sum of the u with key k_j, and K c* = V. What is read at k_t is (K c)_t, so the
    token's u = v_t - (K c)_t = -(K e)_t with e = c - c*. It adds u to e_t, and, column of values by column,
        E = <e, K e> becomes E + 2 u (K e)_t + u^2 kappa_tt = E - u^2.
    E is not negative, so the sum of all u^2 is at most its first value and u tends to 0. In one pass e changes by the u of that
    pass, so (K e)_t tends to 0 for every t, hence K e, hence e, as K is invertible; what is read is V + K e.
    """,
)
