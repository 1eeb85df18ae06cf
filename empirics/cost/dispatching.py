"""The mode that sees every operation torch dispatches, forward and backward, and counts it.

An operation is counted by its rule; without one, by torch's own decomposition, whose operations are counted in turn; else it is
opaque: named, and counted as nothing. What depends on values raises DataDependent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import torch
from torch import Tensor
from torch._decomp import decomposition_table
from torch._ops import HigherOrderOperator
from torch.utils._python_dispatch import TorchDispatchMode

from empirics.cost.calls import Counted, fresh, handled, makes, moved, signature, tensors
from empirics.cost.depths import Depths, depth
from empirics.cost.fused import ATTENTION, attend
from empirics.cost.lifetimes import Lifetimes
from empirics.cost.lines import Lines
from empirics.cost.rules import Plan, plan
from empirics.cost.rules.model import Call, Cost
from empirics.cost.tally import Site
from empirics.cost.unsupported import DataDependent, Opaque, Unsupported

__all__ = ["Counter"]

_ONE = ((1, ()),)
_INDEXED = frozenset({"index", "_unsafe_index", "index_put", "_index_put_impl", "_unsafe_index_put"})


class Counter(TorchDispatchMode):
    """Counts what is dispatched while it is on.

    `fused`: the reading of attention's memory. `ends`: the functions that call the layer and the backward pass, for `Lines`.
    """

    supports_higher_order_operators = True

    def __init__(self, fused: bool, ends: Iterable[Any]) -> None:
        super().__init__()
        self.fused = fused
        self.depths = Depths()
        self.lifetimes = Lifetimes(self.depths.forget)
        self.lines = Lines(ends)
        self.attention = ""
        self.matrix: dict[Site, int] = {}
        self.calls = 0
        self.work: dict[Site, dict[tuple[Any, ...], Any]] = {}
        self.moved: dict[Site, int] = {}
        self.opaque: dict[tuple[Site, str], None] = {}
        self.upper: set[str] = set()
        self.stopped: Unsupported | None = None
        self._counting = True
        self._calls: dict[Any, Counted] = {}

    # what the fused reading of attention asks for

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Storages made here take no memory until shown."""
        before, self.lifetimes.hidden = self.lifetimes.hidden, True
        try:
            yield
        finally:
            self.lifetimes.hidden = before

    @contextlib.contextmanager
    def uncounted(self) -> Iterator[None]:
        """Operations here are done again only to be there: their depths hold, their work does not count."""
        before, self._counting = self._counting, False
        try:
            yield
        finally:
            self._counting = before

    def shown(self, x: Tensor) -> None:
        """x, made while hidden, takes memory from now on."""
        if not self.lifetimes.hidden:
            self.lifetimes.shown(x, self.lines.site("aten.scaled_dot_product_attention"))

    def refuse(self, operation: str, what: str) -> NoReturn:
        """Raise for something that depends on values."""
        self.stopped = DataDependent(self.lines.site(operation), what)
        raise self.stopped

    def constant(self, x: Tensor) -> None:
        """x was made from numbers of the program: a factory."""
        if not self.lifetimes.known(x)[1]:
            site = self.lines.site("aten.tensor")
            made = Counted(Cost(((x.numel(), ()),), _ONE, _ONE), (1, 1), x.nbytes, None)
            self.depths.made(self.lifetimes.allocated(x, site), self._add(site, made, []))

    # dispatch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        return False  # never compiled, see surroundings; asking would load the compiler

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls += 1
        if (kind := handled(types)) is not None:
            self.stopped = Opaque(
                self.lines.site(str(func)),
                f"tensors of {kind.__name__} handle operations themselves, by __torch_dispatch__, which no count sees",
            )
            raise self.stopped
        with (
            torch._C.DisableTorchFunction()
        ):  # else modes for functions see, and slow, every look at a tensor taken here
            try:
                return self._dispatched(func, args, kwargs or {})
            except Unsupported as stop:
                self.stopped = stop  # the layer may catch it
                raise

    def _dispatched(self, func: Any, args: Any, kwargs: Any) -> Any:
        if isinstance(func, HigherOrderOperator):
            site, what = self.lines.site(func.name()), "an operator that calls functions, as it likes"
            raise (DataDependent if func.name() in ("cond", "while_loop") else Opaque)(site, what)
        how = plan(func)
        if how.view:
            if isinstance(args[0], Tensor):
                self.lifetimes.outside(args[0])
            if self.lines.drawn():
                self.lines.site(how.name)
            return func(*args, **kwargs)
        if how.free:
            return self._free(how, func, args, kwargs)
        if how.data and any(x.is_meta for x in tensors((args, *kwargs.values()))):
            self.refuse(how.name, how.data)
        if func is ATTENTION:  # in inference mode, where it is dispatched whole
            with self:
                return attend(self, self.fused, args, kwargs)
        if how.rule is None or how.composite:
            out = self._decomposed(how, func, args, kwargs)
            if out is not NotImplemented:
                return out
        return self._operation(how, func, args, kwargs)

    def _free(self, how: Plan, func: Any, args: Any, kwargs: Any) -> Any:
        """`empty` and its like."""
        for x in tensors((args, *kwargs.values())):
            self.lifetimes.outside(x)
        out = func(*args, **kwargs)
        site = self.lines.site(how.name)
        for x in tensors((out,)):
            if not self.lifetimes.known(x)[1]:
                self.lifetimes.allocated(x, site)
            elif how.written:
                self.lifetimes.resized(x)
        return out

    def _decomposed(self, how: Plan, func: Any, args: Any, kwargs: Any) -> Any:
        """The result by torch's decomposition, counted; NotImplemented where torch has none. A composite operation is nothing but
        its parts; any other is one kernel, whose parts take no memory."""
        decomposition = decomposition_table.get(func)
        if how.composite or decomposition is None:
            with self:
                return func.decompose(*args, **kwargs)
        with self.hidden(), self:
            out = decomposition(*args, **kwargs)
        if not self.lifetimes.hidden:
            for x in tensors((out,)):
                self.lifetimes.shown(x, self.lines.site(how.name))
        return out

    def _operation(self, how: Plan, func: Any, args: Any, kwargs: Any) -> Any:
        """A call by its rule, or an opaque one."""
        site = self.lines.site(how.name)
        key = signature(func, args, kwargs) if how.pure else None
        counted = None if key is None else self._calls.get(key)
        reads: list[int] = []
        if counted is not None:
            for x in tensors((args, *kwargs.values())):
                self.depths.read(self.lifetimes.outside(x), x, reads)
            out, written = counted.again(), ()
        else:
            inputs, written = self._parts(how, args, kwargs)
            self._refuse_values(how, site, args, kwargs)
            for x in inputs:
                self.depths.read(self.lifetimes.outside(x), x, reads)
            try:
                out = fresh(func, args, kwargs) if how.pure else func(*args, **kwargs)
            except NotImplementedError as error:
                raise Opaque(site, f"{_remedy(how.name)} (torch: {str(error).splitlines()[0]})") from error
            counted = self._count(how, site, args, kwargs, inputs, written, out)
            if key is not None and counted.makes is not None:
                self._calls[key] = counted
        event = self._add(site, counted, reads)
        for x in written:
            self.depths.write(self.lifetimes.outside(x), x, event)
        for x in (out,) if isinstance(out, Tensor) else tensors((out,)):
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
            found = tensors((args[i] if i < len(args) else kwargs.get(name),))
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
    ) -> Counted:
        if how.rule is None:
            self.opaque[site, _remedy(how.name)] = None
            cost = Cost((), (), ())
        else:
            cost = how.rule.of(Call(how.positions, args, kwargs, out))
            if not how.rule.exact:
                self.upper.add(how.rule.name)
        size = moved(how, inputs, written, tensors((out,)))
        again = makes(out) if how.pure and not how.unread else None
        return Counted(cost, (depth(cost.span), depth(cost.threshold)), size, again)

    def _add(self, site: Site, counted: Counted, reads: list[int]) -> int:
        cost = counted.cost
        if self._counting:
            into = self.work.get(site)
            if into is None:
                into = self.work[site] = {}
            for coefficient, sizes in cost.work:
                into[sizes] = into.get(sizes, 0) + coefficient
            self.moved[site] = self.moved.get(site, 0) + counted.moved
            if cost.matrix:
                self.matrix[site] = self.matrix.get(site, 0) + cost.matrix
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


def _remedy(name: str) -> str:
    return (
        f"{name} has no rule in the cost model and torch has no decomposition of it; register its formula, or give a reference "
        "implementation in operations that have rules"
    )
