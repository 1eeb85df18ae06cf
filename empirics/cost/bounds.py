"""Does a quantity stay within a bound? A verdict with the regimes, the constant, and the lines to blame.

A bound holds if count <= c * bound for some c whenever every size is at least some n0; sizes in `fixed` are constants, `where`
restricts the others. It is decided on the formula of every regime that reaches sizes of any magnitude (`theory.growth`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy

from empirics.cost.cost import Cost, derive
from empirics.cost.errors import BadSubject, Undecided
from empirics.cost.quantities import Quantity, Regime, Term
from theory.bounds import BadBound, parse_bound, parse_condition
from theory.growth import Constant, Impossible, decide
from theory.verdict import Outcome

__all__ = ["BOUNDED", "BoundVerdict", "assert_bound", "judge"]

BOUNDED = ("work", "span", "memory", "saved", "state")
"""The quantities that `assert_bound` and the command line ask about."""


@dataclass(frozen=True)
class BoundVerdict:
    """One quantity against one bound. `conditional`: confirmed, but a branch was not tried on both sides.

    `regime` is the one that decided, `term` the growth to blame and `lines` where it comes from; `constant` tells the
    explicit constant, from which size on, and has the certificate.
    """

    quantity: Quantity
    bound: str
    outcome: Outcome
    because: str = ""
    conditional: bool = False
    regime: Regime | None = None
    witness: str = ""
    excess: str = ""
    lines: tuple[Term, ...] = ()
    constant: Constant | None = None


def judge(cost: Cost, name: str, bound: str, where: Sequence[str] = (), fixed: Sequence[str] = ()) -> BoundVerdict:
    """The verdict on `cost.quantity(name) = O(bound)`.

    Raises BadBound for a bound, a condition or a fixed size that is none, before anything is run, and BadSubject.
    """
    sizes = (*cost.subject.symbols, "t") if name == "state" else cost.symbols
    parse_bound(bound, sizes)
    for condition in where:
        parse_condition(condition, sizes)
    if strange := sorted(set(fixed) - set(sizes)):
        raise BadBound(f"fixed {strange[0]!r} is no size; the sizes are {', '.join(sizes)}")
    quantity = cost.quantity(name)
    if not quantity.known:
        return BoundVerdict(quantity, bound, Outcome.UNDECIDED, quantity.reason)
    asked = _Asked(quantity, bound, tuple(where), tuple(fixed), sizes)
    decided = [_in_regime(asked, regime) for regime in quantity.regimes if _matters(regime, fixed)]
    if not decided:
        told = " or ".join(" and ".join(regime.conditions) for regime in quantity.regimes)
        return BoundVerdict(quantity, bound, Outcome.UNDECIDED, f"a formula is known for {told} only")
    order = (Outcome.REFUTED, Outcome.UNDECIDED, Outcome.CONFIRMED)
    worst = min(decided, key=lambda v: order.index(v.outcome))
    if len(decided) > 1 and worst.outcome is Outcome.CONFIRMED:
        worst = replace(worst, constant=None)  # each regime has its own
    return _with_doubts(worst)


def _matters(regime: Regime, fixed: Sequence[str]) -> bool:
    """Whether large sizes lie in the regime; sizes that are constants may be small."""
    named = {name for condition in regime.conditions for name in re.findall(r"[A-Za-z_]\w*", condition)}
    return regime.open_end or bool(named & set(fixed))


@dataclass(frozen=True)
class _Asked:
    quantity: Quantity
    bound: str
    where: tuple[str, ...]
    fixed: tuple[str, ...]
    sizes: tuple[str, ...]


def _with_doubts(found: BoundVerdict) -> BoundVerdict:
    """What an untried branch, an opaque operation or a regime without a formula takes away from a verdict."""
    q = found.quantity
    if found.outcome is Outcome.REFUTED and q.untried:
        return replace(
            found,
            outcome=Outcome.UNDECIDED,
            because=f"it exceeds the bound on the side that was run, but not necessarily beyond {q.untried[0]}",
        )
    if found.outcome is Outcome.REFUTED and found.regime and (found.regime.vague or found.regime.special):
        told = " and ".join(found.regime.conditions)
        return replace(
            found, outcome=Outcome.UNDECIDED, because=f"it exceeds the bound for {told}, of which no more is known"
        )
    if found.outcome is Outcome.CONFIRMED and any(r.special for r in q.regimes):
        told = next(" and ".join(r.conditions) for r in q.regimes if r.special)
        return replace(found, outcome=Outcome.UNDECIDED, because=f"a formula is known for {told} only")
    if found.outcome is Outcome.CONFIRMED and q.opaque:
        return replace(found, outcome=Outcome.UNDECIDED, because=q.opaque[0])
    if found.outcome is Outcome.CONFIRMED and q.reason:
        return replace(found, outcome=Outcome.UNDECIDED, because=f"one regime has no formula: {q.reason}")
    return replace(found, conditional=bool(found.outcome is Outcome.CONFIRMED and q.untried))


def _in_regime(asked: _Asked, regime: Regime) -> BoundVerdict:
    quantity, bound = asked.quantity, asked.bound

    def decided(formula: Any, explicit: bool = False) -> Any:
        where = [*asked.where, *regime.where]
        return decide(formula, bound, where=where, fixed=asked.fixed, symbols=asked.sizes, explicit=explicit)

    try:
        decision = decided(regime.formula, explicit=True)
    except Impossible as empty:
        if regime.where and not _empty(asked):
            return BoundVerdict(
                quantity, bound, Outcome.CONFIRMED, regime=regime
            )  # none of the sizes asked about lie in it
        raise BadBound(str(empty)) from None
    if decision.outcome == "within":
        return BoundVerdict(quantity, bound, Outcome.CONFIRMED, regime=regime, constant=decision.constant)
    if decision.outcome == "exceeds":
        lines = tuple(term for term in regime.terms if decided(term.formula).outcome == "exceeds")
        return BoundVerdict(
            quantity,
            bound,
            Outcome.REFUTED,
            regime=regime,
            witness=decision.witness,
            excess=decision.monomial,
            lines=lines,
        )
    return BoundVerdict(quantity, bound, Outcome.UNDECIDED, decision.reason, regime=regime)


def _empty(asked: _Asked) -> bool:
    """Whether the conditions asked about leave no large sizes by themselves."""
    try:
        decide(sympy.Integer(1), asked.bound, where=asked.where, fixed=asked.fixed, symbols=asked.sizes)
    except Impossible:
        return True
    return False


def assert_bound(
    subject: Callable[..., Any],
    *,
    work: str | None = None,
    span: str | None = None,
    memory: str | None = None,
    saved: str | None = None,
    state: str | None = None,
    backward: bool = False,
    where: str | Sequence[str] = (),
    fixed: str | Sequence[str] = (),
    model: str = "v1",
) -> None:
    """Assert that a subject's cost stays within bounds, such as work="N**2*d + N*d**2", span="log(N) + log(d)".

    `backward` asks about a training step instead of the forward pass. `where` holds conditions "C<=N", `fixed` names of sizes
    that are constants, each as a list or in one text with commas.

    Raises AssertionError when a bound is exceeded, with the formula, the growth and the lines; Undecided, an AssertionError too, when
    it cannot be told, or holds only while a branch that was not tried is not taken; BadBound and BadSubject for wrong input.
    """
    from empirics.cost.report import explained

    asked = {"work": work, "span": span, "memory": memory, "saved": saved, "state": state}
    cost = derive(subject, model=model)
    pass_ = cost.backward if backward else cost
    verdicts = [judge(pass_, n, b, _listed(where), _listed(fixed)) for n, b in asked.items() if b is not None]
    if not verdicts:
        raise BadSubject(f"no bound to assert; give one or more of {', '.join(BOUNDED)}")
    exceeded = [v for v in verdicts if v.outcome is Outcome.REFUTED]
    if exceeded:
        raise AssertionError("\n\n".join(explained(v, cost.subject.name) for v in exceeded))
    unclear = [v for v in verdicts if v.outcome is not Outcome.CONFIRMED or v.conditional]
    if unclear:
        raise Undecided("\n\n".join(explained(v, cost.subject.name) for v in unclear))


def _listed(given: str | Sequence[str]) -> list[str]:
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else list(given)
