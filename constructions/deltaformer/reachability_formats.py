"""Reachability in a number format: edges of weight eps, four ways to evaluate, and the graphs that are hardest for each.

A value is the sum over paths of eps^length, read as "reachable" when it is greater than zero (NaN is not, infinity is).
Every multiplication and every addition rounds to the format, to nearest even; sums run in time order.

    parents      u_t = v_t + sum over parents i of eps u_i: only edges are visited
    dense        the sum over all i < t with explicit zeros: what the layer's recurrence and solve do; 0 * infinity = NaN
    log-depth    the product of `constructions.deltaformer.log_depth`, dense, every operation rounded
    wide         dense in fp32, the result rounded once to the format: `solve` for formats narrower than fp32

Nothing is ever subtracted, so only the ends of the exponent range matter. Rounding is monotone, and adding a non-negative
term never makes a sum smaller; so, by induction over the operations, more edges never make a finite value smaller. Hence on
n nodes the path graph has the least positive value, the complete graph the greatest, and an evaluation decides every
graph on n nodes if and only if it decides three: the path graph (underflow), the complete graph (overflow), and
the complete graph without its last edge (a zero that meets an infinity). Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from constructions.deltaformer import log_depth
from theory.formats import FP32, Format, Underflow, check_underflow

__all__ = [
    "EVALUATIONS",
    "Arithmetic",
    "Evaluation",
    "decides",
    "evaluate",
    "extremal_graphs",
    "finite_nodes",
    "overflow_frontier",
    "undecided_graph",
    "underflow_frontier",
]

Evaluation = Literal["parents", "dense", "log-depth", "wide"]
Weight = Fraction | float | int
PATH = "the path graph"
COMPLETE = "the complete graph"
WITHOUT_LAST = "the complete graph without its last edge"
EVALUATIONS: tuple[Evaluation, ...] = ("parents", "dense", "log-depth", "wide")


@dataclass(frozen=True)
class Arithmetic:
    """A format, what becomes of results below its normal range, and whether results beyond it saturate instead."""

    fmt: Format
    underflow: Underflow = "gradual"
    saturate: bool = False

    def __post_init__(self) -> None:
        check_underflow(self.underflow)
        if self.fmt.exact:
            raise ValueError("Arithmetic: Q has neither underflow nor overflow; name a binary format")

    def round(self, x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Every entry, non-negative or NaN, rounded once."""
        if self.saturate:
            x = np.minimum(x, float(self.fmt.max_finite))
        if self.fmt == FP32 and self.underflow == "gradual":  # the machine's own conversion, a few times faster
            return x.astype(np.float32).astype(np.float64)
        return self.fmt.round_array(x, self.underflow)

    def weight(self, eps: Weight) -> float:
        """`eps` as a float. Raises ValueError unless it is positive and a number of the format, normal if flushed."""
        value = Fraction(eps)
        least = self.fmt.min_normal if self.underflow == "flush" else self.fmt.min_subnormal
        if not self.fmt.holds(value) or value < least:
            raise ValueError(
                f"edge weight {eps} is no number >= {least} of {self.fmt.name} ({self.underflow} underflow); "
                "take a power of two within its range"
            )
        return float(value)

    def __str__(self) -> str:
        return f"{self.fmt.name}, {self.underflow} underflow{', saturating' if self.saturate else ''}"


def evaluate(
    graphs: Int[np.ndarray, "batch n n"],
    eps: Weight,
    arithmetic: Arithmetic,
    evaluation: str,
    sources: Any = slice(None),
) -> Float[np.ndarray, "batch n sources"]:
    """[b, t, s] = the computed value from source s to target t of simple graphs in topological order, in float64.

    Work O(n^2) roundings a source and graph; log-depth O(n^3 log n). Raises ValueError for an unknown evaluation, a
    weight that is no number of the format, and "wide" with a format not narrower than fp32.
    """
    if evaluation not in EVALUATIONS:
        raise ValueError(f"evaluation {evaluation!r}: one of {', '.join(EVALUATIONS)}")
    weight, n = arithmetic.weight(eps), graphs.shape[-1]
    if evaluation == "wide":
        if not _within(arithmetic.fmt, FP32):
            raise ValueError(f"wide: {arithmetic.fmt.name} is not narrower than fp32, whose values it should round")
        inner = evaluate(graphs, eps, Arithmetic(FP32, arithmetic.underflow), "dense", sources)
        return arithmetic.round(inner)
    weights = weight * graphs
    with np.errstate(over="ignore", invalid="ignore"):
        if evaluation == "log-depth":
            whole = log_depth.inverse(-weights, multiply=lambda a, b: _rounded_product(a, b, arithmetic))
            return whole[:, :, sources]
        values = np.broadcast_to(np.eye(n)[:, sources], (len(graphs), n, np.eye(n)[:, sources].shape[1])).copy()
        for i in range(n - 1):
            later = values[:, i + 1 :]
            terms = arithmetic.round(weights[:, i + 1 :, i, None] * values[:, i, None, :])
            sums = arithmetic.round(later + terms)
            edges = graphs[:, i + 1 :, i, None] > 0
            values[:, i + 1 :] = np.where(edges, sums, later) if evaluation == "parents" else sums
    return values


def _rounded_product(a: np.ndarray, b: np.ndarray, arithmetic: Arithmetic) -> np.ndarray:
    total = np.zeros(np.broadcast_shapes(a.shape, b.shape))
    for i in range(a.shape[-1]):
        total = arithmetic.round(total + arithmetic.round(a[..., :, i, None] * b[..., i, None, :]))
    return total


