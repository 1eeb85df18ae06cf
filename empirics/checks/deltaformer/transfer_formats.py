"""Theorems A' and E with every operation in a number format: what stays exact, and the first length that does not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.edge_tokens import EdgeTokens
from constructions.deltaformer.in_formats import inner_products, read, time_order
from constructions.deltaformer.reduced_swaps import ReducedSwaps
from constructions.deltaformer.tokens import Tokens
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.edge_edits import SignDropped
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from empirics.checks.deltaformer.program_readings import small_programs, told
from empirics.checks.deltaformer.reduced_swaps import BothNegated, LastAdded
from theory import formats
from theory.deltaformer import transfer_formats as claims
from theory.formats import Format
from theory.programs import Dag, SwapProgram

ALL = tuple(f for f in formats.FORMATS.values() if not f.exact)
BELOW_TWO = Format("below-two", 2, -1, 0, Fraction(3, 2), "infinity")
"""A format that does not hold 2."""


@check(
    claims.a_prime_in_formats,
    "derived",
    covers=True,
    scope={"sizes": "all n and S", "method": "patterns of equality of a, b and the slot that holds a content"},
)
def prefixes_stay_small(construction: Any = ReducedSwaps()) -> Evidence:
    """w S is -1, 0 or 1 at every content for every write and query, and <k, w> is in -2..2, in every pattern."""
    import sympy

    from theory.symbolic import Slot, delta, describe, in_pattern, patterns, unit
    from theory.symbolic_ones import all_ones

    a, b, c, s = (Slot(name) for name in "abcs")
    ones = all_ones()
    swap, last = construction.swap(unit, a, b), construction.swap_last(unit, ones, a)
    writes = {"swap": swap.w, "swap with the last": last.w, "read": construction.read(unit, a)}
    keys = {
        "write": construction.write(unit, c).k,
        "write the last": construction.write_last(ones).k,
        "swap": construction.swap(unit, c, s).k,
        "swap with the last": construction.swap_last(unit, ones, c).k,
    }
    decided = 0
    for pattern in patterns((a, b, c, s)):
        where = describe(pattern)
        for name, w in writes.items():
            if name == "swap" and pattern[a] == pattern[b]:
                continue
            for holder, row in (("a slot before the last", lambda j: delta(j, s)), ("the last", lambda j: -1)):
                entry = in_pattern(sympy.sympify(w.apply(row)), pattern)
                if entry not in (-1, 0, 1):
                    return fails(f"{name}, {where}, content in {holder}: a partial sum of {entry}", "-1..1", entry)
            for key, k in keys.items():
                inner = in_pattern(sympy.sympify(k.inner(w)), pattern)
                if abs(inner) > 2:
                    return fails(f"{key} and {name}, {where}: <k, w> = {inner}", "-2..2", inner)
                decided += 1
    return holds(cases=decided)


class WriteDoubled(ReducedSwaps):
    """Swaps with the last by w = 2 e_a and half the key."""

    def swap_last(self, e: Any, ones: Any, a: Any) -> Any:
        token = super().swap_last(e, ones, a)
        return token._replace(w=2 * token.w)


control(prefixes_stay_small, "write-doubled", "refuted", construction=WriteDoubled(), reason="partial sums reach 2")
control(prefixes_stay_small, "both-negated", "confirmed", construction=BothNegated(), symmetry="all signs change")
control(
    prefixes_stay_small,
    "last-added",
    "confirmed",
    construction=LastAdded(),
    reason="wrong contents, but sums as small as before",
)


def _run(tokens: Tokens, fmt: Format) -> tuple[np.ndarray, np.ndarray]:
    """U and the readings of linear kernels in the format."""
    u = time_order(fmt, inner_products(fmt, tokens.w, tokens.k), tokens.v.astype(np.float64))
    return u, read(fmt, inner_products(fmt, tokens.queries, tokens.k), u)


@check(
    claims.a_prime_in_formats,
    "exhausted",
    given=lambda run: {"fmt": list(ALL), "program": small_programs(run.pick(3, 4), 2, least_slots=2)},
    scope={
        "sizes": "all programs with n = 2, 3, S <= 2; 7 formats",
        "evaluation": "every operation rounded, time order",
    },
)
def differences_in_format(
    fmt: Format, program: SwapProgram, construction: Any = ReducedSwaps(), instead: Format | None = None
) -> Evidence:
    """The readings are the differences of contents, exactly."""
    used = instead or fmt
    _, found = _run(construction.compile(program), used)
    contents = program.contents()
    for slot, content in enumerate(contents[:-1]):
        wanted = [(place == content) - (place == contents[-1]) for place in range(program.n)]
        if found[slot].tolist() != wanted:
            return fails(f"{used.name}, {program}: slot {slot} reads {told(found[slot])}", wanted, found[slot])
    return holds()


control(differences_in_format, "two-not-held", "refuted", instead=BELOW_TWO, reason="k = (1, ..., 1) + e_a has a 2")
control(differences_in_format, "last-added", "refuted", construction=LastAdded(), reason="a sum is no difference")
control(
    differences_in_format, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, e> (-w) = <k, e> w"
)


@check(
    claims.e_in_formats,
    "exhausted",
    given={"fmt": list(ALL), "nodes": [1, 2, 3, 4]},
    covers=True,
    scope={"sizes": "all simple graphs with n <= 4; 7 formats", "evaluation": "every operation rounded, time order"},
)
def edges_in_format(
    fmt: Format, nodes: int, instead: Format | None = None, construction: EdgeTokens = EdgeTokens()
) -> Evidence:
    """Readers' values are the counts, at most 4 here, which every format holds, and positive exactly when reached."""
    used, graphs = instead or fmt, all_adjacencies(nodes)
    tokens, wanted = construction.compile_batch(graphs), powers(graphs)
    found = time_order(used, inner_products(used, tokens.w, tokens.k), tokens.v.astype(np.float64))[:, -nodes:]
    wrong = np.argwhere(found != wanted)
    if len(wrong):
        graph, y, s = wrong[0].tolist()
        words = f"{used.name}, {as_graph(graphs[graph])}: the reader of {y} has {found[graph, y, s]:g} of {s}"
        return fails(words, wanted[graph, y, s], found[graph, y, s])
    return holds(cases=len(graphs))


