"""Theorem D: normalised softmax with w = q and beta = 1 tracks slots, and how large its errors get."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

SOFTMAX = "kernel1 = kernel2 = softmax of scores, w = q, beta = 1; last key coordinate = position; 4 tokens a swap"

pointer_limit = Claim(
    id="deltaformer/softmax-kernel/pointer-limit",
    statement="When every query sees the newest token with its key alone, 4 tokens and one temporary of any content exchange two "
    "slots, with the right sign.",
    formula="(k, w) = (a a) (c b) (b a) (a c):   slot_k := -slot_w four times exchanges a and b",
    quantifier="for all n, S, all sequences of S swaps, all contents",
    hypotheses=("the weight of every query is 1 on the newest token with its key", "beta = 1"),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="two changes of sign on each of the two ways cancel",
    argument="""
    With all weight on the newest token whose key is r_w, u_t = -slot_w and slot_k := u_t, where slot_s is the newest u with
    key s. Acting on contents x, y, z of a, b, c the four tokens give a = -x; c = -y; b = -a = x; a = -c = y: the matrix
    with rows (y), (x), (-y) in symbols x, y, z, whatever z was. No other slot is a key. Writes look at the sink, whose u is
    0, and put their value. So every swap exchanges contents, and induction gives all n, S and sequences.
    """,
)

error_bound = Claim(
    id="deltaformer/softmax-kernel/error-bound",
    statement="At a finite gap the error of u at pointer depth D is at most 2 delta D, where delta = e^-gap (1 + e^-gap) / (1 - "
    "e^-gap) does not depend on T.",
    formula="lam = gap (T + 1) / (1 - mu):   leak <= delta,   |u~ - u| <= 2 delta D  while delta <= 1/2",
    quantifier="for all n, S, T, all tokens of pointer semantics with one-hot contents written at the sink",
    hypotheses=(
        "codes prefer themselves by 1 - mu",
        "positions are consecutive",
        "a token without value looks at a slot that has been a key",
        "delta <= 1/2",
    ),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="R",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="rows are convex combinations, so errors do not grow on the way, and each hop adds at most 2 delta",
    argument="""
    *Leak.* Let the newest match of a query at t be at position i*. An older match at i has a score lower by gap (i* - i) with
    i* - i >= 1; a key of another slot at i has one lower by at least lam (1 - mu) - gap (i - i*) = gap (T + 1 - (i - i*)), and
    T + 1 - (i - i*) >= 2, all different for different i. So the weights beside the newest match add up to at most
    sum_{m>=1} e^{-gap m} + sum_{m>=2} e^{-gap m} = delta.
    *Size.* Let M = max|u~|. A token without value has u~ minus a convex combination, so |u~| <= the largest earlier; a write
    has all but delta of its weight on the sink, whose u~ is 0, so |u~| <= 1 + delta M. Hence M <= 1 / (1 - delta).
    *Depth.* Let e(D) bound the error at depth D, e(0) = 0 at the sink. A write has depth 1 and error at most
    delta M <= delta / (1 - delta) <= 2 delta for delta <= 1/2. A token that looks at depth D - 1 has
        u~ - u = -(1 - d) (u~_i* - u_i*) + d u_i* - (weights beside) u~,   d <= delta,
    of size at most (1 - d) e + d (1 + M) with e = |u~_i* - u_i*|. This grows with d, as e <= 1 + M, and with e, so it is at most
    (1 - delta) 2 delta (D-1) + delta (1 + M), and 1 + M <= 2 + delta / (1 - delta). Then
        2 delta D - [(1 - delta) 2 delta (D-1) + delta (2 + delta / (1 - delta))] = delta^2 (2 (D-1) - 1 / (1 - delta)),
    which is not negative for D >= 2 and delta <= 1/2. The same holds for readers.
    """,
)

tracks = Claim(
    id="deltaformer/softmax-kernel/tracks",
    statement="The operator of flash-linear-attention (softmax in both stages, w = q, beta = 1) tracks n slots in head dimension "
    "ceil(log2(n + 3)) + 1 with 4 tokens a swap, at a gap of O(log S).",
    formula="2 D e^-gap (1 + e^-gap) / (1 - e^-gap) < 1/2,  D <= 2 S + 2,  lam = gap (T + 1) / (1 - mu);\n"
    "gap = ln(8 S + 10) is enough for every S",
    quantifier="for all n, S, all sequences of S swaps, contents one-hot",
    hypotheses=("unit codes, all different", "beta = 1", "real arithmetic, or positions that the format holds"),
    source=DELTAFORMER,
    variant=SOFTMAX,
    arithmetic="R; fp64",
    paper="(ours)",
    expected="confirmed",
    strength="derived",
    reason="the error bound, with the gap solved from it",
    argument="""
    *Depth.* In the four tokens slot a ends one deeper than c, which is one deeper than b was, and b one deeper than a, which is one
    deeper than a was: the depths of a and b are exchanged and grow by 2, others stay. Writes have depth 1, so slots at most 1 + 2 S
    after S swaps, tokens on the way no more, and readers D <= 2 S + 2.
    *Gap.* With x = e^-gap, 2 delta D < 1/2 says 1 - (4 D + 1) x - 4 D x^2 > 0. The left side falls with x, and at x = 1 / (4 D + 2) it
    is 2 / (4 D + 2)^2 > 0, an identity in D. So gap >= ln(4 D + 2) will do, and delta < 1 / (4 D) <= 1/2 as error-bound asks. Codes:
    2^d sign vectors of d coordinates are different, and n + 3 are needed.
    """,
)

library_operator = Claim(
    id="deltaformer/softmax-kernel/library-operator",
    statement="flash-linear-attention's own naive operator, in fp32, runs the 4-token program and returns the right contents.",
    formula="o at the readers = the content of each slot, as a sign code",
    quantifier="for the programs tried",
    hypotheses=("the library is installed",),
    source=DELTAFORMER,
    variant=f"{SOFTMAX}; as flash-linear-attention implements it, scores scaled by 1/sqrt(d)",
    arithmetic="fp32",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="it is the operator of the theorem, and fp32 holds the positions of short programs",
)

__all__ = ["error_bound", "library_operator", "pointer_limit", "tracks"]
