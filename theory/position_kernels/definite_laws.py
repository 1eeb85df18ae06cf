"""Searches and covers about the symbol: where it is negative, that it is not, and the slope between. Balls decide, floats propose."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.symbols import Family, Symbol, symbol

if TYPE_CHECKING:
    from flint import arb

__all__ = ["bracket", "covered", "definite", "lowest", "negative_angle", "positive"]


def _floats(balls: list[arb]) -> np.ndarray:
    return np.array([float(x.mid()) for x in balls])


def lowest(s: Symbol) -> float:
    """The angle where p is least, in floats: a grid, then Newton's steps."""
    c = _floats(s.coefficients)
    d = np.arange(len(c))
    grid = np.linspace(0, np.pi, 8 * len(c) + 64)
    values = c[0] + 2 * np.cos(np.outer(grid, d[1:])) @ c[1:]
    w = float(grid[values.argmin()])
    for _ in range(6):
        slope, bend = -2 * float((d * c) @ np.sin(d * w)), -2 * float((d * d * c) @ np.cos(d * w))
        step = -slope / bend if bend > 0 else 0.0
        if 0 <= w + step <= np.pi and abs(step) < grid[1]:
            w += step
    return w


def negative_angle(s: Symbol) -> float | None:
    """An angle at which s < 0 for every rate of the ball, or None where the balls do not say so."""
    w = lowest(s)
    return w if s.upper(BALLS.number(Fraction(w))) < 0 else None


CELLS = 256
END = Fraction(355, 113)
"""Just beyond pi."""


@lru_cache(maxsize=16)
def _tables(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """cos(d w) and sin(d w) `(CELLS, degree)` at the cells' middles, from balls, so within 2^-53 (1 + 2^-53)."""
    from flint import arb

    middles = [arb(int(2 * j + 1)) * BALLS.number(END / (2 * CELLS)) for j in range(CELLS)]
    pairs = [[(d * w).sin_cos() for d in range(degree)] for w in middles]
    return tuple(np.array([[float(pair[i].mid()) for pair in row] for row in pairs]) for i in (1, 0))  # type: ignore[return-value]


def _decided(s: Symbol) -> np.ndarray:
    """For each of CELLS cells of [0, END]: whether s > 0 on it, by Taylor's theorem in floats with all rounding errors taken off.

    A product of a table with n coefficients of sizes c is off by less than (n + 4) 2^-52 sum |c|, in any order of summation; the
    handful of operations after it by less than 16 * 2^-53 of what they add up.
    """
    c, drift = _floats(s.coefficients), _floats(s.drift)
    degree = 1 << (len(c) - 1).bit_length()
    d = np.arange(degree, dtype=np.float64)
    c, drift = (np.pad(x, (0, degree - len(x))) for x in (c, drift))
    cos, sin = _tables(degree)
    half = float(END / (2 * CELLS)) * (1 + 2.0**-50)
    given = (*s.bends, s.spread, s.curve, s.rest + sum((x.rad() for x in s.coefficients), s.rest) * 2)
    bend, cross, spread, curve, rest = (float(x.upper()) * (1 + 2.0**-50) for x in given)
    doubled = np.where(d > 0, 2.0, 1.0)
    parts = [cos @ (doubled * c), 2 * np.abs(sin @ (d * c)) * half, np.abs(cos @ (doubled * drift)) * spread]
    sizes = [float(np.abs(doubled * c).sum()), 2 * float((d * np.abs(c)).sum()) * half]
    sizes.append(float(np.abs(doubled * drift).sum()) * spread)
    edges = np.arange(CELLS + 1) * (2 * half)
    angle = np.minimum(edges[1:] ** 2, 4.0)
    off = bend * half * half / 2 + cross * half * spread + spread**2 / 2 * curve * angle + rest + _missing(s)
    slack = (degree + 4) * 2.0**-52 * sum(sizes) + 16 * 2.0**-53 * (sum(map(np.abs, parts)) + off)
    return parts[0] - parts[1] - parts[2] - off - slack > 0


def _missing(s: Symbol) -> np.ndarray:
    """The bound of E on each cell: it falls with the angle, so that of the last power of two of cells before."""
    if not s.family.cosh:
        return np.zeros(CELLS)
    starts = [0, *(1 << k for k in range(CELLS.bit_length() - 1))]
    bounds = [float(s.missing(BALLS.number(END * j / CELLS))) * (1 + 2.0**-50) for j in starts]
    return np.array([bounds[j.bit_length()] for j in range(CELLS)])


def positive(s: Symbol) -> arb | None:
    """None when s > 0 on [0, pi] for every rate of the symbol; else an angle that is not decided.

    Cells that floats do not decide are halved, in balls.
    """
    for j in np.flatnonzero(~_decided(s)):
        waiting = [(END * int(j) / CELLS, END * int(j + 1) / CELLS, 0)]
        while waiting:
            low, high, depth = waiting.pop()
            middle = BALLS.number((low + high) / 2)
            if s.lower(middle, BALLS.number((high - low) / 2)) > 0:
                continue
            if depth == MOST_HALVINGS or s.upper(middle) < 0:
                return middle
            waiting += [(low, (low + high) / 2, depth + 1), ((low + high) / 2, high, depth + 1)]
    return None


MOST_HALVINGS = 16
"""Of a cell of angles or of rates, before it counts as not decided."""


def definite(family: Family, rate: arb) -> bool | None:
    """Whether the mixture is conditionally positive definite for every rate of the ball (True) or none (False); None: not decided."""
    s = symbol(family, rate)
    if negative_angle(s) is not None:
        return False
    return True if positive(s) is None else None


def bracket(family: Family, low: Fraction, high: Fraction, steps: int) -> tuple[Fraction, Fraction]:
    """`low` not definite, `high` definite: so many bisections. ValueError unless the ends are so."""
    for end, wanted in ((low, False), (high, True)):
        if definite(family, BALLS.number(end)) is not wanted:
            raise ValueError(
                f"{family.name} kernels, slope {end}: not {'' if wanted else 'in'}definite; give another end"
            )
    for _ in range(steps):
        middle = (low + high) / 2
        found = definite(family, BALLS.number(middle))
        if found is None:
            break
        low, high = (low, middle) if found else (middle, high)
    return low, high


def covered(family: Family, start: Fraction, end: Fraction, wanted: bool) -> int | Fraction:
    """The number of cells of rates that cover start..end with every rate decided as wanted; or the rate where that fails.

    Cells are balls of rates; each is half as long again as the one before while that is decided, and halved where it is not.
    """
    if definite(family, BALLS.number(start)) is not wanted:
        return start
    at, cells = start, 0
    step = (end - start) / 2**10
    while at != end:
        for _ in range(MOST_HALVINGS):
            step = min(step, end - at, key=abs)
            s = symbol(family, BALLS.number(at).union(BALLS.number(at + step)))
            if (positive(s) is None) if wanted else (negative_angle(s) is not None):
                break
            step /= 2
        else:
            return at
        at, cells, step = at + step, cells + 1, step * 3 / 2
    return cells
