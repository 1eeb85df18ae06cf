"""The symbolic route: a subject run once with symbols for its sizes, so that its formulas hold wherever its guards do.

Torch carries the sizes as symbols through shapes (`empirics.cost.symbolic_shapes`); the rules of the cost model are applied to those.
It confirms independently what `empirics.cost.counting` recovers from runs at numbers, for code that does not loop over a size.
A size that the run turned into a number, silently or by a loop, shows as an equality among the guards: then it is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from torch import Tensor, nn
from torch._decomp import decomposition_table
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from empirics.cost.fused import Constants
from empirics.cost.lines import Lines
from empirics.cost.relations import SMALLEST
from empirics.cost.rules import Plan, plan
from empirics.cost.rules.model import Call, Cost
from empirics.cost.symbolic_shapes import Shapes
from empirics.cost.symbolic_span import SymbolicDepths
from empirics.cost.symbolic_surroundings import SHAPES, Unfilled, symbols_taken
from empirics.cost.tally import Site
from theory.cost.formulas import L

__all__ = ["HINTS", "SymbolicCost", "symbolic_cost"]

HINTS = (211, 53, 17, 11, 7, 5, 3)
"""Values at which comparisons come out when none are asked for: distinct primes, the first symbol's far above the others'."""
MOST_OPERATIONS = 5000


@dataclass(frozen=True)
class SymbolicCost:
    """Formulas of one run as sympy expressions in the size symbols, or the reason why there are none.

    They hold for all sizes of at least 2 that satisfy the `guards`, texts with file and line. `terms`: the work by site. `span` is None
    where storages are written in part. `moved` in bytes, as `empirics.cost.tally.Tally` defines it. When `refused` is not
    None every formula is None.
    """

    work: Any = None
    span: Any = None
    moved: Any = None
    parameters: Any = None
    guards: tuple[str, ...] = ()
    conditions: tuple[Any, ...] = ()
    terms: Mapping[Site, Any] = field(default_factory=dict)
    refused: str | None = None

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether these sizes satisfy the guards, so that the formulas are about them."""
        if min(sizes.values(), default=SMALLEST) < SMALLEST:
            return False
        return all(bool(c.subs({s: sizes[s.name] for s in c.free_symbols})) for c in self.conditions)


class Refused(Exception):
    """The route does not apply: why."""


def symbolic_cost(subject: Callable[..., Any], hints: Mapping[str, int] | None = None) -> SymbolicCost:
    """Forward work, span, bytes moved and parameters of a subject, with its sizes as symbols.

    `hints` are sizes that the subject accepts; comparisons come out as at them, and are guards. ValueError when they name
    other symbols.
    """
    names = list(inspect.signature(subject).parameters)
    given = dict(zip(names, HINTS, strict=False)) if hints is None else dict(hints)
    if set(given) != set(names):
        raise ValueError(
            f"hints for {sorted(given)}, but the sizes are {names}; give one for each, {len(HINTS)} at most without"
        )
    shapes = Shapes(given)
    counter = _Counter(shapes)
    try:
        with symbols_taken(shapes.environment):
            with Unfilled():
                layer, inputs = subject(**shapes.sizes)
            with Constants(counter), counter:  # pyright: ignore[reportArgumentType]
                result = _forward(layer, inputs)
        counter.check()
        return counter.told(layer, result)
    except Exception as error:  # of the subject or of torch: the route promises nothing for it
        pinned = shapes.pinned()
        if isinstance(error, Refused) or pinned is None:
            return SymbolicCost(refused=_reason(error))
        return SymbolicCost(refused=f"a size is pinned: {pinned}")


def _reason(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)
    return f"it does not run with symbols: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def _forward(layer: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    return layer(*inputs)


