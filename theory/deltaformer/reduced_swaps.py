"""Theorem A': head dimension n - 1 suffices when the contents are distinct."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, OPERATOR

one_dimension_less = Claim(
    id="deltaformer/swap-tracking/one-dimension-less",
    statement="Head dimension n - 1 tracks n slots with distinct contents through any number of swaps, one token a swap.",
    formula="row j < n holds y_j = c_j - c_n;   swap (a n): w = e_a, k = (1, ..., 1) + e_a\n"
    "slot j < n is read as argmax y_j, slot n as argmin y_1",
    quantifier="for all n >= 2, S >= 0, all sequences of S swaps, all distinct one-hot contents",
    hypotheses=(
        "contents distinct and one-hot",
        "beta = 1",
        "each slot is written once before the swaps, the last slot last",
    ),
    source=DELTAFORMER,
    variant=f"{OPERATOR}; w free; beta = 1",
    arithmetic="integers, Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="S_n acts faithfully on differences to the last slot, which is one dimension less",
    argument="""
    Let row j of the state S be y_j = c_j - c_n for the slots j < n. A token maps row j to
    S_j + <k, e_j> (v - beta w S), and <(1, ..., 1), e_j> = 1 for every j < n.
    (1) Write a < n, k = w = e_a, v = x: row a becomes x, the others stay. (2) Write n, k = -(1, ..., 1), w = 0, v = x: every
    row loses x. After the n writes row j is x_j - x_n. (3) Swap a, b < n with k = w = e_a - e_b: rows a and b are
    exchanged, as c_a and c_b are. (4) Swap a, n with w = e_a, k = (1, ..., 1) + e_a: row j becomes y_j - (1 + delta(j, a)) y_a,
    which is c_j - c_a for j != a and c_n - c_a for j = a: the differences after the exchange. (5) A reader with q = e_j
    gets y_j. All five are identities in deltas with a, b, j as symbols and arbitrary contents; the patterns of equality
    decide them for all n. Induction over tokens gives y_j = c_j - c_n after every token.
    With distinct one-hot contents y_j = e_x - e_z, x != z: its one largest entry is at x = c_j, its one smallest at
    z = c_n, and the latter is seen in every row.
    """,
)

__all__ = ["one_dimension_less"]
