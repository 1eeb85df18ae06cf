"""Counts of a layer at sizes, and formulas at the same sizes: what every check of this folder compares."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import signature
from typing import Any, Literal

import sympy
import torch

from empirics.checking import Run
from empirics.checks.cost import edits
from empirics.cost.counting import count
from empirics.cost.tally import Tally
from empirics.subjects import SUBJECTS
from theory.cost.amounts import value
from theory.cost.formulas import evaluate, parse

__all__ = [
    "Sizes",
    "at",
    "counted",
    "decoded",
    "difference",
    "met",
    "numbers",
    "sizes_of",
    "some_sizes",
    "subject",
    "told",
]

Sizes = Mapping[str, int]
SMALL = {
    **{"N": (1, 2, 3, 4, 5, 8, 13), "d": (1, 2, 3, 8), "W": (1, 2, 5, 11), "C": (1, 2, 3, 7)},
    **{"K": (1, 2, 5), "E": (1, 2, 5), "h": (1, 3)},
}
LARGE = {"N": (32, 33, 47), "d": (17, 32), "W": (16, 23), "C": (16, 23), "K": (7, 16), "E": (4, 7), "h": (9, 16)}
"""Held out: beyond the small ones in every size at once."""
FEWEST, DRAWN = 5, (2, 40)


def subject(layer: str) -> Callable[..., Any]:
    """A reference layer, or a layer of `edits`, by name."""
    return SUBJECTS[layer] if layer in SUBJECTS else getattr(edits, layer)


def sizes_of(layer: str) -> tuple[str, ...]:
    """The names of its sizes."""
    return tuple(signature(subject(layer)).parameters)


def built(layer: str, sizes: Sizes) -> Any:
    """(layer, inputs) on the meta device; sizes that it does not name are left out."""
    with torch.device("meta"), torch.no_grad():
        return subject(layer)(**{x: sizes[x] for x in sizes_of(layer)})


def counted(
    layer: str, sizes: Sizes, backward: bool = False, attention: Literal["fused", "written-out"] = "fused"
) -> Tally:
    """One run of the layer at these sizes, counted."""
    return count(*built(layer, sizes), backward=backward, attention=attention)


def numbers(tally: Tally) -> dict[str, int]:
    """Work, span under both models, peak memory in bytes."""
    amounts = {"work": tally.work, "span": tally.span, "span_threshold": tally.span_threshold}
    found = {name: int(sum(map(value, parts.values()))) for name, parts in amounts.items()}
    return {**found, "memory": sum(tally.peak.values())}


def decoded(layer: str, sizes: Sizes) -> dict[str, int]:
    """The numbers in the state after t tokens, and the work of the token after them."""
    module, (x,) = built(layer, sizes)
    with torch.device("meta"), torch.no_grad():
        state = module.init_state(1)
        for _ in range(sizes["t"]):
            _, state = module.step(x[:, 0], state)
    parts = state if isinstance(state, tuple) else (state,)
    work = numbers(count(module.step, (x[:, 0], state)))["work"]
    return {"step": work, "state": sum(part.numel() for part in parts)}


@cache
def _read(text: str, expanded: bool) -> sympy.Expr:
    return sympy.expand(parse(text)) if expanded else parse(text)


def at(text: str, sizes: Sizes, expanded: bool = False) -> Any:
    """The formula's value at these sizes, exactly; multiplied out before, if asked."""
    found = evaluate(_read(text, expanded), sizes)
    return int(found) if found.denominator == 1 else found


def met(where: str, sizes: Sizes) -> bool:
    """Whether sizes meet a condition; "" is none."""
    if not where:
        return True
    read = _read(where, False)
    return bool(read.xreplace({x: sympy.Integer(sizes[str(x)]) for x in read.free_symbols}))


def told(sizes: Sizes) -> str:
    return ", ".join(f"{x} = {n}" for x, n in sizes.items())


def difference(sizes: Sizes, found: Mapping[str, Any], formulas: Mapping[str, str | None], expanded: bool) -> Any:
    """The first quantity whose formula is not what was found, as (name, of the formula, found); None where all agree."""
    for name, text in formulas.items():
        if text and (said := at(text, sizes, expanded)) != found[name]:
            return name, said, found[name]
    return None


def some_sizes(
    layer: str, where: str, run: Run, extra: Mapping[str, tuple[int, ...]] | None = None
) -> list[dict[str, int]]:
    """Sizes that meet the condition, fewest first: the smallest, some drawn from the seed, and large ones held out."""
    names = (*sizes_of(layer), *(extra or {}))
    draw = random.Random(run.seed)
    small = list(_grid(names, {**SMALL, **(extra or {})}, where))
    rest = small[FEWEST:]
    large = list(_grid(names, {**LARGE, **(extra or {})}, where))
    chosen = small[:FEWEST] + draw.sample(rest, min(run.pick(*DRAWN), len(rest)))
    chosen += draw.sample(large, min(run.pick(1, 6), len(large)))
    return sorted(chosen, key=_order)


def _grid(names: tuple[str, ...], values: Mapping[str, tuple[int, ...]], where: str) -> Iterator[dict[str, int]]:
    every = (dict(zip(names, sizes, strict=True)) for sizes in itertools.product(*(values[x] for x in names)))
    return iter(sorted((sizes for sizes in every if met(where, sizes)), key=_order))


def _order(sizes: Mapping[str, int]) -> Any:
    return sum(sizes.values()), *sizes.values()
