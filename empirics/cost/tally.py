"""What one counted run of a layer found: exact amounts, each by the source line that caused it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from theory.cost.amounts import Amount

__all__ = ["Site", "Tally"]


@dataclass(frozen=True, order=True)
class Site:
    """A line and the operation it dispatched.

    `file` is the code object's (absolute), "" where no line of the user's or of torch.nn is on the stack. An operation of a
    backward pass carries the forward line that caused it and "aten.mm (backward)".
    """

    file: str
    line: int
    operation: str


@dataclass(frozen=True)
class Tally:
    """Counts of one run at fixed sizes, by site.

    `work`: unit-cost scalar operations. `span`, `span_threshold`: those along one longest path to any output (and, of a
    training step, to any gradient), under cost model v1 and under v1-threshold; the sum is the span. Among paths of one length
    the first found in program order is taken. `moved`: bytes read and written by each operation by itself. `peak`: bytes live
    at the (first) moment of the peak, by the site that allocated them. `saved`: bytes held by the graph of the outputs when the
    forward pass is over, by the site that allocated them. `matrix_work`: the part of work that torch's FlopCounterMode
    counts, by site. `opaque`: operations without a rule or decomposition, and why. `upper`: names of the conventions used,
    rules that no scalar program meets exactly. `attention`: the reading of scaled_dot_product_attention used, "" when there was none.
    `calls`: how many operations were dispatched, a measure of the effort of counting.
    """

    work: Mapping[Site, Amount]
    span: Mapping[Site, Amount]
    span_threshold: Mapping[Site, Amount]
    moved: Mapping[Site, int]
    peak: Mapping[Site, int]
    saved: Mapping[Site, int]
    matrix_work: Mapping[Site, int]
    opaque: tuple[tuple[Site, str], ...]
    upper: frozenset[str]
    attention: str
    calls: int = 0
