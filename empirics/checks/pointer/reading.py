"""The reading against counting all pointer arrays there are, and on layers whose statistics are known."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from empirics.checking import Evidence, check, control, fails, holds
from empirics.reading import count, sample
from theory.pointer import nulls, printed
from theory.pointer import reading as claims
from theory.pointer.in_degrees import WIDTHS, allowed, tails
from theory.pointer.nulls import NULLS, Null

_ROUNDED = 4 * Fraction(1, 2**53)
"""Shares and agreements lie in 0..1 and are a quotient, a mean or a difference, four roundings at most."""


def every_array(widths: list[int]) -> np.ndarray:
    """All arrays with p_i < m_i, `(1, arrays, 1, N)`: as many sequences of one layer."""
    return np.array(list(itertools.product(*map(range, widths))))[None, :, None]


def _agreement(null: Null, n: int) -> Fraction:
    """The share of positions at which two independent draws agree."""
    return sum((w * w for i in range(n) for w in null.row(i, n).values()), Fraction(0)) / n


EXPECTED: dict[str, Callable[[Null, int], Fraction]] = {
    "mean hop": lambda null, n: null.mean_hop(n),
    "self-loops": lambda null, n: null.own(n) / n,
    "targets": lambda null, n: null.distinct(n),
    "agreement": _agreement,
}


def _read(pointers: np.ndarray, causal: bool) -> dict[str, Fraction]:
    """Means over the sequences; agreement over all ordered pairs of them, one with itself as well."""
    found, arrays = count(pointers, causal=causal, permutations=1), pointers.shape[1]
    changes = Fraction(float(found.changes[0, 0])) if arrays > 1 else Fraction(0)
    return {
        "mean hop": Fraction(float(found.mean_hop[0, 0])),
        "self-loops": Fraction(float(found.self_loops[0, 0])),
        "targets": Fraction(float(found.distinct[0, 0])),
        "agreement": ((1 - changes) * (arrays - 1) + 1) / arrays,
    }


@check(
    claims.null_means,
    "exhausted",
    given={"n": range(1, 7), "statistic": list(EXPECTED)},
    scope={"sizes": "N = 1 to 6, all N! arrays"},
)
def means_over_all_arrays(
    n: int, statistic: str, null: Null = NULLS["uniform_causal"], widths: str = "uniform_causal", mirrored: bool = False
) -> Evidence:
    """What the reading counts, mean over all arrays, is the null's exact statistic, up to a few roundings."""
    pointers = every_array(WIDTHS[widths](n))
    pointers = n - 1 - pointers[..., ::-1] if mirrored else pointers
    found, wanted = _read(pointers, causal=not mirrored)[statistic], EXPECTED[statistic](null, n)
    if abs(found - wanted) > _ROUNDED * max(1, wanted):
        return fails(f"N = {n}: {statistic} {float(found):g} over all arrays, not {wanted}", wanted, float(found))
    return holds(cases=pointers.shape[1])


control(
    means_over_all_arrays,
    "no-choice-of-oneself",
    "refuted",
    null=NULLS["uniform_before"],
    reason="two of the arrays of two positions have mean hops 0 and 1/2, not both 1/2",
)
control(
    means_over_all_arrays,
    "shared-scores",
    "refuted",
    null=NULLS["shared_scores"],
    reason="the same hops, but dependent rows have fewer targets, first at N = 3: H_3 = 11/6, not 2",
)
control(
    means_over_all_arrays,
    "earlier-positions",
    "confirmed",
    null=NULLS["uniform_before"],
    widths="uniform_before",
    reason="all (N-1)! arrays of earlier positions",
)
control(means_over_all_arrays, "mirrored", "confirmed", mirrored=True, symmetry="reversing the positions keeps hops")

SIZES = [(name, n) for n in range(1, 7) for name in WIDTHS if name != "uniform_all" or n < 6]


@check(
    claims.clusters,
    "exhausted",
    given={"of": SIZES},
    scope={"sizes": "N = 1 to 6 (uniform over all: to 5), three uniform nulls", "method": "all arrays"},
)
def tails_are_counted(of: tuple[str, int], widths: str = "", turned: bool = False) -> Evidence:
    """P(in-degree of j >= c) is the share of all arrays in which so many positions point at j."""
    name, n = of
    rows = WIDTHS[name](n)
    degrees = count(every_array(rows), causal=False, permutations=1).in_degrees[0, :, 0]
    law = WIDTHS[widths or name](n)
    for j, tail in tails(law[::-1] if turned else law, exact=True):
        for c in range(n + 1):
            counted = Fraction(int((degrees[:, j] >= c).sum()), len(degrees))
            said = tail[c] if c < len(tail) else Fraction(0)
            if counted != said:
                return fails(f"{name}, N = {n}: {c} or more at position {j} with {counted}, not {said}", said, counted)
    return holds(cases=n * (n + 1))


