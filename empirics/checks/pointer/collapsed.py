"""The collapse detector on layers that show one sign each, and on a healthy one."""

from __future__ import annotations

from collections.abc import Callable

import torch

from constructions.layers.pointer import PointerBlock
from empirics.checking import Evidence, check, control, fails, holds
from empirics.collapse import NO_GRADIENT, ONE_TARGET, UNIFORM, Collapse, collapse
from theory.pointer import gradients as claims

WIDTH, TOKENS = 8, 12


def _layer(seed: int, training: str, **how: str) -> PointerBlock:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PointerBlock(WIDTH, heads=2, training=training, dtype=torch.float64, encode="none", **how)  # pyright: ignore[reportArgumentType]


def healthy(seed: int, training: str) -> PointerBlock:
    return _layer(seed, training)


def hard(seed: int, training: str) -> PointerBlock:
    return _layer(seed, "hard")


def without_queries(seed: int, training: str) -> PointerBlock:
    """All scores are zero, and of equal ones the last is taken: every position points at itself."""
    layer = _layer(seed, training, ties="last")
    torch.nn.init.zeros_(layer.query.weight)
    return layer


def at_the_first(seed: int, training: str) -> PointerBlock:
    """Scores fall with the position, which the first coordinate tells."""
    layer = _layer(seed, training, score="additive")
    with torch.no_grad():
        layer.key.weight.zero_()
        layer.key.weight[:, 0] = -1
    return layer


LAYERS: dict[str, tuple[Callable[[int, str], PointerBlock], set[str]]] = {
    "healthy": (healthy, set()),
    "hard": (hard, {NO_GRADIENT}),
    "without queries": (without_queries, {UNIFORM}),
    "at the first": (at_the_first, {ONE_TARGET}),
}
"""Layers and the signs they must show, no other."""


@check(
    claims.detector,
    "exhausted",
    given={"layer": list(LAYERS)},
    covers=True,
    scope={"sizes": "three layers with one sign each and a healthy one"},
)
def each_layer_shows_its_sign(
    layer: str,
    detector: Callable[[PointerBlock, torch.Tensor], Collapse] = collapse,
    blind: str = "",
    seed: int = 0,
    training: str = "straight-through",
    names: tuple[str, ...] = tuple(LAYERS),
) -> Evidence:
    """The layer on two sequences of twelve tokens, drawn but for the position in the first coordinate."""
    if layer not in names:
        return holds(cases=0)
    build, wanted = LAYERS[layer]
    x = torch.randn(2, TOKENS, WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(seed + 1))
    x[..., 0] = torch.arange(TOKENS)
    seen = detector(build(seed, training), x)
    found = set(seen.signs) - {blind}
    if found != wanted:
        return fails(f"{layer}: shows {sorted(found)}, not {sorted(wanted)}; {seen}", sorted(wanted), sorted(found))
    return holds()


for _sign in (ONE_TARGET, UNIFORM, NO_GRADIENT):
    control(
        each_layer_shows_its_sign,
        f"blind-to-{_sign.replace(' ', '-')}",
        "refuted",
        blind=_sign,
        reason="the layer that shows it is passed",
    )
control(
    each_layer_shows_its_sign,
    "trained-hard",
    "refuted",
    training="hard",
    reason="the healthy layer has no gradient then",
)
control(each_layer_shows_its_sign, "another-seed", "confirmed", seed=5, reason="other numbers, the same signs")
control(each_layer_shows_its_sign, "trained-softly", "confirmed", training="soft", reason="soft weights train as well")
