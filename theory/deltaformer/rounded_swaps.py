"""Theorem B: a rounded kernel tracks n slots in head dimension O(log n)."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

ROUNDED = "kernel1 = kernel2 = <x, y> / N rounded to nearest, ties to even; w = k; beta = 1"

equals_linear = Claim(
    id="deltaformer/rounded-kernel/equals-linear",
    statement="With codes of coherence below 1/8 in place of unit vectors, the rounded kernel computes the U and O of Theorem A "
    "exactly.",
    formula="|r_j|^2 = N, |<r_i, r_j>| < N/8 for i != j:   round(<x, y> / N) = <x', y'>\n"
    "for x, y among r_j and r_a - r_b, x', y' the same in unit vectors",
    quantifier="for all n, S, all sequences of S swaps, all contents, all such codes",
    hypotheses=("|r_j|^2 = N", "|<r_i, r_j>| < N/8 for i != j", "beta = 1"),
    source=DELTAFORMER,
    variant=ROUNDED,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="at most four inner products of different codes enter a kernel value, and 4/8 is 1/2",
    argument="""
    Let x = sum_a x_a r_a and y = sum_c y_c r_c, and x', y' the same combinations of unit vectors. Then
        <x, y> / N - <x', y'> = sum over a != c of x_a y_c <r_a, r_c> / N,
    as <r_a, r_a> = N. For writes, swap tokens and queries of Theorem A the coefficients on the right, collected by pairs of
    different slots, add up to at most 4 in absolute value: this is decided in every pattern of equality of the slots
    involved, hence for all n. So the difference is at most 4 mu < 1/2, <x', y'> is an integer, and rounding returns it; ties do
    not occur. A and the kernel of the second stage are those of Theorem A, and U = (I + A)^{-1} V, O = tril(kernel) U
    depend on nothing else.
    """,
)

logarithmic_codes = Claim(
    id="deltaformer/rounded-kernel/logarithmic-codes",
    statement="Codes of coherence below 1/8 exist in ceil(256 ln n) dimensions, for every n >= 2.",
    formula="n (n-1) exp(-d/128) < 1 for d = ceil(256 ln n):   a draw of random signs passes with positive probability",
    quantifier="for all n >= 2",
    source=DELTAFORMER,
    variant="random sign codes",
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="Hoeffding's inequality for a pair and a union bound over all",
    argument="""
    <r_i, r_j> of two independent sign vectors is a sum of d independent signs, so by Hoeffding's inequality
    P(|<r_i, r_j>| >= d/8) <= 2 exp(-d/128). There are n (n-1) / 2 pairs; the probability that some pair fails is at most
    n (n-1) exp(-d/128). At d >= 256 ln n that is at most n (n-1) / n^2 = 1 - 1/n, an identity in n, and below 1.
    """,
)

key_bits = Claim(
    id="deltaformer/rounded-kernel/key-bits",
    statement="Whatever the kernels, keys and values, n slots need queries of log2 n bits or more: d times the bits of a "
    "coordinate is at least log2 n.",
    formula="m (m-1) ... (m-n+1) assignments of m = 2^(d bits) queries to n slots repeat none; 0 when n > m",
    quantifier="for all n, d, bits, and all operators whose readers differ in their query alone",
    hypotheses=(
        "a reader's answer depends on its query and on the tokens before it",
        "the contents are pairwise different",
    ),
    source=DELTAFORMER,
    variant="any kernels",
    arithmetic="any",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="two slots with the same query read the same",
    argument="""
    A reader's answer depends on its query and on the tokens before it, so two slots with one query read the same after the same
    tokens, and as contents are pairwise different one of them is read wrong. So all n queries differ. With d coordinates of so many
    bits there are m = 2^(d bits) queries, and m (m-1) ... (m-n+1) ways to give each slot one of its own. For n = m + 1 + j, j >= 0, the
    factor m - i with i = m is among them, since i <= n - 1, and it is 0: there is none. So n <= m.
    """,
)

__all__ = ["equals_linear", "key_bits", "logarithmic_codes"]
