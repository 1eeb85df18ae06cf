"""The count: a layer run once on meta tensors under a mode that sees every operation torch dispatches, forward and backward.

An operation is counted by its rule; without one, by torch's own decomposition, whose operations are counted in turn; else it is
opaque: named in the tally and counted as nothing. What depends on values raises DataDependent. Errors of the layer propagate.

The layer runs under the meta device and, when torch's compiler is loaded, with compiled code run as written. Autocast: torch
does not autocast meta tensors, so a layer that autocasts is counted in the formats of its parameters and inputs, casts left out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from empirics.cost.depths import Depths, depth
from empirics.cost.fused import ATTENTION, Constants, attend, attention_met
from empirics.cost.lifetimes import Lifetimes, saved_tensors
from empirics.cost.lines import Lines
from empirics.cost.rules import Plan, plan
from empirics.cost.rules.model import Call, Cost, Terms
from empirics.cost.tally import Site, Tally
from theory.cost.amounts import Amount, amount

__all__ = ["Counter", "DataDependent", "count"]

_ONE = ((1, ()),)
_INDEXED = frozenset({"index", "_unsafe_index", "index_put", "_index_put_impl", "_unsafe_index_put"})


class DataDependent(Exception):
    """The layer does something that depends on values, at `site`; `what` says what. There are no values on meta tensors."""

    def __init__(self, site: Site, what: str) -> None:
        super().__init__(site, what)
        self.site, self.what = site, what

    def __str__(self) -> str:
        where = f"{self.site.file}:{self.site.line}" if self.site.file else "the layer"
        return f"{where}: {self.site.operation} depends on values: {self.what}"


def _tensors(values: Iterable[Any]) -> list[Tensor]:
    """The tensors among values and in lists within."""
    found: list[Tensor] = []
    for x in values:
        if isinstance(x, Tensor):
            found.append(x)
        elif isinstance(x, (list, tuple)):
            found.extend(_tensors(x))
    return found


def _signature(func: Any, args: Any, kwargs: Any) -> Any:
    """What the result's shape can depend on, hashable; None where that is not known to be all."""
    parts: list[Any] = [func]
    for x in (*args, *kwargs.items()):
        if isinstance(x, Tensor):
            if not x.is_meta or x.is_complex():
                return None
            parts.append((x.shape, x.stride(), x.dtype))
        elif isinstance(x, (list, tuple)):
            inner = _signature(None, x, {})
            if inner is None:
                return None
            parts.append(inner)
        elif isinstance(x, (int, float, str, type(None), torch.dtype, torch.device, torch.layout, torch.memory_format)):
            parts.append((type(x), x))
        else:
            return None
    return tuple(parts)


class _Counted(NamedTuple):
    """The cost of a call, its spans as numbers, the bytes it moves, and how to make its results again (None: call it again)."""

    cost: Cost
    lengths: tuple[int, int]
    moved: int
    makes: Any

    def again(self) -> Any:
        """Fresh results of the same shapes."""
        if isinstance(self.makes, list):
            return tuple(
                None if x is None else torch.empty_strided(*x[:2], dtype=x[2], device="meta") for x in self.makes
            )
        return torch.empty_strided(*self.makes[:2], dtype=self.makes[2], device="meta")


def _makes(out: Any) -> Any:
    """(shape, strides, dtype) of a result, a list for a tuple of them; None where that does not describe it."""
    if isinstance(out, tuple):
        inner = [x if x is None else _makes(x) for x in out]
        return None if any(x is not None and y is None for x, y in zip(out, inner, strict=True)) else inner
    if type(out) is not Tensor or not out.is_meta or out.is_complex() or out.storage_offset():
        return None
    return (out.shape, out.stride(), out.dtype)


