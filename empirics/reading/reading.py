"""A reading of a pointer model: its statistics, always beside those of three nulls.

    untrained    the same architecture, freshly initialised from a seed, on the same tokens
    uniform      every target drawn, over the causal past, or over all positions where the model is not causal
    collapsed    one target for all: the first position, or the centre where the model is not causal

Uniform and collapsed pointers have exact laws as well, `theory.pointer.nulls`; a sample stands beside them for what has no closed form.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from empirics.reading.statistics import BINS, LEVEL, PERMUTATIONS, Statistics, checked, count
from theory.pointer.in_degrees import WIDTHS
from theory.pointer.nulls import NULLS, Null

__all__ = ["COLLAPSED", "UNIFORM", "UNTRAINED", "Reading", "read", "read_model", "reinitialised", "sample"]

UNTRAINED, UNIFORM, COLLAPSED = "untrained", "uniform", "collapsed"


@dataclass(frozen=True)
class Reading:
    """The statistics of the pointers read, of the nulls by name, and the exact laws of two of these. Printed as a table."""

    found: Statistics
    nulls: Mapping[str, Statistics]
    laws: Mapping[str, Null]

    def rows(self) -> list[dict[str, Any]]:
        """A dictionary for each layer of what was read and of each null, means over heads; the columns of the table."""
        return [
            {
                "pointers": name,
                "layer": layer,
                "mean hop": float(s.mean_hop[layer].mean()),
                "median": float(s.median_hop[layer].mean()),
                "max": int(s.max_hop[layer].max()),
                "not own": float(s.utilisation[layer].mean()),
                "targets": float(s.distinct_share[layer].mean()),
                "clustered": float(s.clustered[layer].mean()),
                f"hop>={s.long}": float(s.long_jumps[layer].mean()),
                "changes": float(s.changes[layer].mean()),
                "bits": float(s.information[layer].mean()),
            }
            for name, s in (("read", self.found), *self.nulls.items())
            for layer in range(len(s.mean_hop))
        ]

    def __str__(self) -> str:
        rows = self.rows()
        lines = ["  ".join(f"{name:>9}" for name in rows[0])]
        for row in rows:
            lines.append("  ".join(f"{x:>9.3f}" if isinstance(x, float) else f"{x!s:>9}" for x in row.values()))
        n = self.found.tokens
        for name, law in self.laws.items():
            lines.append(
                f"{name}, exactly: mean hop {float(law.mean_hop(n)):.3f}, not own {float(law.utilisation(n)):.3f}, "
                f"targets {float(law.distinct(n) / n):.3f}"
            )
        test = self.found.specialisation
        lines.append(
            f"layers differ by {test.divergence:.3f} bits, p = {test.p_value:.3g} ({test.permutations} permutations)"
        )
        return "\n".join(lines)


def sample(
    null: Null | str, shape: tuple[int, int, int, int], seed: int = 0
) -> Int[np.ndarray, "layers batch heads N"]:
    """Pointers of a null of `theory.pointer.nulls`, by name or itself. ValueError for an unknown name."""
    name = null if isinstance(null, str) else null.name
    if name not in NULLS:
        raise ValueError(f"sample: null = {name!r}; give one of {', '.join(NULLS)}")
    n, draw = shape[-1], np.random.default_rng(seed)
    if name in WIDTHS:
        return draw.integers(0, WIDTHS[name](n), size=shape)
    if NULLS[name].independent:
        return np.broadcast_to([next(iter(NULLS[name].row(i, n))) for i in range(n)], shape).copy()
    scores = draw.random(shape)
    best = np.maximum.accumulate(scores, -1)
    return np.maximum.accumulate(np.where(scores == best, np.arange(n), 0), -1)


def read(
    pointers: Any,
    untrained: Any,
    *,
    causal: bool = True,
    level: float = LEVEL,
    long: int | None = None,
    bins: int = BINS,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Reading:
    """A reading of integers `(layers, batch, heads, N)`, arrays or tensors; untrained: those of the same layers freshly initialised.

    Options as `count` has them; all that is drawn comes from the seed. ValueError as there, and for
    untrained pointers of another shape.
    """
    p, before = checked(pointers, causal), checked(untrained, causal, UNTRAINED)
    if p.shape != before.shape:
        raise ValueError(
            f"read: untrained has shape {before.shape}, the pointers {p.shape}; give those of the same layers on the same tokens"
        )

    def counted(x: np.ndarray) -> Statistics:
        return count(x, causal=causal, level=level, long=long, bins=bins, permutations=permutations, seed=seed)

    laws = {
        UNIFORM: NULLS["uniform_causal" if causal else "uniform_all"],
        COLLAPSED: NULLS["first" if causal else "centre"],
    }
    nulls = {UNTRAINED: counted(before)} | {name: counted(sample(law, p.shape, seed)) for name, law in laws.items()}
    return Reading(counted(p), nulls, laws)


def read_model(
    model: Any, tokens: Any, *, fresh: Callable[[], Any] | None = None, seed: int = 0, **options: Any
) -> Reading:
    """A reading of a torch module whose `follow(tokens)` has pointers `(layers, batch, heads, N)`.

    fresh: makes the untrained one, from torch's global seed; unless given, a copy of the model has all its
    parameters drawn anew. The model and torch's generators are left as they were. Options as `read`.
    """
    import torch

    if not hasattr(model, "follow"):
        raise ValueError(f"read: {type(model).__name__} has no follow(tokens); give its pointers to read() instead")
    devices = sorted({p.device.index for p in model.parameters() if p.device.type == "cuda"})
    with torch.no_grad(), torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        untrained = reinitialised(model) if fresh is None else fresh()
        found, before = (each.follow(tokens).pointers for each in (model, untrained))
    return read(found, before, seed=seed, **options)


def reinitialised(model: Any) -> Any:
    """A copy of the model all of whose parameters were drawn anew by its modules' own `reset_parameters`, shared ones once, by the
    module that comes first. ValueError for a module with parameters and no such method."""
    made, done = copy.deepcopy(model), set()
    for name, module in made.named_modules():
        own = {id(p) for p in module.parameters(recurse=False)}
        if not own - done:
            continue
        if not hasattr(module, "reset_parameters"):
            raise ValueError(
                f"read: {name or 'the model'} ({type(module).__name__}) has no reset_parameters(); give fresh=, a function that "
                "makes an untrained model"
            )
        module.reset_parameters()
        done |= own
    return made
