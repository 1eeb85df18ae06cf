"""Hypothesis strategies for the objects claims are about; `weightproof.strategies` is this module.

Every strategy shrinks to the smallest object of its kind: fewest slots, fewest swaps, fewest edges, smallest numbers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from theory.programs import Dag, SwapProgram


def sizes(least: int = 0, most: int = 16) -> SearchStrategy[int]:
    """A size: number of tokens, slots, dimensions, the chunk. Raises ValueError when the range is empty."""
    _range("sizes", least, most)
    return st.integers(least, most)


def shapes(axes: int = 3, least: int = 0, most: int = 8) -> SearchStrategy[tuple[int, ...]]:
    """A shape with that many axes, each in least..most."""
    _range("shapes", least, most)
    return st.tuples(*[st.integers(least, most)] * axes)


@st.composite
def swap_programs(draw: st.DrawFn, least_slots: int = 1, most_slots: int = 8, most_swaps: int = 16) -> SwapProgram:
    """A swap program: n slots, then at most `most_swaps` swaps; a swap may name one slot twice."""
    _range("swap_programs", least_slots, most_slots)
    n = draw(st.integers(least_slots, most_slots))
    slot = st.integers(0, n - 1)
    return SwapProgram(n, draw(st.lists(st.tuples(slot, slot), max_size=most_swaps)))


def permutations(least: int = 0, most: int = 8) -> SearchStrategy[tuple[int, ...]]:
    """A permutation of 0..n-1 as the tuple of its values."""
    _range("permutations", least, most)
    return st.integers(least, most).flatmap(lambda n: st.permutations(range(n))).map(tuple)


@st.composite
def dags(
    draw: st.DrawFn, least_nodes: int = 0, most_nodes: int = 8, most_edges: int = 24, parallel: bool = True
) -> Dag:
    """A directed acyclic graph under a random labelling; with `parallel`, edges may be repeated."""
    _range("dags", least_nodes, most_nodes)
    n = draw(st.integers(least_nodes, most_nodes))
    if n < 2:
        return Dag(n)
    later = st.integers(1, n - 1)
    edge = later.flatmap(lambda y: st.tuples(st.integers(0, y - 1), st.just(y)))
    edges = draw(st.lists(edge, max_size=most_edges, unique=not parallel))
    names = draw(st.permutations(range(n)))
    return Dag(n, [(names[x], names[y]) for x, y in edges])


def fractions(largest: int = 4, denominators: int = 4) -> SearchStrategy[Fraction]:
    """A small rational number, |numerator| <= largest * denominator."""
    return st.builds(Fraction, st.integers(-largest, largest), st.integers(1, denominators))


@st.composite
def keys_and_queries(
    draw: st.DrawFn, most_tokens: int = 12, most_dimension: int = 6, fmt: Any = None
) -> dict[str, np.ndarray]:
    """Operator inputs k, w, q `(T, d)`, v `(T, m)`, beta `(T,)`: fractions, or float64 arrays of values of `fmt`.

    `fmt` is a `theory.formats.Format` or its name; every value it gives is representable and of modest size.
    """
    widths = {"k": draw(sizes(0, most_dimension)), "v": draw(sizes(1, 3))}
    widths |= {"w": widths["k"], "q": widths["k"], "beta": 1}
    token = st.tuples(*[st.lists(fractions(), min_size=width, max_size=width) for width in widths.values()])
    tokens = draw(st.lists(token, max_size=most_tokens))  # a list of tokens, so that shrinking drops whole tokens
    made = {name: np.empty((len(tokens), width), dtype=object) for name, width in widths.items()}
    for t, rows in enumerate(tokens):
        for array, row in zip(made.values(), rows, strict=True):
            array[t] = row
    made["beta"] = made["beta"][:, 0]
    if fmt is None:
        return made
    from theory.formats import named

    chosen = named(fmt) if isinstance(fmt, str) else fmt
    return {name: chosen.round_array(array.astype(np.float64)) for name, array in made.items()}


def _range(what: str, least: int, most: int) -> None:
    if least > most:
        raise ValueError(f"{what}: nothing lies between {least} and {most}")
