"""How hard the tasks are, as theorems say: told from memory, the papers' own words were not read.

A class is an upper bound together with the hardness named. The tokens of all tasks are of constant size unless said, so comparing
two costs constant depth. "Cannot" never follows from a class for a network of finite precision and one length.
"""

from __future__ import annotations

from dataclasses import dataclass

from theory.claim import Source

__all__ = [
    "COPY",
    "COUNTING",
    "GRAPHS",
    "LOOK_UP",
    "NON_SOLVABLE",
    "NO_CLASS",
    "PARITY",
    "PATHS",
    "SOLVABLE",
    "Difficulty",
]


@dataclass(frozen=True)
class Difficulty:
    """The class, why, and where it is proved; no source where it is plain from the definition."""

    name: str
    why: str
    source: Source | None = None


def _told(key: str, authors: str, title: str, year: int, where: str) -> Source:
    return Source(key, authors, title, year, where, status="recalled")


_BARRINGTON = _told(
    "barrington1989bounded",
    "David A. Barrington",
    "Bounded-width polynomial-size branching programs recognize exactly those languages in NC1",
    1989,
    "Journal of Computer and System Sciences 38",
)
_THERIEN = _told(
    "barrington1988finite",
    "David A. Mix Barrington, Denis Therien",
    "Finite monoids and the fine structure of NC1",
    1988,
    "Journal of the ACM 35",
)
_SMOLENSKY = _told(
    "smolensky1987algebraic",
    "Roman Smolensky",
    "Algebraic methods in the theory of lower bounds for Boolean circuit complexity",
    1987,
    "STOC 1987",
)
_FURST = _told(
    "furst1984parity",
    "Merrick Furst, James B. Saxe, Michael Sipser",
    "Parity, circuits, and the polynomial-time hierarchy",
    1984,
    "Mathematical Systems Theory 17",
)
_JONES = _told(
    "jones1975space",
    "Neil D. Jones",
    "Space-bounded reducibility among combinatorial problems",
    1975,
    "Journal of Computer and System Sciences 11",
)
_COOK = _told(
    "cook1987problems",
    "Stephen A. Cook, Pierre McKenzie",
    "Problems complete for deterministic logarithmic space",
    1987,
    "Journal of Algorithms 8",
)

NON_SOLVABLE = Difficulty(
    "NC1-complete", "the word problem of a finite group that is not solvable, as S_5 and A_5 are not", _BARRINGTON
)
SOLVABLE = Difficulty("ACC0, within TC0", "the word problem of a finite solvable group", _THERIEN)
PARITY = Difficulty("ACC0, not AC0", "parity is in no constant depth with polynomially many and, or, not", _FURST)
COUNTING = Difficulty(
    "ACC0, not AC0", "counting modulo m is not even in AC0 with counting modulo another prime", _SMOLENSKY
)
GRAPHS = Difficulty("NL-complete", "reachability in directed acyclic graphs whose size grows with the input", _JONES)
PATHS = Difficulty("L", "with one parent a node at most, walk back from the target; L-complete in general order", _COOK)
COPY = Difficulty("AC0", "one of constantly many earlier tokens, the same for the whole sequence")
LOOK_UP = Difficulty("AC0", "the one earlier place that equals the query, and what is beside it")
NO_CLASS = Difficulty("none", "text is no function of what came before")