def _within(narrow: Format, wide: Format) -> bool:
    """Whether every number of one format is one of the other, and not all the other way round."""
    ends = narrow.min_subnormal >= wide.min_subnormal and narrow.max_finite <= wide.max_finite
    return ends and narrow.unit_roundoff > wide.unit_roundoff


def extremal_graphs(n: int) -> dict[str, Int[np.ndarray, "n n"]]:
    """The three graphs on n nodes that decide for all, in topological order, by name."""
    complete = np.tri(n, k=-1, dtype=np.int64)
    without = complete.copy()
    if n > 1:
        without[n - 1, n - 2] = 0
    return {PATH: np.eye(n, k=-1, dtype=np.int64), COMPLETE: complete, WITHOUT_LAST: without}


def undecided_graph(
    n: int, eps: Weight, arithmetic: Arithmetic, evaluation: str, path_only: bool = False
) -> str | None:
    """The name of the first extremal graph on n nodes that is not decided, None if all are, and so every graph is.

    Only the values from the first node are computed: those from node s are the same on fewer nodes. The log-depth
    product of the path graph and of the complete graph has equal entries along diagonals, and is computed as
    convolutions in the same order: O(n^2) roundings a product. Where a factor is not finite, its zeros make NaN of
    others, and the complete graph is not decided.
    """
    for name, graph in extremal_graphs(n).items():
        if evaluation == "log-depth":
            values = _by_distance(name, n, eps, arithmetic)
        else:
            values = evaluate(graph[None], eps, arithmetic, evaluation, sources=[0])[0, :, 0]
        reached = np.arange(n) != (1 if name == WITHOUT_LAST and n == 2 else n)
        if ((values > 0) != reached).any():
            return name
        finite = evaluation != "wide" and bool(np.isfinite(values).all())
        if path_only or (name == COMPLETE and (evaluation == "log-depth" or finite)):
            break  # with no infinity for a zero to meet
    return None


def _by_distance(name: str, n: int, eps: Weight, arithmetic: Arithmetic) -> np.ndarray:
    """The log-depth product's entries by the distance t - s = 0..n-1."""
    power = np.zeros(n)
    power[1 : 2 if name == PATH else n] = arithmetic.weight(eps)
    start = np.arange(n) == 0
    total = start + power
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(log_depth.factors_needed(n) - 1):
            power = _convolution(power, power, arithmetic)
            total = _convolution(total, start + power, arithmetic)
    return total


def _convolution(a: np.ndarray, b: np.ndarray, arithmetic: Arithmetic) -> np.ndarray:
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.full(len(a), np.nan)
    total = np.zeros(len(a))
    for y in np.flatnonzero(b).tolist():
        total[y:] = arithmetic.round(total[y:] + arithmetic.round(a[: len(a) - y] * b[y]))
    return total


def decides(
    graphs: Int[np.ndarray, "batch n n"], eps: Weight, arithmetic: Arithmetic, evaluation: str
) -> Bool[np.ndarray, "batch n n"]:
    """[b, t, s] whether the computed value is positive exactly when s reaches t."""
    with np.errstate(invalid="ignore"):
        positive = evaluate(graphs, eps, arithmetic, evaluation) > 0
    n = graphs.shape[-1]
    reached = np.eye(n, dtype=bool) | (graphs > 0)
    for _ in range(log_depth.factors_needed(n)):
        reached = (reached.astype(np.float32) @ reached.astype(np.float32)) > 0
    return positive == reached


# --- the frontiers, in closed form ------------------------------------------------------------------------------------


def underflow_frontier(fmt: Format, halvings: int, underflow: Underflow) -> int:
    """The largest n such that eps^(n-1) stays in the format for eps = 2^-halvings: floor(E / halvings) + 1.

    E = -emin, and p - 1 more with gradual underflow: 2^-E is the least positive number that survives.
    Raises ValueError unless halvings >= 1.
    """
    check_underflow(underflow)
    if halvings < 1 or fmt.emin is None or fmt.precision is None:
        raise ValueError(f"halvings = {halvings}, {fmt.name}: give eps = 2^-halvings < 1 and a binary format")
    return (-fmt.emin + (fmt.precision - 1 if underflow == "gradual" else 0)) // halvings + 1


def finite_nodes(fmt: Format) -> int:
    """The largest n such that the 2^(n-2) paths of the complete graph are a finite number of the format, eps = 1."""
    if fmt.emax is None:
        raise ValueError(f"{fmt.name} has no greatest number")
    return fmt.emax + 2


def overflow_frontier(arithmetic: Arithmetic, evaluation: str) -> tuple[int, int] | None:
    """At eps = 1, where no path underflows: bounds of the largest n for which every graph is decided; None for no limit.

    The two bounds are equal except for log-depth with infinities. There the complete graph's last partial product but
    one has all but n - 1 of the 2^(n-2) paths when n - 2 is a power of two, and rounding says whether that is finite.
    """
    fmt, infinity = arithmetic.fmt, arithmetic.fmt.overflow == "infinity"
    last = finite_nodes(fmt)
    if evaluation == "wide":
        last = finite_nodes(FP32) + 1 if infinity or arithmetic.saturate else last
        return last, last
    if arithmetic.saturate or (infinity and evaluation == "parents"):
        return None
    if not infinity:
        return last, last
    return (last + 1, last + 1) if evaluation == "dense" else (last, last + 1)
