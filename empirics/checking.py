"""Checks and controls: functions that produce evidence for a claim, and the same functions on other subjects.

A check is a function whose keyword arguments with defaults name its *subject* (a construction, a layer, a bound) and
whose other arguments, listed in `given`, are its *inputs*:

    @check(claim, "tested", given={"program": strategies.swap_programs()})
    def tracks_every_program(program, construction=OneHotSwaps()):
        assert construction.run(program) == program.contents()

It confirms by returning None, True or `holds(...)`; it refutes by returning False or `fails(...)` or by failing an
assertion. A control calls the very same function with another subject.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from theory.claim import Claim
from theory.verdict import Outcome, Strength, parse_outcome, parse_strength

QUICK_EXAMPLES, FULL_EXAMPLES = 100, 2000
DEFAULT_LIMIT = 60.0
RUN = "run"


@dataclass(frozen=True)
class Run:
    """What one verification asks of every check; a check that has an argument named `run` receives it.

    seed: every random choice derives from it. budget: "quick" or "full". device: "cpu" or "cuda".
    """

    seed: int = 0
    budget: str = "quick"
    device: str = "cpu"

    def pick(self, quick: Any, full: Any) -> Any:
        """`quick` or `full`, by budget."""
        return full if self.budget == "full" else quick


@dataclass(frozen=True)
class Evidence:
    """What a check function says about the inputs it was given. Made by `holds`, `fails`, `undecided`, `skipped`."""

    outcome: Outcome
    cases: int = 1
    scope: Mapping[str, Any] = field(default_factory=dict)
    certificates: tuple[Mapping[str, Any], ...] = ()
    words: str = ""
    expected: str = ""
    got: str = ""
    inputs: Mapping[str, Any] | None = None


def holds(cases: int = 1, certificates: Sequence[Mapping[str, Any]] = (), **scope: Any) -> Evidence:
    """The claim holds on these inputs; `cases` counts what was decided, `scope` says for what."""
    return Evidence(Outcome.CONFIRMED, cases=cases, certificates=tuple(certificates), scope=scope)


def fails(words: str, expected: Any = "", got: Any = "", inputs: Mapping[str, Any] | None = None) -> Evidence:
    """The claim is false on these inputs, or on the narrower `inputs` named here (a batch of one, say)."""
    return Evidence(Outcome.REFUTED, words=words, expected=str(expected), got=str(got), inputs=inputs)


def undecided(why: str) -> Evidence:
    """The check cannot tell; `why` says what is missing."""
    return Evidence(Outcome.UNDECIDED, words=why)


def skipped(why: str) -> Evidence:
    """The check needs a device or an optional peer that is not here."""
    return Evidence(Outcome.SKIPPED, cases=0, words=why)


class Unmet(Exception):
    """Raised by `assume`: these inputs do not meet the claim's hypotheses."""


def assume(condition: object) -> None:
    """Leave these inputs out unless `condition` holds. A check all of whose inputs are left out is VACUOUS."""
    if not condition:
        raise Unmet


@dataclass(frozen=True)
class Control:
    """The same check on another subject, with the outcome it must reach and why that is known beforehand."""

    check: Check
    name: str
    expected: Outcome
    subject: Mapping[str, Any]
    reason: str = ""
    symmetry: str | None = None

    @property
    def kind(self) -> str:
        if self.symmetry is not None:
            return "symmetry"
        return "negative" if self.expected is Outcome.REFUTED else "positive"


