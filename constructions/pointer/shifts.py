"""Tables that point by fixed offsets, the same at every position, and the offsets that reach the most.

    one head:  p_i = i - 2^(l-1);    H heads:  p_i^(l,h) = i - h (H+1)^(l-1), h = 1..H

Output i then depends on inputs i - m with m = 0..(H+1)^L - 1, one path each: m in base H + 1 says which head was followed in which
layer. At the left edge p = i - offset may be negative; `edge` says what happens: "none" (nothing is gathered), "clamp" (position 0)
or "wrap" (around, which is not causal). Derived here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from theory.pointer.tables import NOWHERE, PointerTable

EDGES = ("none", "clamp", "wrap")


def shifted(n: int, offsets: Iterable[Sequence[int]], edge: str = "none") -> PointerTable:
    """The table of n positions with `offsets[l][h]` in layer l + 1, head h. Raises ValueError for an edge that is none of EDGES."""
    if edge not in EDGES:
        raise ValueError(f"edge {edge!r}: one of {', '.join(EDGES)}")

    def target(i: int, offset: int) -> int:
        j = i - offset
        if 0 <= j < n:
            return j
        return {"none": NOWHERE, "clamp": min(max(j, 0), n - 1), "wrap": j % n}[edge]

    return PointerTable(n, [[[target(i, offset) for i in range(n)] for offset in heads] for heads in offsets])


def widest_offsets(layers: int, heads: int = 1) -> list[list[int]]:
    """h (H+1)^(l-1) for layer l and head h, both from 1: sums of one or none a layer are 0..(H+1)^L - 1, each once."""
    return [[head * (heads + 1) ** layer for head in range(1, heads + 1)] for layer in range(layers)]


def widest(n: int, layers: int, heads: int = 1, edge: str = "none") -> PointerTable:
    """The table on n positions with these offsets; output i depends on min(i + 1, (H+1)^L) inputs ("none", "clamp")."""
    return shifted(n, widest_offsets(layers, heads), edge)


def disjoint_slices(layers: int, heads: int) -> PointerTable:
    """A causal table of 1 + H (2^L - 1) positions whose last output depends on all of them, by any one head on 2^L.

    From the last position n - 1 the inputs of head h are at distance h + H (m - 1), m = 1..2^L - 1; in layer l the head points from
    m to m + 2^(l-1) where there is one, and else to the position itself.
    """
    n = 1 + heads * (2**layers - 1)

    def place(head: int, m: int) -> int:
        return n - 1 - (head + heads * (m - 1) if m else 0)

    made = [[list(range(n)) for _ in range(heads)] for _ in range(layers)]
    for layer in range(layers):
        for head in range(1, heads + 1):
            for m in range(2**layers - 2**layer):
                made[layer][head - 1][place(head, m)] = place(head, m + 2**layer)
    return PointerTable(n, made)
