"""Outcome, strength and scope: what a check found, how it is known, and for what.

Three things are never printed apart. An *outcome* says what was found, a *strength* names the kind of evidence,
and a *scope* says for which sizes, variant, number format, order and device it stands. `decide` combines the checks
of one claim into one verdict and is the only place where that is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What was found."""

    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"
    VACUOUS = "VACUOUS"
    ERROR = "ERROR"
    TIMEOUT = "TIMEOUT"
    SKIPPED = "SKIPPED"


class Strength(StrEnum):
    """The kind of evidence, strongest first."""

    PROVED = "PROVED"
    DERIVED = "DERIVED"
    CERTIFIED = "CERTIFIED"
    EXHAUSTED = "EXHAUSTED"
    TESTED = "TESTED"
    MEASURED = "MEASURED"
    CITED = "CITED"

    @property
    def rank(self) -> int:
        """0 for the weakest kind (cited); a higher rank is stronger evidence."""
        return len(Strength) - 1 - list(Strength).index(self)


def parse_outcome(text: str) -> Outcome:
    """An outcome from its name in any case. Raises ValueError naming the choices."""
    try:
        return Outcome(text.upper())
    except ValueError:
        raise ValueError(f"unknown outcome {text!r}; one of {', '.join(o.lower() for o in Outcome)}") from None


def parse_strength(text: str) -> Strength:
    """A strength from its name in any case. Raises ValueError naming the choices."""
    try:
        return Strength(text.upper())
    except ValueError:
        raise ValueError(f"unknown strength {text!r}; one of {', '.join(s.lower() for s in Strength)}") from None


@dataclass(frozen=True)
class Counterexample:
    """Why a claim is false, in the words of its domain.

    `inputs` are the check's own inputs, already encoded for JSON, so that calling the same check on them again gives
    the same `expected` and `got`. `subject` is the name of the control it was found on, or None for the claim's own.
    """

    words: str
    inputs: Mapping[str, Any]
    expected: str = ""
    got: str = ""


@dataclass(frozen=True)
class CheckResult:
    """One check (or one control: the same check on another subject) after its run."""

    claim: str
    check: str
    control: str | None
    strength: Strength
    outcome: Outcome
    scope: Mapping[str, Any] = field(default_factory=dict)
    covers: bool = False
    seconds: float = 0.0
    counterexample: Counterexample | None = None
    certificates: tuple[str, ...] = ()
    message: str = ""

    @property
    def label(self) -> str:
        return self.check if self.control is None else f"{self.check}[{self.control}]"


@dataclass(frozen=True)
class ControlResult:
    """What a control was meant to show, and what it showed. Right when the two agree and the refutation replays."""

    name: str
    check: str
    kind: str
    expected: Outcome
    outcome: Outcome
    seconds: float = 0.0
    symmetry: str | None = None
    message: str = ""
    counterexample: str | None = None

    @property
    def right(self) -> bool:
        return self.outcome in (self.expected, Outcome.SKIPPED)


@dataclass(frozen=True)
class Verdict:
    """A claim's outcome, strength and scope, with the evidence they rest on. `seconds` are those of its checks and controls."""

    claim: str
    outcome: Outcome
    strength: Strength
    scope: Mapping[str, Any]
    covers: bool
    expected: Outcome
    expected_strength: Strength
    checks: tuple[CheckResult, ...] = ()
    controls: tuple[ControlResult, ...] = ()
    certificates: tuple[str, ...] = ()
    counterexample: str | None = None
    words: str = ""
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def as_expected(self) -> bool:
        """True when outcome and strength are what was written down before the run."""
        if self.outcome is Outcome.SKIPPED:
            return True
        return self.outcome is self.expected and self.strength.rank >= self.expected_strength.rank

    @property
    def exit_code(self) -> int:
        """0 as expected, 1 contradicted or broken, 3 undecided where a decision was expected, or decided with doubts."""
        if self.problems or not all(c.right for c in self.controls):
            return 1
        if self.as_expected:
            return 3 if self.doubts else 0
        return 3 if self.outcome is Outcome.UNDECIDED else 1

    @property
    def plain(self) -> str:
        """The verdict in plain words, such as 'holds, derived, all n and S'."""
        parts = [PLAIN[self.outcome], self.strength.lower(), str(self.scope.get("sizes", ""))]
        return ", ".join(part for part in parts if part)


PLAIN: Mapping[Outcome, str] = {
    Outcome.CONFIRMED: "holds",
    Outcome.REFUTED: "false",
    Outcome.UNDECIDED: "open",
    Outcome.VACUOUS: "no input met the hypotheses",
    Outcome.ERROR: "the check broke",
    Outcome.TIMEOUT: "ran out of time",
    Outcome.SKIPPED: "not run here",
}

_PRECEDENCE = (
    Outcome.REFUTED,
    Outcome.ERROR,
    Outcome.TIMEOUT,
    Outcome.CONFIRMED,
    Outcome.UNDECIDED,
    Outcome.VACUOUS,
    Outcome.SKIPPED,
)


def _concrete(result: CheckResult) -> bool:
    return result.counterexample is not None and bool(result.counterexample.inputs)


def decide(checks: Iterable[CheckResult]) -> tuple[Outcome, CheckResult | None]:
    """The outcome of a claim from its checks, and the check that carries it.

    A single refutation decides, a counterexample with inputs speaking before an identity that failed. Otherwise a check
    that broke or ran out of time stands before any confirmation, since it may have hidden a refutation. Among checks that
    agree the strongest kind of evidence speaks, a check that covers the claim's quantifier before one that does not.
    Without checks the claim is only cited: UNDECIDED.
    """
    found: Sequence[CheckResult] = tuple(checks)
    for outcome in _PRECEDENCE:
        agreeing = [c for c in found if c.outcome is outcome]
        if agreeing:
            return outcome, max(agreeing, key=lambda c: (_concrete(c), c.strength.rank, c.covers))
    return Outcome.UNDECIDED, None
