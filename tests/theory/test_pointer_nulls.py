"""Nulls for pointers against simulation, enumeration and one another."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from theory.pointer import nulls
from theory.pointer.nulls import NULLS

SIGMAS = 5


@pytest.mark.parametrize("name", NULLS)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 12])
def test_closed_forms_agree_with_the_rows(name, n):
    null = NULLS[name]
    total, own, distinct = null.by_rows(n)
    assert (null.total_hop(n), null.own(n)) == (total, own)
    assert distinct is None or null.distinct(n) == distinct
    assert all(sum(null.row(i, n).values()) == 1 for i in range(n))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_shared_scores_by_all_orders_of_the_scores(n):
    hop = own = distinct = 0
    orders = list(permutations(range(n)))
    for scores in orders:
        pointers = [int(np.argmax(scores[: i + 1])) for i in range(n)]
        hop += sum(i - p for i, p in enumerate(pointers))
        own += sum(i == p for i, p in enumerate(pointers))
        distinct += len(set(pointers))
    null = NULLS["shared_scores"]
    found = [Fraction(x, len(orders)) for x in (hop, own, distinct)]
    assert found == [null.total_hop(n), null.own(n), null.distinct(n)]


@pytest.mark.parametrize("name", ["uniform_causal", "uniform_before", "uniform_all"])
def test_simulated_means_are_within_sampling_error(name):
    null, n, runs = NULLS[name], 32, 2000
    draw = np.random.default_rng(0)
    pointers = np.stack(
        [
            draw.choice(list(row), size=runs, p=[float(p) for p in row.values()])
            for row in (null.row(i, n) for i in range(n))
        ],
        axis=1,
    )
    places = np.arange(n)
    drawn = {
        "hop": np.abs(pointers - places).sum(axis=1),
        "own": (pointers == places).sum(axis=1),
        "distinct": np.array([len(set(row)) for row in pointers.tolist()]),
    }
    wanted = {"hop": null.total_hop(n), "own": null.own(n), "distinct": null.distinct(n)}
    for what, values in drawn.items():
        error = values.std() / np.sqrt(runs)
        assert abs(values.mean() - float(wanted[what])) <= SIGMAS * error, what


def test_the_histogram_of_the_causal_past_is_a_difference_of_harmonic_numbers():
    n = 20
    found = NULLS["uniform_causal"].hops(n)
    assert found == [nulls.harmonic(n) - nulls.harmonic(h) for h in range(n)]
    assert sum(found) == n


@pytest.mark.parametrize("n", [*range(1, 40), 511, 512, 513])
def test_centre_and_half_way_cannot_be_told_apart_by_two_numbers(n):
    centre, half = NULLS["centre"], NULLS["half_way"]
    assert centre.mean_hop(n) == half.mean_hop(n) == nulls.collapsed_total_hop((n - 1) // 2, n) / n
    assert centre.utilisation(n) == half.utilisation(n) == 1 - Fraction(1, n)


def test_a_softmax_over_one_repeated_number_points_where_the_nulls_say():
    """In float64 and N a power of two the weights are exact, and so is the expected position."""
    n = 512
    scores = np.full((n, n), 1.7)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    assert set((weights @ np.arange(n)).astype(int).tolist()) == {255}


@pytest.mark.parametrize(("hop", "n"), [(0, 4), (1, 4), (2, 5), (4, 5)])
def test_the_longest_hop_by_enumeration(hop, n):
    within = [0]
    total = 1
    for i in range(n):
        total *= i + 1
        within.append(sum(1 for p in range(i + 1) if i - p <= hop))
    assert nulls.longest_hop_at_most(hop, n) == Fraction(int(np.prod(within[1:])), total)


def test_a_target_outside_is_refused():
    with pytest.raises(ValueError, match="target 4 of 4 positions: give a position from 0 to 3"):
        nulls.collapsed_total_hop(4, 4)