class Counter(TorchDispatchMode):
    """Counts what is dispatched while it is on; `fused`: the reading of attention's memory."""

    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.fused = fused
        self.depths = Depths()
        self.lifetimes = Lifetimes(self.depths.forget)
        self.lines = Lines((_forward, _gradients))
        self.attention = ""
        self.matrix = 0
        self.calls = 0
        self.work: dict[Site, dict[tuple[Any, ...], Any]] = {}
        self.moved: dict[Site, int] = {}
        self.opaque: dict[tuple[Site, str], None] = {}
        self.upper: set[str] = set()
        self._counting = True
        self._calls: dict[Any, _Counted] = {}

    # what the fused reading of attention asks for

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Storages made here take no memory until shown."""
        self.lifetimes.hidden = True
        try:
            yield
        finally:
            self.lifetimes.hidden = False

    @contextlib.contextmanager
    def uncounted(self) -> Iterator[None]:
        """Operations here are done again only to be there: their depths hold, their work does not count."""
        self._counting = False
        try:
            yield
        finally:
            self._counting = True

    def shown(self, x: Tensor) -> None:
        """x, made while hidden, takes memory from now on."""
        self.lifetimes.shown(x, self.lines.site("aten.scaled_dot_product_attention"))

    def constant(self, x: Tensor) -> None:
        """x was made from numbers of the program: a factory."""
        if not self.lifetimes.known(x)[1]:
            site = self.lines.site("aten.tensor")
            made = _Counted(Cost(((x.numel(), ()),), _ONE, _ONE), (1, 1), x.nbytes, None)
            self.depths.made(self.lifetimes.allocated(x, site), self._add(site, made, []))

    # dispatch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        return False  # never compiled, see _surroundings; asking would load the compiler

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        self.calls += 1
        how = plan(func)
        if how.view:
            if isinstance(args[0], Tensor):
                self.lifetimes.outside(args[0])
            if self.lines.drawn():
                self.lines.site(how.name)
            return func(*args, **kwargs)
        if how.free:
            return self._free(how, func, args, kwargs)
        if how.data and any(x.is_meta for x in _tensors((args, *kwargs.values()))):
            raise DataDependent(self.lines.site(how.name), how.data)
        if func is ATTENTION:  # in inference mode, where it is dispatched whole
            with self:
                return attend(self, self.fused, args, kwargs)
        if how.rule is None:
            out = self._decomposed(func, args, kwargs)
            if out is not NotImplemented:
                return out
        return self._operation(how, func, args, kwargs)

    def _free(self, how: Plan, func: Any, args: Any, kwargs: Any) -> Any:
        """`empty` and its like."""
        for x in _tensors((args, *kwargs.values())):
            self.lifetimes.outside(x)
        out = func(*args, **kwargs)
        site = self.lines.site(how.name)
        for x in _tensors((out,)):
            if not self.lifetimes.known(x)[1]:
                self.lifetimes.allocated(x, site)
            elif how.written:
                self.lifetimes.resized(x)
        return out

    def _decomposed(self, func: Any, args: Any, kwargs: Any) -> Any:
        """The result by torch's decomposition, counted; NotImplemented where torch has none."""
        decomposition = torch._decomp.decomposition_table.get(func)
        with self:
            if decomposition is not None:
                return decomposition(*args, **kwargs)
            return func.decompose(*args, **kwargs)

    def _operation(self, how: Plan, func: Any, args: Any, kwargs: Any) -> Any:
        """A call by its rule, or an opaque one."""
        site = self.lines.site(how.name)
        key = _signature(func, args, kwargs) if how.pure else None
        counted = None if key is None else self._calls.get(key)
        reads: list[int] = []
        if counted is not None:
            for x in _tensors((args, *kwargs.values())):
                self.depths.read(self.lifetimes.outside(x), x, reads)
            out, written = counted.again(), ()
        else:
            inputs, written = self._parts(how, args, kwargs)
            self._refuse_values(how, site, args, kwargs)
            for x in inputs:
                self.depths.read(self.lifetimes.outside(x), x, reads)
            out = func(*args, **kwargs)
            counted = self._count(how, site, args, kwargs, inputs, written, out)
            if key is not None and counted.makes is not None:
                self._calls[key] = counted
        event = self._add(site, counted, reads)
        for x in written:
            self.depths.write(self.lifetimes.outside(x), x, event)
        for x in (out,) if isinstance(out, Tensor) else _tensors((out,)):
            found, known = self.lifetimes.known(x)
            if not known:
                self.depths.made(self.lifetimes.allocated(x, site), event)
            elif not written:
                self.depths.write(found, x, event)
        return out

    def _parts(self, how: Plan, args: Any, kwargs: Any) -> tuple[list[Tensor], list[Tensor]]:
        """(tensors read, tensors written)."""
        inputs: list[Tensor] = []
        written: list[Tensor] = []
        for name, (i, _) in how.positions.items():
            found = _tensors((args[i] if i < len(args) else kwargs.get(name),))
            if name in how.written:
                written.extend(found)
            if name not in how.unread:
                inputs.extend(found)
            else:
                for x in found:
                    self.lifetimes.outside(x)
        return inputs, written

    def _count(
        self, how: Plan, site: Site, args: Any, kwargs: Any, inputs: list[Tensor], written: list[Tensor], out: Any
    ) -> _Counted:
        if how.rule is None:
            self.opaque[site, _remedy(how.name)] = None
            cost = Cost((), (), ())
        else:
            cost = how.rule.of(Call(how.positions, args, kwargs, out))
            if not how.rule.exact:
                self.upper.add(how.rule.name)
        moved = _bytes(how, inputs, written, _tensors((out,)))
        makes = _makes(out) if how.pure and not how.unread else None
        return _Counted(cost, (depth(cost.span), depth(cost.threshold)), moved, makes)

    def _add(self, site: Site, counted: _Counted, reads: list[int]) -> int:
        cost = counted.cost
        if self._counting:
            into = self.work.get(site)
            if into is None:
                into = self.work[site] = {}
            for coefficient, sizes in cost.work:
                into[sizes] = into.get(sizes, 0) + coefficient
            self.moved[site] = self.moved.get(site, 0) + counted.moved
            self.matrix += cost.matrix
        return self.depths.event(reads, site, cost.span, cost.threshold, counted.lengths)

    @staticmethod
    def _refuse_values(how: Plan, site: Site, args: Any, kwargs: Any) -> None:
        """What a rule covers in general but not when values decide."""
        base = how.name.removeprefix("aten.").removesuffix("_")
        if base in _INDEXED:
            call = Call(how.positions, args, kwargs, None)
            masks = any(i is not None and i.dtype in (torch.bool, torch.uint8) and i.is_meta for i in call["indices"])
            if masks and (call.get("values") is None or call["values"].numel() != 1):
                raise DataDependent(site, "a mask of truth values as an index: the number of true ones decides a shape")
        if base in ("_to_copy", "copy"):
            call = Call(how.positions, args, kwargs, None)
            source = call.get("src", call["self"])
            target = call["self"].device if base == "copy" else call["device"]
            if source.is_meta and target is not None and target.type == "cpu":
                raise DataDependent(site, "values are moved off the meta device (.cpu(), .tolist(), .numpy())")