@dataclass(eq=False)
class Check:
    """A function that produces evidence of one kind for a claim. Calling it calls the function."""

    claim: Claim
    strength: Strength
    function: Callable[..., Any]
    given: Any = None
    first: Sequence[Mapping[str, Any]] = ()
    covers: bool = False
    scope: Mapping[str, Any] | Callable[[Run], Mapping[str, Any]] = field(default_factory=dict)
    limit: float = DEFAULT_LIMIT
    examples: tuple[int, int] = (QUICK_EXAMPLES, FULL_EXAMPLES)
    controls: list[Control] = field(default_factory=list)

    def __post_init__(self) -> None:
        parameters = inspect.signature(self.function).parameters
        self.name = self.function.__name__
        self.module = self.function.__module__
        self.__doc__ = self.function.__doc__
        self.subject = {n: p.default for n, p in parameters.items() if p.default is not p.empty and n != RUN}
        self.inputs = tuple(n for n, p in parameters.items() if p.default is p.empty and n != RUN)
        self.takes_run = RUN in parameters
        where = f"check {self.name} of {self.claim.id}"
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters.values()):
            raise TypeError(f"{where}: name every argument; *args and **kwargs hide the subject")
        if self.inputs and self.given is None:
            raise TypeError(
                f"{where}: {', '.join(self.inputs)} has neither a default (a subject) nor a source of values; "
                f"pass given={{'{self.inputs[0]}': strategy or iterable}}"
            )
        if isinstance(self.given, Mapping) and set(self.given) != set(self.inputs):
            raise TypeError(
                f"{where}: given names {sorted(self.given)}, the function's arguments without default are "
                f"{sorted(self.inputs)}; they must be the same"
            )
        if not self.subject:
            raise TypeError(
                f"{where}: no keyword argument with a default names its subject, so no control could run it on another"
            )
        if self.strength in (Strength.PROVED, Strength.CITED):
            raise TypeError(
                f"{where}: a function cannot produce {self.strength.lower()} evidence: no proof assistant is attached, and "
                "a citation runs nothing; the kinds are derived, certified, exhausted, tested, measured"
            )
        if isinstance(self.function.__globals__.get(self.name), Check):
            raise ValueError(f"{where}: the module has a check of that name already; give one of them another")
        if self.strength is Strength.DERIVED and not self.claim.argument:
            raise TypeError(
                f"{where}: a derived check completes a written argument; give the claim argument='...', the steps "
                "that reduce it to the identity this check decides"
            )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def domain(self, run: Run) -> Any:
        """Where the inputs come from: strategies or iterables by argument name."""
        return self.given(run) if callable(self.given) else (self.given or {})

    def scope_of(self, run: Run) -> Mapping[str, Any]:
        """What a verdict by this check, in this run, says it is about."""
        return self.scope(run) if callable(self.scope) else self.scope

    def control(self, name: str | None) -> Control | None:
        """The control of that name; None stands for the claim's own subject."""
        if name is None:
            return None
        for control in self.controls:
            if control.name == name:
                return control
        raise LookupError(f"check {self.name} of {self.claim.id} has no control {name!r}")


def check(
    claim: Claim,
    strength: Strength | str,
    given: Mapping[str, Any] | Callable[[Run], Mapping[str, Any]] | None = None,
    *,
    first: Sequence[Mapping[str, Any]] = (),
    covers: bool = False,
    scope: Mapping[str, Any] | Callable[[Run], Mapping[str, Any]] | None = None,
    limit: float = DEFAULT_LIMIT,
    examples: tuple[int, int] = (QUICK_EXAMPLES, FULL_EXAMPLES),
) -> Callable[[Callable[..., Any]], Check]:
    """Declare a function as a check of `claim`, producing evidence of kind `strength`.

    given: where each input comes from, by name: Hypothesis strategies (random, then shrunk to a minimal failure) or
        finite iterables, smallest first (tried in order, so the first failure is minimal). A function of the `Run`
        gives the same mapping by budget or seed. None when the check has no inputs.
    first: inputs tried before all others: boundaries, known falsifiers.
    covers: whether a confirmation covers the claim's own quantifier, or only part of it.
    scope: what a verdict by this check says it is about, or a function of the `Run` that says it; "sizes" is the phrase
        of the summary table.
    limit: seconds before the check is stopped and counted as TIMEOUT.
    examples: random examples in the quick and in the full budget.

    Raises TypeError when the function's arguments do not fit.
    """
    kind = parse_strength(strength)

    def declare(function: Callable[..., Any]) -> Check:
        return Check(claim, kind, function, given, tuple(first), covers, scope or {}, limit, examples)

    return declare


def control(
    check: Check, name: str, expected: Outcome | str, *, reason: str = "", symmetry: str | None = None, **subject: Any
) -> Control:
    """Declare a control: `check` on another subject must come out as `expected` ("refuted" or "confirmed").

    Refuted makes it a negative control: the claim falsified by one edit. Confirmed makes it a positive one: a true
    neighbour. An edit that changes nothing is declared with the `symmetry` that makes it so.

    Raises ValueError for a name given twice or an outcome no control can have, TypeError for an unknown subject.
    """
    outcome = parse_outcome(expected)
    where = f"control {name!r} of check {check.name}"
    if outcome not in (Outcome.CONFIRMED, Outcome.REFUTED):
        raise ValueError(f"{where}: a control is expected confirmed or refuted, not {outcome.lower()}")
    if symmetry is not None and outcome is not Outcome.CONFIRMED:
        raise ValueError(f"{where}: an edit that changes nothing cannot be expected refuted")
    if any(known.name == name for known in check.controls):
        raise ValueError(f"{where}: that name is taken")
    unknown = sorted(set(subject) - set(check.subject))
    if unknown or not subject:
        raise TypeError(f"{where}: subject {unknown or '{}'} unknown; this check's are {sorted(check.subject)}")
    made = Control(check, name, outcome, dict(subject), reason, symmetry)
    check.controls.append(made)
    return made
