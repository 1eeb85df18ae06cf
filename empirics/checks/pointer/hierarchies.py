"""Hierarchical chains: which hops they carry, counted work, bases compared, and the fewest compositions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.pointer.jumping import HierarchicalChain, compose, hops
from constructions.pointer.shifts import shifted
from constructions.pointer.tables import AllTables, path_counts
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.table_batches import Tables, listed
from theory.pointer import heads as claims
from theory.pointer.tables import PointerTable


class NeverComposed(HierarchicalChain):
    """Every level uses the short hops: a plain chain with residual."""

    def tables(self, first: Any) -> Any:
        for _ in range(self.levels * (self.base - 1)):
            yield "rows", first


class ComposedOnce(HierarchicalChain):
    """The next level is two hops of this one, whatever the base."""

    def tables(self, first: Any) -> Any:
        pointers = first
        for level in range(self.levels):
            for _ in range(self.base - 1):
                yield "rows", pointers
            if level < self.levels - 1:
                pointers = compose(pointers, pointers)
                yield "pointers", pointers


class OuterFirst(HierarchicalChain):
    """Composes the power after p in place of p after the power."""

    def raised(self, pointers: Any, power: Any) -> Any:
        return compose(power, pointers)


@check(
    claims.hierarchy, "derived", covers=True, scope={"sizes": "all tables, B and T", "method": "identities in X and B"}
)
def a_level_is_a_digit(next_hop: Callable[[Any, Any], Any] = lambda x, base: x**base, gathers: int = 1) -> Evidence:
    """One more gather multiplies by 1 + X, a digit more adds X^B to the geometric sum, and the sum times 1 - X is 1 - the next hop."""
    import sympy

    x = sympy.Symbol("X", positive=True)
    base, k = sympy.symbols("B k", integer=True, positive=True)
    one_more = (1 + x) ** k + gathers * x * (1 + x) ** k - (1 + x) ** (k + 1)
    digit_more = (1 - next_hop(x, base)) + x**base * (1 - x) - (1 - next_hop(x, base + 1))
    first = (1 + x) * (1 - x) - (1 - next_hop(x, sympy.Integer(2)))
    for name, residual in (("a gather more", one_more), ("a digit more", digit_more), ("base 2", first)):
        if sympy.simplify(sympy.powsimp(sympy.expand(residual))) != 0:
            return fails(f"{name}: off by {sympy.simplify(residual)}", 0, residual)
    return holds(cases=3)


control(a_level_is_a_digit, "next-hop-doubled", "refuted", next_hop=lambda x, base: x**2, reason="base 3 needs X^3")
control(a_level_is_a_digit, "never-composed", "refuted", next_hop=lambda x, base: x, reason="no digit weighs more")
control(a_level_is_a_digit, "gathered-twice", "refuted", gathers=2, reason="a gather adds the row once")
control(
    a_level_is_a_digit,
    "hops-in-turn",
    "confirmed",
    next_hop=lambda x, base: x * x ** (base - 1),
    symmetry="X X^(B-1) = X^B",
)

_SHAPES = [(2, 0), (2, 1), (2, 2), (3, 1), (2, 3), (3, 2), (4, 2)]


def _cases(run: Run) -> dict[str, Any]:
    tables: list[Tables] = [AllTables(n, 1, nowhere=True) for n in (1, 2, 3)]
    tables += [AllTables(4, 1), *(shifted(n, [[1]]) for n in range(5, 18))]
    return {"tables": tables + run.pick([], [AllTables(5, 1)]), "shape": _SHAPES}


def hops_carried(base: int, levels: int) -> int:
    """B^T: 0 to one fewer hops."""
    return base**levels


def _counted(base: int, levels: int) -> tuple[int, int]:
    """Gathers of rows and of pointers a position."""
    return levels * (base - 1), max(levels - 1, 0) * (base - 1)


@check(
    claims.hierarchy,
    "exhausted",
    given=_cases,
    scope={"sizes": "all short hops with N <= 4, shifts on N = 5..17; (B, T) = (2, 0..3), (3, 1..2), (4, 2)"},
)
def every_small_hierarchy(
    tables: Tables,
    shape: tuple[int, int],
    make: type[HierarchicalChain] = HierarchicalChain,
    carried: Callable[[int, int], int] = hops_carried,
    work: Callable[[int, int], tuple[int, int]] = _counted,
) -> Evidence:
    """Inputs of every output are those m hops away, m < `carried`, and the gathers made are the formula's."""
    first, chain = tables.targets[:, 0, 0], make(*shape)
    reached = path_counts(chain.row_tables(first)) > 0
    walked = np.zeros((len(first), tables.n, tables.n + 1), dtype=bool)
    for m in range(carried(*shape)):
        np.put_along_axis(walked, hops(first, m)[:, :, None] % (tables.n + 1), True, axis=2)
    wrong = np.argwhere((reached != walked[:, :, : tables.n]).any(axis=-1))
    if wrong.size:
        b, i = (int(v) for v in wrong[0])
        table = PointerTable(tables.n, [[first[b].tolist()]])
        words = (
            f"{table}, {chain}: output {i} depends on {listed(reached[b, i])}, not {listed(walked[b, i, : tables.n])}"
        )
        return fails(
            words, np.flatnonzero(walked[b, i]), np.flatnonzero(reached[b, i]), {"tables": table, "shape": shape}
        )
    wanted = tuple(gathers * tables.n for gathers in work(*shape))
    found = chain.gathers(first[:1])
    if found != wanted:
        return fails(f"{tables.n} positions, {chain}: {found[0]} rows and {found[1]} pointers gathered", wanted, found)
    return holds(cases=len(first))


