"""What the counted runs of a program cannot show: other lines on the CPU than on the meta device, and numbers drawn at random.

A layer can ask where its tensors lie (`x.is_meta`, `device.type`) or catch what only tensors without data raise, and then what is
counted is not what runs. So it runs once at small sizes on the CPU as well, its inputs all zero. Where other instructions of the
user's files ran there, and other operations with them, the line is told. A number drawn from a generator of the host can steer a
program, seldom enough that the few seeds which are tried do not show it.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from empirics.cost.comparisons import INITIALISERS, kind_of_file
from empirics.cost.subject import Subject, seeded

__all__ = ["LARGEST_BYTES", "unseen"]

LARGEST_BYTES = 2**24
"""Of parameters and inputs: a larger layer is not run on the CPU."""

Step = tuple[str, int, str, int]
"""File, line, function and instruction."""


def unseen(subject: Subject, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Whether it draws on the host, and where its lines part from those on the CPU, in words."""
    return (*_drawn(subject, sizes), *_lines_elsewhere(subject, sizes))


def _drawn(subject: Subject, sizes: Mapping[str, int]) -> Iterator[str]:
    layer, inputs = subject.build(sizes)
    with seeded(sum(sizes.values())), subject.leaves_alone(), torch.device("meta"), torch.no_grad():
        before = random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()  # noqa: NPY002
        try:
            layer(*inputs)
        except Exception:  # an operation that is counted by a registered formula and runs on no tensor without data
            return
        after = random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()  # noqa: NPY002
    for name, old, new in zip(("Python", "numpy", "torch"), before, after, strict=True):
        if old != new:
            yield f"it draws numbers from {name}'s generator, which may steer it at seeds that were not tried"


def _lines_elsewhere(subject: Subject, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Where the lines part, as "file.py:12 runs on the CPU and not while counting"; nothing where they do not.

    Nothing either for a layer too large to hold, or one that does not run on the CPU with zeros as inputs: integer codes out of
    range, a format without a kernel.
    """
    built = subject.build(sizes)
    held = [*tree_leaves(built[1]), *(built[0].parameters() if isinstance(built[0], nn.Module) else ())]
    if sum(t.nbytes for t in held if isinstance(t, Tensor)) > LARGEST_BYTES:
        return ()
    try:
        here, there = (_steps(subject, sizes, device) for device in ("meta", "cpu"))
    except Exception:  # of the subject's code, on a device it may not be made for
        return ()
    (here, operations), (there, elsewhere) = here, there
    if operations == elsewhere:
        return ()
    told = [(step, "on the CPU and not while counting on the meta device") for step in there - here]
    told += [(step, "while counting on the meta device and not on the CPU") for step in here - there]
    return tuple(
        f"{os.path.basename(file)}:{line}: a part runs {where}" for (file, line, *_), where in sorted(told)[:1]
    )


def _steps(subject: Subject, sizes: Mapping[str, int], device: str) -> tuple[set[Step], Counter[str]]:
    """The instructions of a run, and its operations with the shapes that come out."""
    with seeded(sum(sizes.values())), subject.leaves_alone(), torch.device(device), torch.no_grad():
        layer, inputs = subject.function(**sizes)
        inputs = (inputs,) if isinstance(inputs, Tensor) else inputs
        for tensor in tree_leaves(inputs):
            if isinstance(tensor, Tensor) and device == "cpu":
                tensor.zero_()
        with _Steps() as traced, _Operations() as dispatched:
            layer(*inputs)
    return traced.taken, dispatched.seen


class _Operations(TorchDispatchMode):
    """The operations that torch dispatches while it is open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        self.seen[f"{func} {[tuple(t.shape) for t in tree_leaves(made) if isinstance(t, Tensor)]}"] += 1
        return made


class _Steps:
    """The instructions of the user's files that run while it is open; a trace function set before is put back."""

    def __init__(self) -> None:
        self.taken: set[Step] = set()
        self._own = os.path.join(os.path.dirname(str(torch.__file__)), "")

    def __enter__(self) -> _Steps:
        self.before = sys.gettrace()
        sys.settrace(self._entered)
        return self

    def __exit__(self, *raised: Any) -> None:
        sys.settrace(self.before)

    def _entered(self, frame: FrameType, event: str, arg: Any) -> Any:
        file = frame.f_code.co_filename
        ours = kind_of_file(file) == "user" and not file.startswith((self._own, "<"))
        if not ours or frame.f_code.co_name in INITIALISERS:
            return None
        frame.f_trace_opcodes = True
        return self._step

    def _step(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "opcode":
            self.taken.add((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, frame.f_lasti))
        return self._step
