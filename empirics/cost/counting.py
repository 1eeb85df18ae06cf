"""The count: a layer run once on meta tensors under the counting mode.

The layer runs under the meta device, with compiled code run as written. Autocast: torch
does not autocast meta tensors, so a layer that autocasts is counted in the formats of its parameters and inputs, casts left out.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from empirics.cost.dispatching import Counter
from empirics.cost.fused import Constants, attention_met
from empirics.cost.lifetimes import graph_nodes, saved_tensors
from empirics.cost.rules.model import Terms
from empirics.cost.tally import Site, Tally
from empirics.cost.training import floating, gradients, leaves, parameters, with_gradients
from empirics.cost.unsupported import DataDependent, Opaque, Unsupported
from theory.cost.amounts import Amount, amount

__all__ = ["DataDependent", "Opaque", "Unsupported", "count", "surroundings"]


def _forward(layer: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    return layer(*inputs)


@contextlib.contextmanager
def surroundings(gradients: bool) -> Iterator[None]:
    """Meta device, gradients on or off, compiled code as written; no garbage collection, so that lifetimes are those of
    references alone and the same every time."""
    collecting = gc.isenabled()
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.device("meta"))
        stack.enter_context(torch.set_grad_enabled(gradients))
        importlib.import_module(
            "torch._dynamo"
        )  # the first dispatch of all loads it, and would keep that run's tensors alive
        stack.enter_context(torch.compiler.set_stance("force_eager"))
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()


@contextlib.contextmanager
def _not_swallowed(counter: Counter) -> Iterator[None]:
    """What could not be counted is raised at the end, though the layer caught it where it arose and went on otherwise."""
    try:
        yield
    finally:
        if counter.stopped is not None:
            raise counter.stopped


def _amounts(totals: Mapping[Site, Mapping[tuple[Any, ...], Any]]) -> dict[Site, Amount]:
    found = {site: amount(*((c, sizes) for sizes, c in terms.items())) for site, terms in totals.items()}
    return {site: terms for site, terms in found.items() if terms}


def _along(path: list[tuple[Site, Terms]]) -> dict[Site, Amount]:
    totals: dict[Site, dict[tuple[Any, ...], Any]] = {}
    for site, terms in path:
        into = totals.setdefault(site, {})
        for c, sizes in terms:
            into[sizes] = into.get(sizes, 0) + c
    return _amounts(totals)


def count(
    layer: Callable[..., Any],
    inputs: tuple[Any, ...],
    *,
    backward: bool = False,
    saved: bool = False,
    attention: Literal["fused", "written-out"] = "fused",
) -> Tally:
    """Count one run of `layer(*inputs)`, both made on the meta device beforehand.

    Forward without gradients; with `saved`, forward with gradients and the bytes autograd holds at its end; with `backward`, a
    training step: forward, then the gradients of all floating outputs, given ones not counted, with respect to the
    parameters and all floating inputs. The span is the longest path to any output, and to any gradient where there are any.

    Raises DataDependent where values decide, Opaque where torch has no shape for an operation, ValueError for inputs elsewhere;
    what the layer raises propagates. Time and memory do not depend on the sizes, but through loops in the layer.
    """
    if attention not in ("fused", "written-out"):
        raise ValueError(f"attention is 'fused' or 'written-out', not {attention!r}")
    for x in leaves(inputs):
        if not x.is_meta:
            raise ValueError(f"inputs must be on the meta device; one of shape {tuple(x.shape)} is on {x.device}")
    differentiated = backward or saved
    wanted: list[Tensor] = []
    if differentiated:
        with torch.enable_grad():
            inputs, wanted = with_gradients(inputs)
        wanted = [*parameters(layer), *wanted]
    counter = Counter(attention == "fused", (_forward, gradients))
    held: dict[Site, int] = {}
    with (
        _not_swallowed(counter),
        surroundings(differentiated),
        Constants(counter),
        attention_met(counter, counter.fused),
    ):
        with counter:
            result = _forward(layer, inputs)
        outputs = leaves(result)
        ends = _events(counter, outputs)
        nodes = graph_nodes(outputs) if differentiated else []
        held = _held(counter, nodes)
        if backward:
            differentiable = list({id(x): x for x in outputs if x.requires_grad and floating(x)}.values())
            given = [torch.empty_like(x) for x in differentiable]
            if differentiable and wanted:
                counter.lines.backward = True
                with counter:
                    found = gradients(differentiable, wanted, given, nodes)
                ends += _events(counter, found)
    counter.lifetimes.close()
    return Tally(
        work=_amounts(counter.work),
        span=_along(counter.depths.longest(ends, False)),
        span_threshold=_along(counter.depths.longest(ends, True)),
        moved={site: n for site, n in counter.moved.items() if n},
        peak=counter.lifetimes.peak(),
        saved=held,
        matrix_work=dict(counter.matrix),
        opaque=tuple(counter.opaque),
        upper=frozenset(counter.upper),
        attention=counter.attention,
        calls=counter.calls,
    )


def _events(counter: Counter, tensors: list[Tensor]) -> list[int]:
    found: list[int] = []
    for x in tensors:
        counter.depths.read(counter.lifetimes.outside(x), x, found)
    return found


def _held(counter: Counter, nodes: list[Any]) -> dict[Site, int]:
    """Bytes of the storages that these nodes hold and that were not there before, by the site that made them."""
    storages = {x.untyped_storage()._cdata: x for x in saved_tensors(nodes)}
    held: dict[Site, int] = {}
    for x in storages.values():
        site = counter.lifetimes.site(x)
        if site is not None:
            held[site] = held.get(site, 0) + x.untyped_storage().nbytes()
    return held
