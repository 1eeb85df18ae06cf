"""Which pointers that know nothing print what was printed of trained ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.inequalities import certificate
from theory.pointer import nulls, printed
from theory.pointer import printed_pointers as claims
from theory.pointer.nulls import NULLS, Null

LENGTH = printed.STATISTICS_LENGTH


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.2f} %"


@check(
    claims.collapse_excluded,
    "exhausted",
    given={"target": range(LENGTH)},
    covers=True,
    scope={"sizes": "N = 512, every target"},
)
def one_target_has_another_mean(
    target: int,
    n: int = LENGTH,
    mean: Fraction = printed.MEAN_HOP.value,
    utilisation: Any = printed.UTILISATION_PERCENT,
) -> Evidence:
    """All positions at one target: the mean hop is not exactly the printed one, or the utilisation does not print so."""
    found, share = nulls.collapsed_total_hop(target, n) / n, 1 - Fraction(1, n)
    if found == mean and utilisation.may_be(100 * share):
        words = f"N = {n}, all at position {target}: utilisation {_percent(share)}, mean hop {float(found):g}"
        return fails(words, f"not {utilisation.text} % and {float(mean):g}", float(found))
    return holds()


control(
    one_target_has_another_mean,
    "mean-of-100",
    "confirmed",
    mean=Fraction(100),
    reason="no target is nearer to all than the centre, whose mean is 128",
)
control(
    one_target_has_another_mean,
    "utilisation-98.7",
    "confirmed",
    utilisation=printed.Printed("98.7"),
    reason="a collapsed layer has a single self-loop",
)
control(
    one_target_has_another_mean,
    "mean-of-the-first",
    "refuted",
    mean=Fraction(LENGTH - 1, 2),
    reason="all at position 0 have mean hop 255.5",
)

PRINTS = {
    "uniform_causal": ("98.7", "127.8"),
    "uniform_before": ("99.8", "128.2"),
    "uniform_all": ("99.8", "170.7"),
    "shared_scores": ("98.7", "127.8"),
    "centre": ("99.8", "128.0"),
    "half_way": ("99.8", "128.0"),
    "first": ("99.8", "255.5"),
    "previous": ("99.8", "1.0"),
    "own": ("0.0", "0.0"),
}
"""Utilisation in per cent and mean hop at N = 512, to one place."""


@check(
    claims.which_null,
    "exhausted",
    given={"name": list(NULLS)},
    covers=True,
    scope={"sizes": "N = 512, nine nulls"},
)
def nulls_that_print_the_pair(
    name: str,
    matching: tuple[str, ...] = ("centre", "half_way", "uniform_before"),
    exactly: tuple[str, ...] = ("centre", "half_way"),
    of: Mapping[str, Null] = NULLS,
    n: int = LENGTH,
) -> Evidence:
    """Each null's two statistics print as stated; they print the pair, or are 511/512 and 128, for the nulls named only."""
    share, hop = of[name].utilisation(n), of[name].mean_hop(n)
    pair = printed.UTILISATION_PERCENT.may_be(100 * share) and printed.MEAN_HOP.may_be(hop)
    exact = share == Fraction(511, 512) and hop == printed.MEAN_HOP.value
    stated = all(printed.Printed(text).may_be(x) for text, x in zip(PRINTS[name], (100 * share, hop), strict=True))
    if (pair, exact, stated) != (name in matching, name in exactly, True):
        words = f"N = {n}, {name}: utilisation {_percent(share)}, mean hop {float(hop):.2f}"
        return fails(words, ", ".join(PRINTS[name]), f"{float(share)}, {float(hop)}")
    return holds()