control(
    tails_are_counted,
    "binomial",
    "refuted",
    widths="uniform_all",
    reason="over the causal past position 0 is more often a target than the last",
)
control(tails_are_counted, "rows-turned", "confirmed", turned=True, symmetry="in-degrees do not know the rows' order")


@check(
    claims.clusters,
    "exhausted",
    given={"of": SIZES, "level": [Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)]},
    scope={"sizes": "N = 1 to 6 (uniform over all: to 5), three uniform nulls, four levels", "method": "all arrays"},
)
def a_null_has_clusters_rarely(
    of: tuple[str, int], level: Fraction, tests: Callable[[int], int] = lambda n: n, exact: bool = True
) -> Evidence:
    """The share of all arrays with any cluster is at most the level."""
    name, n = of
    rows = WIDTHS[name](n)
    degrees = count(every_array(rows), causal=False, permutations=1).in_degrees[0, :, 0]
    most = allowed(rows, level if exact else float(level), tests(n), exact=exact)
    share = Fraction(int((degrees > most).any(-1).sum()), len(degrees))
    if share > level:
        return fails(f"{name}, N = {n}, level {level}: clusters in {share} of all arrays", f"<= {level}", share)
    return holds(cases=len(degrees))


control(
    a_null_has_clusters_rarely,
    "one-test-for-all",
    "refuted",
    tests=lambda n: 1,
    reason="each position has the chance of being a cluster by itself",
)
control(
    a_null_has_clusters_rarely, "twice-as-many-tests", "confirmed", tests=lambda n: 2 * n, reason="fewer are clusters"
)
control(a_null_has_clusters_rarely, "in-float64", "confirmed", exact=False, reason="no tail is near a level here")


@check(
    claims.clusters,
    "exhausted",
    given={"n": range(6, 33)},
    scope={"sizes": "N = 6 to 32, two sequences"},
)
def a_collapsed_layer_is_flagged(n: int, null: str = "first", level: float = 0.01, seed: int = 0) -> Evidence:
    """One cluster a sequence, which all point at."""
    found = count(sample(null, (1, 1, 1, n), seed), level=level)
    clusters, share = int(found.clusters.sum()), float(found.clustered[0, 0])
    if (clusters, share) != (1, 1.0):
        return fails(f"N = {n}, {null}: {clusters} clusters hold {share:g} of all pointers", "1 and 1", clusters)
    return holds()


control(
    a_collapsed_layer_is_flagged,
    "uniform",
    "refuted",
    null="uniform_causal",
    reason="no cluster with probability 99 % at least, and never one that holds all, but for one array in N!",
)
control(
    a_collapsed_layer_is_flagged,
    "stricter-level",
    "refuted",
    level=1e-4,
    reason="six positions meet at one by chance in 720 arrays",
)
control(
    a_collapsed_layer_is_flagged, "looser-level", "confirmed", level=0.5, reason="N! is more than 2 N from N = 6 on"
)


@check(
    claims.printed_pair,
    "exhausted",
    given={"n": [printed.STATISTICS_LENGTH]},
    covers=True,
    scope={"sizes": "N = 512, two sequences"},
)
def the_pair_is_read(n: int, target: int | None = None, scale: int = 1, null: str = "") -> Evidence:
    """Utilisation, mean hop, targets, share in clusters and changes, all exact in float64."""
    n = n // scale
    centre = (n - 1) // 2 if target is None else target
    pointers = sample(null, (1, 2, 1, n)) if null else np.full((1, 2, 1, n), centre)
    s = count(pointers, causal=False)
    found = [float(x[0, 0]) for x in (s.utilisation, s.mean_hop, s.distinct, s.clustered, s.changes)]
    wanted = [float(NULLS["centre"].utilisation(512)), float(printed.MEAN_HOP.value), 1.0, 1.0, 0.0]
    if found != wanted:
        told = ", ".join(f"{x:g}" for x in found)
        return fails(f"utilisation, hop, targets, clustered, changes: {told}", wanted, found)
    if not printed.UTILISATION_PERCENT.may_be(100 * Fraction(found[0])):
        return fails(f"utilisation {found[0]:%} does not print {printed.UTILISATION_PERCENT.text}")
    return holds(exact=str(nulls.collapsed_total_hop(centre, n)))


control(the_pair_is_read, "at-the-first", "refuted", target=0, reason="mean hop 255.5")
control(the_pair_is_read, "half-the-length", "refuted", scale=2, reason="mean hop 64")
control(the_pair_is_read, "half-way", "refuted", null="half_way", reason="the same pair, but 256 targets")
control(the_pair_is_read, "a-uniform-layer", "refuted", null="uniform_before", reason="the pair only on average")
control(the_pair_is_read, "right-of-the-centre", "confirmed", target=256, symmetry="reversing the positions")
