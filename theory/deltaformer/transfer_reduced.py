"""Theorem A', head dimension n - 1, on other variants of the operator: rounded, softmax, exponential, codes, w = k."""

from theory.claim import Claim
from theory.deltaformer.false_transfers import refuted
from theory.deltaformer.source import DELTAFORMER, OPERATOR

_TOKENS = "write k = w = e_j, last k = -(1, ..., 1), w = 0; swap k = w = e_a - e_b, with the last w = e_a, k = (1, ..., 1) + e_a"
_READING = "slots before the last are read as the largest entry, the last as the smallest entry of row 0"

a_prime_under_rounded = Claim(
    id="deltaformer/transfer/a-prime-under-rounded",
    statement="Theorem A' tracks on a kernel that rounds inner products to integers, in head dimension n - 1.",
    formula="round(<x, y>) = <x, y> for x = e_j, e_a - e_b, (1, ..., 1) + e_a, -(1, ..., 1) and y = e_j, e_a - e_b, 0",
    quantifier="for all n >= 2, S, all sequences, all distinct one-hot contents",
    source=DELTAFORMER,
    variant=f"{_TOKENS}; kappa = <x, y> rounded to the nearest integer, both stages",
    arithmetic="integers",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="inner products of the tokens' vectors are integers, that of (1, ..., 1) and e_j being 1 whatever n is",
    argument="""
    Keys are e_j, e_a - e_b, (1, ..., 1) + e_a or -(1, ..., 1), writes and queries e_j, e_a - e_b or 0. Their inner products are
    polynomials in deltas plus multiples of <(1, ..., 1), e_j> = 1; in every pattern of equality they are integers in -2..2, which
    rounding leaves alone. So all weights are those of the linear kernel.
    """,
)

a_prime_with_codes = refuted(
    "a-prime-with-codes",
    "Theorem A' goes with Theorem B: codes of coherence below 1/8 for the unit vectors, their sum for (1, ..., 1), a rounded kernel.",
    "<r_1 + ... + r_{n-1} + r_a, r_c - r_d> holds up to 2 (n - 2) inner products of different codes",
    f"{_TOKENS}, with codes; kappa = <x, y> / N rounded to the nearest integer, both stages",
    "the sum of all codes brings as many errors as there are slots: with n = 5 six of 1/9 exceed 1/2, with n = 4 four below 1/8 do not",
    "Q",
    _READING,
)

a_prime_with_w_equal_k = Claim(
    id="deltaformer/transfer/a-prime-with-w-equal-k",
    statement="Head dimension n - 1 needs no free w: Theorem A's swap tokens, read and written along e_j less the mean of all unit "
    "vectors, track with w = k for every token, writes having beta = 0.",
    formula="p_j = e_j - (1, ..., 1) / n:   write k = w = p_j, beta = 0;   swap k = w = e_a - e_b, beta = 1;   q = p_j reads "
    "c_j less the mean content",
    quantifier="for all n >= 2, S, all sequences, all distinct one-hot contents",
    hypotheses=(
        "beta in {0, 1}",
        "each slot is written once before the swaps",
        "all vectors lie in the n - 1 dimensions orthogonal to (1, ..., 1); coordinates there are irrational from n = 3 on",
    ),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w = k; beta in {{0, 1}}",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="a swap is a reflection, and reflections of the n slots fix the mean: they act on the n - 1 dimensions orthogonal to it",
    argument="""
    p_a - p_b = e_a - e_b, so all keys, writes and queries lie in the n - 1 dimensions orthogonal to (1, ..., 1), and only their
    inner products matter: <p_i, p_j> = delta(i, j) - 1/n and <e_a - e_b, p_j> = delta(a, j) - delta(b, j). Let y_j = p_j S be
    what a reader of slot j gets. (1) A write with beta = 0 has u = x_i, so y_j grows by (delta(i, j) - 1/n) x_i; after all writes
    y_j = x_j less the mean content. (2) A swap has w S = y_a - y_b, u = -(y_a - y_b), and y_j becomes
    y_j - (delta(a, j) - delta(b, j)) (y_a - y_b): y_a and y_b are exchanged, in every pattern of equality. So y_j = c_j less the mean
    content, which does not change, ever after; of n distinct one-hot contents its largest entry is at c_j, also for the last slot.
    """,
)

a_prime_under_exponential = refuted(
    "a-prime-under-exponential",
    "Theorem A' tracks on the exponential kernel at some temperature.",
    "kappa(e_0 - e_1, e_1) = z^-2, not -1",
    f"{_TOKENS}; kappa = z^(<x, y> - 1), both stages",
    "the kernel is positive; two slots get by, as one sign is all that is read, but of three the second keeps its content in a swap of "
    "the first two",
    reading=_READING,
)

a_prime_under_softmax = refuted(
    "a-prime-under-softmax",
    "Theorem A' tracks on normalised softmax at some temperature.",
    "weights z^<k_i, x> over their sum",
    f"{_TOKENS}; softmax weights over i < t in the first stage, over all tokens in the second",
    "as under the exponential kernel",
    reading=_READING,
)