def _bytes(how: Plan, inputs: list[Tensor], written: list[Tensor], outs: list[Tensor]) -> int:
    """Bytes read and written: of a gather's or an in-place scatter's target only the elements chosen."""
    made = [x for x in outs if not any(x is w for w in written)]
    if how.gathers:
        return sum(x.nbytes for x in inputs[1:]) + 2 * sum(x.nbytes for x in outs)
    if how.scatters and written:
        return sum(x.nbytes for x in inputs[1:]) + 2 * max(x.numel() for x in inputs[1:]) * written[0].element_size()
    return sum(x.nbytes for x in (*inputs, *written, *made))


def _remedy(name: str) -> str:
    return (
        f"{name} has no rule in the cost model and torch has no decomposition of it; register its formula, or give a reference "
        "implementation in operations that have rules"
    )


def _forward(layer: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    return layer(*inputs)


def _gradients(outputs: list[Tensor], wanted: list[Tensor], given: list[Tensor]) -> list[Tensor]:
    found = torch.autograd.grad(outputs, wanted, given, allow_unused=True)
    return [x for x in found if x is not None]


def _leaves(value: Any) -> list[Tensor]:
    """The tensors of a result: in pytrees, mappings and dataclasses."""
    found: list[Tensor] = []
    for x in torch.utils._pytree.tree_leaves(value):
        if isinstance(x, Tensor):
            found.append(x)
        elif isinstance(x, Mapping):
            found.extend(y for v in x.values() for y in _leaves(v))
        elif dataclasses.is_dataclass(x) and not isinstance(x, type):
            found.extend(y for f in dataclasses.fields(x) for y in _leaves(getattr(x, f.name)))
    return found


def _parameters(layer: Any) -> list[Tensor]:
    """The parameters to train, shared ones once; of a bound method those of its module."""
    owner = layer if isinstance(layer, torch.nn.Module) else getattr(layer, "__self__", None)
    return [p for p in owner.parameters() if p.requires_grad] if isinstance(owner, torch.nn.Module) else []


def _with_gradients(inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Tensor]]:
    """The inputs, floating tensors as leaves that take gradients (the same tensor the same leaf), and those leaves."""
    leaves: dict[int, Tensor] = {}

    def leaf(x: Any) -> Any:
        if not isinstance(x, Tensor) or not (x.is_floating_point() or x.is_complex()):
            return x
        if id(x) not in leaves:
            leaves[id(x)] = x.detach().requires_grad_()
        return leaves[id(x)]

    return torch.utils._pytree.tree_map(leaf, inputs), list(leaves.values())