control(
    nulls_that_print_the_pair,
    "the-causal-past",
    "refuted",
    matching=("uniform_causal",),
    exactly=(),
    reason="a position that may choose itself does so once in i + 1 times: 6.8 self-loops in 512",
)
control(nulls_that_print_the_pair, "half-the-length", "refuted", n=LENGTH // 2, reason="mean hops are half as long")
control(
    nulls_that_print_the_pair,
    "targets-as-utilisation",
    "refuted",
    of={name: replace(null, own=lambda n, null=null: n - null.distinct(n)) for name, null in NULLS.items()},
    reason="were utilisation the share of positions pointed at, it would be 50 % for the causal past",
)
control(
    nulls_that_print_the_pair,
    "centre-rounded-up",
    "confirmed",
    of={**NULLS, "centre": replace(NULLS["centre"], total_hop=lambda n: nulls.collapsed_total_hop(n // 2, n))},
    symmetry="reversing the positions exchanges the two middle ones",
)

CHANCE = Fraction(1, 20)


@check(
    claims.longest_hop,
    "exhausted",
    given={"length": [LENGTH]},
    covers=True,
    scope={"sizes": "N = 512, one layer"},
)
def long_hops_beat_chance(length: int, hop: int = printed.LONGEST_HOP, layers: int = 1) -> Evidence:
    """The exact probability that a uniform pointer of the causal past reaches so far, against 5 %."""
    reached = 1 - nulls.longest_hop_at_most(hop - 1, length) ** layers
    if reached > CHANCE:
        words = f"N = {length}: uniform pointers have a hop of {hop} or more with probability {float(reached):.3f}"
        return fails(words, f"<= {float(CHANCE)}", f"{float(reached):.3f}")
    return holds()


control(long_hops_beat_chance, "a-hop-of-511", "confirmed", hop=511, reason="only the last row can, once in 512 times")
control(long_hops_beat_chance, "a-hop-of-506", "confirmed", hop=506, reason="six rows, 21/512 on average")
control(long_hops_beat_chance, "six-layers", "refuted", layers=6, reason="six times as many chances")
control(long_hops_beat_chance, "a-hop-of-500", "refuted", hop=500, reason="twelve rows reach so far, 78/512 on average")

_FAR = Fraction(1, 10**20)


def squared_ranges(null: Null, n: int) -> int:
    """Sum over rows of (longest - shortest possible hop)^2."""
    total = 0
    for i in range(n):
        hops = [abs(target - i) for target in null.row(i, n)]
        total += (max(hops) - min(hops)) ** 2
    return total


@check(
    claims.early_hops,
    "certified",
    given={"name": ["uniform_causal", "uniform_before", "uniform_all"]},
    scope={"sizes": "N = 512, three uniform nulls", "method": "Hoeffding's inequality"},
)
def uniform_nulls_hop_further(
    name: str, longest: Fraction = printed.EARLY_HOPS[1].interval[1], far: Any = _FAR
) -> Evidence:
    """exp(-2 s^2 / sum of squared ranges) < 10^-20 for the shortfall s of the sum of hops."""
    null = NULLS[name]
    shortfall = null.total_hop(LENGTH) - longest * LENGTH
    if shortfall <= 0:
        return fails(f"{name}: the mean hop {float(null.mean_hop(LENGTH)):.2f} is not above {float(longest):g}")
    bound = 2 * shortfall**2 / squared_ranges(null, LENGTH)
    return holds(certificates=[certificate(["exp", -bound], "<", far, claims.early_hops.id)])


control(uniform_nulls_hop_further, "mean-of-100", "refuted", longest=Fraction(100), reason="the exponent falls to 9")
control(uniform_nulls_hop_further, "mean-of-150", "refuted", longest=Fraction(150), reason="that is more than 127.75")
control(uniform_nulls_hop_further, "mean-of-50", "confirmed", longest=Fraction(50), reason="further off")


@check(
    claims.early_hops,
    "exhausted",
    given={"name": ["centre", "half_way", "first", "previous", "own"]},
    scope={"sizes": "N = 512, five deterministic nulls"},
)
def sure_nulls_hop_otherwise(
    name: str,
    between: tuple[Fraction, Fraction] = (printed.EARLY_HOPS[0].interval[0], printed.EARLY_HOPS[1].interval[1]),
) -> Evidence:
    """A null without chance has a mean hop outside the printed range."""
    hop = NULLS[name].mean_hop(LENGTH)
    if between[0] <= hop <= between[1]:
        return fails(
            f"{name}: mean hop {float(hop):g}", f"not {float(between[0]):g}..{float(between[1]):g}", float(hop)
        )
    return holds()


control(
    sure_nulls_hop_otherwise,
    "up-to-128",
    "refuted",
    between=(Fraction(47), Fraction(128)),
    reason="the centre's mean hop is 128",
)
control(
    sure_nulls_hop_otherwise,
    "from-the-last",
    "confirmed",
    between=(Fraction(2), Fraction(127)),
    reason="0, 1, 128, 255.5",
)
