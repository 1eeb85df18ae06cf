"""A rule for ties and scores that are rounded: the order in which a score is summed decides whether there is a tie."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from empirics.checking import Check, Evidence, check, control, fails, holds
from empirics.checks.pointer.ties import first, last
from theory.claim import Claim
from theory.pointer import ties as claims

ALPHABET = (0.0, 1.0, 2.0**-24)
"""Zero, one, and half the distance from one to the next number of fp32."""

Key = tuple[float, ...]


def key_pairs(coordinates: Sequence[int]) -> list[tuple[Key, Key]]:
    """Pairs of keys, fewest coordinates first, those with fewest small entries before others."""

    def small(pair: tuple[Key, Key]) -> int:
        return sum(0 < x < 1 for key in pair for x in key)

    made: list[tuple[Key, Key]] = []
    for d in coordinates:
        vectors: list[Key] = list(itertools.product(ALPHABET, repeat=d))
        made += sorted(((a, b) for a in vectors for b in vectors), key=small)
    return made


def summed(key: Key, order: Sequence[int], dtype: type) -> float:
    """The entries added in this order, each sum rounded; products with a query of ones are exact."""
    total = dtype(key[order[0]])
    for c in order[1:]:
        total = dtype(total + dtype(key[c]))
    return float(total)


def _same_target(claim: Claim, coordinates: Sequence[int], sizes: str) -> Check:
    def same_target(keys: tuple[Key, Key], dtype: type = np.float32, small: float = 1.0, more: Key = ()) -> Evidence:
        """The target by both rules, for every order of summation used for all keys alike."""
        seen = [tuple(x * small if x < 1 else x for x in key) + more for key in keys]
        for rule in (first, last):
            found = {}
            for order in itertools.permutations(range(len(seen[0]))):
                scores = tuple(summed(key, order, dtype) for key in seen)
                found.setdefault(rule(scores), (order, scores))
            if len(found) > 1:
                (a, (one, s)), (b, (two, t)) = list(found.items())[:2]
                told = " and ".join(str(key) for key in seen)
                return fails(
                    f"keys {told}, ties {rule.__name__}: summed {one} scores {s} give target {a}, summed {two} {t} give {b}",
                    a,
                    b,
                )
        return holds()

    return check(claim, "exhausted", given={"keys": key_pairs(coordinates)}, scope={"sizes": sizes})(same_target)


three_coordinates = _same_target(claims.any_summation, (1, 2, 3), "queries of ones, two keys of at most 3 coordinates")
two_coordinates = _same_target(claims.two_coordinates, (1, 2), "queries of ones, two keys of at most 2 coordinates")

for _check in (three_coordinates, two_coordinates):
    control(
        _check,
        "fp64",
        "confirmed",
        dtype=np.float64,
        reason="1 + 2^-24 + 2^-24 is exact in 53 bits, so nothing is rounded",
    )
control(
    three_coordinates,
    "twice-as-large",
    "confirmed",
    small=2.0,
    reason="a last place of 1 is added exactly, in any order",
)
control(
    two_coordinates,
    "a-third-entry",
    "refuted",
    more=(2.0**-24,),
    reason="three terms have more than one order",
)
