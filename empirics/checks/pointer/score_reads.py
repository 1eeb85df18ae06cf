"""Reads of scores: every decision tree, every flip, counts for all N."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from constructions.pointer.score_reading import Algorithm, Reader, ReadsContested, depth, sensitive_cells
from constructions.pointer.score_tables import Shape, Table, contested, pointers, tables
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.pointer.reading_edits import LeavesOne, ReadsNewest, StopsAtTop
from theory.growth import decide
from theory.pointer import score_reads as claims

ALL, UP_TO, BEFORE = Shape("all"), Shape("up-to"), Shape("before")
SHAPES = (ALL, UP_TO, BEFORE)


def needed(shape: Shape, n: Any) -> Any:
    """The formula, for n >= 2; n may be a symbol."""
    return {"all": n**2, "up-to": n * (n + 1) / 2 - 1, "before": n * (n - 1) / 2 - 1}[shape.kind]


def _needed(shape: Shape, n: int) -> int:
    return int(needed(shape, n)) if n > 1 else 0


@dataclass(frozen=True)
class Case:
    """A shape of candidates and a number of positions."""

    shape: Shape
    n: int

    def __str__(self) -> str:
        return f"N = {self.n}, {self.shape}"


def _cases(largest: Sequence[tuple[Shape, int]]) -> list[Case]:
    return sorted((Case(shape, n) for shape, most in largest for n in range(1, most + 1)), key=lambda case: case.n)


@check(claims.reads_needed, "derived", covers=True, scope={"sizes": "all N >= 2", "method": "flips of one score, sums"})
def one_flip_and_the_count(
    raised: int = 1, lowered: int = 1, fewest: int = 2, count: Callable[[Shape, Any], Any] = needed
) -> Evidence:
    """A flipped score is alone the best, or below another; the candidates of the rows with several add up to the formula."""
    import sympy

    top, gap = sympy.Symbol("top", integer=True), sympy.Symbol("gap", integer=True, nonnegative=True)
    for name, over in (("raised", top + raised - (top - gap)), ("lowered", top - (top - gap - lowered))):
        if not over.is_positive:
            return fails(f"{name}: the flipped score is apart from the other by {over}, which may be 0", "> 0", over)
    n, i = sympy.symbols("N i", integer=True, positive=True)
    rows = {"all": (n, 1, n), "up-to": (i, fewest, n), "before": (i - 1, fewest + 1, n)}
    for shape in SHAPES:
        size, first, last = rows[shape.kind]
        found = sympy.summation(size, (i, first, last))
        if sympy.expand(found - count(shape, n)) != 0:
            return fails(f"{shape}: the rows add up to {sympy.expand(found)}, not {count(shape, n)}")
    return holds(cases=5)


control(
    one_flip_and_the_count, "raised-by-none", "refuted", raised=0, reason="a tie, which the rule may give to the other"
)
control(one_flip_and_the_count, "lowered-by-none", "refuted", lowered=0, reason="a tie, which may keep the answer")
control(one_flip_and_the_count, "lone-candidates-too", "refuted", fewest=1, reason="one candidate needs no reading")
control(
    one_flip_and_the_count, "all-pairs", "refuted", count=lambda shape, n: n * (n + 1) / 2, reason="no shape has this"
)
control(one_flip_and_the_count, "raised-by-two", "confirmed", raised=2, symmetry="how far it is raised does not matter")


@check(
    claims.reads_needed,
    "exhausted",
    given=lambda run: {"case": _cases([(ALL, 3), (UP_TO, run.pick(3, 4)), (BEFORE, run.pick(4, 5))])},
    scope=lambda run: {
        "sizes": run.pick("N <= 3 or 4", "N <= 3, 4 or 5"),
        "method": "all decision trees, scores 0, 1, 2, worst table",
    },
)
def every_decision_tree(
    case: Case, tie: str = "first", values: int = 3, count: Callable[[Shape, int], int] = _needed
) -> Evidence:
    """The least reads of a decision tree on its worst table are the formula's."""
    found, wanted = depth(case.shape, case.n, values, tie), count(case.shape, case.n)
    if found != wanted:
        return fails(f"{case}: {found} scores must be read, not {wanted}", wanted, found)
    return holds()


control(every_decision_tree, "last-wins", "confirmed", tie="last", reason="the other tie rule")
control(
    every_decision_tree, "two-values", "confirmed", values=2, reason="a 1 that the tie rule likes least, among zeros"
)
control(
    every_decision_tree, "one-value", "refuted", values=1, reason="all scores are equal and the rule says the answer"
)
control(
    every_decision_tree,
    "lone-candidates-too",
    "refuted",
    count=lambda shape, n: n**2 if shape.kind == "all" else n * (n + (shape.kind == "up-to" or -1)) // 2,
    reason="a row with one candidate needs no reading",
)
control(
    every_decision_tree,
    "one-fewer",
    "refuted",
    count=lambda shape, n: max(0, _needed(shape, n) - 1),
    reason="the last score may be the largest",
)


def _all_tables(largest: Sequence[tuple[Shape, int]]) -> Iterator[Table]:
    for case in _cases(largest):
        yield from tables(case.shape, case.n, 3)


