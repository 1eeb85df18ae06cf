"""Theorem C: an exponential kernel at finite temperature tracks slots, and how large its errors get."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

EXPONENTIAL = "kernel1 = kernel2 = exp(lam (<x, y> - 1)), not normalised; unit codes; w free; beta = 1; 8 tokens a swap"

unit_response = Claim(
    id="deltaformer/exponential-kernel/unit-response",
    statement="In the limit of infinite temperature the 8-token program answers a disturbance of any token by -1, 0 or 1, ever after.",
    formula="A0 = indicator of equal slots:   R0 = (I + A0)^{-1} has entries in {-1, 0, 1}",
    quantifier="for all n, S and all sequences of S swaps",
    hypotheses=("two temporaries, clean at the start", "each slot is written once before the swaps"),
    source=DELTAFORMER,
    variant=EXPONENTIAL,
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a disturbance leaves +-1 in one slot or one temporary, and the next swap moves it or clears it",
    argument="""
    Column i of R0 is u after a unit value at token i and no other value, by linearity in V. Tokens act on contents as
    slot_k += v - slot_w, so a disturbance acts as follows, with slots named by their roles in the swap at hand.
    (1) Before token i all is 0. (2) If i belongs to a write, the content of one slot is 1 between swaps. If i is
    one of the 8 tokens of a swap, the rest of that swap leaves some contents in a, b and the two temporaries.
    (3) Between swaps only the multiset of values in ordinary slots and the two values in the temporaries matter for what
    follows: a swap finds in its slots a and b two of those values, or 0. So a state has finitely many successors, whatever n is.
    (4) The closure of the states in (2) under (3) is computed and is finite: 0 apart, the states are 1 or -1 in one slot, or 1 in
    one temporary. On all the way every u is -1, 0 or 1, and the contents add up to at most 4 in absolute value.
    Induction over tokens carries this to every n, every S and every sequence. Readers have the junk key, which no token looks
    at, so they add nothing.
    """,
)

quadratic_bound = Claim(
    id="deltaformer/exponential-kernel/quadratic-bound",
    statement="If the exact inverse has entries of at most 1, a kernel off by at most eta changes U by at most rho / (1 - rho), "
    "rho = eta T (T-1) / 2; so lam = ln(4 T^2) / (1 - mu) leaves errors below 1/7.",
    formula="A = A0 + E, |E_ti| <= eta, |R0_ti| <= 1:   max|U~ - U| <= rho / (1 - rho) max|U|,  rho = eta T (T-1) / 2 < 1",
    quantifier="for all T, all real A0 and E strictly lower triangular",
    hypotheses=("|R0| <= 1 entry by entry", "|E| <= eta entry by entry", "rho < 1"),
    source=DELTAFORMER,
    variant="any kernels",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="U~ = (I + R0 E)^{-1} U, and row t of |R0| |E| adds up to at most eta times the number of pairs i < j <= t",
    argument="""
    U = R0 V and (I + A0 + E) U~ = V give (I + R0 E) U~ = U. R0 is lower triangular with |R0_tj| <= 1 and E strictly lower, so
    row t of |R0| |E| adds up to at most sum_{j<=t} sum_{i<j} eta = eta sum_{i<t} (t - i) = eta t (t-1) / 2 <= rho. For a norm
    ||R0 E|| <= rho < 1 one has U~ - U = sum_{m>=1} (-R0 E)^m U, of size at most (rho + rho^2 + ...) max|U| = rho / (1 - rho) max|U|.
    With eta = 1 / (4 T^2), rho = (T-1) / (8 T) < 1/8 and rho / (1 - rho) < 1/7.
    It is nearly reached: A0 = -1 just below the diagonal has R0_ti = 1 and U = 1 from v = e_1; with E = -eta everywhere the error
    of the last u is eta T (T-1) / 2 to first order in eta.
    """,
)

linear_bound = Claim(
    id="deltaformer/exponential-kernel/linear-bound",
    statement="For the 8-token program the errors grow with T, not with its square: they stay below eta L (1 + 4 eta)^T with "
    "L = n + 12 S + 1.",
    formula="max|U~ - U| <= eta L (1 + 4 eta)^T,  L = n + 12 S + 1,  eta = exp(-lam (1 - mu)),  T = n + 8 S + 1",
    quantifier="for all n, S, all sequences of S swaps, contents one-hot, readers after the last token",
    hypotheses=(
        "unit codes whose inner products are at most mu",
        "two temporaries, clean at the start",
        "contents one-hot",
    ),
    source=DELTAFORMER,
    variant=EXPONENTIAL,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="all tokens of a slot enter a kernel sum through the slot's content, and contents stay bounded",
    argument="""
    The kernel depends on the slots alone: kappa(k_i, w_t) = [equal] + E(s, s') with 0 <= E <= eta, and E(s, s) = 0. Let
    c~_s(t) = sum over i <= t with key s of u~_i. Then u~_t = v_t - c~_{w_t}(t-1) + d_t with the noise
    d_t = -sum_{s != w_t} E(s, w_t) c~_s(t-1): the exact program, disturbed by d_t at token t. By linearity
        u~_t - u_t = sum_{i<=t} R0_ti d_i,    c~(t) = c(t) + sum_{i<=t} d_i g_i(t),
    with g_i(t) the contents after a unit disturbance at token i. The finite closure that proves |R0_ti| <= 1 also gives
    sum_s |g_i,s(t)| <= 4, and 12 for what the contents of slots not looked at add up to over a swap in a column of one-hot contents; a
    write or a reader sees at most 1. With D_t = sum_{i<=t} |d_i| and l_t that sum at token t,
        D_t <= D_{t-1} + eta (l_t + 4 D_{t-1}),    hence    D_T <= eta (sum_t l_t) (1 + 4 eta)^T <= eta L (1 + 4 eta)^T
    by induction over t: eta (L + l) B^t - (B eta L B^(t-1) + eta l) = eta l (B^t - 1) >= 0 for B = 1 + 4 eta.
    The error of every u~ is at most D_T.
    """,
)

tracks = Claim(
    id="deltaformer/exponential-kernel/tracks",
    statement="At a temperature of O(log T) / (1 - mu) the 8-token program reads every slot right: with one-hot codes, with "
    "ceil(log2(n + 3)) signs, and with points on a circle.",
    formula="lam = ln(L c / margin) / (1 - mu), exp(4 T margin / (L c)) < c:   |reading - content| < margin = 1/2\n"
    "lam = ln(5 L) / (1 - mu) is enough for every n and S\n"
    "signs: d = ceil(log2(n + 3)), 1 - mu = 2/d;   circle: d = 2, 1 - mu >= 8 / (n + 3)^2",
    quantifier="for all n, S, all sequences of S swaps, contents one-hot",
    hypotheses=(
        "two temporaries, clean at the start",
        "each slot is written once before the swaps",
        "unit codes, all different",
    ),
    source=DELTAFORMER,
    variant=EXPONENTIAL,
    arithmetic="R; fp64",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the linear bound, with the temperature solved from it",
    argument="""
    By linear-bound errors are at most eta L (1 + 4 eta)^T. With eta <= 1 / (5 L), T <= L (L - T = 4 S, an identity in n and S) and
    1 + y <= e^y that is at most (1/5) (1 + 4 / (5 L))^L <= e^(4/5) / 5 < 1/2, as e^(4/5) < 5/2. eta = exp(-lam (1 - mu)) <= 1 / (5 L)
    says lam >= ln(5 L) / (1 - mu). The values of 1 - mu are those of the codes: two different sign vectors differ in a coordinate at
    least; on the circle 1 - cos(2 pi / n) = 2 sin(pi / n)^2 >= 8 / n^2.
    """,
)

__all__ = ["linear_bound", "quadratic_bound", "tracks", "unit_response"]
