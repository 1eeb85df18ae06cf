"""Exact copy at distance D by one hard-argmax layer, and how far it goes in each number format."""

from theory.claim import Claim
from theory.pointer.source import POINTER

VARIANT = "one layer, p_i = argmax_{j <= i} q_i . k_j, q_i that of position max(i - D, 0); keys and queries given, no training"
FORMATS = "fp8 (E5M2, E4M3FN), bf16, fp16, fp32, fp64"

quadratic_scores = Claim(
    id="pointer/copy/quadratic-scores",
    statement="With q = (2(i-D), -1) and k = (j, j^2) row i points at i - D and at nothing else, at every length and distance; "
    "rows i < D point at 0, whether or not the query is clamped to 0.",
    formula="q . k = (i-D)^2 - (j-(i-D))^2",
    quantifier="for all N, D >= 0, 0 <= i < N, over the keys j <= i or over all keys",
    source=POINTER,
    variant=VARIANT,
    arithmetic="integers, exact",
    paper="copies from distance 512 to 2048 with 95 to 98 percent",
    expected="confirmed",
    strength="derived",
    reason="completing the square: the score falls by the squared distance from i - D",
    argument="""
    Let m = i - D. (1) q . k - (m^2 - (j - m)^2) = 0, an identity in i, D and j. For m >= 0 the key m is among those
    seen (m <= i), its score is m^2, and every other integer j loses (j - m)^2 >= 1: the argmax is m, alone,
    whatever the tie rule. (2) For m < 0, unclamped, the score of 0 less that of j is j^2 - 2 m j, which is at least
    1 for j >= 1: key 0 wins alone. Clamped, m = 0.
    """,
)

frontier = Claim(
    id="pointer/copy/frontier",
    statement="In a format of precision p positions D..N-1 copy exactly up to N = D + m, m about 2^(p/2), and row N fails: with "
    "ties to the last index m = o - 1, o the least odd number beyond 2^(p/2), however sums are rounded; with ties to "
    "the first m = o + 1 for wide sums, the least even number beyond 2^(p/2) for a score rounded once, the least "
    "integer beyond it for rounded products.",
    formula="D = 1, first/last: E5M2 5/3, E4M3FN 7/5, bf16 19/17, fp16 49/47, fp32 4099/4097, fp64 94906269/94906267 (wide "
    "sums)",
    quantifier=f"for {FORMATS} and toy formats of precision 3..11, each path and tie rule, distances 1, 2 and 16",
    hypotheses=(
        "j and j^2 are each rounded once, from the integer; keys j <= i",
        "rounding to nearest, ties to even; nothing overflows",
        "a fused sum takes the square first, so that the score rounds once",
    ),
    source=POINTER,
    variant=VARIANT,
    arithmetic=f"{FORMATS}: products and sums rounded separately, fused, in a wide accumulator, or returned from one",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the first square that is not held is o^2, and o^2 = 1 mod 8 is halfway and goes down to o^2 - 1: its score is 1 "
    "too high",
    argument="""
    For |y| <= 2^(p/2) nothing is rounded near y. Odd o with 2^p < o^2 < 2^(p+1): o^2 = 1 mod 8 lies halfway between
    two even numbers of the format and is stored as o^2 - 1, a multiple of 4 after halving. Even squares there are
    held.
    - Row o - 1 (even): its score is (o-1)^2, its right neighbour's (o-1)^2 - 1 + 1: a tie, lost where the last
    index wins. Rows before it do not tie: their neighbours' squares are held or lie left of them. A key t away
    loses t^2 >= 4 and gains less.
    - First index: a row loses ties to its left. Wide sums: row o + 1 ties with o on its left. One rounding of the
    score: in row m even, m^2 > 2^p, the score m^2 - 1 of the left neighbour is halfway (3 mod 4) and becomes m^2.
    Separate roundings: in row r + 1, r the integer part of 2^(p/2), either that happens, or r + 1 is odd, its own
    score is lowered to (r+1)^2 - 1 by the products' rounding, and r has that score. Narrow formats are run, every
    row against every key. In fp32 and fp64 a row is run against keys so near that rounding could lift them over it,
    a bound that is derived where the search is, and only rows with a rounded number in that window.
    """,
)

tie_rule = Claim(
    id="pointer/copy/tie-rule",
    statement="The frontier of the quadratic code is the same whichever of several greatest scores wins.",
    quantifier=f"for {FORMATS}, each way of rounding sums, distance 1",
    hypotheses=("rounding to nearest, ties to even",),
    source=POINTER,
    variant=VARIANT,
    arithmetic=FORMATS,
    paper="(a frontier without a tie rule)",
    expected="refuted",
    strength="exhausted",
    reason="what fails first is a tie: the last index loses it two rows earlier than the first with wide sums",
)

distance = Claim(
    id="pointer/copy/distance",
    statement="How many positions a format copies, N - D, does not depend on the distance.",
    quantifier="for each narrow format, path and tie rule, all D >= 1",
    source=POINTER,
    variant=VARIANT,
    arithmetic="fp8 (E5M2, E4M3FN), fp16",
    paper="copies from distance 512 to 2048",
    expected="refuted",
    strength="exhausted",
    reason="the keys between i - D and i overflow first: in E4M3FN 22^2 is NaN, so no row from 22 on points anywhere",
)

distance_capped = Claim(
    id="pointer/copy/distance-capped",
    statement="N - D is the count of claim frontier, cut at the first row that sees a NaN: E4M3FN from row 22 on; where squares "
    "overflow to infinity, and products are rounded by themselves, from the row in which 2(i-D) i overflows too. In "
    "fp16 at distance 2048 16 positions are copied with separate roundings, 46 or more otherwise.",
    quantifier="for E4M3FN D = 1..24, E5M2 D = 238, 12000, 16000, 31000, 60000, fp16 D = 2048, each path and tie rule",
    hypotheses=("k = (j, j^2), or the square first for fused sums", "a row with a NaN points nowhere"),
    source=POINTER,
    variant=VARIANT,
    arithmetic="fp8 (E5M2, E4M3FN), fp16, each path",
    paper="copies from distance 512 to 2048",
    expected="confirmed",
    strength="exhausted",
    reason="a key at minus infinity only loses; infinity less infinity and E4M3FN's overflow are NaN, which no comparison "
    "orders",
)

__all__ = ["distance", "distance_capped", "frontier", "quadratic_scores", "tie_rule"]
