"""Orders, enumeration and the refined order against plain definitions, for rational and irrational a."""

from __future__ import annotations

import math
import time
import tracemalloc
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.takakura_suzuki.counting import TooLarge, count, count_blocks
from theory.takakura_suzuki.indices import blocks, indices, walk
from theory.takakura_suzuki.refined import first, keys
from theory.takakura_suzuki.smoothness import (
    Power,
    Smoothness,
    anisotropic,
    block_of,
    floor_root,
    mixed,
    size_of_block,
)

F = Fraction
CLASSES = [
    mixed(1, 2, 3),
    mixed(1, 1, ties=True),
    mixed(F(2, 3), F(5, 4), 7),
    anisotropic(1, 1, 2),
    Smoothness("mixed", Power(2)),
    Smoothness("mixed", Power(F(3, 2))),
    Smoothness("mixed", Power(F(1, 2), 1, 3)),
    Smoothness("anisotropic", Power(F(3, 2))),
    Smoothness("anisotropic", Power(1, F(2, 3))),
]
LEVELS = [F(1, 2), F(1), F(5, 2), F(3), F(21, 5)]


@given(st.integers(0, 10**40), st.integers(1, 9))
def test_a_root_is_the_largest(value, degree):
    root = floor_root(value, degree)
    assert root**degree <= value < (root + 1) ** degree


def in_floats(smoothness, s):
    """gamma in floating point, for entries that are far from ties."""
    rule = smoothness.a
    a = [
        float(rule.scale) * i ** float(rule.q) if isinstance(rule, Power) else float(rule[i - 1])
        for i in range(1, len(s) + 1)
    ]
    terms = [x * y for x, y in zip(a, s, strict=True)]
    return sum(terms) if smoothness.kind == "mixed" else max(terms, default=0)


@pytest.mark.parametrize("smoothness", CLASSES, ids=str)
def test_a_level_is_compared_as_floats_would_away_from_ties(smoothness):
    for s in product(range(4), repeat=min(smoothness.dimension or 3, 3)):
        for T in LEVELS:
            gamma = in_floats(smoothness, s)
            if not math.isclose(gamma, T):
                assert smoothness.is_below(s, T) == (gamma < T), (s, T)


def test_equality_is_never_below():
    root = Smoothness("mixed", Power(F(1, 2)))
    assert not root.is_below((0, 0, 0, 1), 2)  # a_4 = 2
    assert not root.is_below((1, 0, 0, 1), 3)
    assert root.is_below((0, 1), F(1414213562373095048801688724210, 10**30))
    assert not root.is_below((0, 1), F(1414213562373095048801688724209, 10**30))


@pytest.mark.parametrize("smoothness", CLASSES, ids=str)
@pytest.mark.parametrize("T", LEVELS, ids=str)
def test_three_ways_to_enumerate_agree(smoothness, T):
    walked = list(walk(smoothness, T))
    rows = blocks(smoothness, T)
    width = rows.shape[1]
    assert width == smoothness.active(T)
    assert {s + (0,) * (width - len(s)) for s in walked} == {tuple(row) for row in rows.tolist()}
    assert len(walked) == len(rows) == count_blocks(smoothness, T)
    functions = indices(smoothness, T)
    assert len(functions) == len({tuple(row) for row in functions.tolist()}) == count(smoothness, T)
    assert len(functions) == sum(map(size_of_block, walked))
    assert {block_of(row) for row in functions.tolist()} == {tuple(row) for row in rows.tolist()}
    assert max((s[0] for s in walked if s), default=0) == smoothness.largest(T)


@pytest.mark.parametrize("smoothness", [CLASSES[0], CLASSES[2], CLASSES[3], CLASSES[4], CLASSES[8]], ids=str)
def test_the_refined_order_is_sorted_complete_and_above_gamma(smoothness):
    rows = first(smoothness, 60)
    T = 1 + max(smoothness.gamma(block_of(row)) for row in rows.tolist())
    pool = indices(smoothness, T)
    steps = [int(smoothness.exact(i) * 12) for i in range(1, pool.shape[1] + 1)]
    wide = np.zeros((len(rows), pool.shape[1]), dtype=np.int32)
    wide[:, : rows.shape[1]] = rows[:, : pool.shape[1]]
    found, ranked = keys(smoothness, wide, steps), sorted(keys(smoothness, pool, steps))
    assert found.tolist() == ranked[: len(found)]
    assert all(
        key >= 2 ** int(12 * smoothness.gamma(block_of(row))) for key, row in zip(found, rows.tolist(), strict=True)
    )


@pytest.mark.slow
@pytest.mark.parametrize("make", [blocks, indices])
def test_a_million_rows_a_second(make):
    smoothness, T = (mixed(1, 2, 3, 4, 5, 6, 7), 75) if make is blocks else (Smoothness("mixed", Power(2)), 20)
    speeds = []
    for _ in range(3):
        started = time.process_time()
        rows = make(smoothness, T)
        speeds.append(len(rows) / (time.process_time() - started))
    assert len(rows) > 500_000
    assert max(speeds) > 1_000_000


@pytest.mark.parametrize("make", [blocks, indices])
@pytest.mark.parametrize(
    ("smoothness", "T"),
    [
        (mixed(*[1] * 60, ties=True), 3),
        (mixed(1, 2, 3, 4), 16),
        (anisotropic(1, 1, 2), 7),
        (Smoothness("mixed", Power(F(3, 2))), 8),
        (anisotropic(1), 12),
    ],
    ids=str,
)
def test_less_memory_than_is_used_is_refused(make, smoothness, T):
    """Whoever allows fewer bytes than an enumeration was seen to take is told so beforehand."""
    tracemalloc.start()
    try:
        rows = make(smoothness, T)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak > rows.nbytes
    small = 40_000  # what a call takes whatever the size: tables and interpreter objects
    with pytest.raises(TooLarge, match="above memory"):
        make(smoothness, T, memory=peak - small)


def test_long_entries_are_kept():
    """Entries beyond 2^15 do not fit into 16 bits."""
    rows = blocks(anisotropic(1), 40_000)
    assert rows[:, 0].tolist() == list(range(40_000))
