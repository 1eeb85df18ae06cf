"""Bytes live and bytes saved, from the lifetimes of storages.

A storage first met as the result of an operation was allocated by it; it is live until torch lets it go. One first met as an
argument was there before: parameters, inputs, buffers and constants of the layer are not counted.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch.utils._pytree import tree_leaves
from torch.utils.checkpoint import _CheckpointFrame

__all__ = ["Lifetimes", "graph_nodes", "saved_tensors"]


class Lifetimes:
    """The storages that are known, by key (address of the storage object), and the bytes live over time.

    `on_death(key)` is called when a storage goes. While `hidden`, storages are known but count no bytes until shown.
    """

    def __init__(self, on_death: Callable[[int], None]) -> None:
        self.hidden = False
        self._on_death = on_death
        self._bytes: dict[int, tuple[int, Any]] = {}
        self._references: dict[int, Any] = {}
        self._log: list[tuple[int, Any]] = []
        self._live = self._most = self._most_at = 0

    def known(self, x: torch.Tensor) -> tuple[int, bool]:
        """(key of x's storage, whether it is known)."""
        key = x.untyped_storage()._cdata
        return key, key in self._references

    def outside(self, x: torch.Tensor) -> int:
        """Key of the storage of an argument; one met here first was there before, and is kept so that its key stays its own."""
        storage = x.untyped_storage()
        key = storage._cdata
        if key not in self._references:
            self._references[key] = storage
        return key

    def allocated(self, x: torch.Tensor, site: Any) -> int:
        """Key of the storage of a result, met for the first time."""
        storage = x.untyped_storage()
        key = storage._cdata
        self._references[key] = weakref.ref(storage, partial(self._gone, key))
        self._bytes[key] = (0, site)
        if not self.hidden:
            self._grow(key, storage.nbytes(), site)
        return key

    def shown(self, x: torch.Tensor, site: Any) -> None:
        """A storage allocated while hidden counts from now on."""
        storage = x.untyped_storage()
        key = storage._cdata
        if key in self._bytes and not self._bytes[key][0]:
            self._grow(key, storage.nbytes(), site)

    def site(self, x: torch.Tensor) -> Any:
        """The site that allocated x's storage; None for one that was there before."""
        found = self._bytes.get(x.untyped_storage()._cdata)
        return None if found is None else found[1]

    def resized(self, x: torch.Tensor) -> None:
        """A storage known here changed its size."""
        key = x.untyped_storage()._cdata
        if key in self._bytes:
            size, site = self._bytes[key]
            self._grow(key, x.untyped_storage().nbytes() - size, site)

    def _grow(self, key: int, size: int, site: Any) -> None:
        self._bytes[key] = (self._bytes[key][0] + size, site)
        self._log.append((size, site))
        self._live += size
        if self._live > self._most:
            self._most, self._most_at = self._live, len(self._log)

    def _gone(self, key: int, _: Any) -> None:
        size, site = self._bytes.pop(key)
        del self._references[key]
        self._log.append((-size, site))
        self._live -= size
        self._on_death(key)

    def peak(self) -> dict[Any, int]:
        """Bytes live at the first moment when most were, by site."""
        live: dict[Any, int] = {}
        for size, site in self._log[: self._most_at]:
            live[site] = live.get(site, 0) + size
        return {site: size for site, size in live.items() if size}

    def close(self) -> None:
        """Stop watching."""
        self._references.clear()


_SAVED: dict[type, tuple[str, ...]] = {}


def _of_variable(variable: Any) -> Iterable[Any]:
    """What a saved variable holds, its hooks not run; of a checkpoint that made it, the checkpoint's inputs."""
    yield variable.data
    for cell in getattr(getattr(variable, "unpack_hook", None), "__closure__", None) or ():
        if isinstance(cell.cell_contents, _CheckpointFrame):
            frame = vars(cell.cell_contents)
            for one in frame.get("saved_args", ()):
                if isinstance(one, type(variable)):
                    yield from _of_variable(one)
            if frame.get("input_saver") is not None:
                yield from _of_node(frame["input_saver"])


def _of_node(node: Any) -> Iterable[Any]:
    """What one node of the autograd graph holds: saved variables and, of a custom function, tensors kept as attributes of its
    context."""
    kind = type(node)
    names = _SAVED.get(kind)
    if names is None:
        names = _SAVED[kind] = tuple(n for n in dir(kind) if n.startswith("_raw_saved_"))
    for name in names:
        held = getattr(node, name)
        for one in held if isinstance(held, (list, tuple)) else (held,):
            if one is not None:
                yield from _of_variable(one)
    if isinstance(node, torch.autograd.function.BackwardCFunction):
        yield from vars(node).values()


def graph_nodes(outputs: Iterable[torch.Tensor]) -> list[Any]:
    """Every node of the autograd graph of the outputs."""
    todo = list({x.grad_fn: None for x in outputs if x.grad_fn is not None})
    seen = set(todo)
    for node in todo:
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                todo.append(following)
    return todo


def saved_tensors(nodes: Iterable[Any]) -> list[torch.Tensor]:
    """Every tensor these nodes hold; what pack hooks made of one is searched for tensors."""
    found = []
    for node in nodes:
        for held in _of_node(node):
            found.extend(x for x in tree_leaves(held) if isinstance(x, torch.Tensor))
    return found
