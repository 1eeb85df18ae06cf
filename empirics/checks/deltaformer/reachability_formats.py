"""Reachability in number formats: the graphs that decide for all, and the frontiers, searched and run on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer import reachability_formats as formats_of
from constructions.deltaformer.reachability_formats import (
    EVALUATIONS,
    Arithmetic,
    decides,
    extremal_graphs,
    finite_nodes,
    undecided_graph,
)
from constructions.deltaformer.swap_tracking import plain
from constructions.layers import deltaformer as operator
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from theory import formats
from theory.deltaformer import reachability_formats as claims
from theory.formats import FORMATS, Format

NARROW = ("fp8_e4m3fn", "fp8_e5m2", "fp16")
LONG = ("bf16", "tf32", "fp32", "fp64")


@dataclass(frozen=True)
class Case:
    """A format by name, an edge weight, an evaluation, and what happens beyond either end of the range."""

    fmt: str
    eps: Fraction
    evaluation: str
    underflow: Any = "gradual"
    saturate: bool = False

    @property
    def arithmetic(self) -> Arithmetic:
        return Arithmetic(formats.named(self.fmt), self.underflow, self.saturate)

    def __str__(self) -> str:
        return f"{self.arithmetic}, {self.evaluation}, eps = {self.eps}"


def _ways(fmt: str) -> tuple[str, ...]:
    """The evaluations a format has: fp32 and fp64 have no wider one here."""
    return EVALUATIONS if fmt not in ("fp32", "fp64") else EVALUATIONS[:-1]


# --- values over Q ----------------------------------------------------------------------------------------------------


@check(claims.value_bounds, "derived", covers=True, scope={"sizes": "all n and eps", "method": "t, eps symbols"})
def complete_graph_sums(base: Any = lambda eps: 1 + eps) -> Evidence:
    """(1 + eps)^(t-1) + eps (1 + eps)^(t-1) = (1 + eps)^t, the step of the sum over earlier nodes; true at t = 1."""
    import sympy

    eps, t = sympy.Symbol("eps", positive=True), sympy.Symbol("t", integer=True, positive=True)
    power = base(eps)
    residual = sympy.simplify(sympy.expand((power ** (t - 1) + eps * power ** (t - 1) - power**t) / power ** (t - 1)))
    return holds() if residual == 0 else fails(f"a step leaves {residual} of (..)^(t-1)", 0, residual)


control(complete_graph_sums, "without-the-one", "refuted", base=lambda eps: eps, reason="the empty path counts")
control(complete_graph_sums, "doubled-weight", "refuted", base=lambda eps: 1 + 2 * eps, reason="another graph")
control(complete_graph_sums, "reordered", "confirmed", base=lambda eps: eps + 1, symmetry="the same sum")


@check(
    claims.value_bounds,
    "exhausted",
    given={"nodes": [2, 3, 4], "eps": [Fraction(1), Fraction(1, 2), Fraction(3, 5)]},
    scope={"sizes": "all simple graphs with n <= 4 nodes; eps = 1, 1/2, 3/5"},
)
def bounds_and_who_attains_them(
    nodes: int,
    eps: Fraction,
    least: Any = lambda n, eps: eps ** (n - 1),
    most: Any = lambda n, eps: eps * (1 + eps) ** (n - 2),
) -> Evidence:
    """Every graph over Q: values between the bounds, attained by the path graph and by the complete graph alone."""
    graphs = all_adjacencies(nodes)
    exact = np.empty(graphs.shape, dtype=object)
    exact[...] = Fraction(0)
    below = graphs > 0
    exact[below] = -eps
    keys = np.broadcast_to(np.eye(nodes, dtype=int).astype(object), graphs.shape)
    values = operator.solve(keys, exact, keys)
    asked = (powers(graphs) > 0) & ~np.eye(nodes, dtype=bool)
    low, high = least(nodes, eps), most(nodes, eps)
    for graph, t, s in np.argwhere(asked & ((values < low) | (values > high)))[:1].tolist():
        return fails(
            f"{as_graph(graphs[graph])}, eps = {eps}: {s} to {t} gives {values[graph, t, s]}, not {low}..{high}"
        )
    attained = {
        "least": ({int(b) for b in np.argwhere(asked & (values == low))[:, 0]}, np.eye(nodes, k=-1)),
        "greatest": ({int(b) for b in np.argwhere(asked & (values == high))[:, 0]}, np.tri(nodes, k=-1)),
    }
    for name, (who, wanted) in attained.items():
        if name == "least" and eps == 1:
            continue
        if [graphs[b].tolist() for b in who] != [wanted.astype(int).tolist()]:
            return fails(f"n = {nodes}, eps = {eps}: the {name} value is attained by {len(who)} graphs", 1, len(who))
    return holds(cases=len(graphs))


control(
    bounds_and_who_attains_them,
    "one-edge-fewer",
    "refuted",
    least=lambda n, eps: eps ** (n - 2),
    reason="the path graph has n - 1 edges",
)
control(
    bounds_and_who_attains_them,
    "one-node-fewer",
    "refuted",
    most=lambda n, eps: eps * (1 + eps) ** max(n - 3, 0),
    reason="n - 2 nodes lie between",
)
control(
    bounds_and_who_attains_them,
    "by-subsets",
    "confirmed",
    most=lambda n, eps: sum(_choose(n - 2, k) * eps ** (k + 1) for k in range(n - 1)),
    symmetry="the binomial theorem",
)


def _choose(n: int, k: int) -> int:
    from math import comb

    return comb(n, k)


# --- three graphs for all ---------------------------------------------------------------------------------------------


def _near_both_ends(run: Run) -> dict[str, Any]:
    """Weights with which three nodes are decided and four are not, at either end of each format."""
    cases = []
    for name in (*NARROW, *LONG):
        fmt = formats.named(name)
        assert fmt.emax is not None
        for way in _ways(name):
            for underflow in ("gradual", "flush"):
                reach = formats_of.underflow_frontier(fmt, 1, underflow) - 1
                cases.append(Case(name, Fraction(1, 2 ** (reach // 3 + 1)), way, underflow))
            cases += [Case(name, Fraction(2 ** (fmt.emax // 2 + 1)), way, "gradual", s) for s in (False, True)]
    return {"nodes": [2, 3, 4, *run.pick((), (5,))], "case": cases}


@check(
    claims.extremal_graphs,
    "exhausted",
    given=_near_both_ends,
    scope={"sizes": "all simple graphs with n <= 4; 7 formats, 4 evaluations, both ends of the range"},
)
def three_graphs_speak_for_all(nodes: int, case: Case, kept: Any = None, times: int = 1) -> Evidence:
    """All graphs on n nodes are decided if and only if the three are.

    kept: which of the three are asked, all when None. times: the weight is multiplied by it.
    """
    graphs, arithmetic = all_adjacencies(nodes), case.arithmetic
    three = {name: graph for name, graph in extremal_graphs(nodes).items() if kept is None or name in kept}
    eps = case.eps * times
    right = decides(graphs, eps, arithmetic, case.evaluation).all(axis=(1, 2))
    spoken = decides(np.stack(list(three.values())), eps, arithmetic, case.evaluation).all()
    if bool(spoken) == bool(right.all()):
        return holds(cases=len(graphs))
    witness = as_graph(graphs[np.flatnonzero(~right)[0]]) if not right.all() else "none"
    return fails(f"{case}, n = {nodes}: a graph that is not decided: {witness}", bool(right.all()), bool(spoken))


control(
    three_graphs_speak_for_all,
    "complete-graphs-only",
    "refuted",
    kept=(formats_of.COMPLETE, formats_of.WITHOUT_LAST),
    reason="underflow is the path graph's",
)
control(
    three_graphs_speak_for_all, "path-graph-only", "refuted", kept=(formats_of.PATH,), reason="it has no large value"
)
control(
    three_graphs_speak_for_all,
    "last-edge-kept",
    "refuted",
    kept=(formats_of.PATH, formats_of.COMPLETE),
    reason="no zero meets the infinity",
)
control(
    three_graphs_speak_for_all, "weight-one-step-up", "confirmed", times=2, reason="another weight, the same argument"
)


# --- underflow --------------------------------------------------------------------------------------------------------


def _powers_of_two(run: Run) -> dict[str, Any]:
    """Formats by width. fp64 at eps = 1/2 has a thousand nodes: one evaluation a mode in the quick budget."""
    cases = []
    for name in (*NARROW, *LONG):
        for j in (1, 2, 4) if name in NARROW else run.pick((1, 4), (1, 2, 4)):
            for underflow in ("gradual", "flush"):
                for way in _ways(name):
                    if name == "fp64" and j == 1 and (way, underflow) != ("dense", "gradual") and run.budget == "quick":
                        continue
                    cases.append(Case(name, Fraction(1, 2**j), way, underflow))
    return {"case": cases}


def _frontier(case: Case, n: int) -> Evidence | str:
    """If n is the frontier, which of the three graphs is lost on n + 1 nodes, none being lost on n; else a refutation."""
    lost = undecided_graph(n, case.eps, case.arithmetic, case.evaluation)
    if lost is not None:
        return fails(f"{case}: {lost} on {n} nodes is not decided", "decided", "not decided")
    lost = undecided_graph(n + 1, case.eps, case.arithmetic, case.evaluation)
    if lost is None:
        return fails(f"{case}: every graph on {n + 1} nodes is decided", "a graph that is not", "none")
    return f"{n}; {lost} on {n + 1} is lost"


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
    if _wider(case.fmt, widest):
        return holds(cases=0)
    found = _frontier(case, law(case))
    if isinstance(found, Evidence):
        return found
    shown = case.eps == Fraction(1, 2) and case.evaluation == "dense"
    scope: dict[str, Any] = {f"{case.fmt}, eps = 1/2, {case.underflow}": found} if shown else {}
    return holds(**scope)


def _wider(name: str, widest: str) -> bool:
    order = (*NARROW, *LONG)
    return order.index(name) > order.index(widest)


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
    scope={"sizes": "7 formats, the weights and modes of the frontier", "evaluation": "recurrences"},
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


# --- overflow ---------------------------------------------------------------------------------------------------------


def _weight_one() -> list[Case]:
    names = (*NARROW, *LONG)
    cases = [Case(name, Fraction(1), way, "gradual", s) for name in names for way in _ways(name) for s in (False, True)]
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
    if _wider(case.fmt, widest):
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
        found = _frontier(case, n)
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


# --- weights above one half -------------------------------------------------------------------------------------------


def orbit(eps: Fraction, arithmetic: Arithmetic, most: int = 8192) -> tuple[int, Fraction]:
    """Steps of x -> round(eps x) from 1 until it repeats or vanishes, and the value there; integer arithmetic alone.

    It never rises: round(eps x) <= round(x) = x. So it ends in a fixed point, zero perhaps.
    """
    value = Fraction(1)
    for steps in range(most):
        after = arithmetic.fmt.round(eps * value, arithmetic.underflow)
        if after in (value, 0):
            return steps + (after == 0), after
        value = after
    raise AssertionError(f"{arithmetic}: {most} steps were not enough")


@check(
    claims.rounding_holds,
    "exhausted",
    given={"fmt": NARROW + LONG, "eps": [Fraction(3, 4), Fraction(5, 8)]},
    scope={"sizes": "path graphs of every length; eps = 3/4, 5/8; all seven formats"},
)
def long_paths_keep_their_last_bit(fmt: str, eps: Fraction, instead: Fraction | None = None) -> Evidence:
    """Gradual: the orbit's fixed point is positive. Flushed: it vanishes between the certified bounds.

    instead: a weight in place of eps.
    """
    weight, format_ = instead or eps, formats.named(fmt)
    _, end = orbit(weight, Arithmetic(format_))
    if end == 0:
        return fails(f"{fmt}, eps = {weight}: the path graph underflows although underflow is gradual", "> 0", 0)
    steps, end = orbit(weight, Arithmetic(format_, "flush"))
    if end != 0:
        return fails(f"{fmt}, eps = {weight}: flushed, the path graph stays at {end}", 0, end)
    u, least = format_.unit_roundoff, format_.min_normal
    surely, surely_not = weight / (1 + u), weight * (1 + 2 * u) / (1 + u)
    if not (surely**steps < least <= surely_not ** (steps - 1)):
        return fails(
            f"{fmt}, eps = {weight}: flushed after {steps} edges, outside the certified bounds", "inside", steps
        )
    found: dict[str, Any] = {f"{fmt}, eps = {weight}, flushed": steps}
    return holds(cases=2, **found)


control(
    long_paths_keep_their_last_bit,
    "one-half",
    "refuted",
    instead=Fraction(1, 2),
    reason="half the least number is zero",
)
control(
    long_paths_keep_their_last_bit,
    "seven-eighths",
    "refuted",
    instead=Fraction(7, 8),
    reason="with three bits it rounds up to the least normal number and is not flushed",
)
control(
    long_paths_keep_their_last_bit,
    "three-quarters",
    "confirmed",
    instead=Fraction(3, 4),
    reason="a part of the weights",
)


@check(
    claims.rounding_holds,
    "exhausted",
    given={"fmt": NARROW, "eps": [Fraction(3, 4), Fraction(5, 8)]},
    scope={"sizes": "fp8, fp16; eps = 3/4, 5/8", "evaluation": "log-depth, gradual underflow"},
)
def squaring_underflows(fmt: str, eps: Fraction, evaluation: str = "log-depth", most: int = 128) -> Evidence:
    """The log-depth product loses the path graph on some number of nodes that the recurrence does not lose."""
    arithmetic = Arithmetic(formats.named(fmt), "gradual", saturate=True)
    lost = next((n for n in range(2, most) if undecided_graph(n, eps, arithmetic, evaluation, path_only=True)), None)
    if lost is None:
        return fails(
            f"{fmt}, eps = {eps}, {evaluation}: every graph on fewer than {most} nodes is decided", "lost", None
        )
    found: dict[str, Any] = {f"{fmt}, eps = {eps}": lost}
    return holds(**found)


control(squaring_underflows, "by-recurrence", "refuted", evaluation="dense", most=64, reason="the last bit holds")
control(squaring_underflows, "fewer-nodes", "confirmed", most=96, reason="it fails before")


# --- the exponent alone -----------------------------------------------------------------------------------------------


def with_exponent_bits(bits: int, precision: int) -> Format:
    """A format of so many exponent bits, infinities included, and so many bits of precision."""
    emax = 2 ** (bits - 1) - 1
    greatest = (2 - Fraction(2) ** (1 - precision)) * Fraction(2) ** emax
    return Format(f"e{bits}p{precision}", precision, 1 - emax, emax, greatest, "infinity")


@check(
    claims.exponent_bits,
    "exhausted",
    given=lambda run: {
        "bits": run.pick((3, 4, 5), (3, 4, 5, 6)),
        "precision": run.pick((2, 3, 8, 24), tuple(range(2, 25))),
        "evaluation": ("parents", "dense"),
    },
    scope={"sizes": "b = 3, 4, 5 and p = 2, 3, 8, 24 (all to b = 6, p = 24 in the full budget)"},
)
def precision_does_not_matter(
    bits: int,
    precision: int,
    evaluation: str,
    law: Any = lambda bits, precision: 2 ** (bits - 1) - 1,
    underflow: Any = "flush",
) -> Evidence:
    """Every graph on the law's number of nodes is decided and not on one more; the bits that n nodes need are enough."""
    arithmetic = Arithmetic(with_exponent_bits(bits, precision), underflow)
    n = law(bits, precision)
    for nodes in (n, n + 1):
        lost = undecided_graph(nodes, Fraction(1, 2), arithmetic, evaluation)
        if (lost is None) != (nodes == n):
            return fails(f"{arithmetic}, {evaluation}: on {nodes} nodes {lost or 'no graph'} is lost", n, nodes)
    assert bits == (n).bit_length() + 1, f"{n} nodes: ceil(log2(n + 1)) + 1 is not {bits}"
    return holds()


control(
    precision_does_not_matter,
    "gradual",
    "refuted",
    underflow="gradual",
    reason="p - 1 more binades below: there the significand does count",
)
control(
    precision_does_not_matter,
    "one-bit-counts-double",
    "refuted",
    law=lambda bits, precision: 2**bits - 1,
    reason="half the exponents are positive",
)
control(
    precision_does_not_matter,
    "by-emin",
    "confirmed",
    law=lambda bits, precision: 1 - (with_exponent_bits(bits, precision).emin or 0),
    symmetry="n* = 1 - emin",
)

assert {*NARROW, *LONG} == set(FORMATS) - {"Q"}
