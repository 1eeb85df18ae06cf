"""How many positions a code copies exactly in an arithmetic: the first row that points elsewhere, searched.

Row i wants m = max(i - D, 0) and sees keys 0..i. A row does not depend on how many positions follow, so the frontier, the largest
N such that rows D..N-1 all point at i - D, is the first wrong row. Narrow formats: every row against every key it sees. Wider ones,
the parabola only: near keys, by the following argument (derived here), and only rows in which one of these is rounded.

Let u = 2^-p, y the position wanted and y + t another, both from the centre, neither beyond 2^p. The exact scores are y^2 and
y^2 - t^2. Storing a square, rounding a product and rounding a sum err by at most u times what they round, and (1 + u)^2 covers
errors of errors; with |y + t| <= |y| + |t| and |2 y (y + t) - (y + t)^2| = |y^2 - t^2| <= y^2 + t^2 the two errors add up to

    E(t) <= u (1 + u)^2 ((|y| + |t|)^2 + 2 |y| (|y| + |t|) + y^2 + t^2 + 4 y^2) = u (1 + u)^2 (8 y^2 + 4 |y t| + 2 t^2).

So a key with t^2 > E(t) loses, and all farther ones with it, t^2 - E(t) being convex in |t| and negative at 0. Where
|y| + |t| <= 2^(p/2) for all nearer keys, their squares are at most 2^p and their products even and at most 2^(p+1): nothing
is rounded, and the row is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt

import numpy as np

from constructions.pointer.copy_arithmetic import NO_POINTER, PATHS, TIES, Arithmetic
from constructions.pointer.copy_codes import Code, Digits, Parabola, Signs, table
from constructions.pointer.copy_number_codes import Alternating, Floats, first_wrong_record
from theory import formats
from theory.pointer import copy_laws as laws

__all__ = ["NARROW", "Frontier", "best_centre", "code_table", "frontier", "frontier_table", "near", "wrong_position"]

NARROW = 12
"""Precision up to which every row is compared with every key; the parabola's frontier is below 2^(p/2 + 2)."""
ROWS, PAIRS = 64, 2**17
"""Compared at once: rows, and about how many pairs of a row and a key at most."""


@dataclass(frozen=True)
class Frontier:
    """N positions are copied; row N points at `pointer` (-1: a score is NaN). `wrong` is None when the code ends before."""

    n: int
    wrong: int | None = None
    pointer: int | None = None

    def __str__(self) -> str:
        if self.wrong is None:
            return f"{self.n}, all there are"
        return f"{self.n}; {self.failure}"

    @property
    def failure(self) -> str:
        """Where the first wrong row points, in words."""
        where = "nowhere (NaN)" if self.pointer == NO_POINTER else f"at {self.pointer}"
        return f"row {self.wrong} points {where}"


def near(precision: int, reach: int) -> int:
    """The least t > 0 such that keys t or farther from a wanted position |y| <= reach lose, whatever is rounded."""
    u = Fraction(1, 2**precision)
    for t in range(1, reach + 2):
        if t * t > u * (1 + u) ** 2 * (8 * reach**2 + 4 * reach * t + 2 * t * t):
            return t
    raise ValueError(f"no key within {reach} is out of reach at precision {precision}: compare all pairs")


