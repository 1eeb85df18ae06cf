"""Claims: what is said, by whom, under which hypotheses, and what we expect to find, written before any run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

from theory.verdict import Outcome, Strength, parse_outcome, parse_strength

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)+")
_STATUSES = {
    "quoted": "its own words were read",
    "recalled": "told from memory or from a summary; its own words were not read",
    "derived": "ours; the work named is where the question comes from",
}


@dataclass(frozen=True)
class Source:
    """Where a claim comes from, and how much of it is the source's own.

    `status` is quoted, recalled or derived. A derived claim names the work that raised the question; its wording and
    its constants are ours.
    """

    key: str
    authors: str
    title: str
    year: int
    where: str
    status: str = "derived"
    eprint: str = ""

    def __post_init__(self) -> None:
        if self.status not in _STATUSES:
            raise ValueError(f"source {self.key!r}: status {self.status!r} is none of {', '.join(_STATUSES)}")

    @property
    def meaning(self) -> str:
        """What the status says, as a clause."""
        return _STATUSES[self.status]

    @property
    def short(self) -> str:
        return f"{self.authors.split(',')[0].split(' and ')[0]} et al. {self.year}, {self.where}"

    def bibtex(self) -> str:
        """A BibTeX entry for the source."""
        fields = {
            "author": self.authors.replace(", ", " and "),
            "title": "{" + self.title + "}",
            "year": str(self.year),
        }
        fields |= {"eprint": self.eprint, "archivePrefix": "arXiv"} if self.eprint else {"howpublished": self.where}
        width = max(map(len, fields))
        lines = [f"  {name:<{width}} = {{{value}}}" for name, value in fields.items()]
        return "@misc{" + self.key + ",\n" + ",\n".join(lines) + "\n}"


@dataclass(frozen=True)
class Claim:
    """A statement that checks can confirm or refute.

    Only the first five fields are required. `expected`, `strength` (the kind of evidence expected) and `reason` are
    written before a run; verification compares what it finds with them. `paper` is what the source says in a few
    words, for the table. `argument` is the written proof that a DERIVED check's identity completes.

    Raises ValueError when a field is empty or not of its form.
    """

    id: str
    statement: str
    expected: Outcome | str
    strength: Strength | str
    reason: str
    formula: str = ""
    quantifier: str = ""
    hypotheses: tuple[str, ...] = ()
    source: Source | None = None
    variant: str = ""
    arithmetic: str = ""
    paper: str = ""
    argument: str = ""
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(
                f"claim id {self.id!r}: lower-case words joined by '-' and separated by '/', at least two parts, "
                "for example 'my-paper/theorem-1'"
            )
        for name in ("statement", "reason"):
            if not getattr(self, name).strip():
                raise ValueError(f"claim {self.id}: {name} is empty")
        expected, strength = parse_outcome(self.expected), parse_strength(self.strength)
        if expected not in (Outcome.CONFIRMED, Outcome.REFUTED, Outcome.UNDECIDED):
            raise ValueError(
                f"claim {self.id}: expected must be confirmed, refuted or undecided, not {expected.lower()}"
            )
        if (strength is Strength.CITED) != (expected is Outcome.UNDECIDED):
            raise ValueError(
                f"claim {self.id}: cited evidence leaves a claim undecided, and an undecided claim is at most cited"
            )
        object.__setattr__(self, "expected", expected)
        object.__setattr__(self, "strength", strength)
        object.__setattr__(self, "argument", dedent(self.argument).strip())

    @property
    def expected_outcome(self) -> Outcome:
        return parse_outcome(self.expected)

    @property
    def expected_strength(self) -> Strength:
        return parse_strength(self.strength)

    @property
    def system(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    @property
    def scope(self) -> dict[str, str]:
        """What every verdict about this claim says of the object it is about."""
        return {k: v for k, v in (("variant", self.variant), ("arithmetic", self.arithmetic)) if v}
