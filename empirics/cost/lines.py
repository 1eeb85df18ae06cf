"""Which source line an operation belongs to.

Forward: the innermost frame outside the files of torch, of this package and of Python's library; when there is none below the call
of the layer, the layer is torch's own and the innermost frame within torch/nn counts.

Backward: a node of the autograd graph has a sequence number, drawn when it is made, just before its operation is dispatched. So the
line of every dispatch is kept with the last number drawn, and an operation of a backward pass carries the line kept with the
largest number up to that of the node being evaluated. Code of a custom autograd.Function, and a recomputation, has lines of its
own on the stack, and those come first.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_right
from collections.abc import Iterable
from types import CodeType
from typing import Any

import torch
from torch.autograd import graph

from empirics.cost.tally import Site

__all__ = ["Lines"]

_TORCH = os.path.dirname(os.path.abspath(graph.__file__)).removesuffix("autograd")
_NN = _TORCH + "nn" + os.sep
_OURS = os.path.dirname(__file__) + os.sep
_LIBRARY = os.path.dirname(os.__file__) + os.sep
_SKIPPED, _NETWORK, _USER, _ENGINE, _END = range(5)

_number = torch._C._autograd._get_sequence_nr  # pyright: ignore[reportAttributeAccessIssue]  the next one to be drawn

Line = tuple[CodeType | None, int]


def _file(code: CodeType) -> str:
    """Absolute, but for code that has no file."""
    return code.co_filename if code.co_filename.startswith("<") else os.path.abspath(code.co_filename)


def _of_python(file: str) -> bool:
    return file.startswith(_LIBRARY) and "site-packages" not in file


class Lines:
    """Finds sites. `ends` are the functions the layer is called from: the search stops there. `backward`: a backward pass is on."""

    def __init__(self, ends: Iterable[Any]) -> None:
        self.backward = False
        self._kinds: dict[CodeType, int] = {end.__code__: _END for end in ends}
        self._kinds[graph._engine_run_backward.__code__] = _ENGINE
        self._sites: dict[tuple[Line, str, bool], Site] = {}
        self._numbers: list[int] = []
        self._lines: list[Line] = []
        self._evaluated: Line | None = None
        self._next = self._first = _number()

    def _kind(self, code: CodeType) -> int:
        kind = self._kinds.get(code)
        if kind is None:
            file = _file(code)
            if file.startswith(_NN):
                kind = _NETWORK
            else:
                kind = _SKIPPED if file.startswith((_TORCH, _OURS, "<frozen ")) or _of_python(file) else _USER
            self._kinds[code] = kind
        return kind

    def _find(self) -> tuple[Line, bool]:
        """(line, whether a backward pass that the layer itself started is being evaluated)."""
        kinds, fallback = self._kinds, (None, 0)
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            kind = kinds.get(code)
            if kind is None:
                kind = self._kind(code)
            if kind:
                if kind == _USER:
                    return (code, frame.f_lineno), False
                if kind == _NETWORK:
                    if fallback[0] is None:
                        fallback = (code, frame.f_lineno)
                elif kind == _ENGINE:
                    line = self._of_node()
                    if line is not None:
                        return line, True
                else:
                    break
            frame = frame.f_back
        return fallback, False

    def _of_node(self) -> Line | None:
        """The line of the node that is being evaluated; for one of no operation (a gradient added to .grad) the one before."""
        node = torch._C._current_autograd_node()
        if node is None:
            return None
        number = node._sequence_nr()
        if self._first <= number < self._next:
            self._evaluated = self._lines[max(bisect_right(self._numbers, number) - 1, 0)]
        return self._evaluated

    def drawn(self) -> bool:
        """Whether a node of the autograd graph was made since the last dispatch that asked for its site."""
        return _number() != self._next

    def site(self, operation: str) -> Site:
        """The site of the operation that is being dispatched; call it from the dispatch itself."""
        line, inner = self._find()
        drawn = _number()
        if drawn != self._next:
            self._numbers.append(drawn - 1)
            self._lines.append(line)
            self._next = drawn
        key = (line, operation, inner or self.backward)
        found = self._sites.get(key)
        if found is None:
            code, number = line
            name = f"{operation} (backward)" if key[2] else operation
            found = self._sites[key] = Site("" if code is None else _file(code), number, name)
        return found
