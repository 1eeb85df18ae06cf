"""What a derivation gives: for each quantity its formula, where it holds, how it is known, and the lines behind each term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy

__all__ = ["Quantity", "Regime", "Term"]


@dataclass(frozen=True)
class Term:
    """What one source line contributes; `operations` are the aten operations counted there."""

    formula: sympy.Expr
    file: str
    line: int
    operations: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "not on any line"


@dataclass(frozen=True)
class Regime:
    """A formula and the conditions on the sizes under which it was found; `open_end` where sizes of any magnitude meet them,
    `where` the conditions that are of the form left <= right between products of sizes; `special` where sizes in between do
    not, `vague` where sizes of any magnitude may or may not meet them."""

    formula: sympy.Expr
    conditions: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    open_end: bool = True
    where: tuple[str, ...] = ()
    special: bool = False
    vague: bool = False


@dataclass(frozen=True)
class Quantity:
    """One quantity as a formula in the sizes, or the reason why there is none.

    level: "derived" (symbolic shapes, for the sizes that meet the guards) or "tested" (exact at every size tried, among them
    larger ones held out). `conditions` hold for all regimes; `untried` are branches whose other side no run took; `opaque` are
    operations that nothing could count, each with the remedy.
    """

    name: str
    unit: str
    regimes: tuple[Regime, ...] = ()
    level: str = "tested"
    conditions: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    reason: str = ""
    blame: Term | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return bool(self.regimes)

    @property
    def formula(self) -> sympy.Expr | None:
        """The formula; of several regimes, that of the first that reaches sizes of any magnitude."""
        if not self.regimes:
            return None
        return next((r for r in self.regimes if r.open_end), self.regimes[0]).formula

    @property
    def terms(self) -> Sequence[Term]:
        if not self.regimes:
            return ()
        return next((r for r in self.regimes if r.open_end), self.regimes[0]).terms
