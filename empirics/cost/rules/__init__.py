"""The table of cost model v1: from a call of an aten operation to its work and span; one module a family of operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from empirics.cost.rules import linear_algebra, normalisation, pooling, products, reductions, scans, scatters
from empirics.cost.rules.data_dependent import DATA_DEPENDENT
from empirics.cost.rules.model import RULES, Call, Cost, Rule
from empirics.cost.rules.pointwise import FREE, GATHERS, OVERWRITING, SHAPE_ONLY, pointwise

__all__ = ["Plan", "cost_of", "forget_plans", "plan"]

_FAMILIES = (linear_algebra, normalisation, pooling, products, reductions, scans, scatters)
_POINTWISE = Rule("pointwise", pointwise, True)
_PRIMS = {"prims::convert_element_type": "_to_copy", "prims::device_put": "_to_copy"}


@dataclass(frozen=True)
class Plan:
    """How calls of one overload are counted.

    `view`: its results share the storage of its first argument. `free`: nothing is computed, a view or `empty`. `data`: what
    about it depends on values, or "". `composite`: torch decomposes it before the dispatch, unless inference mode is on, so it is
    decomposed there too. `rule`: None when there is none. `positions`: place and default of every argument. `unread`: the
    arguments whose elements are not read. `written`: those written to. `gathers`, `scatters`: only the elements chosen by an
    index are read, or written. `pure`: its results are fresh and their shapes a function of the shapes of its arguments.
    """

    name: str
    view: bool
    free: bool
    data: str
    composite: bool
    rule: Rule | None
    positions: dict[str, tuple[int, Any]]
    unread: frozenset[str]
    written: tuple[str, ...]
    gathers: bool
    scatters: bool
    pure: bool


_PLANS: dict[Any, Plan] = {}


def plan(operation: Any) -> Plan:
    """The plan of an overload (torch._ops.OpOverload)."""
    found = _PLANS.get(operation)
    if found is None:
        found = _PLANS[operation] = _make(operation)
    return found


def _data(operation: Any, base: str) -> str:
    if base == "repeat_interleave" and operation._overloadname != "Tensor":
        return ""
    if base in DATA_DEPENDENT:
        return DATA_DEPENDENT[base]
    if torch.Tag.data_dependent_output in operation.tags:
        return "its result depends on values"
    return "values decide the shape of its result" if torch.Tag.dynamic_output_shape in operation.tags else ""


def _composite(operation: Any) -> bool:
    name = operation._schema.name + (f".{operation._overloadname}" if operation._overloadname != "default" else "")
    return not name.startswith("prim::") and torch._C._dispatch_has_kernel_for_dispatch_key(
        name, "CompositeImplicitAutograd"
    )


def forget_plans() -> None:
    """Rules have changed: how operations are counted is looked up again."""
    _PLANS.clear()


def _make(operation: Any) -> Plan:
    schema = operation._schema
    space, _, name = schema.name.partition("::")
    arguments, returns = schema.arguments, schema.returns
    written = tuple(a.name for a in arguments if a.alias_info is not None and a.alias_info.is_write)
    base = name.removesuffix("_") if written and not name.startswith("__") else name
    base = base if space == "aten" else str(_PRIMS.get(schema.name, schema.name))
    rule = RULES.get(base)
    data = "" if rule else _data(operation, base)
    if rule is None and not data and space in ("aten", "prims") and torch.Tag.pointwise in operation.tags:
        rule = _POINTWISE
    unread = {a.name for a in arguments if a.is_out}
    if base in SHAPE_ONLY or (base in OVERWRITING and arguments and arguments[0].name in written):
        unread.add(arguments[0].name)
    aliases = [r.alias_info is not None for r in returns]
    view = bool(returns) and not written and all(aliases)
    return Plan(
        name=f"{space}.{name}",
        view=view,
        free=view or base in FREE or space == "prim",  # prim::device and its like look at attributes
        data=data,
        composite=_composite(operation),
        rule=rule,
        positions={a.name: (i, a.default_value if a.has_default_value() else None) for i, a in enumerate(arguments)},
        unread=frozenset(unread),
        written=written,
        gathers=base in GATHERS,
        scatters=rule is not None and rule.name == "scatter",
        pure=rule is not None and not written and not any(aliases),
    )


def cost_of(operation: Any, args: Any, kwargs: dict[str, Any], out: Any) -> Cost | None:
    """The cost of a call by its rule; a view or `empty` costs nothing; None where there is no rule."""
    found = plan(operation)
    if found.free:
        return Cost((), (), ())
    return None if found.rule is None else found.rule.of(Call(found.positions, args, kwargs, out))