def frontier(code: Code, arithmetic: Arithmetic, distance: int, most: int | None = None) -> Frontier:
    """The first wrong row, of at most `most` positions (all there are when None).

    Raises ValueError for a negative distance, for an endless search, and for a wide format without the parabola.
    """
    if distance < 0:
        raise ValueError(f"distance = {distance}: a causal row sees no key after its own; give 0 or more")
    if arithmetic.precision > NARROW and isinstance(code, Parabola):
        return _near_rows(code, arithmetic, distance)
    ends = [n for n in (most, code.positions) if n is not None]
    if isinstance(code, Parabola):
        ends.append(distance + code.centre + 2 ** (arithmetic.precision // 2 + 2) + 2)
    if not ends:
        raise ValueError(f"{code} has no last position: give `most`, where the search is to end")
    return _all_pairs(code, arithmetic, distance, min(ends))


def _all_pairs(code: Code, arithmetic: Arithmetic, distance: int, n: int) -> Frontier:
    """Every row against every key it sees, some rows at a time."""
    at_once = max(1, min(ROWS, PAIRS // max(distance, 1)))
    for start in range(distance, n, at_once):
        rows = np.arange(start, min(start + at_once, n))
        keys = np.arange(rows[-1] + 1)
        scores = arithmetic.scores(table(code.query(rows - distance))[:, None], table(code.key(keys))[None])
        found = arithmetic.pointers(scores, keys <= rows[:, None])
        if (wrong := np.flatnonzero(found != rows - distance)).size:
            first = int(rows[wrong[0]])
            return Frontier(first, first, int(found[wrong[0]]))
    return Frontier(n)


def _near_rows(code: Parabola, arithmetic: Arithmetic, distance: int) -> Frontier:
    """The rows in which a near key is rounded, one by one, against their near keys."""
    exact = isqrt(2**arithmetic.precision)
    reach = exact + 16
    window = near(arithmetic.precision, reach)
    if max(code.centre, reach + distance) > 2**arithmetic.precision or code.centre > reach:
        raise ValueError(f"centre {code.centre}, distance {distance}: beyond what the window of near keys is shown for")
    for y in _rounded_rows(code.centre, exact - window, reach):
        m = y + code.centre
        keys = np.arange(max(m - window, 0), m + min(window, distance) + 1)
        scores = arithmetic.scores(table(code.query(np.array([m])))[:, None], table(code.key(keys))[None])
        found = int(keys[arithmetic.pointers(scores)[0]])
        if found != m:
            return Frontier(m + distance, m + distance, found)
    raise RuntimeError(f"{code} in {arithmetic}: no row fails within 16 of 2^(p/2), where a parabola's neighbours tie")


def _rounded_rows(centre: int, exact: int, reach: int) -> Iterator[int]:
    """Positions from the centre, ascending, that are farther from it than `exact`."""
    yield from range(-centre, -exact)
    yield from range(exact + 1, reach + 1)


def wrong_position(code: Code, arithmetic: Arithmetic) -> tuple[int, int] | None:
    """The first position whose query, compared with every key the code has, points elsewhere, and where; None when all are right.

    Then the code copies at every distance, causal or not, as fewer keys only compete less.
    """
    assert code.positions is not None, "a code without end has no last key"
    every = np.arange(code.positions)
    keys = table(code.key(every))[None]
    for start in range(0, code.positions, ROWS):
        rows = every[start : start + ROWS]
        found = arithmetic.pointers(arithmetic.scores(table(code.query(rows))[:, None], keys))
        if (wrong := np.flatnonzero(found != rows)).size:
            return int(rows[wrong[0]]), int(found[wrong[0]])
    return None


def best_centre(code: Parabola, arithmetic: Arithmetic, distance: int) -> tuple[int, Frontier]:
    """The centre with the largest frontier, searched; the least one of several.

    While rows to the left of the centre are right the first wrong row moves with the centre; a wrong one stays wrong as more keys
    come to its left. So the search ends one centre after the frontier stops growing. Centres whose rows and neighbours
    are exact on the left need not be tried.
    """
    start = 0
    if arithmetic.precision > NARROW:
        exact = isqrt(2**arithmetic.precision)
        start = exact - near(arithmetic.precision, exact + 16)
    best = start, frontier(replace(code, centre=start), arithmetic, distance)
    while (found := frontier(replace(code, centre=best[0] + 1), arithmetic, distance)).n > best[1].n:
        best = best[0] + 1, found
    return best


def frontier_table(distance: int = 1) -> list[dict[str, str | int]]:
    """The parabola's frontier, from 0 and centred, for each format, path and tie rule: rows of a table."""
    rows: list[dict[str, str | int]] = []
    for name in ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16", "fp32", "fp64"):
        for path in PATHS:
            for tie in TIES:
                arithmetic = Arithmetic(formats.named(name), path, tie)
                code = Parabola(squares_first=True)
                plain = frontier(code, arithmetic, distance).n
                centre, centred = best_centre(code, arithmetic, distance)
                cells = {"parabola": plain, "centred": centred.n, "centre": centre}
                rows.append({"format": name, "path": path, "tie": tie, "distance": distance, **cells})
    return rows


def code_table(arithmetic: Arithmetic) -> list[dict[str, str | int | None]]:
    """How many positions each code copies in a format of at most 16 bits, by coordinates: rows of a table, each of them run.

    `distance`: the one it is run at, None where every query is compared with every key, hence any. Signs: at most 10 of them.
    Up to seconds for fp16 and bf16.
    """
    fmt, p = arithmetic.fmt, arithmetic.precision
    centre, centred = best_centre(Parabola(squares_first=True), arithmetic, 1)
    searched = (
        ("parabola", 2, frontier(Parabola(squares_first=True), arithmetic, 1)),
        (f"parabola, centre {centre}", 2, centred),
    )
    rows: list[dict[str, str | int | None]] = [
        {"code": name, "coordinates": d, "positions": found.n, "distance": 1} for name, d, found in searched
    ]
    outward = Alternating(fmt)
    every = np.arange(outward.positions)
    row = first_wrong_record(outward.key(every)[0], outward.query(every)[0])
    rows.append(
        {"code": "alternating", "coordinates": 1, "positions": outward.positions if row is None else row, "distance": 1}
    )
    bits = min(laws.signs(p), 10)
    exact = (
        ("floats", 2, Floats(fmt, p // 2)),
        ("two digits", 4, Digits(*laws.digits(p))),
        ("signs", bits, Signs(bits)),
    )
    for name, d, code in exact:
        wrong = wrong_position(code, arithmetic)
        copied = code.positions if wrong is None else wrong[0]
        rows.append({"code": name, "coordinates": d, "positions": copied, "distance": None})
    return rows