class _Counter(TorchDispatchMode):
    """Applies the rules to every operation while it is on."""

    def __init__(self, shapes: Shapes) -> None:
        super().__init__()
        self.shapes = shapes
        self.depths = SymbolicDepths()
        self.lines = Lines((_forward,))
        self.work: dict[Site, Any] = {}
        self.moved: Any = sympy.Integer(0)
        self._numels: dict[int, Any] = {}
        self._alive: list[Tensor] = []
        self._operations = 0
        self._refused = ""

    def check(self) -> None:
        """Refused as soon as a guard pins a size, and ever after a refusal, which the layer may have caught."""
        pinned = self.shapes.pinned()
        if pinned is not None:
            self.refuse(f"a size is pinned: {pinned}")
        if self._refused:
            raise Refused(self._refused)

    def refuse(self, why: str) -> None:
        """Raises Refused, and keeps the reason."""
        self._refused = self._refused or why
        raise Refused(self._refused)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        return False  # never compiled; asking would load the compiler

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func.namespace == "prim":  # asked about a tensor that stands for one: its device
            return func(*args, **kwargs)
        self.check()
        self._operations += 1
        how = plan(func)
        if self._operations > MOST_OPERATIONS:
            self.refuse(f"more than {MOST_OPERATIONS} operations, as of a loop over a size")
        if how.free:
            out = func(*args, **kwargs)
            if not how.view:
                self._made(_tensors(out), None)
            return out
        if how.data:
            self.refuse(f"{self._where(how)}: {how.data}")
        if how.rule is None:
            return self._decomposed(how, func, args, kwargs)
        out = (SHAPES.get(func) or func)(*args, **kwargs)
        self._count(how, args, kwargs, out)
        return out

    def _decomposed(self, how: Plan, func: Any, args: Any, kwargs: Any) -> Any:
        decomposition = decomposition_table.get(func)
        with self:
            out = func.decompose(*args, **kwargs) if decomposition is None else decomposition(*args, **kwargs)
        if out is NotImplemented:
            self.refuse(f"{self._where(how)}: {how.name} has no rule and no decomposition")
        return out

    def _where(self, how: Plan) -> str:
        site = self.lines.site(how.name)
        return f"{site.file}:{site.line}" if site.file else "the layer"

    def _count(self, how: Plan, args: Any, kwargs: Any, out: Any) -> None:
        assert how.rule is not None
        cost = how.rule.of(Call(how.positions, args, kwargs, out))
        named = {name: args[i] if i < len(args) else kwargs.get(name) for name, (i, _) in how.positions.items()}
        read = [x for name, value in named.items() if name not in how.unread for x in _tensors(value)]
        written = [x for name in how.written for x in _tensors(named[name])]
        self._add(how.name, cost, read, written, _tensors(out))
        made = [x for x in _tensors(out) if not any(x is w for w in written)]
        self.moved += self._moved(how, read, written, made)

    def _add(self, name: str, cost: Cost, read: list[Tensor], written: list[Tensor], out: list[Tensor]) -> None:
        of, site = self.shapes.formula, self.lines.site(name)
        log: Any = L
        work = sum((of(c) * sympy.Mul(*map(log, map(of, sizes))) for c, sizes in cost.work), sympy.Integer(0))
        self.work[site] = self.work.get(site, sympy.Integer(0)) + work
        span = [(of(c), tuple(map(of, sizes))) for c, sizes in cost.span]
        depth = self.depths.after([_key(x) for x in read], span)
        for x in written:
            if _key(x) in self._numels and self._numels[_key(x)] == of(x.numel()):
                self.depths.made(_key(x), depth)
            else:
                self.depths.written_in_part(_key(x), depth)
        self._made([x for x in out if not any(x is w for w in written)], depth)

    def _made(self, tensors: list[Tensor], depth: Any) -> None:
        """New storages, kept alive so that their keys stay their own."""
        for x in tensors:
            self._alive.append(x)
            self._numels[_key(x)] = self.shapes.formula(x.numel())
            if depth is not None:
                self.depths.made(_key(x), depth)

    def _moved(self, how: Plan, read: list[Tensor], written: list[Tensor], made: list[Tensor]) -> Any:
        def size(tensors: list[Tensor]) -> Any:
            return sum((self.shapes.formula(x.numel()) * x.element_size() for x in tensors), sympy.Integer(0))

        if how.gathers:
            return size(read[1:]) + 2 * size(made or written)
        if how.scatters and written:
            chosen = sympy.Max(*(self.shapes.formula(x.numel()) for x in read[1:]))
            return size(read[1:]) + 2 * chosen * written[0].element_size()
        return size(read) + size(written) + size(made)

    def constant(self, x: Tensor) -> None:
        """x was made from numbers of the program: a factory."""
        self._add("aten.tensor", Cost(((x.numel(), ()),), ((1, ()),), ()), [], [], [x])
        self.moved += self.shapes.formula(x.numel()) * x.element_size()

    def told(self, layer: Any, result: Any) -> SymbolicCost:
        """Everything counted, as formulas."""
        guards = self.shapes.guards()
        owner = layer if isinstance(layer, nn.Module) else getattr(layer, "__self__", None)
        parameters = owner.parameters() if isinstance(owner, nn.Module) else ()
        outputs = [_key(x) for x in tree_leaves(result) if isinstance(x, Tensor)]
        told, span = self.shapes.told, self.depths.formula(outputs)
        return SymbolicCost(
            work=told(sum(self.work.values(), sympy.Integer(0))),
            span=None if span is None else told(span),
            moved=told(self.moved),
            parameters=told(sum((self.shapes.formula(p.numel()) for p in parameters), sympy.Integer(0))),
            guards=tuple(map(str, guards)),
            conditions=tuple(guard.relation for guard in guards),
            terms={site: told(work) for site, work in self.work.items() if work != 0},
        )


def _key(x: Tensor) -> int:
    return x.untyped_storage()._cdata


def _tensors(value: Any) -> list[Tensor]:
    return [x for x in tree_leaves(value) if isinstance(x, Tensor)]
