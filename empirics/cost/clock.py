"""Measured time of a subject at growing sizes. It is shown beside exact counts and decides nothing.

Sizes are interleaved, so that a slow minute of the machine falls on all of them; of each the least time of several repetitions is
kept: CPU time of this process on one thread, or the device's own events. The exponent is the Theil-Sen slope over the upper half of the
sizes, with its interval; local slopes are between neighbours, and when they only rise or only fall the exponent has not settled.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import stats
from torch import Tensor
from torch.utils._pytree import tree_map

from empirics.cost.errors import BadSubject
from empirics.cost.subject import Subject, seeded
from empirics.threads import one_thread

__all__ = ["REPETITIONS", "Timing", "measure"]

REPETITIONS = 7


@dataclass(frozen=True)
class Timing:
    """Seconds at each value of one size, the others fixed. `interval` holds the exponent with 95 % confidence."""

    symbol: str
    values: tuple[int, ...]
    seconds: tuple[float, ...]
    device: str
    exponent: float
    interval: tuple[float, float]
    local: tuple[float, ...]

    @property
    def settled(self) -> bool:
        """False when the local slopes of the upper half, three or more, only rise or only fall."""
        upper = self.local[len(self.local) // 2 :]
        steps = np.sign(np.diff(upper))
        return len(steps) < 2 or abs(int(steps.sum())) < len(steps)


def measure(
    subject: Subject,
    symbol: str,
    values: Sequence[int],
    others: Mapping[str, int],
    device: str = "cpu",
    repetitions: int = REPETITIONS,
    seed: int = 0,
) -> Timing:
    """The time of the forward pass without gradients; floating inputs are filled with normal numbers from the seed.

    Raises BadSubject for fewer than four values, and where the layer does not run on the device.
    """
    if len(values) < 4 or repetitions < 1:
        raise BadSubject(f"measuring needs four sizes and a repetition, not {len(values)} and {repetitions}")
    try:
        with one_thread(), seeded(seed), torch.no_grad():
            built = [_built(subject, {**others, symbol: value}, device) for value in values]
            least = [float("inf")] * len(values)
            for layer, inputs in built:
                layer(*inputs)
            for _ in range(repetitions):
                for i, (layer, inputs) in enumerate(built):
                    least[i] = min(least[i], _timed(layer, inputs, device))
    except (RuntimeError, NotImplementedError) as error:
        raise BadSubject(f"{subject.name}: does not run on {device}: {str(error).splitlines()[0]}") from None
    return _timing(symbol, values, least, device)


def _built(subject: Subject, sizes: Mapping[str, int], device: str) -> tuple[Any, tuple[Any, ...]]:
    def filled(x: Any) -> Any:
        return torch.randn_like(x) if isinstance(x, Tensor) and x.is_floating_point() else x

    with torch.device(device):
        layer, inputs = subject.function(**sizes)
        inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        return layer, tree_map(filled, inputs)


def _timed(layer: Any, inputs: tuple[Any, ...], device: str) -> float:
    if device.startswith("cuda"):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        layer(*inputs)
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000
    started = time.process_time_ns()
    layer(*inputs)
    return (time.process_time_ns() - started) / 1e9


def _timing(symbol: str, values: Sequence[int], seconds: Sequence[float], device: str) -> Timing:
    x, y = (
        np.log(np.asarray(values, float)),
        np.log(np.maximum(seconds, time.get_clock_info("process_time").resolution)),
    )
    half = len(values) // 2 if len(values) > 5 else 0
    slope, _, low, high = map(float, stats.theilslopes(y[half:], x[half:]))  # pyright: ignore[reportArgumentType]
    local = tuple(float(s) for s in np.diff(y) / np.diff(x))
    return Timing(symbol, tuple(values), tuple(seconds), device, slope, (low, high), local)
