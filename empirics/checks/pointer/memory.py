"""Memory of Pointer layers: peaks counted at sizes, growth, what a decoder keeps, and what it must be able to tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from constructions.pointer.score_tables import best
from empirics.checking import Check, Evidence, check, control, fails, holds
from empirics.checks.cost.counted import Sizes, at, decoded, met, sizes_of, told
from empirics.checks.pointer.growing import certified_of, drawn, growth_of, numbers_of
from theory.pointer import memory as claims
from theory.pointer.memory import CountClaim


def _grid(values: dict[str, tuple[int, ...]]) -> list[dict[str, int]]:
    every = (dict(zip(values, sizes, strict=True)) for sizes in itertools.product(*values.values()))
    return sorted(every, key=lambda sizes: (sum(sizes.values()), *sizes.values()))


def _peak(claim: CountClaim, grid: Sequence[dict[str, int]]) -> Check:
    @check(
        claim,
        "tested",
        given={"sizes": grid},
        scope={"sizes": ", ".join(f"{x} to {max(sizes[x] for sizes in grid)}" for x in claim.sizes)},
    )
    def peak(sizes: Sizes, layer: str = claim.layer, count: str = claim.count, where: str = "") -> Evidence:
        """The layer is run once on tensors without data; the most bytes alive at a time are the formula's."""
        if not met(where, sizes):
            return holds(cases=0)
        whole = {"C": 1, **sizes}
        found, said = numbers_of(layer, whole)["memory"], at(count, sizes)
        if found != said:
            shown = told({x: whole[x] for x in sizes_of(layer)})
            return fails(f"{shown}: the peak is {found} bytes, the formula gives {said}", said, found)
        return holds()

    return peak


table = _peak(claims.table, _grid({"N": (2, 5, 16, 2**20), "d": (2, 3, 1000)}))
control(table, "tiled", "refuted", layer="pointer_all_tiled", reason="no table of all scores is kept")
control(
    table, "choice-alone", "refuted", count="19*N**2 + 12*N*d + 16*N", reason="wide layers have their peak in the FFN"
)
control(table, "ffn-alone", "refuted", count="5*N**2 + 60*N*d + 16*N", reason="long sequences have it while choosing")
control(
    table,
    "taken-out",
    "confirmed",
    count="5*N**2 + 12*N*d + 16*N + 2*N*Max(24*d, 7*N)",
    reason="the same formula in another form",
)

_TILES = [
    {"N": 24, "d": 1, "C": 1},
    {"N": 64, "d": 4, "C": 64},
    {"N": 200, "d": 64, "C": 64},
    {"N": 256, "d": 2, "C": 64},
]
tiles = _peak(claims.tiles, [*_grid({"N": (1, 5, 17), "d": (1, 8), "C": (1, 3, 40)}), *_TILES])
control(tiles, "written-out", "refuted", layer="pointer_all", reason="a table of all scores")
control(tiles, "ffn-alone", "refuted", count=claims.FFN, reason="a tile of more than d keys is the peak itself")
control(tiles, "ffn-alone-narrow", "confirmed", count=claims.FFN, where="Max(C, 2) <= d", reason="tiles of d at most")
control(
    tiles, "ffn-alone-thin", "refuted", count=claims.FFN, where="C <= d", reason="d = 1: its 64 N is less than a tile's"
)
control(tiles, "no-times", "refuted", count=claims.TILES.replace("24*N", "8*N"), reason="times and targets are kept")
control(tiles, "two-tiles", "refuted", count=claims.TILES.partition(", 45")[0] + ")", reason="the third tile has more")
control(
    tiles, "few-tiles", "confirmed", count=claims.TILES.partition(", 45")[0] + ")", where="N <= 2*C", reason="no third"
)

as_stated = growth_of(claims.as_stated)
control(as_stated, "tiled", "confirmed", count=claims.FFN, reason="no table of scores, in tiles of d at most")
control(as_stated, "times-n", "confirmed", factor="N", reason="quadratic it is, at a given width")

tiled_linear = certified_of(claims.tiled_linear)
control(tiled_linear, "written-out", "refuted", count=claims.TABLE, reason="a table of scores")
control(tiled_linear, "fifty-nine-times", "refuted", constant="59", reason="60 - 44 / (d + 1) at C = 1")
control(tiled_linear, "tile-left-out", "refuted", bound="N*d", reason="14 N C outgrows N d: C <= d would be needed")
control(tiled_linear, "sixty-one-times", "confirmed", constant="61", reason="a weaker constant")


