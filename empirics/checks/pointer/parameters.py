"""Parameters: the formula against models that are built, and the printed count against every reading of a declared family."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import torch

from constructions.layers.pointer import PointerModel
from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import parameters as claims
from theory.pointer.parameters import ABOUT, HEADS, LAYERS, TABLE, WIDTH, Reading


def about(count: int, interval: tuple[int, int] = ABOUT) -> bool:
    """Whether a count rounds to the printed one."""
    return interval[0] <= count < interval[1]


SIZES = [
    (layers, width, heads, expansion, vocabulary)
    for layers, width, heads, expansion, vocabulary in itertools.product((1, 6), (1, 4, 256), (1, 8), (0, 1, 4), (50,))
    if width % heads == 0
]


@check(
    claims.formula,
    "tested",
    given={"sizes": SIZES, "tied": [True, False], "bias": [False, True]},
    scope={"sizes": "1 and 6 layers; width 1, 4, 256; the printed model among them"},
)
def models_are_counted(
    sizes: tuple[int, int, int, int, int],
    tied: bool,
    bias: bool,
    maps: int = 3,
    options: tuple[tuple[str, Any], ...] = (),
) -> Evidence:
    """A model is built without numbers, and its parameters are counted, shared ones once."""
    layers, width, heads, expansion, vocabulary = sizes
    how = {"heads": heads, "expansion": expansion, "bias": bias, "tied": tied, "device": torch.device("meta")}
    model = PointerModel(vocabulary, width, layers, **how, **dict(options))  # pyright: ignore[reportArgumentType]
    found = sum(p.numel() for p in model.parameters())
    said = Reading(maps, expansion, vocabulary, tied, bias).count(layers, width)
    if found != said:
        return fails(f"{layers} layers, width {width}, {heads} heads: {found} parameters, not {said}", said, found)
    return holds()


control(models_are_counted, "four-maps", "refuted", maps=4, reason="the layer has no output map")
control(
    models_are_counted,
    "no-gate",
    "refuted",
    options=(("gate", "none"),),
    reason="one map fewer",
)
control(
    models_are_counted,
    "soft",
    "confirmed",
    options=(("training", "soft"),),
    symmetry="how the scores are trained has no parameters",
)
control(
    models_are_counted,
    "rows-in-full",
    "confirmed",
    options=(("combine", "sum"),),
    symmetry="heads that read full rows have no parameters of their own",
)

PRINTED = tuple(Reading(3, m, 2**v, tied) for m in (1, 2, 4) for v in range(1, 17) for tied in (True, False))


@check(
    claims.printed,
    "exhausted",
    given={"readings": [PRINTED]},
    covers=True,
    scope={"sizes": f"{len(PRINTED)} readings"},
)
def some_reading_has_the_printed_count(
    readings: tuple[Reading, ...], interval: tuple[int, int] = ABOUT, maps: int = 3, layers: int = LAYERS
) -> Evidence:
    """The counts of all readings at width 256, against what rounds to the printed number; the nearest one is told."""
    read = [Reading(maps, r.expansion, r.vocabulary, r.tied) for r in readings]
    nearest = min(read, key=lambda r: max(interval[0] - r.count(layers), r.count(layers) - interval[1] + 1, 0))
    if not about(nearest.count(layers), interval):
        told = f"none of {len(read)} readings; the nearest, {nearest}, has {nearest.count(layers)} parameters"
        return fails(told, f"{interval[0]}..{interval[1] - 1}", nearest.count(layers))
    return holds(cases=len(read))


control(
    some_reading_has_the_printed_count,
    "four-maps",
    "confirmed",
    maps=4,
    reason="8 d^2 a layer with FFN of 2 d, and any small vocabulary",
)
control(
    some_reading_has_the_printed_count,
    "up-to-three-point-three",
    "confirmed",
    interval=(3_150_000, 3_300_000),
    reason="FFN of 2 d with 2048 tokens tied is 3281408",
)
control(
    some_reading_has_the_printed_count,
    "five-layers",
    "refuted",
    layers=5,
    reason="1.64 M, 2.30 M and 3.61 M before any vocabulary, and no power of two fills a gap",
)

Vocabularies = dict[tuple[int, bool], tuple[int, int]]


@check(
    claims.three_maps,
    "exhausted",
    given={"expansion": [1, 2, 3, 4], "tied": [True, False]},
    covers=True,
    scope={"sizes": "FFN of d .. 4 d, vocabularies up to 10000"},
)
def vocabularies_that_fit(
    expansion: int, tied: bool, table: Vocabularies = TABLE, interval: tuple[int, int] = ABOUT, heads: int = HEADS
) -> Evidence:
    """Every vocabulary is tried; those with the printed count are the interval of the table."""
    assert WIDTH % heads == 0
    fit = [v for v in range(1, 10001) if about(Reading(3, expansion, v, tied).count(), interval)]
    found = (fit[0], fit[-1]) if fit else None
    if found != table.get((expansion, tied)) or (found and len(fit) != found[1] - found[0] + 1):
        told = f"FFN {expansion} d, {'' if tied else 'not '}tied: vocabularies {found}"
        return fails(f"{told}, not {table.get((expansion, tied))}", table.get((expansion, tied)), found)
    return holds(cases=10000)


control(
    vocabularies_that_fit,
    "one-more",
    "refuted",
    table={**TABLE, (2, True): (1535, 1926)},
    reason="1926 tokens are 3.25 M, which rounds up",
)
control(
    vocabularies_that_fit,
    "two-places",
    "refuted",
    interval=(3_195_000, 3_205_000),
    reason="3.20 M is a tenth of the interval",
)
control(vocabularies_that_fit, "four-heads", "confirmed", heads=4, symmetry="heads have no parameters of their own")


def _family(most: int) -> Iterator[tuple[int, int]]:
    return ((maps, expansion) for maps in range(9) for expansion in range(most))


@check(
    claims.small_vocabulary,
    "exhausted",
    given={"units": list(_family(5))},
    covers=True,
    scope={"sizes": "a = 0..8, m = 0..4, V = 16..128, tied or not, biases or not, one or two norms"},
)
def eight_squares_a_layer(
    units: tuple[int, int], wanted: int = 8, least: int = 16, most: int = 128, layers: int = LAYERS
) -> Evidence:
    """All that is left open besides maps and FFN is tried; the count rounds to the printed one just for a + 2 m = 8."""
    maps, expansion = units
    others = itertools.product(range(least, most + 1), (True, False), (False, True), (1, 2))
    tried = 0
    for vocabulary, tied, bias, norms in others:
        reading = Reading(maps, expansion, vocabulary, tied, bias, norms)
        if about(count := reading.count(layers)) != (maps + 2 * expansion == wanted):
            return fails(f"{reading}: {count} parameters, {maps + 2 * expansion} squares a layer", wanted, count)
        tried += 1
    return holds(cases=tried)


control(eight_squares_a_layer, "seven", "refuted", wanted=7, reason="7 squares are 2.75 M")
control(
    eight_squares_a_layer,
    "large-vocabularies",
    "refuted",
    most=2048,
    reason="1600 tokens make up for a square less",
)
control(eight_squares_a_layer, "five-layers", "refuted", layers=5, reason="8 squares are 2.6 M then")
control(eight_squares_a_layer, "vocabulary-of-64", "confirmed", least=64, most=64, reason="one of those tried")
