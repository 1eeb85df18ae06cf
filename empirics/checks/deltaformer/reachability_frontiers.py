"""Reachability in number formats: the frontiers of underflow and of overflow, run on both sides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from constructions.deltaformer import reachability_formats as formats_of
from constructions.deltaformer.reachability_formats import finite_nodes, undecided_graph
from constructions.deltaformer.swap_tracking import plain
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.format_cases import LONG, NARROW, Case, frontier, ways, wider
from theory import formats
from theory.deltaformer import reachability_formats as claims


def _powers_of_two(run: Run) -> dict[str, Any]:
    """Formats by width. fp64 at eps = 1/2 has a thousand nodes: one evaluation a mode in the quick budget."""
    cases = []
    for name in (*NARROW, *LONG):
        for j in (1, 2, 4) if name in NARROW else run.pick((1, 4), (1, 2, 4)):
            for underflow in ("gradual", "flush"):
                for way in ways(name):
                    if name == "fp64" and j == 1 and (way, underflow) != ("dense", "gradual") and run.budget == "quick":
                        continue
                    cases.append(Case(name, Fraction(1, 2**j), way, underflow))
    return {"case": cases}


def underflow_law(case: Case) -> int:
    """floor(E / j) + 1."""
    return formats_of.underflow_frontier(formats.named(case.fmt), case.eps.denominator.bit_length() - 1, case.underflow)


@check(
    claims.underflow_frontier,
    "exhausted",
    given=_powers_of_two,
    scope={
        "sizes": "7 formats, eps = 1/2, 1/16 and, up to fp16, 1/4, every evaluation, gradual and flushed; fp64 at 1/2 dense "
        "and gradual (all in the full budget)",
        "method": "n* and n* + 1 both run on the graphs that speak for all",
    },
)
def underflow_frontier_is_sharp(case: Case, law: Any = underflow_law, widest: str = "fp64") -> Evidence:
    """For each case: every graph on n* nodes is decided, the path graph on n* + 1 is not. `widest` ends the list."""
    if wider(case.fmt, widest):
        return holds(cases=0)
    found = frontier(case, law(case))
    if isinstance(found, Evidence):
        return found
    shown = case.eps == Fraction(1, 2) and case.evaluation == "dense"
    scope: dict[str, Any] = {f"{case.fmt}, eps = 1/2, {case.underflow}": found} if shown else {}
    return holds(**scope)


def _ends_exchanged(case: Case) -> int:
    """The law with the two modes of underflow exchanged."""
    other = "flush" if case.underflow == "gradual" else "gradual"
    return underflow_law(Case(case.fmt, case.eps, case.evaluation, other))


control(underflow_frontier_is_sharp, "one-more", "refuted", law=lambda c: underflow_law(c) + 1, reason="it underflows")
control(
    underflow_frontier_is_sharp,
    "one-fewer",
    "refuted",
    law=lambda c: underflow_law(c) - 1,
    reason="one more is decided",
)
control(
    underflow_frontier_is_sharp, "modes-exchanged", "refuted", law=_ends_exchanged, reason="p - 1 binades are at stake"
)
control(
    underflow_frontier_is_sharp, "up-to-fp16", "confirmed", widest="fp16", reason="a part of the same list of formats"
)


def _by_powers(case: Case) -> int:
    """The law found by multiplying eps over the rationals until it falls below the least number."""
    fmt, n, value = formats.named(case.fmt), 1, case.eps
    least = fmt.min_subnormal if case.underflow == "gradual" else fmt.min_normal
    while value >= least:
        n, value = n + 1, value * case.eps
    return n


@check(
    claims.underflow_frontier,
    "certified",
    given=lambda run: {"case": [c for c in _powers_of_two(run)["case"] if c.evaluation == "dense"]},
    scope={"sizes": "recurrences; 7 formats, the weights and modes of the frontier"},
)
def certified_range(case: Case, law: Any = underflow_law) -> Evidence:
    """For the trusted checker: eps^(n-1) is no less than the least number, eps^n rounds to zero, nothing overflows."""
    fmt, n = formats.named(case.fmt), law(case)
    gradual = case.underflow == "gradual"
    least, u = (fmt.min_subnormal if gradual else fmt.min_normal), fmt.unit_roundoff
    eps = plain(case.eps)
    lost = ("<=", least / 2) if gradual else ("<", least)  # half the least number rounds to even: zero
    # Every sum is at least eps. Rounding adds at most u of it twice, or doubles a product below the normal range.
    growth = (1 + case.eps) * (1 + u) ** 2 if case.eps**2 >= fmt.min_normal else (1 + 2 * case.eps) * (1 + u)
    largest = ["*", plain(case.eps * (1 + u)), ["pow", plain(growth), max(n - 2, 0)]]
    inequalities = [
        (plain(least), "<=", ["pow", eps, n - 1]),
        (["pow", eps, n], lost[0], plain(lost[1])),
        (largest, "<=", plain(Fraction(fmt.max_finite))),
    ]
    return holds(
        certificates=[
            {
                "weightproof": 1,
                "kind": "inequality",
                "claim": claims.underflow_frontier.id,
                "data": {"left": left, "relation": relation, "right": right},
            }
            for left, relation, right in inequalities
        ]
    )


control(certified_range, "one-more", "refuted", law=lambda c: underflow_law(c) + 1, reason="eps^(n-1) is too small")
control(certified_range, "one-fewer", "refuted", law=lambda c: underflow_law(c) - 1, reason="eps^n is still a number")
control(certified_range, "by-powers", "confirmed", law=_by_powers, symmetry="the same number, found by multiplying")


def _weight_one() -> list[Case]:
    names = (*NARROW, *LONG)
    cases = [Case(name, Fraction(1), way, "gradual", s) for name in names for way in ways(name) for s in (False, True)]
    return [case for case in cases if not _repeats(case)]


def _repeats(case: Case) -> bool:
    """Saturation is run where it is quick: the argument is the same in every format."""
    return case.saturate and case.fmt not in NARROW


def _found(case: Case, frontier: str) -> Evidence:
    """The frontier and what is lost beyond it, for the verdict's scope."""
    scope: dict[str, Any] = {f"{case.fmt}, {case.evaluation}{', saturating' if case.saturate else ''}": frontier}
    return holds(**scope)


