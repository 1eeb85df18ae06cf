"""What a run prints and writes: the summary table, its closing lines, and the JSON documents."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from theory.claim import Claim
from theory.verdict import PLAIN, CheckResult, ControlResult, Outcome, Verdict

_DETAILS = 3
"""Lines of detail a claim gets in the summary."""
_PACKAGES = ("weightproof", "torch", "numpy", "scipy", "sympy", "hypothesis", "python-flint", "ml_dtypes", "networkx")


def versions() -> dict[str, str]:
    """Versions of everything a verdict depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def _check_document(result: CheckResult) -> dict[str, Any]:
    return {
        "name": result.check,
        "strength": str(result.strength),
        "outcome": str(result.outcome),
        "scope": dict(result.scope),
        "covers": result.covers,
        "message": result.message,
        "seconds": round(result.seconds, 3),
    }


def _control_document(control: ControlResult) -> dict[str, Any]:
    return {
        "kind": control.kind,
        "expected": str(control.expected),
        "outcome": str(control.outcome),
        "symmetry": control.symmetry,
        "message": control.message,
        "counterexample": control.counterexample,
        "seconds": round(control.seconds, 3),
    }


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """One verdict for JSON."""
    return {
        "claim": verdict.claim,
        "outcome": str(verdict.outcome),
        "strength": str(verdict.strength),
        "scope": dict(verdict.scope),
        "covers": verdict.covers,
        "expected": str(verdict.expected),
        "expected_strength": str(verdict.expected_strength),
        "plain": verdict.plain,
        "words": verdict.words,
        "problems": list(verdict.problems),
        "doubts": list(verdict.doubts),
        "seconds": round(verdict.seconds, 3),
        "checks": [_check_document(c) for c in verdict.checks],
        "controls": {c.name: _control_document(c) for c in verdict.controls},
        "certificate": verdict.certificates[0] if verdict.certificates else None,
        "certificates": list(verdict.certificates),
        "counterexample": verdict.counterexample,
    }


def verification_document(verdicts: Iterable[Verdict], seed: int) -> dict[str, Any]:
    """A whole verification for JSON. The same seed gives the same document, the fields `seconds` apart."""
    return {"schema": 1, "seed": seed, "versions": versions(), "results": [verdict_document(v) for v in verdicts]}


def known_by(verdict: Verdict) -> str:
    """The kinds of evidence that agree with the outcome, strongest first."""
    kinds = {c.strength for c in verdict.checks if c.outcome is verdict.outcome} or {verdict.strength}
    return ", ".join(s.lower() for s in sorted(kinds, key=lambda s: -s.rank))


def found(verdict: Verdict) -> str:
    """What we find, in a few words; surprises are marked."""
    text = PLAIN[verdict.outcome]
    if verdict.words and verdict.outcome is not Outcome.CONFIRMED:
        text += f": {verdict.words}"
    if verdict.doubts and verdict.as_expected and not verdict.problems:
        return f"{text}  [with doubts]"
    return text if verdict.exit_code == 0 else f"{text}  [not as expected]"


def scope_words(verdict: Verdict) -> str:
    """For what it stands: sizes, then arithmetic."""
    sizes = "" if verdict.outcome is Outcome.REFUTED else str(verdict.scope.get("sizes", ""))
    return "; ".join(part for part in (sizes, str(verdict.scope.get("arithmetic", ""))) if part)


def print_table(console: Console, claims: dict[str, Claim], verdicts: Sequence[Verdict]) -> None:
    """The summary table: a real one on a terminal, tab-separated lines elsewhere."""
    columns = ("claim", "the paper says", "we find", "known by", "for")
    rows = [(v.claim, claims[v.claim].paper or "(ours)", found(v), known_by(v), scope_words(v)) for v in verdicts]
    if not console.is_terminal:
        for row in (columns, *rows):
            console.print("\t".join(row), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in ("claim", "known by"))
    for row, verdict in zip(rows, verdicts, strict=True):
        table.add_row(*map(Text, row), style="red" if verdict.exit_code else None)
    console.print(table)


def closing_lines(verdicts: Sequence[Verdict], seconds: float, files: Mapping[str, str] | None = None) -> list[str]:
    """How many hold, are false, are open; the controls; what is not as expected, with why; where to look next.

    files: the user's file a claim comes from, for those that come from one.
    """
    count = {o: sum(v.outcome is o for v in verdicts) for o in Outcome}
    controls = [c for v in verdicts for c in v.controls]
    right = sum(c.right for c in controls)
    parts = [f"{count[Outcome.CONFIRMED]} hold", f"{count[Outcome.REFUTED]} are false as stated"]
    parts.append(f"{count[Outcome.UNDECIDED]} open")
    rest = (Outcome.ERROR, Outcome.TIMEOUT, Outcome.VACUOUS, Outcome.SKIPPED)
    parts += [f"{count[o]} {PLAIN[o]}" for o in rest if count[o]]
    lines = [f"{', '.join(parts)}; {right} of {len(controls)} controls right; {seconds:.0f} s"]
    for verdict in verdicts:
        if verdict.exit_code and not verdict.as_expected:
            lines.append(
                f"! {verdict.claim}: expected {verdict.expected.lower()} ({verdict.expected_strength.lower()}), found "
                f"{verdict.outcome.lower()} ({verdict.strength.lower()}) {verdict.words}".rstrip()
            )
        details = list(verdict.problems)
        details += [
            f"control {c.name} was to be {c.expected.lower()}, came out {c.outcome.lower()} {c.message}"
            for c in verdict.controls
            if not c.right
        ]
        lines += [f"! {verdict.claim}: {detail}" for detail in details[:_DETAILS]]
        if len(details) > _DETAILS:
            lines.append(f"! {verdict.claim}: and {len(details) - _DETAILS} more; verdict.json has them all")
        lines += [f"? {verdict.claim}: {doubt}" for doubt in verdict.doubts]
        if verdict.counterexample and verdict.outcome is not verdict.expected:
            lines.append(f"  replay: weightproof replay {verdict.counterexample}")
    wrong = [v.claim for v in verdicts if v.exit_code]
    interesting = wrong or [v.claim for v in verdicts if v.outcome is Outcome.REFUTED] or [v.claim for v in verdicts]
    if interesting:
        lines.append(f"next: weightproof show {(files or {}).get(interesting[0]) or interesting[0]}")
    return lines


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """1 when anything contradicts expectation or broke, 3 when something is undecided unexpectedly, else 0."""
    codes = {v.exit_code for v in verdicts}
    return 1 if 1 in codes else 3 if 3 in codes else 0
