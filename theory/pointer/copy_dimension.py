"""Copying with a single coordinate: which distances, and how many positions."""

from theory.claim import Claim
from theory.pointer.copy import VARIANT
from theory.pointer.source import POINTER

one_coordinate = Claim(
    id="pointer/copy/one-coordinate",
    statement="One coordinate suffices: for every distance there are keys and queries, one number each, with which all rows "
    "point back exactly.",
    quantifier="for all N and D",
    source=POINTER,
    variant=VARIANT + "; any real keys and queries",
    arithmetic="exact",
    paper="(does the quadratic code need two coordinates?)",
    expected="refuted",
    strength="exhausted",
    reason="argmax q k_j is the greatest key, the least, or with q = 0 what the tie rule says: at distance 2 a third target "
    "is neither",
)

one_coordinate_limit = Claim(
    id="pointer/copy/one-coordinate-limit",
    statement="At distance D >= 2 one coordinate copies exactly D + 3 positions where ties go to the first index and D + 2 "
    "where they go to the last.",
    quantifier="for all D >= 2; searched for D = 2 and 3 over every order of the keys",
    source=POINTER,
    variant=VARIANT + "; any real keys and queries",
    arithmetic="exact, hence every format",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="the targets are the greatest key, the least, and key 0 by a query of 0 when ties go to the first index",
    argument="""
    Only the order of the keys matters, and the sign of the query. q = 0 points at key 0 or at the row itself, by
    the tie rule; the row itself is no target. Let m < m' <= m + D be targets of queries of the same sign, say
    positive. Both rows see both keys, so each is a greatest key of its row and they are equal; then both rows
    choose the same one of the two. So of any D + 1 >= 3 consecutive targets with q other than 0 at most one has
    each sign: at most two targets in all, as they are consecutive, and key 0 besides when ties go to the first
    index. Attained: keys 0, 1, -1, 0, ... (first) and 1, -1, 0, ... (last).
    """,
)

next_position = Claim(
    id="pointer/copy/next-position",
    statement="At distance 1 one coordinate copies as many positions as the format has finite numbers, and one more, where ties "
    "go to the first index, and not one beyond: 248 in E5M2, 254 in E4M3FN, 63488 in fp16, 65280 in bf16. Where they "
    "go to the last, keys 1, -1, 1, ... copy at every length.",
    formula="k = 0, a, -a, b, -b, ..., 0;  q = (-1)^(m+1): k_m is a record when it comes, and k_(m+1) lies on the other side",
    quantifier="for fp8, bf16 and fp16, on every path (a single product is exact)",
    hypotheses=("keys j <= i; keys are finite", "0 and -0 are one number"),
    source=POINTER,
    variant=VARIANT,
    arithmetic="fp8, bf16, fp16",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a causal row sees no later key: each key has to beat only those before it and the one after it",
    argument="""
    Attained: row m + 1 sees keys 0..m+1; k_m is greater in magnitude than those before it, and k_(m+1) has the
    other sign (or is 0), so k_m alone is greatest in the direction of its sign. Not more, for ties to the first
    index: targets have different keys. Let k_m = k_m' = v, m < m' targets. The row of m' sees both, and their
    scores are equal for every query: the first index, at most m, wins or something else does, never m'. So N - 1
    targets have N - 1 different numbers, of which the format has a finite count. (In d coordinates the same shows N
    <= D + that count to the power d.)
    """,
)

__all__ = ["next_position", "one_coordinate", "one_coordinate_limit"]
