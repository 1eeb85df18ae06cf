"""A cost subject: a function whose parameter names are the sizes, and which returns a layer and its inputs.

    def softmax_attention(N, d):
        return SoftmaxAttention(d), (torch.empty(1, N, d),)

It is called under the meta device, afresh for every run, so caches that a layer builds on its first call are in every count. What
comes back on another device is moved to meta. Settings of torch that a subject changes are put back, and it is refused.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

from empirics.cost.errors import BadSubject

__all__ = ["Built", "Subject", "seeded"]

Built = tuple[Any, tuple[Any, ...]]
"""A layer and its inputs, on the meta device."""


class Subject:
    """A cost subject, validated: `symbols` are its sizes in order.

    Raises BadSubject for what is no function of sizes.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        if isinstance(function, nn.Module):
            raise BadSubject(
                f"a layer {type(function).__name__} is no subject: wrap it in a function of its sizes that returns "
                "(layer, inputs), such as def subject(N, d): return Layer(d), (torch.empty(1, N, d),)"
            )
        if not callable(function):
            raise BadSubject(f"{function!r} is no function of sizes")
        self.function, self.reference = function, ""
        self.name = getattr(function, "__name__", type(function).__name__)
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            raise BadSubject(f"{self.name}: its parameters cannot be read; write it as a plain function") from None
        loose = [p.name for p in parameters if p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if loose:
            raise BadSubject(f"{self.name}: parameter {loose[0]!r} is no named size; name every size")
        self.symbols = tuple(p.name for p in parameters if p.default is p.empty)
        if not self.symbols:
            raise BadSubject(f"{self.name}: has no sizes; its parameters without a default are the size symbols")
        if clash := sorted(set(self.symbols) & {"L", "t"}):
            raise BadSubject(
                f"{self.name}: the name {clash[0]!r} is taken (L is ceil(log2), t counts decoded tokens); use another"
            )

    def by(self, reference: Subject) -> Subject:
        """This subject with another one counted in its place. Raises BadSubject when their sizes differ."""
        if set(reference.symbols) != set(self.symbols):
            raise BadSubject(
                f"{self.name} has the sizes {', '.join(self.symbols)}, its reference {reference.name} has "
                f"{', '.join(reference.symbols)}; they must be the same"
            )
        made = Subject(reference.function)
        made.name, made.reference = self.name, reference.name
        return made

    def build(self, sizes: Mapping[str, int]) -> Built:
        """The layer and its inputs at these sizes, on the meta device. Errors of the subject's own code pass through."""
        with self.leaves_alone(), torch.device("meta"):
            made = self.function(**sizes)
        return self._validated(made, sizes)

    @contextmanager
    def leaves_alone(self) -> Iterator[None]:
        """Raises BadSubject when what is done inside changes a setting of the process; it is put back in any case."""
        before = _settings()
        try:
            yield
        finally:
            changed = [name for name, value in _settings().items() if value != before[name]]
            _restore(before)
        if changed:
            raise BadSubject(f"{self.name}: changes {changed[0]} for the whole process; a subject must leave it alone")

    def _validated(self, made: Any, sizes: Mapping[str, int]) -> Built:
        wanted = f"{self.name}: must return (layer, inputs), for example return layer, (torch.empty(1, N, d),)"
        if not isinstance(made, tuple) or len(made) != 2:
            raise BadSubject(f"{wanted}; at {told(sizes)} it returned {_described(made)}")
        layer, inputs = made
        if not callable(layer):
            raise BadSubject(f"{wanted}; the layer is {_described(layer)}, which cannot be called")
        if isinstance(inputs, Tensor):
            inputs = (inputs,)
        if not isinstance(inputs, (tuple, list)):
            raise BadSubject(f"{wanted}; the inputs are {_described(inputs)}")
        if isinstance(layer, nn.Module) and any(not t.is_meta for t in (*layer.parameters(), *layer.buffers())):
            layer = layer.to("meta")
        return layer, tuple(tree_map(lambda t: t.to("meta") if isinstance(t, Tensor) else t, inputs))

    def tensors(self, built: Built) -> list[Tensor]:
        return [leaf for leaf in tree_leaves(built[1]) if isinstance(leaf, Tensor)]


def told(sizes: Mapping[str, int]) -> str:
    """Sizes in words: N = 4, d = 2."""
    return ", ".join(f"{x} = {int(v)}" for x, v in sizes.items())


def _described(thing: Any) -> str:
    return f"a {type(thing).__name__}" + (f" of {len(thing)}" if isinstance(thing, (tuple, list)) else "")


def _settings() -> dict[str, Any]:
    return {
        "torch's default dtype": torch.get_default_dtype(),
        "torch's default device": torch.get_default_device(),
        "torch's number of threads": torch.get_num_threads(),
        "torch's deterministic mode": torch.are_deterministic_algorithms_enabled(),
        "gradient recording": torch.is_grad_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
    }


def _restore(settings: Mapping[str, Any]) -> None:
    torch.set_default_dtype(settings["torch's default dtype"])
    if torch.get_default_device() != settings["torch's default device"]:
        torch.set_default_device(settings["torch's default device"])
    if torch.get_num_threads() != settings["torch's number of threads"]:
        torch.set_num_threads(settings["torch's number of threads"])
    if torch.are_deterministic_algorithms_enabled() != settings["torch's deterministic mode"]:
        torch.use_deterministic_algorithms(settings["torch's deterministic mode"])  # it imports the compiler
    torch.set_grad_enabled(settings["gradient recording"])
    torch.set_autocast_enabled("cpu", settings["autocast"])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Python's, numpy's and torch's generators start from the seed inside, and are as before afterwards."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    try:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        # torch.manual_seed also queues seeds for accelerators, with a trace of the stack
        torch.default_generator.manual_seed(seed)
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.set_rng_state(states[2])