@check(
    claims.tiled_linear,
    "tested",
    given=lambda run: {"sizes": [*drawn(run, claims.tiled_linear.sizes), *_TILES]},
    scope={"sizes": "N, d, C of 1, 16, drawn up to 40, and four up to 256, C <= d and not"},
)
def peak_within(
    sizes: Sizes,
    layer: str = claims.tiled_linear.layer,
    bound: str = claims.tiled_linear.bound,
    constant: int = int(claims.tiled_linear.constant),
    where: str = "",
) -> Evidence:
    """The layer is run once on tensors without data; the most bytes alive at a time are within the bound."""
    if not met(where, sizes):
        return holds(cases=0)
    found, most = numbers_of(layer, sizes)["memory"], constant * at(bound, sizes)
    if found > most:
        words = f"{told(sizes)}: the peak is {found} bytes, {constant} ({bound}) is {most}"
        return fails(words, most, found)
    return holds()


control(peak_within, "tile-left-out", "refuted", bound="N*d", constant=76, reason="14 N C is more once C > d")
control(
    peak_within,
    "narrow-tiles",
    "confirmed",
    bound="N*d",
    constant=68,
    where="Max(C, 2) <= d",
    reason="60 + 16 / d where a tile has at most d keys",
)
control(peak_within, "written-out", "refuted", layer="pointer_all", reason="a table of scores")
control(peak_within, "fifty-times", "refuted", constant=50, reason="60 - 44 / (d + 1) at C = 1, 57 at d = 16")


@check(
    claims.decode_cache,
    "tested",
    given={"sizes": _grid({"d": (1, 3), "t": (0, 1, 5)})},
    scope={"sizes": "d <= 3, t <= 5"},
)
def kept_while_decoding(sizes: Sizes, layer: str = "pointer_all", state: str = claims.CACHE) -> Evidence:
    """Tokens are decoded one after another, and the numbers in the state counted."""
    found, said = decoded(layer, {"N": 1, "C": 1, "K": 4, **sizes})["state"], at(state, sizes)
    if found != said:
        return fails(f"{told(sizes)}: {found} numbers are kept, the formula gives {said}", said, found)
    return holds()


control(kept_while_decoding, "window", "refuted", layer="pointer_window", reason="three tokens before are enough")
control(kept_while_decoding, "rows-alone", "refuted", state="t*d + 1", reason="keys are kept too")
control(
    kept_while_decoding,
    "window-of-four",
    "confirmed",
    layer="pointer_window",
    state="2*Min(t, 3)*d + 1",
    reason="the three before, and the token itself",
)
control(
    kept_while_decoding,
    "tiled",
    "confirmed",
    layer="pointer_all_tiled",
    symmetry="tiles are of a pass, not of a decoder",
)
control(
    kept_while_decoding,
    "previous-pointers",
    "confirmed",
    layer="pointer_previous",
    state="2*t*d + t + 1",
    reason="the previous layer's pointers as well",
)

cache_growth = growth_of(claims.decode_growth)
control(cache_growth, "all-pairs", "refuted", count="2*t*d + t**2", reason="scores are not kept")
control(cache_growth, "window", "confirmed", count="2*Min(t, 3)*d + 1", reason="a window keeps no more")


def _by_key(n: int) -> list[tuple[int, ...]]:
    """Scores of n keys e_j for the queries e_0, e_1, ..."""
    return [tuple(int(i == j) for j in range(n)) for i in range(n)]


@check(
    claims.few_bits,
    "exhausted",
    given={"bits": [1, 2, 3]},
    scope={
        "sizes": "B = 1, 2, 3; N = B + 1 rows of one bit",
        "method": "all sequences, told apart by all next queries",
    },
)
def told_apart(bits: int, queries: Callable[[int], list[tuple[int, ...]]] = _by_key) -> Evidence:
    """Sequences that some next query answers differently need different states; they are counted."""
    n = bits + 1
    targets = [best(scores, "first") for scores in queries(n)]
    answers = {tuple(rows[j] for j in targets if j is not None) for rows in itertools.product((0, 1), repeat=n)}
    if len(answers) > 2**bits:
        words = f"{n} rows of one bit: {len(answers)} sequences are told apart by the next query, {bits} bits have {2**bits} states"
        return fails(words, f"at most {2**bits}", len(answers))
    return holds()


control(
    told_apart, "window-of-two", "confirmed", queries=lambda n: _by_key(n)[-1:], reason="one row before the next token"
)
control(told_apart, "additive", "confirmed", queries=lambda n: [tuple(range(n))] * n, reason="all queries read one row")
control(
    told_apart, "bit-each", "confirmed", queries=lambda n: _by_key(n)[1:], reason="the first row is never asked for"
)