@check(
    claims.reads_needed,
    "exhausted",
    given=lambda run: {"table": _all_tables([(ALL, 2), (UP_TO, 3), (BEFORE, run.pick(3, 4))])},
    scope={"sizes": "N <= 2 or 3, scores 0, 1, 2", "method": "on every table, each contested score flipped to -1 or 3"},
)
def every_flip(table: Table, tie: str = "first", scores: tuple[int, ...] = (-1, 3), fewest: int = 2) -> Evidence:
    """On every table every score of a row with several candidates changes the answer when raised or lowered enough."""
    shape, n = table.shape, len(table.rows)
    wanted = {(i, j) for i in range(n) for j in shape.candidates(i, n) if len(table.rows[i]) >= fewest}
    found = sensitive_cells(table, tie, scores)
    for i, j in sorted(wanted - found):
        return fails(f"{table}: no change of the score of {j} for {i} changes the answer", len(wanted), len(found))
    return holds(cases=len(wanted))


control(every_flip, "last-wins", "confirmed", tie="last", reason="the other tie rule")
control(every_flip, "far-away", "confirmed", scores=(-9, 9), symmetry="only the order of scores counts")
control(every_flip, "never-lowered", "refuted", scores=(3,), reason="the best, raised, stays the best")
control(every_flip, "bounded", "refuted", scores=(0, 1, 2), reason="after a 2 nothing later can win")
control(
    every_flip,
    "lone-candidates-too",
    "refuted",
    fewest=1,
    reason="the only candidate is the answer, whatever its score",
)


def _adversary(table: Table, algorithm: Algorithm, tie: str) -> Evidence:
    """The algorithm's answer on the table, and the most scores it read."""
    reader = Reader(table)
    said, wanted = algorithm(reader), pointers(table, tie)
    if said != wanted:
        unread = [cell for cell in contested(table.shape, len(table.rows)) if cell not in reader.read]
        told = ", ".join(f"{j} for {i}" for i, j in unread) or "none"
        return fails(f"{table}: answers {said}, not {wanted}; unread: {told}", wanted, said)
    return holds(reads=len(reader.read))


@check(
    claims.reads_needed,
    "exhausted",
    given=lambda run: {"table": _all_tables([(ALL, 2), (UP_TO, 3), (BEFORE, run.pick(3, 4))])},
    scope={"sizes": "N <= 2 or 3, scores 0, 1, 2", "method": "an algorithm that reads them, on every table"},
)
def enough_reads(table: Table, algorithm: Any = ReadsContested(), tie: str = "first", spare: int = 0) -> Evidence:
    """An algorithm answers rightly on every table and reads no more than the formula."""
    evidence = _adversary(table, algorithm, tie)
    most = _needed(table.shape, len(table.rows)) - spare
    if "reads" in evidence.scope and evidence.scope["reads"] > most:
        return fails(f"{table}: {evidence.scope['reads']} scores are read", most, evidence.scope["reads"])
    return evidence if evidence.inputs or evidence.words else holds()


control(enough_reads, "leaves-one", "refuted", algorithm=LeavesOne(), reason="the score left unread may be the largest")
control(enough_reads, "newest-alone", "refuted", algorithm=ReadsNewest(), reason="an older candidate may win")
control(enough_reads, "one-fewer-allowed", "refuted", spare=1, reason="none of them can be spared")
control(enough_reads, "other-tie-rule", "refuted", tie="last", reason="the first is not the last where two tie")
control(enough_reads, "last-wins", "confirmed", algorithm=ReadsContested("last"), tie="last", reason="both changed")
control(
    enough_reads,
    "stops-at-the-top",
    "confirmed",
    algorithm=StopsAtTop(),
    reason="scores end at 2: fewer on some tables",
)


@check(
    claims.constant_reads,
    "exhausted",
    given={"most": [1, 2], "n": [1, 2, 3, 4]},
    scope={"sizes": "K = 1, 2; N <= 4", "method": "all decision trees, scores 0, 1, 2, worst table"},
)
def constant_many_reads(most: int, n: int, shape: Any = lambda most: UP_TO, factor: int = 1) -> Evidence:
    """The least reads of a decision tree on its worst table, against N K."""
    candidates = shape(most)
    found, allowed = depth(candidates, n, 3, "first"), factor * n * most
    if found > allowed:
        words = (
            f"N = {n}, K = {most}, {candidates}: {found} scores must be read of a table that may be any, as for d >= N"
        )
        return fails(words, f"at most {allowed}", found)
    return holds()


control(
    constant_many_reads,
    "window-of-k",
    "confirmed",
    shape=lambda most: Shape("window", most),
    reason="candidates known beforehand: at most K of them",
)
control(constant_many_reads, "three-times-as-many", "confirmed", factor=3, reason="3 N K >= N(N+1)/2 - 1 for N <= 4")


@check(
    claims.constant_reads, "derived", covers=True, scope={"sizes": "every constant K", "method": "growth as N grows"}
)
def reads_outgrow(shape: Any = UP_TO, bound: str = "N") -> Evidence:
    """The count of reads is followed as N grows, against every multiple of the bound."""
    import sympy

    from theory.cost.formulas import symbol

    n = symbol("N")
    count = sympy.expand(needed(shape, n)) if shape.kind != "window" else shape.width * n
    decision = decide(count, bound, symbols=("N",))
    if decision.outcome == "exceeds":
        return fails(f"{shape}: {count} scores must be read, beyond every multiple of {bound}", f"O({bound})", count)
    return holds()


control(reads_outgrow, "quadratic", "confirmed", bound="N**2", reason="that many there are")
control(reads_outgrow, "window", "confirmed", shape=Shape("window", 8), reason="at most 8 N candidates in all")
