"""Packages that enumerate sets of multi-indices, each behind one call, and the sets they are asked for.

A set is {s in N^d : sum w_i s_i < T}, integer weights w, integer T. Weights all 1 are what is called a total degree, below T. Packages
without weights are asked for these alone. Every call is timed as its documentation shows it, in the form the package returns; `rows`
makes a matrix of that, outside the clock, so that sets can be compared. All but ours are optional (`pip install -e '.[peers]'`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.takakura_suzuki.indices import blocks
from theory.takakura_suzuki.smoothness import mixed

__all__ = ["ENUMERATORS", "OURS", "Enumerator", "Set", "digest"]


@dataclass(frozen=True)
class Set:
    """{s : sum w_i s_i < T}."""

    name: str
    weights: tuple[int, ...]
    T: int

    @property
    def d(self) -> int:
        return len(self.weights)

    @property
    def is_total(self) -> bool:
        return set(self.weights) == {1}


@dataclass(frozen=True)
class Enumerator:
    """A package's call. `returns` says in which form its sets come."""

    name: str
    package: str
    module: str
    weighted: bool
    returns: str
    call: Callable[[Set], Any]
    rows: Callable[[Any, Set], np.ndarray]

    @property
    def absent(self) -> str:
        """Why it cannot be used here, "" where it can."""
        if importlib.util.find_spec(self.module) is None:
            return f"{self.package} is not installed; pip install -c constraints.txt -e '.[peers]'"
        return ""

    @property
    def version(self) -> str:
        return importlib.metadata.version(self.package)

    def takes(self, which: Set) -> bool:
        return self.weighted or which.is_total


def digest(rows: np.ndarray, d: int) -> str:
    """A hash of a set of rows of at most d entries, whatever their order and type."""
    wide = np.zeros((len(rows), d), dtype=np.int16)
    wide[:, : rows.shape[1]] = rows
    return hashlib.sha256(wide[np.lexsort(wide.T)].tobytes()).hexdigest()[:16]


def _matrix(found: Any, which: Set) -> np.ndarray:
    return np.asarray(found)


def _ours(which: Set) -> Any:
    return blocks(mixed(*which.weights, ties=True), which.T)


def _smolyax(which: Set) -> Any:
    from smolyax.indices import indexset  # pyright: ignore[reportMissingImports]

    return indexset([float(w) for w in which.weights], float(which.T))


def _from_pairs(found: Any, which: Set) -> np.ndarray:
    made = np.zeros((len(found), which.d), dtype=np.int16)
    for row, pairs in zip(made, found, strict=True):
        for i, s in pairs:
            row[i] = s
    return made


def _tasmanian(which: Set) -> Any:
    import Tasmanian  # pyright: ignore[reportMissingImports]

    # a grid of "level" type keeps sum w_i s_i <= depth * min w; with one more point a level its polynomial space is that set
    depth = (which.T - 1) // min(which.weights)
    weights = [] if which.is_total else list(which.weights)
    grid = Tasmanian.makeGlobalGrid(which.d, 0, depth, "level", "rleja", liAnisotropicWeights=weights)
    return grid.getGlobalPolynomialSpace(True)


def _numpoly(which: Set) -> Any:
    import numpoly  # pyright: ignore[reportMissingImports]

    return numpoly.glexindex(which.T, dimensions=which.d)


def _openturns(which: Set) -> Any:
    import openturns  # pyright: ignore[reportMissingImports]

    if which.is_total:
        listed = openturns.LinearEnumerateFunction(which.d)
        return [listed(k) for k in range(listed.getBasisSizeFromTotalDegree(which.T - 1))]
    listed = openturns.HyperbolicAnisotropicEnumerateFunction([float(w) for w in which.weights], 1.0)
    return [listed(k) for k in range(listed.getStrataCumulatedCardinal(which.T - 1))]


def _minterpy(which: Set) -> Any:
    import minterpy  # pyright: ignore[reportMissingImports]

    return minterpy.MultiIndexSet.from_degree(which.d, which.T - 1, 1.0)


def _pyapprox(which: Set) -> Any:
    from pyapprox.surrogates.affine.indices.utils import (  # pyright: ignore[reportMissingImports]
        compute_hyperbolic_indices,
    )
    from pyapprox.util.backends.numpy import NumpyBkd  # pyright: ignore[reportMissingImports]

    return compute_hyperbolic_indices(which.d, which.T - 1, 1.0, NumpyBkd())


def _equadratures(which: Set) -> Any:
    from equadratures.basis import Basis  # pyright: ignore[reportMissingImports]

    return Basis("total-order", [which.T - 1] * which.d).get_elements()


OURS = "ours"
ENUMERATORS = (
    Enumerator(OURS, "weightproof", "theory", True, "int16 matrix", _ours, _matrix),
    Enumerator("smolyax", "smolyax", "smolyax", True, "list of sparse tuples", _smolyax, _from_pairs),
    Enumerator("Tasmanian", "Tasmanian", "Tasmanian", True, "int64 matrix, with its grid", _tasmanian, _matrix),
    Enumerator("openturns", "openturns", "openturns", True, "list of its Indices", _openturns, _matrix),
    Enumerator("numpoly (chaospy)", "numpoly", "numpoly", False, "int64 matrix", _numpoly, _matrix),
    Enumerator(
        "pyapprox", "pyapprox", "pyapprox", False, "int64 matrix", _pyapprox, lambda found, _: np.asarray(found).T
    ),
    Enumerator("minterpy", "minterpy", "minterpy", False, "its MultiIndexSet", _minterpy, lambda m, _: m.exponents),
    Enumerator("equadratures", "equadratures", "equadratures", False, "float matrix", _equadratures, _matrix),
)
