"""Beyond the branches: comparisons of sizes that came out one way only are run the other way, where that can be reached.

A form that has its value there too needs no condition. One that has not holds on the side it was found on, and the other side is
recovered by itself, from runs around the sizes that turned the branch. Where the other side was not reached, the branch is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import sympy

from empirics.cost.comparisons import Comparison
from empirics.cost.derivation import Recovered, Region, recover_in
from empirics.cost.sampling import VERY_FAR, Sample, Sampler
from empirics.cost.thresholds import Branch, thresholds
from theory.bounds import BadBound, parse_condition
from theory.cost.formulas import symbol

__all__ = ["beyond_branches"]

ROUNDS = 4
MOST_FLIPS = 3
FIRST_TRACED = 10
"""Runs that are traced in any case, spread over all."""
TRACED_SHARE = 100
"""Of the runs far out, those within this part of the effort are traced."""
MOST_RUNS = 24
"""Runs from which the two sides of a comparison are recovered as formulas."""
HUGE = 10**9
AROUND = 4
"""Points drawn around sizes that turned a branch."""


def beyond_branches(
    sampler: Sampler, found: dict[str, Recovered], chunks: tuple[int, ...]
) -> tuple[dict[str, Recovered], tuple[str, ...]]:
    """The forms with the sides of branches they hold on, those of other sides added; and the branches not tried both ways."""
    done: set[tuple[str, int, str]] = set()
    untried: list[str] = []
    for _ in range(ROUNDS):
        new = _branches(sampler, done)
        if not new:
            break
        for branch in new:
            done.add(_key(branch))
            sides = _turned(sampler, branch)
            if sides is None:
                untried.append(f"{_place(branch)} was always {_told(branch.seen)}: {branch.reason}")
            elif sides and any(not r.agrees(s, q) for q, r in found.items() for s in sides):
                found = {q: _on_both_sides(sampler, q, r, branch, sides, chunks) for q, r in found.items()}
    return _farther(sampler, found), (*untried, *_written(sampler))


def _written(sampler: Sampler) -> Iterator[str]:
    """Lines where sizes became text, which a program can compare unseen, unless runs went very far out in every size."""
    texts = sorted({text for s in sampler.all for text in s.run.texts})
    near = [x for x in sampler.base if x != "t" and max(s.point[x] for s in sampler.all) < max(VERY_FAR)]
    if texts and near:
        farthest = {x: max(s.point[x] for s in sampler.all) for x in near}
        yield f"{texts[0]} makes text of a size, and no run went beyond {near[0]} = {farthest[near[0]]}"


def _farther(sampler: Sampler, found: dict[str, Recovered]) -> dict[str, Recovered]:
    """Forms that some run contradicts, one very far out above all, hold on this side of a threshold that showed in no comparison,
    wherever it is."""
    failed: set[str] = set()
    for sample in itertools.chain(sampler.all, sampler.very_far()):
        for quantity, r in found.items():
            small = any(sample.point[x] <= least for x, least in r.above)
            if r.forms and quantity not in failed and not small and not r.agrees(sample, quantity):
                failed.add(quantity)
                at = ", ".join(f"{x} = {v}" for x, v in sample.run.sizes.items())
                short = Region((f"not as far as {at}",), lambda _, end=sample: _ is not end, vague=True)
                found[quantity] = replace(
                    r,
                    forms=tuple(replace(form, region=_both(form.region, short)) for form in r.forms),
                    reason=f"it fails at {at}, beyond a threshold that no comparison of sizes showed",
                )
    return found


def _branches(sampler: Sampler, done: set[tuple[str, int, str]]) -> list[Branch]:
    """The comparisons that came out one way and may come out the other, from some of the runs.

    Code that no traced run came to lies behind one of these; so where a few runs, spread over all, show none, more show none.
    """
    samples = sampler.all
    cheap = [s for s in samples[MOST_RUNS:] if s.run.calls <= sampler.effort // TRACED_SHARE]
    for chosen in (samples[:: len(samples) // FIRST_TRACED + 1], samples[:MOST_RUNS] + cheap[-MOST_RUNS // 4 :]):
        branches = thresholds(_one_sided(sampler, chosen), lambda sizes: sampler.coordinates.point(sizes) is not None)
        new = [branch for branch in branches if _open(branch, done, sampler)]
        if not new:
            return []
    return new


def _one_sided(sampler: Sampler, chosen: list[Sample]) -> list[tuple[Mapping[str, int], list[Comparison]]]:
    """These runs, each with the comparisons that came out one way in all of them and in the counted ones."""
    runs = [(s.run.sizes, [c for c in sampler.runner.compared(s.run.sizes) if _sizes_decide(c)]) for s in chosen]
    seen: dict[tuple[str, int, int], set[bool]] = {}
    for compared in (*(s.run.comparisons for s in sampler.all), *(c for _, c in runs)):
        for c in compared:
            seen.setdefault((c.file, c.line, c.position), set()).add(c.result)
    return [(sizes, [c for c in compared if len(seen[c.file, c.line, c.position]) == 1]) for sizes, compared in runs]


def _key(branch: Branch) -> tuple[str, int, str]:
    return branch.file, branch.line, branch.text


def _open(branch: Branch, done: set[tuple[str, int, str]], sampler: Sampler) -> bool:
    if len(branch.seen) != 1 or branch.decided_by_sizes is False or _key(branch) in done:
        return False
    return bool(branch.flips) or not _same_at_all_accepted(branch.condition, sampler)


@cache
def _settled(relation: str, left: Any, right: Any) -> bool:
    """Whether a comparison of formulas comes out the same way at all positive sizes, as d < 1 does."""
    difference = sympy.sympify(left) - sympy.sympify(right)
    above = {x: 1 + sympy.Dummy(integer=True, nonnegative=True) for x in difference.free_symbols}
    found = sympy.core.relational.Relational(sympy.expand(difference.subs(above, simultaneous=True)), 0, relation)
    return found in (sympy.true, sympy.false)


def _sizes_decide(c: Comparison) -> bool:
    """False where both sides are formulas and no positive sizes can turn the comparison. A side that was read off a tensor or out of a
    variable is none: it may differ elsewhere."""
    unknown = c.left_expr is None or c.right_expr is None
    return unknown or not _settled(c.relation, c.left_expr, c.right_expr)


def _same_at_all_accepted(condition: Any, sampler: Sampler) -> bool:
    """Whether the two sides differ by the same at all sizes the subject accepts, as (d // H) * H and d do where H divides d."""
    if not isinstance(condition, sympy.core.relational.Relational):
        return False
    free: Any = {x: symbol(x) for x in sampler.coordinates.symbols}
    sizes: dict[str, Any] = sampler.coordinates.sizes(free)
    written = {symbol(x): value for x, value in sizes.items()}
    left, right = condition.args
    difference: Any = left - right  # pyright: ignore[reportOperatorIssue]
    return not sympy.expand(difference.subs(written, simultaneous=True)).free_symbols


def _place(branch: Branch) -> str:
    return f"{Path(branch.file).name}:{branch.line}: {branch.text}"


def _told(seen: frozenset[bool]) -> str:
    return "true" if True in seen else "false"


def _turned(sampler: Sampler, branch: Branch) -> list[Sample] | None:
    """Samples on the other side; none where the subject rejects all sizes there; None where it was not reached."""
    if not branch.flips:
        return None
    reached = None
    for sizes in branch.flips[:MOST_FLIPS]:
        point = sampler.coordinates.point(sizes)
        if point is None:
            continue
        calls = sampler.calls_at(point)
        if calls is None or calls > sampler.effort:
            continue
        rejections = len(sampler.rejected)
        sample = sampler.sample(point)
        if sample is None:
            if len(sampler.rejected) > rejections:
                reached = reached or []
        elif not _compared(branch, sample, sampler) <= branch.seen:
            around = sampler.gather(sampler.scattered(point, AROUND))  # which may come to further branches there
            turned = [s for s in around if not _compared(branch, s, sampler) <= branch.seen]
            reached = [*(reached or []), sample, *turned]
    return reached


def _compared(branch: Branch, sample: Sample, sampler: Sampler) -> frozenset[bool]:
    """How the branch came out in a run, by what was compared; nothing where the run did not come to it."""
    compared = sampler.runner.compared(sample.run.sizes)
    return frozenset(c.result for c in compared if (c.file, c.line, c.text) == (branch.file, branch.line, branch.text))


def _outcomes(branch: Branch, sample: Sample, sampler: Sampler) -> frozenset[bool]:
    """How the branch came out in a run: by its condition where that is a formula, else by what was compared."""
    if isinstance(branch.condition, sympy.core.relational.Relational):
        found = branch.condition.subs({symbol(x): v for x, v in sample.run.sizes.items()})
        if found in (sympy.true, sympy.false):
            return frozenset({bool(found)})
    return _compared(branch, sample, sampler)


def _on_both_sides(
    sampler: Sampler, quantity: str, r: Recovered, branch: Branch, sides: list[Sample], chunks: tuple[int, ...]
) -> Recovered:
    if all(r.agrees(s, quantity) for s in sides):
        return r
    here, there = _sides(sampler, branch, sides)
    kept = tuple(replace(form, region=_both(form.region, here)) for form in r.forms)
    other = recover_in(sampler, quantity, there, chunks)
    reason = r.reason or (f"beyond {_place(branch)}: {other.reason}" if not other.forms else "")
    return replace(r, forms=(*kept, *other.forms), reason=reason, site=r.site or other.site)


def _sides(sampler: Sampler, branch: Branch, sides: list[Sample]) -> tuple[Region, Region]:
    """The side that was seen at first, and the other."""
    here = lambda s: _outcomes(branch, s, sampler) in (branch.seen, frozenset())  # noqa: E731
    there = lambda s: not here(s)  # noqa: E731
    start = sides[0].point

    def points(sampler: Sampler, middle: Mapping[str, int]) -> Iterator[dict[str, int]]:
        del middle
        far = {x: 3 * v + 1 for x, v in start.items()}
        for center in (start, far):
            yield from sampler.lines(center, 0)
            yield from sampler.scattered(center, 40)

    condition = branch.condition
    if not isinstance(condition, sympy.logic.boolalg.Boolean):
        text = f"{_place(branch)} {_told(branch.seen)}"
        other = f"{_place(branch)} not {_told(branch.seen)}"
        return Region((text,), here, vague=True), Region((other,), there, points=points, vague=True)
    seen = condition if True in branch.seen else sympy.Not(condition)
    far_out = _far_out(seen)
    return (
        Region(
            (str(seen),), here, where=_where(seen), bounded=far_out is False, vague=far_out is None and not _where(seen)
        ),
        Region(
            (str(sympy.Not(seen)),),
            there,
            where=_where(sympy.Not(seen)),
            bounded=far_out is True,
            vague=far_out is None and not _where(sympy.Not(seen)),
            points=points,
        ),
    )


def _both(a: Region, b: Region) -> Region:
    return Region(
        (*a.conditions, *b.conditions),
        lambda s: a.holds(s) and b.holds(s),
        where=(*a.where, *b.where),
        bounded=a.bounded or b.bounded,
        special=a.special,
        vague=a.vague or b.vague,
    )


def _far_out(condition: Any) -> bool | None:
    """Whether it holds, or fails, at all sizes that are large, in whichever order of magnitude to each other; None: neither."""
    symbols = sorted(condition.free_symbols, key=str)
    values = set()
    for order in permutations(range(len(symbols))):
        sizes = {x: HUGE ** (k + 1) + 7 * k for x, k in zip(symbols, order, strict=True)}
        for factor in (1, 3):
            found = condition.subs({x: factor * v for x, v in sizes.items()})
            values.add(bool(found) if found in (sympy.true, sympy.false) else None)
    return values.pop() if len(values) == 1 else None


def _where(condition: Any) -> tuple[str, ...]:
    """As "left <= right" between products of sizes, where it is such a condition."""
    match condition:
        case sympy.Le() | sympy.Lt():
            text = f"{condition.lhs} <= {condition.rhs}"
        case sympy.Ge() | sympy.Gt():
            text = f"{condition.rhs} <= {condition.lhs}"
        case _:
            return ()
    try:
        left, right = parse_condition(text)
    except BadBound:
        return ()
    return (text,) if left.symbols and right.symbols else ()
