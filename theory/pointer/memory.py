"""Memory of Pointer layers: O(N) as stated, for a table of scores and for tiles; and what a decoder keeps."""

from theory.claim import Claim
from theory.cost.reference_layers import MODEL
from theory.pointer.source import POINTER, POINTER_TOLD
from theory.pointer.work import CountClaim

__all__ = ["CountClaim"]

_UNCHECKED = ("types are not checked as the layer runs; wrappers that do keep their arguments alive",)
_BYTES = "counts, exact; bytes besides parameters and input, fp32 and 64-bit positions"
TABLE = "Max(5*N**2 + 60*N*d + 16*N, 19*N**2 + 12*N*d + 16*N)"
FFN = "60*N*d + 16*N"
TILES = "12*N*d + Max(48*N*d + 16*N, 24*N + 14*N*Min(C, N), 45*N - 13*C + (14*C + 8)*Max(N - 2*C, 0))"
CACHE = "2*t*d + 1"

table = CountClaim(
    id="pointer/memory/all-positions",
    statement="A layer over all positions that writes out all scores has a peak of 19 N^2 + 12 N d + 16 N bytes while it chooses, or "
    "of 5 N^2 + 60 N d + 16 N in the FFN, whichever is more.",
    formula=f"peak memory = {TABLE}",
    quantifier="for all sizes of at least 2",
    source=POINTER,
    variant=f"pointer all; {MODEL}",
    arithmetic=_BYTES,
    assumptions=_UNCHECKED,
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="choosing: which exist and which do not 2 N^2, scores before and after masking 8 N^2, which lost N^2, positions of those "
    "that did not 8 N^2; h, q, k 12 N d, times and targets 16 N. FFN: as in tiles, and which exist, scores after masking",
    layer="pointer_all",
    count=TABLE,
)

tiles = CountClaim(
    id="pointer/memory/tiled",
    statement="In tiles of C keys the same layer has a peak of 12 N d bytes and the largest of 48 N d + 16 N, of the FFN, "
    "24 N + 14 N min(C, N), of the first tile, and 45 N - 13 C + (14 C + 8) (N - 2 C), of the third. For C <= d and d >= 2 that is "
    "60 N d + 16 N: choosing among all positions adds nothing to the FFN. For wider tiles it does.",
    formula=f"peak memory = {TILES}",
    quantifier="for all N, d, C",
    source=POINTER,
    variant=f"pointer all tiled; {MODEL}",
    arithmetic=_BYTES,
    assumptions=_UNCHECKED,
    paper="O(N) memory",
    expected="confirmed",
    strength="tested",
    reason="FFN: h, q, k, gate, z, y, the second map's result, and the hidden rows before and after the activation, 4 d each: 15 "
    "arrays of N d; times and targets 16 N. A tile of c keys for r queries: h, q, k 12 N d, two arrays of times 16 N; scores 4, which "
    "are later, which lost, positions of those that did not: 14 r c; targets 8 r. From the third on the best so far, where, and the "
    "best before that, 16 N, and the tile's before, 13 a query: its targets, best scores, which are newer",
    layer="pointer_all_tiled",
    count=TILES,
    sizes=("N", "d", "C"),
)


def _growth(name: str, statement: str, reason: str, **others) -> CountClaim:
    """Tested, however the growth is decided: the formula that grows is."""
    return CountClaim(
        id=f"pointer/memory/{name}",
        statement=statement,
        formula=f"{others['count']} <= {others.get('constant', 'c')} ({others['bound']})",
        quantifier="for all sizes from 1 on",
        strength="tested",
        source=POINTER_TOLD if others["paper"].startswith("O(") else POINTER,
        arithmetic="counts, exact",
        reason=reason,
        **others,
    )


as_stated = _growth(
    "as-stated",
    "A layer over all positions that writes out all scores has memory O(N), at a given width.",
    "a table of scores is N^2 numbers, and several are alive at once",
    variant=f"pointer all; {MODEL}",
    assumptions=("the layer has the formula, which is pointer/memory/all-positions (tested)",),
    paper="O(N) memory",
    expected="refuted",
    argument="At fixed d and growing N the peak is at least 19 N^2, beyond every multiple of N.",
    layer="pointer_all",
    count=TABLE,
    bound="N",
    fixed=("d",),
)

tiled_linear = _growth(
    "tiled-linear",
    "In tiles of C keys the same layer has memory at most 60 (N d + N C) bytes: O(N) at a given width and tile, though its work is "
    "quadratic. No constant below 60 will do.",
    "the FFN's 60 N d + 16 N is within, as C >= 1, and comes as near as one likes at C = 1; a tile's 12 N d + 53 N + 14 N C is within",
    variant=f"pointer all tiled; {MODEL}",
    assumptions=("the layer has the formula at sizes that were not run, which is pointer/memory/tiled (tested)",),
    paper="O(N) memory",
    expected="confirmed",
    constant="60",
    layer="pointer_all_tiled",
    count=TILES,
    bound="N*d + N*C",
    sizes=("N", "d", "C"),
)

decode_cache = CountClaim(
    id="pointer/memory/decode-cache",
    statement="Decoding token by token over all positions keeps exactly 2 t d + 1 numbers after t tokens: a key and a row each, and "
    "the time. So the cache is O(N d); with a window of K positions it is 2 min(t, K - 1) d + 1 and does not grow.",
    formula=f"state = {CACHE}",
    quantifier="for all t and d",
    source=POINTER,
    variant=f"pointer all; {MODEL}",
    arithmetic="counts, exact; numbers",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="a later token may point at any earlier one, so its key is scored and its row may be read; nothing else of it is looked at",
    layer="pointer_all",
    count=CACHE,
    sizes=("d", "t"),
)

decode_growth = _growth(
    "decode-cache-growth",
    "The cache of a decoder over all positions is O(N d), N the tokens so far.",
    "2 t d + 1",
    variant=f"pointer all; {MODEL}",
    assumptions=("the cache has the formula, which is pointer/memory/decode-cache (tested)",),
    paper="O(N) memory",
    expected="confirmed",
    argument="2 t d + 1 <= 3 t d for t, d >= 1.",
    layer="pointer_all",
    count=CACHE,
    bound="t*d",
    sizes=("t", "d"),
)

few_bits = Claim(
    id="pointer/memory/decode-few-bits",
    statement="A decoder over all positions can forget: a number of bits that does not grow with the sequence is enough to go on.",
    formula="state <= B bits",
    quantifier="for all sequences, rows of one bit; here B = 1, 2, 3",
    hypotheses=("the key of position j is e_j, known to the decoder; the next query may be any",),
    source=POINTER,
    variant="exact hard selection over all positions j <= i",
    arithmetic="integers",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="some query points at each of N rows, so any two of the 2^N sequences of bits are told apart by what comes next: N bits",
)