def _last_level_too(base: int, levels: int) -> tuple[int, int]:
    return levels * (base - 1), levels * (base - 1)


control(
    every_small_hierarchy,
    "never-composed",
    "refuted",
    make=NeverComposed,
    work=lambda base, levels: (levels * (base - 1), 0),
    reason="short hops only: T (B-1) of them",
)
control(
    every_small_hierarchy,
    "never-composed-as-claimed",
    "confirmed",
    make=NeverComposed,
    carried=lambda base, levels: levels * (base - 1) + 1,
    work=lambda base, levels: (levels * (base - 1), 0),
    reason="the plain chain of as many layers carries 0..T (B-1) hops",
)
control(
    every_small_hierarchy,
    "composed-once",
    "refuted",
    make=ComposedOnce,
    work=lambda base, levels: (levels * (base - 1), max(levels - 1, 0)),
    reason="base 3 needs three hops a level",
)
control(
    every_small_hierarchy, "one-hop-more", "refuted", carried=lambda b, t: b**t + 1, reason="B^T - 1 hops are the most"
)
control(
    every_small_hierarchy,
    "composed-after-the-last",
    "refuted",
    work=_last_level_too,
    reason="nothing reads those pointers",
)
control(every_small_hierarchy, "outer-first", "confirmed", make=OuterFirst, symmetry="powers of one table commute")


@check(claims.base_two, "derived", covers=True, scope={"sizes": "all B and T", "method": "recursion of the slack in B"})
def slack_of_a_base(slack: Callable[[Any], Any] = lambda base: 2 ** (base - 1) - base) -> Evidence:
    """s = 2^(B-1) - B is 0 at B = 2, and the next is 2 s + (B - 1)."""
    import sympy

    base = sympy.Symbol("B", integer=True, positive=True)
    residual = sympy.expand(sympy.powsimp(sympy.expand(slack(base + 1) - 2 * slack(base) - (base - 1))))
    if residual != 0:
        return fails(f"the slack of the next base is off by {residual}", 0, residual)
    return holds(cases=2) if slack(2) == 0 else fails(f"base 2 has slack {slack(2)}", 0, slack(2))


@check(
    claims.base_two,
    "exhausted",
    given=lambda run: {"base": range(2, run.pick(17, 65))},
    scope={"sizes": "B <= 16, T <= 4"},
)
def no_base_beats_two(base: int, reach: Callable[[int, int], int] = hops_carried, rival: int = 2) -> Evidence:
    """B^T against the rival base with the same number of row gathers; equal only for the rival itself and T = 0."""
    for levels in range(5):
        gathers = levels * (base - 1)
        if gathers % (rival - 1):
            continue
        mine, others = reach(base, levels), reach(rival, gathers // (rival - 1))
        if mine > others or (mine == others) != (base == rival or levels == 0):
            return fails(
                f"{gathers} row gathers: base {base} reaches {mine} inputs, base {rival} {others}", others, mine
            )
    return holds(cases=5)


control(
    slack_of_a_base,
    "a-gather-trebles",
    "refuted",
    slack=lambda base: 3 ** (base - 1) - base,
    reason="it joins two sets, not three",
)
control(
    slack_of_a_base, "one-gather-more", "refuted", slack=lambda base: 2**base - base, reason="a level has B - 1 gathers"
)
control(
    slack_of_a_base,
    "written-otherwise",
    "confirmed",
    slack=lambda base: 2**base / 2 - base,
    symmetry="2^(B-1) = 2^B / 2",
)
control(no_base_beats_two, "base-three", "refuted", rival=3, reason="two gathers: base 2 has 4 inputs, base 3 has 3")
control(
    no_base_beats_two,
    "every-gather-a-digit",
    "refuted",
    reach=lambda base, levels: base ** (levels * (base - 1)),
    reason="B - 1 gathers make one digit: base 3 has 3 inputs by two of them, not 9",
)
control(
    no_base_beats_two, "hops-not-inputs", "confirmed", reach=lambda b, t: b**t - 1, reason="distances: one fewer each"
)