control(edges_in_format, "two-not-held", "refuted", instead=BELOW_TWO, reason="two paths overflow")
control(edges_in_format, "sign-dropped", "refuted", construction=EdgeTokens(SignDropped()), reason="an edge counts -1")
control(
    edges_in_format,
    "two-bits",
    "confirmed",
    instead=Format("two-bits", 2, -1, 2, Fraction(6), "infinity"),
    reason="1, 2, 3, 4 need two bits",
)


@check(
    claims.e_in_formats,
    "exhausted",
    given={"fmt": list(ALL), "nodes": [6, 8]},
    scope={"sizes": "complete graphs with n = 6, 8 nodes, counts up to 64, beyond 2^p in fp8"},
)
def complete_graphs_stay_positive(fmt: Format, nodes: int, sign: int = -1) -> Evidence:
    """Counts that the format rounds stay at least 1 where reached, and 0 where not."""
    graph = Dag(nodes, [(x, y) for y in range(nodes) for x in range(y)])
    tokens = EdgeTokens().compile(graph)
    weights = -sign * inner_products(fmt, tokens.w, tokens.k)
    found, reached = time_order(fmt, weights, tokens.v.astype(np.float64))[-nodes:], np.tri(nodes, dtype=bool)
    if not ((found >= 1) == reached).all() or not ((found == 0) == ~reached).all():
        return fails(
            f"{fmt.name}, complete graph on {nodes} nodes: readers have {found[-1].astype(int).tolist()} at the end"
        )
    return holds()


control(complete_graphs_stay_positive, "sign-dropped", "refuted", sign=1, reason="signs alternate along paths")
