"""A claim as a page: what `weightproof show` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill, indent
from typing import Any

from rich.console import Console

from empirics.checking import Check
from theory.claim import Claim
from theory.verdict import parse_outcome

WIDTH = 118


def last_verdict(claim: Claim, out: Path) -> dict[str, Any] | None:
    """The verdict that the last verification wrote into `out`; None where there is none, or none that can be read."""
    try:
        verdict = json.loads((out / claim.id.replace("/", ".") / "verdict.json").read_text(encoding="utf-8"))
        _verdict_lines(verdict)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return verdict


def claim_document(claim: Claim, checks: Sequence[Check], out: Path) -> dict[str, Any]:
    """The same page as data."""
    return {
        "claim": claim.id,
        "statement": claim.statement,
        "formula": claim.formula,
        "quantifier": claim.quantifier,
        "hypotheses": list(claim.hypotheses),
        "variant": claim.variant,
        "arithmetic": claim.arithmetic,
        "assumptions": list(claim.assumptions),
        "argument": claim.argument,
        "expected": claim.expected_outcome,
        "expected_strength": claim.expected_strength,
        "reason": claim.reason,
        "source": None if claim.source is None else {"status": claim.source.status, "bibtex": claim.source.bibtex()},
        "checks": [
            {
                "name": c.name,
                "strength": c.strength,
                "summary": c.summary,
                "subject": {k: str(v) for k, v in c.subject.items()},
            }
            for c in checks
        ],
        "controls": [
            {
                "check": c.name,
                "name": k.name,
                "kind": k.kind,
                "expected": k.expected,
                "reason": k.reason,
                "symmetry": k.symmetry,
            }
            for c in checks
            for k in c.controls
        ],
        "last_verdict": last_verdict(claim, out),
    }


def print_page(claim: Claim, checks: Sequence[Check], out: Path) -> None:
    """Statement, hypotheses, argument, evidence, controls, last verdict, source and how to cite it."""
    console = Console(width=WIDTH + 12)

    def put(text: str = "", style: str | None = None) -> None:
        console.print(text, style=style, markup=False, highlight=False)

    def section(title: str, *paragraphs: str, raw: bool = False) -> None:
        texts = [p for p in paragraphs if p]
        if texts:
            put(f"\n{title}", "bold")
        for text in texts:
            put(indent(text, "  ") if raw else fill(text, WIDTH, initial_indent="  ", subsequent_indent="  "))

    put(claim.id, "bold")
    section("Claim", claim.statement)
    section("Formula", claim.formula, raw=True)
    section("Quantifier", claim.quantifier)
    section("Hypotheses", *(f"- {h}" for h in claim.hypotheses))
    section("Operator", claim.variant)
    section("Arithmetic", claim.arithmetic)
    section("Assumptions", *(f"- {a}" for a in claim.assumptions))
    section("Argument", claim.argument, raw=True)
    section("Expected", f"{claim.expected_outcome.lower()}, {claim.expected_strength.lower()}: {claim.reason}")
    section("Checks", *(f"{c.name} ({c.strength.lower()}): {c.summary}" for c in checks))
    section("Controls", *_control_lines(checks))
    _print_last(section, last_verdict(claim, out))
    if claim.source is not None:
        section("Source", f"{claim.source.authors}. {claim.source.title}. {claim.source.where}.")
        section("Status of the source", f"{claim.source.status}: {claim.source.meaning}")
        section("Cite", claim.source.bibtex(), raw=True)


def _control_lines(checks: Sequence[Check]) -> list[str]:
    """One line a control, naming all checks that it was declared for."""
    lines: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        for k in check.controls:
            text = f"must be {k.expected.lower()} ({k.kind}): {k.symmetry or k.reason}"
            lines.setdefault((k.name, text), []).append(check.name)
    return [f"{name} {text} [{', '.join(names)}]" for (name, text), names in lines.items()]


def _print_last(section: Any, verdict: dict[str, Any] | None) -> None:
    if verdict is None:
        return section("Last verdict", "none here; run `weightproof verify` with this claim's id")
    section("Last verdict", *_verdict_lines(verdict))


def _verdict_lines(verdict: dict[str, Any]) -> list[str]:
    right = sum(parse_outcome(c["outcome"]) == parse_outcome(c["expected"]) for c in verdict["controls"].values())
    scope = [f"- {name}: {value}" for name, value in verdict["scope"].items()]
    return [
        verdict["plain"],
        f"covers the claim's quantifier: {'yes' if verdict['covers'] else 'no, only the scope below'}",
        *scope,
        *(
            f"- {c['name']}: {c['outcome'].lower()}, {c['strength'].lower()}, {c['scope'].get('sizes', '')}"
            for c in verdict["checks"]
        ),
        f"- {right} of {len(verdict['controls'])} controls right",
        *(f"- certificate: {path}" for path in verdict["certificates"]),
        f"- counterexample: {verdict['counterexample']}" if verdict["counterexample"] else "",
    ]
