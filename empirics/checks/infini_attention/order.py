"""Order and cuts: identities in symbols through the memory's code, streams of small numbers, the smallest that tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations, product
from typing import Any

import numpy as np

from constructions.infini_attention.streams import Segment, Stream, column, cuts, told, written
from constructions.layers.infini_attention.memory import Memory
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.infini_attention import order as claims


def symbols(tokens: int, d: int) -> tuple[Memory, Segment]:
    """A memory of d features and one value, and tokens, all of symbols."""
    import sympy

    def named(name: str, count: int) -> tuple[Any, ...]:
        return tuple(sympy.symbols(f"{name}:{count}", positive=True))

    z = np.array(named("z", d), dtype=object)
    memory = Memory(np.array(named("m", d), dtype=object)[:, None], z)
    return memory, tuple((named(f"phi{t}_", d), (sympy.Symbol(f"v{t}"),)) for t in range(tokens))


def apart(one: Memory, other: Memory) -> Any:
    """The first entry in which two memories of symbols differ, as a reduced fraction; 0 if there is none."""
    import sympy

    pairs = [*zip(one.matrix.ravel(), other.matrix.ravel(), strict=True)]
    if one.normaliser is not None:
        pairs += zip(one.normaliser, other.normaliser, strict=True)
    differences = (sympy.cancel(sympy.together(a - b)) for a, b in pairs)
    return next((x for x in differences if x != 0), 0)


@check(claims.linear, "derived", covers=True, scope={"sizes": "all streams", "method": "two tokens, symbols"})
def cuts_and_exchanges(rule: str = "linear", exchange: bool = True) -> Evidence:
    """(s)(t), (s t) and (t)(s) leave the same memory, and (s t u) the same as (s t)(u), from any memory."""
    memory, (s, t, u) = symbols(3, 1)
    ways: list[tuple[str, Stream, Stream]] = [
        ("(s)(t) and (s t)", ((s,), (t,)), ((s, t),)),
        ("(s t)(u) and (s t u)", ((s, t), (u,)), ((s, t, u),)),
    ]
    if exchange:
        ways.append(("(s)(t) and (t)(s)", ((s,), (t,)), ((t,), (s,))))
    for name, one, other in ways:
        left = apart(written(one, rule, start=memory), written(other, rule, start=memory))
        if left != 0:
            return fails(f"{name} differ by {left}", 0, left)
    return holds(cases=len(ways))


control(cuts_and_exchanges, "delta", "refuted", rule="delta", reason="the second token reads what the first wrote")
control(cuts_and_exchanges, "unit-norm", "refuted", rule="delta-unit", reason="it reads before it writes as well")
control(cuts_and_exchanges, "cuts-alone", "confirmed", exchange=False, reason="a part of the claim")


def streams(most: int) -> Iterator[Segment]:
    """Tokens of one feature 1 or 2, 1 where there are three or more, and one value 0 or 1, fewest first, smallest first."""
    for count in range(1, most + 1):
        for features in product((1, 2) if count < 3 else (1,), repeat=count):
            for values in product((0, 1), repeat=count):
                yield column(features, values)


def _given(run: Run) -> dict[str, Any]:
    return {"tokens": list(streams(run.pick(3, 4)))}


def _same(memory: Memory, other: Memory, z_alone: bool) -> bool:
    same = (memory.normaliser == other.normaliser).all()
    return bool(same and (z_alone or (memory.matrix == other.matrix).all()))


def _all_ways(tokens: Segment, rule: str, z_alone: bool, orders: Callable[[Segment], Any]) -> Evidence:
    whole = written((tokens,), rule)
    count = 0
    for order in orders(tokens):
        for stream in cuts(tuple(order)):
            count += 1
            other = written(stream, rule)
            if not _same(whole, other, z_alone):
                found = "M = " + ", ".join(map(str, other.matrix.ravel()))
                return fails(f"{told((tokens,))} and {told(stream)}: {found}", whole.matrix.tolist(), found)
    return holds(cases=count)


@check(
    claims.linear,
    "exhausted",
    given=_given,
    scope={
        "sizes": "at most 3 tokens (full: 4), one feature 1 or 2, 1 from 3 tokens on, values 0 or 1; all orders and cuts"
    },
)
def every_order_and_cut(tokens: Segment, rule: str = "linear", z_alone: bool = False) -> Evidence:
    """All orders, all cuts, beside one segment in the order given."""
    return _all_ways(tokens, rule, z_alone, permutations)


control(every_order_and_cut, "delta", "refuted", rule="delta", reason="(1)(1) with the first value not 0")
control(every_order_and_cut, "z-of-delta", "confirmed", rule="delta", z_alone=True, reason="z is written alike")


@check(
    claims.delta_tempting,
    "exhausted",
    given=_given,
    scope={"sizes": "at most 3 tokens, one feature 1 or 2, 1 from 3 tokens on, values 0 or 1"},
)
def delta_in_every_order_and_cut(tokens: Segment, rule: str = "delta", z_alone: bool = False) -> Evidence:
    """All orders, all cuts, beside one segment in the order given."""
    return _all_ways(tokens, rule, z_alone, permutations)


control(delta_in_every_order_and_cut, "linear", "confirmed", rule="linear", reason="it carries no order")
control(delta_in_every_order_and_cut, "z-alone", "confirmed", z_alone=True, reason="z is written as by the linear rule")


@check(claims.delta_cut, "derived", covers=True, scope={"sizes": "all a, b, phi", "method": "symbols"})
def one_key_twice(rule: str = "delta", constant: int = 0) -> Evidence:
    """From nothing: phi b, phi (a + b), phi a."""
    import sympy

    phi, a, b = sympy.symbols("phi a b", positive=True)
    s, t = ((phi,), (a,)), ((phi,), (b,))
    wanted = ((((s,), (t,)), phi * b), (((s, t),), phi * (a + b)), (((t,), (s,)), phi * a))
    for stream, matrix in wanted:
        found = sympy.cancel(written(stream, rule, constant=constant).matrix[0, 0])
        if sympy.cancel(found - matrix) != 0:
            return fails(f"{told(stream)}: M = {found}", matrix, found)
    return holds(cases=len(wanted))


control(one_key_twice, "linear", "refuted", rule="linear", reason="the sum in either case")
control(one_key_twice, "z-from-1", "refuted", constant=1, reason="the second token then reads less than a")
control(
    one_key_twice, "frozen-z-nothing-known", "confirmed", rule="delta-frozen", symmetry="no token is marked as known"
)


@check(claims.delta_within, "derived", covers=True, scope={"sizes": "all streams", "method": "symbols, d = 1, 2"})
def exchange_within(rule: str = "delta", apart_from_each_other: bool = False) -> Evidence:
    """(s t) and (t s) leave the same memory, from any memory."""
    for d in (1, 2):
        memory, (s, t) = symbols(2, d)
        ways: tuple[Stream, Stream] = (((s, t),), ((t, s),))
        if apart_from_each_other:
            ways = (((s,), (t,)), ((t,), (s,)))
        left = apart(written(ways[0], rule, start=memory), written(ways[1], rule, start=memory))
        if left != 0:
            return fails(f"d = {d}: M differs by {left}", 0, left)
    return holds(cases=2)


control(exchange_within, "two-segments", "refuted", apart_from_each_other=True, reason="one reads what the other wrote")
control(exchange_within, "linear", "confirmed", rule="linear", reason="by it order never counts")
control(exchange_within, "unit-norm", "confirmed", rule="delta-unit", reason="all read the memory before the segment")
