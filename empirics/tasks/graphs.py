"""Random directed acyclic graphs in batches: parents of nodes 0 .. m - 1 in topological order, at most two a node.

    chains   two disjoint paths, every node on either by a fair coin
    trees    every node but the first has one parent among the three before it, or, once in eight, none
    random   two parents uniform among the earlier nodes, each there by a fair coin: in-degree 1 on average

Chains have the longest paths, trees paths of about half the nodes, random graphs short ones.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from empirics.tasks.task import integers

__all__ = ["FAMILIES", "distances", "most_edges"]

Family = Callable[[int, int, torch.Generator], Tensor]


def _chains(batch: int, m: int, generator: torch.Generator) -> Tensor:
    side = integers(0, 1, (batch, m), generator)
    nodes = torch.arange(m, device=side.device)
    last = torch.stack([torch.where(side == s, nodes, -1).cummax(1).values for s in (0, 1)], -1)
    before = torch.nn.functional.pad(last[:, :-1], (0, 0, 1, 0), value=-1)
    return before.gather(-1, side[..., None])


def _trees(batch: int, m: int, generator: torch.Generator) -> Tensor:
    nodes = torch.arange(m, device=generator.device)
    back = 1 + integers(0, 5, (batch, m), generator) % nodes.clamp(1, 3)
    root = (integers(1, 8, (batch, m), generator) == 1) | (nodes == 0)
    return (nodes - back).masked_fill(root, -1)[..., None]


def _random(batch: int, m: int, generator: torch.Generator) -> Tensor:
    nodes = torch.arange(m, device=generator.device)[:, None]
    drawn = torch.rand(batch, m, 2, generator=generator, device=nodes.device, dtype=torch.float64)
    there = (integers(0, 1, (batch, m, 2), generator) == 1) & (nodes > 0)
    parents = (drawn * nodes).long().clamp(max=nodes - 1).where(there, -1)
    twice = parents[..., :1] == parents[..., 1:]
    return torch.cat([parents[..., :1], parents[..., 1:].masked_fill(twice, -1)], -1)


FAMILIES: dict[str, Family] = {"chains": _chains, "trees": _trees, "random": _random}
"""(batch, nodes, generator) -> parents `(batch, nodes, 1 or 2)`, -1 for none, never the same twice."""


def most_edges(family: str, m: int) -> int:
    """How many edges a graph of m nodes can have."""
    return m - 1 if family != "random" else max(2 * m - 3, 0)


def distances(adjacent: Tensor) -> Tensor:
    """Edges on the shortest path from x to y, `(batch, n, n)`, for adjacency of the same shape; 0 for x = y, -1 for no path.

    One batched product of matrices for each edge of the longest shortest path.
    """
    n = adjacent.shape[-1]
    steps = adjacent.float()
    seen = torch.eye(n, device=adjacent.device, dtype=torch.bool).expand(adjacent.shape)
    found = torch.where(seen, 0, -1)
    front = seen
    for length in range(1, n):
        front = (front.float() @ steps > 0) & ~seen
        if not front.any():
            break
        found = found.masked_fill(front, length)
        seen = seen | front
    return found
