"""Claims about G(T) for mixed smoothness: two sides, the constant, ties, and levels that no one can count up to."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

VARIANT = (
    "mixed: gamma(s) = sum a_i s_i, G(T) = sum of 2^|s| over gamma(s) < T, C_a = prod_{i>=2} 1 / (1 - 2^(1 - a_i/a_1))"
)

two_sided = Claim(
    id="takakura-suzuki/mixed-counting/two-sided",
    statement="With a_1 < a_2 the count of basis functions below T is at least 2^ceil(T/a_1) - 1, with equality exactly for T <= "
    "a_2, and less "
    "than 2 C_a 2^(T/a_1).",
    formula="2^ceil(T/a_1) - 1 <= G(T) < 2 C_a 2^(T/a_1)",
    quantifier="for all T > 0 and all sorted positive a with a_1 < a_2 and finite C_a",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q, powers of 2 with rational exponents compared by their integer powers",
    paper="~ C_a 2^(T/a_1)",
    expected="confirmed",
    strength="exhausted",
    reason="the first coordinate sums to 2^ceil - 1; ceil adds less than 1; what remains is C_a",
    argument="""
    Let s' = (s_2, s_3, ...). Summing 2^(s_1) over a_1 s_1 < T - gamma(s') gives
        G(T) = sum over gamma(s') < T of 2^|s'| (2^ceil((T - gamma(s'))/a_1) - 1).
    The term s' = 0 is 2^ceil(T/a_1) - 1, and another term exists exactly when a_2 < T. From ceil(x) < x + 1
        G(T) < 2 * 2^(T/a_1) sum over s' of 2^(|s'| - gamma(s')/a_1) = 2 * 2^(T/a_1) prod_{i>=2} sum_k 2^(k (1 - a_i/a_1)) = 2 C_a
        2^(T/a_1).
    When all a_i / a_1 and T / a_1 are integers no ceil adds anything, and G(T) < C_a 2^(T/a_1).
    """,
)

without_two = Claim(
    id="takakura-suzuki/mixed-counting/without-two",
    statement="The factor 2 can be dropped: G(T) < C_a 2^(T/a_1) for every T.",
    formula="G(T) < C_a 2^(T/a_1)",
    quantifier="for all T > 0 and all a with a_1 < a_2",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q",
    paper="~ C_a 2^(T/a_1)",
    expected="refuted",
    strength="exhausted",
    reason="just above a multiple of a_1 the count has doubled and the bound has not: a = (1), T = 9/8 has G = 3 and 2^(9/8) = 2.18",
)

two_is_sharp = Claim(
    id="takakura-suzuki/mixed-counting/two-is-sharp",
    statement="The factor 2 is the best: for integers 1 = a_1 < a_2 <= ... the supremum of G(T) / (C_a 2^T) over T > 0 is 2.",
    formula="for every c < 2 some T has G(T) > c C_a 2^T",
    quantifier="for c = 2 - 2^(-k), k = 1, ..., 20",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="G just above n is G(n + 1), about C_a 2^(n + 1), and the bound is as for n",
)

large_levels = Claim(
    id="takakura-suzuki/mixed-counting/large-levels",
    statement="When all b_i = a_i/a_1 are integers, G(T) = 2^m (C_a - R), m = ceil(T/a_1), and R is at most a constant of a times "
    "2^(-m/4): so G is known at levels such as 10^17, to a relative error of that order.",
    formula="0 <= R <= 2 * 2^(-delta m) prod_{i>=2} 1 / (1 - 2^(1 - (1 - delta) b_i)), delta = (1 - 1/b_2) / 2",
    quantifier="for all T > 0 and all a with integer a_i/a_1, a_1 < a_2",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="R (balls) against exact counts",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="G lacks the s' beyond T and the minus ones of the geometric sums; both are bounded by a weight 2^(-delta m)",
    argument="""
    With T = m, a_1 = 1: G = sum over gamma' < m of 2^|s'| (2^(m - gamma') - 1), so R = sum over gamma' >= m of 2^(|s'| - gamma') +
    2^(-m) sum over gamma' < m of 2^|s'|. In the first sum 2^(-gamma') <= 2^(-delta m) 2^(-(1-delta) gamma'); in the second 1 <=
    2^((1-delta)(m - gamma')). Each is at most 2^(-delta m) sum over s' of 2^(|s'| - (1-delta) gamma'), the product; finite as
    (1-delta) b_2 = (b_2 + 1)/2 > 1. As b_2 >= 2, delta >= 1/4.
    """,
)

ties = Claim(
    id="takakura-suzuki/mixed-counting/ties",
    statement="If exactly k of the a_i equal a_1, G(T) is 2^(T/a_1) times T^(k-1) for T >= a_1, up to constants.",
    formula="2^(m-1) B <= G(T) < 2 C 2^(T/a_1) B, m = ceil(T/a_1), B = binomial(m + k - 2, k - 1), C = prod_{i>k} 1 / (1 - 2^(1 - "
    "a_i/a_1))",
    quantifier="for all T > 0, k >= 1",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="Q",
    paper="a_1 < a_2 assumed",
    expected="confirmed",
    strength="exhausted",
    reason="k equal coordinates have binomial(n + k - 1, k - 1) blocks with |s| = n",
    argument="""
    The k coordinates alone give sum_{n < m} binomial(n+k-1, k-1) 2^n, between its last term 2^(m-1) B and B (2^m - 1). The others
    as for k = 1: G = sum over s' of 2^|s'| times that sum with m' = ceil((T - gamma')/a_1) <= m, where 2^(m') < 2 * 2^((T -
    gamma')/a_1).
    """,
)

finite_with_ties = Claim(
    id="takakura-suzuki/mixed-counting/finite-with-ties",
    statement="A constant bounds G(T) / 2^(T/a_1) also when a_1 = a_2: for a = (1, 1), 64 does for every T up to 80.",
    quantifier="for T = 1, ..., 80",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="integers",
    paper="a_1 < a_2 assumed",
    expected="refuted",
    strength="exhausted",
    reason="G(T) = (T - 1) 2^T + 1 for a = (1, 1), so G(65) = 64 * 2^65 + 1 is the first above",
)
