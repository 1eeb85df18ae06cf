"""Theorem A: one token a swap, head dimension n, linear kernel."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER, SWAP_VARIANT

linear_kernel = Claim(
    id="deltaformer/swap-tracking/linear-kernel",
    statement="One layer of head dimension n tracks the contents of n slots through any number of swaps, one token a swap.",
    formula="write x into j: k = w = e_j, v = e_x;   swap (a b): k = w = e_a - e_b, v = 0;   read j: q = e_j\n"
    "sum_i <k_i, e_j> u_i = content of slot j, after every token",
    quantifier="for all n >= 1, S >= 0, all sequences of S swaps, all contents",
    hypotheses=("slots 0 <= a, b < n", "beta = 1", "each slot is written once before the swaps"),
    assumptions=(
        "the construction's tokens are formed from unit vectors alone, without looking at which slots they are",
    ),
    source=DELTAFORMER,
    variant=SWAP_VARIANT,
    arithmetic="integers, Q",
    paper="tracks n objects under swaps",
    expected="confirmed",
    strength="derived",
    reason="I - (e_a - e_b)(e_a - e_b)^T exchanges rows a and b of whatever it multiplies",
    argument="""
    Let S_t = sum_{i<=t} k_i (x) u_i be the state, with rows indexed by slots. By the definition of the operator
        u_t = v_t - beta_t w_t S_{t-1},    S_t = S_{t-1} + k_t (x) u_t,    a reader with query q returns q S_t.
    (1) Write. With k = w = e_a, v = x, beta = 1 row j of S_t is x when j = a, else row j of S_{t-1}, if row a is empty
    (zero) before.
    (2) Swap. With k = w = e_a - e_b, v = 0, beta = 1 row j of S_t is row b of S_{t-1} when j = a, row a when j = b, else
        row j; also when a = b.
    (3) Read. With q = e_j the reader returns row j.
    (1)-(3) are identities in Kronecker deltas with a, b, j as symbols and the rows of S_{t-1} arbitrary; whether they
    hold depends only on which of a, b, j are equal, so the finitely many patterns of equality decide them for all n.
    Induction over tokens: after the n writes row j is content j, by (1). If row j is the content of slot j before a swap
    it is so after it, by (2), since the swap exchanges the contents of slots a and b. By (3) readers see it. No step uses
    n, S, or what the contents are.
    """,
)
