"""Reachability in directed acyclic graphs: a graph, then questions whether there is a path from x to y.

    tokens "edges"   an edge x -> y is one token, in the order of its source, then of its target
    tokens "nodes"   a node with the set of its parents is one token
    order "topological" or "shuffled", of edges or nodes; names are a uniform choice of the `names`, whatever the order

A quarter of the tokens ask. Every question is drawn so: how far apart x and y stand in the topological order, uniformly among the
gaps at which some pair has a path and some has none; yes or no by a fair coin; then the pair. No pair has a source without children
or a target without parents. So neither a constant nor the gap nor who has edges at all tells anything, and gaps are long as often as
short. Graphs without such pairs are drawn again. Strata: edges on the shortest path, 0 where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from constructions.layers.shapes import check_positive, choose
from empirics.tasks.difficulty import GRAPHS, PATHS, Difficulty
from empirics.tasks.graphs import FAMILIES, distances, most_edges
from empirics.tasks.task import IGNORE, Labels, Task, integers, orders

__all__ = ["Reachability"]

REDRAWS = 1000


@dataclass(frozen=True)
class Reachability(Task):
    """family: "chains", "trees" or "random". Token 0 is padding; then edges x n + y, or nodes y with their parents; then questions
    x n + y, n the number of names. A graph has as many nodes as surely fit the length."""

    family: str = "chains"
    tokens: str = "edges"
    names: int = 16
    order: str = "topological"

    def __post_init__(self) -> None:
        choose("Reachability", "family", self.family, tuple(FAMILIES))
        choose("Reachability", "tokens", self.tokens, ("edges", "nodes"))
        choose("Reachability", "order", self.order, ("topological", "shuffled"))
        check_positive("Reachability", names=self.names)
        if self.names < 6:
            raise ValueError(f"Reachability: names = {self.names}; give 6, so that some pairs have paths and some not")

    @property
    def parent_sets(self) -> int:
        """Sets of at most two names: {p, q} with p < q is q (q - 1) / 2 + p, {p} as if q were n; the empty set is last."""
        return self.names * (self.names + 1) // 2 + 1

    @property
    def first_question(self) -> int:
        """The token that asks for a path from name 0 to itself, which none does."""
        return 1 + self.names * (self.names if self.tokens == "edges" else self.parent_sets)

    @property
    def vocabulary(self) -> int:
        return self.first_question + self.names**2

    @property
    def classes(self) -> int:
        return 2

    @property
    def difficulty(self) -> Difficulty:
        return GRAPHS if self.family == "random" else PATHS

    @property
    def stratum(self) -> str:
        return "edges on the shortest path"

    @property
    def shortest(self) -> int:
        return next(length for length in range(1, 99) if self.nodes(length) >= 6)

    @property
    def longest(self) -> int | None:
        return next(length for length in range(1, 99 * self.names) if self.nodes(length + 1) > self.names)

    @staticmethod
    def questions(length: int) -> int:
        """How many of the tokens ask."""
        return max(1, length // 4)

    def nodes(self, length: int) -> int:
        """The nodes of a graph that is told in a sequence of so many tokens."""
        room = length - self.questions(length)
        if self.tokens == "nodes":
            return room
        return next(m for m in range(room + 1, 0, -1) if most_edges(self.family, m) <= room)

    def draw(self, batch: int, length: int, generator: torch.Generator) -> Tensor:
        m, asked = self.nodes(length), self.questions(length)
        parents = FAMILIES[self.family](batch, m, generator)
        for _ in range(REDRAWS):
            bad = ~self._gaps(*self._pairs(parents)).any(1)
            if not bad.any():
                break
            parents[bad] = FAMILIES[self.family](int(bad.sum()), m, generator)
        else:
            raise ValueError(
                f"Reachability: {m} nodes of {self.family} hold no pairs with and without a path; give a longer sequence"
            )
        sources, targets = self._ask(parents, asked, generator)
        names = orders(batch, self.names, generator)[:, :m]
        graph = self._tell(parents, names, length - asked, generator)
        questions = self.first_question + self.names * names.gather(1, sources) + names.gather(1, targets)
        return torch.cat([graph, questions], 1)

    def _pairs(self, parents: Tensor) -> tuple[Tensor, Tensor]:
        """Which pairs may be asked with the answer no, and which with yes, `(batch, m, m)`, in topological order."""
        m = parents.shape[1]
        nodes = torch.arange(m, device=parents.device)
        adjacent = (parents[:, None] == nodes[:, None, None]).any(-1)
        path = distances(adjacent) > 0
        fit = (nodes[:, None] < nodes) & adjacent.any(2)[:, :, None] & adjacent.any(1)[:, None, :]
        return fit & ~path, fit & path

    @staticmethod
    def _gaps(no: Tensor, yes: Tensor) -> Tensor:
        """The gaps y - x at which there are pairs of both kinds, `(batch, m)`."""
        m = no.shape[-1]
        gaps = range(m)
        return torch.stack([no.diagonal(g, 1, 2).any(1) & yes.diagonal(g, 1, 2).any(1) for g in gaps], 1)

    def _ask(self, parents: Tensor, asked: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Sources and targets `(batch, asked)`, in topological order."""
        no, yes = self._pairs(parents)
        m, batch = parents.shape[1], len(parents)
        gap = self._gaps(no, yes).double().multinomial(asked, replacement=True, generator=generator)
        coin = integers(0, 1, (batch, asked), generator) == 1
        nodes = torch.arange(m, device=parents.device)
        there = nodes + gap[..., None]
        row = torch.arange(batch, device=parents.device)[:, None, None]
        fits = torch.stack([x[row, nodes, there.clamp(max=m - 1)] & (there < m) for x in (no, yes)])
        chosen = torch.where(coin[..., None], fits[1], fits[0]).double()
        sources = chosen.flatten(0, 1).multinomial(1, generator=generator).view(batch, asked)
        return sources, sources + gap

    def _tell(self, parents: Tensor, names: Tensor, room: int, generator: torch.Generator) -> Tensor:
        """The graph as tokens `(batch, room)`, padding last."""
        batch, m, n = len(parents), parents.shape[1], self.names
        named = torch.where(parents < 0, n, names.gather(1, parents.clamp(min=0).flatten(1)).view_as(parents))
        if self.tokens == "nodes":
            named = torch.cat([named, torch.full_like(named[..., :1], n)], -1).sort(-1).values
            p, q = named[..., 0], named[..., 1]
            sets = torch.where(p == n, self.parent_sets - 1, q * (q - 1) // 2 + p)
            tokens, place = 1 + names * self.parent_sets + sets, torch.arange(m, device=names.device).expand(batch, m)
        else:
            nodes = torch.arange(m, device=names.device)[:, None]
            there = parents >= 0
            tokens = torch.where(there, 1 + n * named.clamp(max=n - 1) + names[..., None], 0).flatten(1)
            place = torch.where(there, m * parents + nodes, m * m).flatten(1)
        if self.order == "shuffled":
            place = orders(batch, place.shape[1], generator) + place.shape[1] * (tokens == 0)
        told = tokens.gather(1, place.argsort(dim=1, stable=True))[:, :room]
        return torch.nn.functional.pad(told, (0, room - told.shape[1]))

    def label(self, tokens: Tensor) -> Labels:
        n, batch = self.names, len(tokens)
        questions = tokens >= self.first_question
        graph = tokens.where(~questions & (tokens > 0), 1) - 1
        there = ~questions & (tokens > 0)
        if self.tokens == "edges":
            edges = [(graph // n, graph % n, there)]
        else:
            sets = graph % self.parent_sets
            both = torch.tensor(self._sets(), device=tokens.device)[sets]
            edges = [(both[..., i], graph // self.parent_sets, there & (both[..., i] < n)) for i in (0, 1)]
        adjacent = torch.zeros(batch, n * n, dtype=torch.long, device=tokens.device)
        for x, y, present in edges:
            adjacent.scatter_add_(1, torch.where(present, n * x + y, 0), present.long())
        apart = distances((adjacent > 0).view(batch, n, n)).flatten(1)
        found = apart.gather(1, torch.where(questions, tokens - self.first_question, 0))
        return Labels(
            torch.where(questions, (found > 0).long(), IGNORE), torch.where(questions, found.clamp(min=0), IGNORE)
        )

    def _sets(self) -> list[tuple[int, int]]:
        return [(p, q) for q in range(1, self.names + 1) for p in range(q)] + [(self.names, self.names)]

    def parents(self, which: int) -> tuple[int, int]:
        """The parents that a set's number means, n for none."""
        return self._sets()[which]

    def oracle(self, row: Sequence[int]) -> list[int]:
        import networkx

        n, graph, targets = self.names, networkx.DiGraph(), []
        graph.add_nodes_from(range(n))
        for token in row:
            targets.append(IGNORE)
            if token >= self.first_question:
                x, y = divmod(token - self.first_question, n)
                targets[-1] = int(networkx.has_path(graph, x, y))
            elif token and self.tokens == "edges":
                graph.add_edge(*divmod(token - 1, n))
            elif token:
                y, which = divmod(token - 1, self.parent_sets)
                graph.add_edges_from((x, y) for x in self.parents(which) if x < n)
        return targets