def overflow_law(case: Case) -> tuple[int, int] | None:
    """Bounds of the frontier, None where there is no limit."""
    return formats_of.overflow_frontier(case.arithmetic, case.evaluation)


@check(
    claims.overflow_frontier,
    "exhausted",
    given={"case": _weight_one()},
    scope={
        "sizes": "7 formats, eps = 1, every evaluation, saturating up to fp16",
        "method": "the frontier is searched between its bounds, and n* + 1 is run; without a limit, two nodes beyond overflow",
    },
)
def overflow_frontier_is_sharp(case: Case, law: Any = overflow_law, widest: str = "fp64") -> Evidence:
    """For each case: the frontier lies where the law says, both sides run. `widest` ends the list of formats."""
    if wider(case.fmt, widest):
        return holds(cases=0)
    bounds = law(case)
    if bounds is None:
        nodes = finite_nodes(formats.named(case.fmt)) + 3
        witness = undecided_graph(nodes, case.eps, case.arithmetic, case.evaluation)
        if witness is None:
            return _found(case, "no limit")
        return fails(f"{case}: {witness} on {nodes} nodes is not decided", None, nodes)
    least, most = bounds
    for n in range(least, most + 1):
        found = frontier(case, n)
        if isinstance(found, str):
            return _found(case, found)
        if found.expected == "decided" or n == most:
            return found
    raise AssertionError(f"{case}: {least}..{most} is empty")


def _shifted(by: int) -> Any:
    def law(case: Case) -> tuple[int, int] | None:
        bounds = overflow_law(case)
        return None if bounds is None else (bounds[0] + by, bounds[1] + by)

    return law


control(overflow_frontier_is_sharp, "one-more", "refuted", law=_shifted(1), reason="the complete graph is lost")
control(overflow_frontier_is_sharp, "one-fewer", "refuted", law=_shifted(-1), reason="one more is decided")
control(
    overflow_frontier_is_sharp,
    "no-limit-at-all",
    "refuted",
    law=lambda case: None,
    reason="a NaN is not greater than zero",
)
control(
    overflow_frontier_is_sharp, "up-to-fp16", "confirmed", widest="fp16", reason="a part of the same list of formats"
)
