"""The two tasks as data: a sequence of swaps to be tracked, and a directed acyclic graph to be explored.

Both say what is to be computed, by the plainest means, and nothing about how a layer computes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import index

from theory.permutations import Permutation, all_swaps, contents_after


def _whole(value: object, where: str) -> int:
    """A slot or node as a Python integer; numpy's integers are welcome, True and 1.0 are not."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"{where} names {value!r}; slots and nodes are integers counted from 0")
    return index(value)  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True)
class SwapProgram:
    """n slots, slot j holding content j at the start, and swaps of slots in the order they happen. Counted from 0.

    A swap of a slot with itself is allowed and changes nothing. Raises ValueError naming the slot that is out of range.
    """

    n: int
    swaps: tuple[tuple[int, int], ...] = ()

    def __init__(self, n: int, swaps: Iterable[Iterable[int]] = ()) -> None:
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise ValueError(f"a swap program needs n >= 1 slots, got n = {n!r}")
        pairs = tuple(tuple(_whole(slot, f"swap {token}") for slot in swap) for token, swap in enumerate(swaps))
        for token, pair in enumerate(pairs):
            if len(pair) != 2:
                raise ValueError(f"swap {token} is {pair}; a swap names two slots")
            for slot in pair:
                if not 0 <= slot < n:
                    raise ValueError(f"swap {token} ({pair[0]} {pair[1]}): slot {slot} is outside 0..{n - 1}")
        object.__setattr__(self, "n", n)
        object.__setattr__(self, "swaps", pairs)

    @property
    def proper(self) -> tuple[tuple[int, int], ...]:
        """The swaps of two different slots, which alone become tokens."""
        return tuple((a, b) for a, b in self.swaps if a != b)

    def contents(self) -> Permutation:
        """What slot j holds after all swaps, by exchanging two entries of a list S times; O(n + S)."""
        return contents_after(self.n, self.swaps)

    def __str__(self) -> str:
        swaps = " ".join(f"({a} {b})" for a, b in self.swaps)
        return f"{self.n} slots, {'swaps ' + swaps if swaps else 'no swaps'}"


@dataclass(frozen=True)
class SwapTree:
    """Every program on n slots whose swap at step s is one of `choices[s]`: a tree in which prefixes are shared.

    `complete` lists all proper swaps at every step; one choice a step is a single program.
    """

    n: int
    choices: tuple[tuple[tuple[int, int], ...], ...]

    @staticmethod
    def complete(n: int, length: int) -> SwapTree:
        """All sequences of `length` proper swaps of n slots."""
        return SwapTree(n, (all_swaps(n),) * length)

    def program(self, steps: int, index: int) -> SwapProgram:
        """The program of `steps` swaps with that index: programs are in order of their last choice, then of the one
        before it, and so on."""
        swaps = []
        for choice in self.choices[:steps]:
            index, which = divmod(index, len(choice))
            swaps.append(choice[which])
        return SwapProgram(self.n, swaps)

    def only(self, program: SwapProgram) -> SwapTree:
        """The tree that holds this program alone."""
        return SwapTree(self.n, tuple((swap,) for swap in program.swaps))

    def __str__(self) -> str:
        if all(len(choice) == 1 for choice in self.choices):
            return str(self.program(len(self.choices), 0))
        return f"all programs of at most {len(self.choices)} swaps on {self.n} slots"


@dataclass(frozen=True)
class Dag:
    """Nodes 0..n-1 and directed edges x -> y without a cycle. A repeated edge is a parallel one: paths through it count
    once for each copy, reachability is the same.

    Raises ValueError naming the node out of range or a cycle.
    """

    n: int
    edges: tuple[tuple[int, int], ...] = ()

    def __init__(self, n: int, edges: Iterable[Iterable[int]] = ()) -> None:
        if not isinstance(n, int) or isinstance(n, bool) or n < 0:
            raise ValueError(f"a graph needs n >= 0 nodes, got n = {n!r}")
        pairs = tuple(tuple(_whole(node, f"edge {e}") for node in edge) for e, edge in enumerate(edges))
        for pair in pairs:
            if len(pair) != 2:
                raise ValueError(f"edge {pair}: an edge names two nodes")
            for node in pair:
                if not 0 <= node < n:
                    raise ValueError(f"edge {pair[0]} -> {pair[1]}: node {node} is outside 0..{n - 1}")
        object.__setattr__(self, "n", n)
        object.__setattr__(self, "edges", pairs)
        object.__setattr__(self, "_order", self._sorted())

    @property
    def order(self) -> tuple[int, ...]:
        """The nodes in topological order, the smallest possible node first at each place."""
        return self._order  # pyright: ignore[reportAttributeAccessIssue]

    def _sorted(self) -> tuple[int, ...]:
        from heapq import heapify, heappop, heappush

        parents_left = [0] * self.n
        children: list[list[int]] = [[] for _ in range(self.n)]
        for x, y in self.edges:
            parents_left[y] += 1
            children[x].append(y)
        ready = [node for node in range(self.n) if not parents_left[node]]
        heapify(ready)
        order = []
        while ready:
            order.append(heappop(ready))
            for child in children[order[-1]]:
                parents_left[child] -= 1
                if not parents_left[child]:
                    heappush(ready, child)
        if len(order) < self.n:
            raise ValueError(
                f"the edges {self._cycle(set(range(self.n)) - set(order))} form a cycle; remove one of them"
            )
        return tuple(order)

    def _cycle(self, left: set[int]) -> str:
        """A cycle among nodes that each have a parent among themselves: walk to parents until one repeats."""
        parent = {y: x for x, y in self.edges if x in left and y in left}
        walk = [min(left)]
        while walk.count(walk[-1]) == 1:
            walk.append(parent[walk[-1]])
        return " -> ".join(str(node) for node in reversed(walk[walk.index(walk[-1]) :]))

    def __str__(self) -> str:
        edges = ", ".join(f"{x} -> {y}" for x, y in self.edges)
        return f"{self.n} nodes, {'edges ' + edges if edges else 'no edges'}"
