"""One key again and again: what M and the read become, in symbols and through the code, for every start."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.infini_attention.streams import Stream, read, told, written
from constructions.layers.infini_attention.memory import Memory
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.infini_attention.order import symbols
from theory.infini_attention import presentations as claims


def again(times: int, phi: tuple[Any, ...] = (1,), value: Any = 1) -> Stream:
    """One token, `times` segments of it."""
    return (((phi, (value,)),),) * times


def state(stream: Stream, rule: str, constant: Any = 0, freeze: bool = False) -> tuple[Any, Any]:
    """M as a tuple and what the first token's key reads, after the stream. freeze: all tokens but the first are known."""
    known = [[freeze and s > 0] * len(segment) for s, segment in enumerate(stream)]
    memory = written(stream, rule, constant=constant, known=known)
    return tuple(memory.matrix.ravel()), read(memory, stream[0][0][0])


def _again(stream: Stream, rule: str, constant: int, freeze: bool, matrix: bool) -> Evidence:
    first = state(stream[:1], rule, constant, freeze)[not matrix]
    last = state(stream, rule, constant, freeze)[not matrix]
    if first == last:
        return holds()
    what = "M" if matrix else "the read"
    words = f"{told(stream)}: {what} is {', '.join(map(str, last))}, was {', '.join(map(str, first))}"
    return fails(words, first, last)


_TIMES = [again(times, phi) for times in (2, 3, 4, 5) for phi in ((1,), (1, 2))]
_SIZES = {"sizes": "value 1, one key of features (1) or (1, 2), up to 5 presentations"}


@check(claims.printed_matrix, "exhausted", given={"stream": _TIMES}, scope=_SIZES)
def matrix_is_left(stream: Stream, rule: str = "delta", constant: int = 0, freeze: bool = False) -> Evidence:
    """M after all presentations is M after the first."""
    return _again(stream, rule, constant, freeze, matrix=True)


control(matrix_is_left, "frozen-z", "confirmed", rule="delta-frozen", freeze=True, reason="the read stays v")
control(matrix_is_left, "linear", "refuted", rule="linear", reason="it adds phi v whatever is there")


@check(claims.printed_start, "exhausted", given={"stream": [again(1), *_TIMES]}, scope=_SIZES)
def memory_is_defined(stream: Stream, rule: str = "delta", constant: int = 0, nothing: str = "undefined") -> Evidence:
    """Every quotient has a denominator that is not 0."""
    try:
        written(stream, rule, constant=constant, nothing=nothing)
    except ZeroDivisionError:
        return fails(f"{told(stream)}: the first token reads 0 / 0", "a number", "0 / 0")
    return holds()


control(memory_is_defined, "reads-0-from-nothing", "confirmed", nothing="zero", reason="said to be 0")
control(memory_is_defined, "z-from-1", "confirmed", constant=1, reason="the denominator is positive from the start")
control(memory_is_defined, "linear", "confirmed", rule="linear", reason="it reads nothing to write")
control(memory_is_defined, "frozen-z", "refuted", rule="delta-frozen", reason="it reads first, too")


@check(claims.printed_read, "exhausted", given={"stream": _TIMES}, scope=_SIZES)
def read_is_left(stream: Stream, rule: str = "delta", constant: int = 0, freeze: bool = False) -> Evidence:
    """What is read after all presentations is what is read after the first."""
    return _again(stream, rule, constant, freeze, matrix=False)


control(read_is_left, "frozen-z", "confirmed", rule="delta-frozen", freeze=True, reason="neither M nor z changes")
control(read_is_left, "linear", "confirmed", rule="linear", reason="M and z grow alike")


def residue(found: dict[str, Any]) -> Evidence:
    """Holds when every expression is 0; names the first that is not."""
    import sympy

    for name, expression in found.items():
        if (left := sympy.factor(sympy.cancel(sympy.together(expression)))) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    return holds(cases=len(found))


@check(claims.existing, "derived", covers=True, scope={"sizes": "all memories", "method": "symbols, two features"})
def a_binding_that_exists(rule: str = "delta", scaled: int = 1) -> Evidence:
    """A token whose value is its read: M stays, and the read is multiplied by phi z / (phi z')."""
    memory, ((phi, _),) = symbols(1, 2)
    (before,) = read(memory, phi)
    after = written((((phi, (before,)),),), rule, start=memory)
    (now,) = read(after, phi)
    old, new = (sum(p * x for p, x in zip(phi, z, strict=True)) for z in (memory.normaliser, after.normaliser))
    found = {f"row {j}": x - y for j, (x, y) in enumerate(zip(after.matrix[:, 0], memory.matrix[:, 0], strict=True))}
    return residue({**found, "the read": now - before * old / (scaled * (new - old) + old)})


control(a_binding_that_exists, "linear", "refuted", rule="linear", reason="it adds phi v whatever is there")
control(a_binding_that_exists, "z-kept", "refuted", scaled=0, reason="z grows")
control(a_binding_that_exists, "known-not-said", "confirmed", rule="delta-frozen", symmetry="no token marked as known")


@check(claims.frozen, "derived", covers=True, scope={"sizes": "all memories", "method": "symbols, two features"})
def a_known_token(known: bool = True, rule: str = "delta-frozen") -> Evidence:
    """The error of its read is multiplied by 1 - |phi|^2 / (phi z); where it is 0 nothing changes."""
    memory, ((phi, (v,)),) = symbols(1, 2)
    (before,) = read(memory, phi)
    below = sum(p * x for p, x in zip(phi, memory.normaliser, strict=True))
    squared = sum(p * p for p in phi)
    after = written((((phi, (v,)),),), rule, start=memory, known=[[known]])
    (now,) = read(after, phi)
    still = written((((phi, (before,)),),), rule, start=memory, known=[[known]])
    return residue(
        {
            "the error": v - now - (1 - squared / below) * (v - before),
            **{f"z {j}": after.normaliser[j] - memory.normaliser[j] for j in range(2)},
            **{f"M {j}, read v": still.matrix[j, 0] - memory.matrix[j, 0] for j in range(2)},
        }
    )


control(a_known_token, "not-known", "refuted", known=False, reason="z grows by phi")
control(a_known_token, "linear", "refuted", rule="linear", reason="it adds phi v whatever is there")


@check(
    claims.unit,
    "derived",
    covers=True,
    scope={"sizes": "all memories", "method": "symbols, phi = (p, q), p^2 + q^2 = 1"},
)
def written_and_read(length: int = 1, times: int = 1) -> Evidence:
    """phi M' = v, and M'' = M', with q^2 = length - p^2."""
    import sympy

    p, q, v = sympy.symbols("p q v")
    matrix = np.array([[x] for x in sympy.symbols("m:2")], dtype=object)
    token: Stream = ((((p, q), (v,)),),)
    once = written(token * times, "delta-unit", start=Memory(matrix, None))
    twice = written(token, "delta-unit", start=once)
    found = {
        "the read": p * once.matrix[0, 0] + q * once.matrix[1, 0] - v,
        "M again, 0": twice.matrix[0, 0] - once.matrix[0, 0],
        "M again, 1": twice.matrix[1, 0] - once.matrix[1, 0],
    }
    circle = p**2 + q**2 - length
    return residue({name: sympy.rem(sympy.expand(x), circle, q) for name, x in found.items()})


control(written_and_read, "longer", "refuted", length=2, reason="the step is twice the error")
control(written_and_read, "written-twice", "confirmed", times=2, reason="the second time changes nothing")
