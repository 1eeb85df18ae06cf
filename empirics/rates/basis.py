"""The basis functions at many points at once: each wave of one coordinate is computed once, products run over supports only.

    psi_l(x) = product over l_i != 0 of sqrt(2) cos(2 pi |l_i| x_i) (l_i < 0) or sqrt(2) sin(2 pi l_i x_i) (l_i > 0)

The waves 1..m of a coordinate are powers of z = e^(2 pi i x), doubled: z^(h+1..2h) = z^(1..h) z^h. In units of
2**-53, z errs by at most 12: its angle is at most 2 pi, with 1.4 roundings, and cosine and sine have two each. A product of two errs by
sqrt(5) more, so z^f by less than 15 f, and a value with k waves of frequency up to f by `error(k, f)`. Derived here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

from theory.takakura_suzuki.counting import TooLarge

MEMORY = 1 << 30
"""Bytes that the values of one call, or of one chunk, may take unless told otherwise."""


class Basis:
    """The functions of the rows of `index` (count, d), ints. Only the first `active` coordinates of a point are read.

    ValueError for an index that is no nonempty matrix of integers.
    """

    def __init__(self, index: Int[np.ndarray, "count d"]) -> None:
        index = np.asarray(index)
        if index.ndim != 2 or not len(index) or not np.issubdtype(index.dtype, np.integer):
            raise ValueError(f"index of shape {index.shape}, {index.dtype}: give integers, a basis function a row")
        used = np.flatnonzero(index.any(axis=0))
        self.active = int(used[-1]) + 1 if len(used) else 0
        self.index = index[:, : self.active]
        self.count = len(index)
        self._parts = [_part(i, self.index[:, i]) for i in used.tolist()]
        self._waves = max((len(waves) for _, waves, _, _ in self._parts), default=0)
        self._top = int(np.abs(index).max())

    def __call__(self, x: Float[np.ndarray, "*batch n D"], memory: int = MEMORY) -> Float[np.ndarray, "*batch n count"]:
        """Values in float64. O(points * (greatest frequencies + sum of support sizes)).

        ValueError for too few coordinates; TooLarge, with the size, when values and waves would pass `memory` bytes.
        """
        self._fits(x)
        need = self._bytes(math.prod(x.shape[:-1]))
        if need > memory:
            raise TooLarge(
                f"{self.count} basis functions at {math.prod(x.shape[:-1])} points take {-(-need >> 20)} MiB, above memory = "
                f"{memory >> 20} MiB: go through `chunks`, or allow more"
            )
        values = np.ones((*x.shape[:-2], self.count, x.shape[-2]))
        for i, waves, columns, places in self._parts:
            powers = _powers(x[..., i], int(np.abs(waves).max()))
            sizes = np.abs(waves) - 1
            table = np.where((waves > 0)[:, None], np.imag(powers)[..., sizes, :], np.real(powers)[..., sizes, :])
            values[..., columns, :] *= math.sqrt(2) * table[..., places, :]
        return values.swapaxes(-1, -2)

    def chunks(
        self, x: Float[np.ndarray, "*batch n D"], memory: int = MEMORY
    ) -> Iterator[tuple[slice, Float[np.ndarray, "*batch rows count"]]]:
        """Slices of the n points in order, with their values, each within `memory` bytes.

        TooLarge when a single point of every batch entry passes it.
        """
        self._fits(x)
        *batch, n, _ = x.shape
        rows = memory // self._bytes(math.prod(batch))
        if rows < 1:
            raise TooLarge(
                f"{self.count} basis functions at one point of each of {math.prod(batch)} samples take "
                f"{-(-self._bytes(math.prod(batch)) >> 20)} MiB, above memory = {memory >> 20} MiB: take fewer samples at once"
            )
        for start in range(0, n, rows):
            part = slice(start, min(start + rows, n))
            yield part, self(x[..., part, :], memory)

    def _fits(self, x: np.ndarray) -> None:
        if x.ndim < 2 or x.shape[-1] < self.active:
            raise ValueError(
                f"points of shape {x.shape}: give (..., n, D) with D >= {self.active}, the coordinates that the basis uses"
            )

    def _bytes(self, points: int) -> int:
        # the values, and while a coordinate is worked on its gathered factors, its waves thrice and their complex powers
        return 8 * points * (2 * self.count + 3 * self._waves + 2 * self._top + 1)


def error(support: int, frequency: int) -> float:
    """A bound of |computed - psi_l| for a support of k coordinates and frequencies |l_i| <= f; see the module's text.

    One factor sqrt(2) w has size sqrt(2) at most and errs by sqrt(2) (15 f + 3) 2**-53: the root and two products.
    """
    one = (15 * frequency + 3) * 2.0**-53
    return math.sqrt(2) ** support * ((1 + one) ** support - 1)


def _powers(x: np.ndarray, top: int) -> np.ndarray:
    """e^(2 pi i f x) for f = 1..top, along a new axis before the last."""
    found = np.empty((*x.shape[:-1], top, x.shape[-1]), dtype=np.complex128)
    angle = 2 * np.pi * x
    found.real[..., 0, :], found.imag[..., 0, :] = (
        np.cos(angle),
        np.sin(angle),
    )  # twice as fast as a complex exponential
    held = 1
    while held < top:
        more = min(held, top - held)
        found[..., held : held + more, :] = found[..., :more, :] * found[..., held - 1 : held, :]
        held += more
    return found


def _part(i: int, column: np.ndarray) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """(coordinate, its distinct waves, the functions that use it, which wave each of these takes)."""
    columns = np.flatnonzero(column)
    waves, places = np.unique(column[columns], return_inverse=True)
    return i, waves.astype(np.int64), columns, places