@contextlib.contextmanager
def _surroundings(gradients: bool) -> Iterator[None]:
    """Meta device, gradients on or off, compiled code as written; no garbage collection, so that lifetimes are those of
    references alone and the same every time."""
    collecting = gc.isenabled()
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.device("meta"))
        stack.enter_context(torch.set_grad_enabled(gradients))
        if "torch._dynamo" in sys.modules:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()


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

    Raises DataDependent where values decide; what the layer raises propagates.
    """
    if attention not in ("fused", "written-out"):
        raise ValueError(f"attention is 'fused' or 'written-out', not {attention!r}")
    gradients = backward or saved
    wanted: list[Tensor] = []
    if gradients:
        inputs, wanted = _with_gradients(inputs)
        wanted = [*_parameters(layer), *wanted]
    counter = Counter(attention == "fused")
    held: dict[Site, int] = {}
    with _surroundings(gradients), Constants(counter), attention_met(counter, counter.fused):
        with counter:
            result = _forward(layer, inputs)
        outputs = _leaves(result)
        ends = _events(counter, outputs)
        if gradients:
            held = _held(counter, outputs)
        if backward:
            differentiable = list({id(x): x for x in outputs if x.requires_grad and x.dtype.is_floating_point}.values())
            given = [torch.empty_like(x) for x in differentiable]
            if differentiable and wanted:
                counter.lines.backward = True
                with counter:
                    found = _gradients(differentiable, wanted, given)
                ends += _events(counter, found)
    counter.lifetimes.close()
    return Tally(
        work=_amounts(counter.work),
        span=_along(counter.depths.longest(ends, False)),
        span_threshold=_along(counter.depths.longest(ends, True)),
        moved={site: n for site, n in counter.moved.items() if n},
        peak=counter.lifetimes.peak(),
        saved=held,
        matrix_work=counter.matrix,
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


def _held(counter: Counter, outputs: list[Tensor]) -> dict[Site, int]:
    """Bytes of the storages that the graph of the outputs holds and that were not there before, by the site that made them."""
    storages = {x.untyped_storage()._cdata: x for x in saved_tensors(outputs)}
    held: dict[Site, int] = {}
    for x in storages.values():
        site = counter.lifetimes.site(x)
        if site is not None:
            held[site] = held.get(site, 0) + x.untyped_storage().nbytes()
    return held
