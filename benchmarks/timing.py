"""Seconds and memory of a call, on the CPU by the processor's clock and on a device by its own."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

__all__ = ["peak", "seconds"]


def seconds(run: Callable[[], object], where: str) -> float:
    """CPU seconds of this process, or seconds between two events on the device."""
    if where == "cuda":
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000
    began = time.process_time()
    run()
    return time.process_time() - began


def peak(run: Callable[[], object], where: str) -> int | None:
    """Bytes above those that were there, on a device; None on the CPU, whose allocator does not tell."""
    if where != "cuda":
        return None
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    run()
    return torch.cuda.max_memory_allocated() - before
