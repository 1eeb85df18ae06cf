"""How many dimensions node tokens need for path counts: n - 1, no fewer."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.deltaformer.reachability import LeanNodeTokens, NodeTokens, certificate
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.graphs import all_adjacencies, counts_agree
from theory.deltaformer import reachability as claims
from theory.programs import Dag


class LeanNegated(LeanNodeTokens):
    """k = -e_t and w = +sum of parents."""

    def key(self, e: Any, node: Any) -> Any:
        return -e(node)

    def write(self, parents: Any) -> Any:
        return -self.sign * parents


class TwoFewer(LeanNodeTokens):
    """Head dimension n - 2: the last but one token has no coordinate either."""

    def units(self, n: int) -> Any:
        return np.eye(n, max(n - 2, 0), dtype=np.int64)


class FirstDropped(LeanNodeTokens):
    """The first token, not the last, has no coordinate."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int64)[:, 1:]


@check(claims.node_dimension, "derived", covers=True, scope={"sizes": "all n and graphs", "method": "order of t and s"})
def path_graph_forces_its_block(skip: int = 1, sign: int = -1) -> Evidence:
    """(I + A) U = I with A the path graph's matrix, t - s a symbol; the block is triangular with a unit diagonal.

    skip: edges go from i to i + skip. sign: that of A.
    """
    import sympy

    m = sympy.Symbol("m", integer=True, nonnegative=True)

    def value(distance: Any) -> Any:
        """U at t - s = distance: the single path there is, (-sign) a step."""
        if sympy.Mod(distance, skip) != 0 or not sympy.sympify(distance).is_nonnegative:
            return sympy.Integer(0)
        return (-sympy.Integer(sign)) ** (distance / skip)

    later = [skip * m + rest for rest in range(1, skip + 1)]
    for distance, wanted in ((-m - 1, 0), (sympy.Integer(0), 1), *((distance, 0) for distance in later)):
        residual = sympy.powsimp(sympy.expand(value(distance) + sign * value(distance - skip) - wanted))
        if residual != 0:
            return fails(f"t - s = {distance}: (I + A) U has {wanted + residual}, not {wanted}", wanted, residual)
    diagonal, below = (sign if steps == skip else 0 for steps in (1, 2))
    if diagonal == 0 or below != 0:
        return fails(f"edges of length {skip}: the block has {diagonal} on its diagonal, {below} below", "a unit, 0")
    return holds(cases=2 + skip)


control(
    path_graph_forces_its_block, "edges-skip-a-node", "refuted", skip=2, reason="the block's diagonal is no edge: zero"
)
control(
    path_graph_forces_its_block, "without-the-sign", "confirmed", sign=1, reason="counts (-1)^length force +1 there"
)


@check(
    claims.node_dimension, "derived", covers=True, scope={"sizes": "all n and graphs", "method": "patterns of equality"}
)
def last_coordinate_is_not_read(construction: Any = LeanNodeTokens(), dropped: str = "last") -> Evidence:
    """The identity of path-counts with a unit map that sends one token to zero, i and c being earlier than the last."""
    import sympy

    from theory.symbolic import Combination, Slot, delta, describe, in_pattern, patterns, row

    i, c, first, last = (Slot(name) for name in ("i", "c", "first", "last"))
    gone = {"last": last, "first": first}[dropped]

    def unit(slot: Slot) -> Combination:
        return Combination(((slot, 1 - delta(slot, gone)),))

    write = construction.write(Combination(((c, row(c) * (1 - delta(c, gone))),)))
    coefficient = sympy.sympify(-construction.key(unit, i).inner(write))
    decided = 0
    for pattern in patterns((i, c, first, last)):
        if pattern[last] in (pattern[i], pattern[c]):
            continue
        wanted = row(c) if pattern[i] == pattern[c] else sympy.Integer(0)
        found = in_pattern(coefficient, pattern)
        if sympy.expand(found - in_pattern(sympy.sympify(wanted), pattern)) != 0:
            return fails(f"{describe(pattern)}: parent c adds {found} times u_i, not {wanted}", wanted, found)
        decided += 1
    return holds(cases=decided)


control(
    last_coordinate_is_not_read, "first-dropped", "refuted", dropped="first", reason="the first node can be a parent"
)
control(
    last_coordinate_is_not_read,
    "sign-dropped",
    "refuted",
    construction=LeanNodeTokens(sign=1),
    reason="counts (-1)^length",
)
control(
    last_coordinate_is_not_read,
    "all-kept",
    "confirmed",
    construction=NodeTokens(),
    reason="a coordinate that nobody reads does no harm",
)


@check(
    claims.node_dimension,
    "exhausted",
    given=lambda run: {"nodes": list(range(run.pick(6, 7)))},
    scope={"sizes": "all simple graphs with n <= 5 nodes", "oracle": "powers of the adjacency matrix"},
)
def every_graph_in_fewer_dimensions(nodes: int, construction: Any = LeanNodeTokens()) -> Evidence:
    """Every graph on n ordered nodes with head dimension n - 1: values are path counts."""
    graphs = all_adjacencies(nodes)
    tokens = construction.compile_batch(graphs)
    if tokens.k.shape[-1] > max(nodes - 1, 0):
        return fails(f"{nodes} nodes: head dimension {tokens.k.shape[-1]}", nodes - 1, tokens.k.shape[-1])
    return counts_agree(graphs, tokens.exact_first_stage())


control(every_graph_in_fewer_dimensions, "two-fewer", "refuted", construction=TwoFewer(), reason="one edge is not seen")
control(
    every_graph_in_fewer_dimensions, "first-dropped", "refuted", construction=FirstDropped(), reason="it has children"
)
control(every_graph_in_fewer_dimensions, "all-kept", "refuted", construction=NodeTokens(), reason="a coordinate more")
control(
    every_graph_in_fewer_dimensions,
    "both-negated",
    "confirmed",
    construction=LeanNegated(),
    symmetry="<-k, -w> = <k, w>",
)


@check(
    claims.node_dimension,
    "certified",
    given=lambda run: {"nodes": run.pick((1, 2, 3, 5, 12), (1, 2, 3, 5, 12, 40))},
    scope={"sizes": "instances with n up to 12"},
)
def certified_dimension(nodes: int, construction: Any = LeanNodeTokens(), skip: int = 1, run: Run = Run()) -> Evidence:
    """For the trusted checker: path counts with key dimension n - 1; the block's determinant with arbitrary entries above."""
    path = Dag(nodes, [(i, i + 1) for i in range(nodes - 1)])
    made = [certificate(path, construction, claims.node_dimension.id)]
    if nodes > 1:
        above = np.triu(np.random.default_rng((run.seed, nodes)).integers(-3, 4, (nodes - 1, nodes - 1)), 1)
        block = above - np.eye(nodes, k=-skip, dtype=np.int64)[1:, :-1]
        data = {"matrix": block.tolist(), "determinant": (-1) ** (nodes - 1)}
        made.append({"weightproof": 1, "kind": "determinant", "claim": claims.node_dimension.id, "data": data})
    return holds(certificates=made)


control(certified_dimension, "two-fewer", "refuted", construction=TwoFewer(), reason="the last edge is not seen")
control(certified_dimension, "edges-skip-a-node", "refuted", skip=2, reason="the block's diagonal is zero")
control(
    certified_dimension, "all-kept", "confirmed", construction=NodeTokens(), reason="one dimension more than needed"
)
