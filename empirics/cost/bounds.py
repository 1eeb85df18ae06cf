"""Does a quantity stay within a bound? A verdict with the regimes, the constant, and the lines to blame.

A bound holds if count <= c * bound for some c whenever every size is at least some n0; sizes in `fixed` are constants, `where` restricts
the others. It is decided on the formula of every regime that reaches sizes of any magnitude (`theory.growth`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from empirics.cost.cost import Cost, derive
from empirics.cost.errors import BadSubject, Undecided
from empirics.cost.quantities import Quantity, Regime, Term
from theory.bounds import BadBound, parse_bound, parse_condition
from theory.verdict import Outcome

__all__ = ["BOUNDED", "BoundVerdict", "assert_bound", "judge"]

BOUNDED = ("work", "span", "memory", "saved", "state")
"""The quantities that `assert_bound` and the command line ask about."""


@dataclass(frozen=True)
class BoundVerdict:
    """One quantity against one bound. `conditional`: confirmed, but a branch was not tried on both sides.

    `regime` is the one that decided, `term` the growth to blame and `lines` where it comes from; `constant` is such that count <=
    constant * bound for all sizes from `start` on.
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
    constant: Fraction | None = None
    start: int | None = None
    certificate: Mapping[str, Any] | None = None


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
    worst = BoundVerdict(quantity, bound, Outcome.CONFIRMED)
    for regime in quantity.regimes:
        if not regime.open_end:
            continue
        found = _in_regime(quantity, regime, bound, where, fixed)
        if found.outcome is Outcome.REFUTED:
            return _with_doubts(found)
        if found.outcome is Outcome.UNDECIDED or worst.regime is None:
            worst = found
    return _with_doubts(worst)


def _with_doubts(found: BoundVerdict) -> BoundVerdict:
    """What an untried branch, an opaque operation or a regime without a formula takes away from a verdict."""
    from dataclasses import replace

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


def _in_regime(
    quantity: Quantity, regime: Regime, bound: str, where: Sequence[str], fixed: Sequence[str]
) -> BoundVerdict:
    from theory.growth import decide

    conditions = [*where, *regime.where]
    decision = decide(regime.formula, bound, where=conditions, fixed=fixed)
    if decision.outcome == "within":
        return BoundVerdict(
            quantity,
            bound,
            Outcome.CONFIRMED,
            regime=regime,
            constant=decision.constant,
            start=decision.start,
            certificate=decision.certificate,
        )
    if decision.outcome == "exceeds":
        guilty = []
        for term in regime.terms:
            if decide(term.formula, bound, where=conditions, fixed=fixed).outcome == "exceeds":
                guilty.append(term)
        return BoundVerdict(
            quantity,
            bound,
            Outcome.REFUTED,
            regime=regime,
            witness=decision.witness,
            excess=str(decision.monomial),
            lines=tuple(guilty),
        )
    return BoundVerdict(
        quantity,
        bound,
        Outcome.UNDECIDED,
        f"whether {decision.monomial} is within the bound is beyond the method",
        regime=regime,
    )


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
