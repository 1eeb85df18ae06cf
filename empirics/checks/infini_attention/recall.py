"""Exact recall: every small stream; the share of other tokens in symbols; how far pre-activations must go, certified."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

from constructions.infini_attention.one_hot_keys import DIMENSION, TENTHS, one_hot_tokens, share, tenths_needed
from constructions.infini_attention.streams import read, written
from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.inequalities import certificate
from theory.infini_attention import recall as claims

Vector = tuple[int, ...]


def _keys(run: Run) -> dict[str, Any]:
    made: list[tuple[Vector, ...]] = []
    for count in range(1, run.pick(3, 4)):
        made += [keys for d in (1, 2) for keys in product(product((0, 1, 2), repeat=d), repeat=count + 1)]
    return {"keys": made}


@check(
    claims.orthogonal,
    "exhausted",
    given=_keys,
    scope={"sizes": "a query and at most 2 keys (full: 3), at most 2 features 0, 1 or 2"},
)
def recalled_when_met_alone(keys: tuple[Vector, ...], nearly: int = 0, turned: bool = False) -> Evidence:
    """The first vector is the query. Unit vectors as values: the read is one of them exactly when one key alone is met."""
    query, *stored = keys[::-1] if turned else keys
    stream = (tuple((key, tuple(int(i == t) for i in range(len(stored)))) for t, key in enumerate(stored)),)
    found = read(written(stream), query)
    inner = [sum(q * x for q, x in zip(query, key, strict=True)) for key in stored]
    for i, one in enumerate(inner):
        unit = tuple(int(j == i) for j in range(len(stored)))
        alone = one > 0 and all(other <= nearly for t, other in enumerate(inner) if t != i)
        if (found == unit) != alone:
            told = f"query {query}, keys {', '.join(map(str, stored))}: ({', '.join(map(str, found))}) is read"
            return fails(told, unit if alone else f"not {unit}", found)
    return holds(cases=len(stored))


control(recalled_when_met_alone, "nearly-orthogonal", "refuted", nearly=1, reason="an inner product of 1 is felt")
control(recalled_when_met_alone, "last-is-the-query", "confirmed", turned=True, symmetry="all tuples are met anyway")


@check(claims.positive, "derived", covers=True, scope={"sizes": "all N >= 2", "method": "A, B, v, o symbols"})
def share_of_the_others(others: int = 1, towards: int = 1) -> Evidence:
    """(A v + B o) / (A + B) = v + share (o - v), and the share is 1 - A / (A + B)."""
    import sympy

    a, b, v, o = sympy.symbols("A B v o", positive=True)
    part = others * b / (a + others * b)
    residuals = {
        "the read": (a * v + b * o) / (a + b) - (v + towards * part * (o - v)),
        "the share": part - (1 - a / (a + b)),
    }
    for name, residual in residuals.items():
        if (left := sympy.cancel(sympy.together(residual))) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    if not part.is_positive:
        return fails(f"the share {part} is not positive", "> 0", part)
    return holds(cases=3)


control(share_of_the_others, "none-stored", "refuted", others=0, reason="then the read is v, which B > 0 excludes")
control(share_of_the_others, "sign-dropped", "refuted", towards=-1, reason="the read moves towards the others")


@check(claims.falls, "derived", covers=True, scope={"sizes": "all d", "method": "d, g, E symbols"})
def share_of_one_hot_keys(shared: int = 2, slope: int = 2) -> Evidence:
    """The share from the inner products, d a symbol, and the bound."""
    import sympy

    d, g, e = sympy.symbols("d g E", positive=True)
    own, other = g**2 + (d - 1) * e**2, 2 * g * e + (d - shared) * e**2
    r = e / g
    found = (d - 1) * other / (own + (d - 1) * other)
    n = d - 1
    room = n * r**2 * (3 * n + 1 + 2 * n**2 * r) / (1 + n * r) ** 2
    residuals = {"the share": found - share(d, r), "the bound": slope * n * r - share(d, r) - room}
    for name, residual in residuals.items():
        if (left := sympy.cancel(sympy.together(residual))) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    return holds(cases=2)


control(
    share_of_one_hot_keys, "own-channel-shared", "refuted", shared=1, reason="two keys have 2 channels of their own"
)
control(share_of_one_hot_keys, "half-the-bound", "refuted", slope=1, reason="each key meets the other twice")


@check(
    claims.falls,
    "exhausted",
    given={"size": [(d, g, e) for d in (2, 3, 5) for g in (1, 3) for e in (Fraction(1), Fraction(1, 7))]},
    scope={"sizes": "d = 2, 3, 5, g = 1, 3, E = 1, 1/7"},
)
def share_through_the_code(
    size: tuple[int, int, Fraction], law: Callable[[Any, Any], Any] = share, query_factor: int = 1
) -> Evidence:
    """What is read at a key has 1 - share at its own value."""
    d, g, e = size
    tokens = one_hot_tokens(d, g, e)
    found = read(written((tokens,)), tuple(query_factor * x for x in tokens[0][0]))
    if found[0] != 1 - law(d, e / g):
        return fails(f"d = {d}, features {g} and {e}: {found[0]} of its own value", 1 - law(d, e / g), found[0])
    return holds()


control(
    share_through_the_code,
    "linear-in-r",
    "refuted",
    law=lambda d, r: 2 * (d - 1) * r,
    reason="the bound is not the share",
)
control(share_through_the_code, "query-longer", "confirmed", query_factor=5, symmetry="a query's length cancels")


@check(
    claims.needed,
    "certified",
    given={"p": [8, 11, 24, 53]},
    covers=True,
    scope={"sizes": "d = 128, x = 0, p = 8, 11, 24, 53", "method": "bisection by tenths; both ends certified"},
)
def tenths_of_pre_activation(p: int, d: int = DIMENSION, off: int = 0) -> Evidence:
    """Below 2^-p at the tenth named, above it a tenth before: (1 + 127 E^2) against (1 - 2^-p) (1 + 127 E)^2."""
    end = tenths_needed(p) + off
    if end != claims.TENTHS_NEEDED[p] + off:
        return fails(f"p = {p}: from y = {end / TENTHS} on", claims.TENTHS_NEEDED[p] / TENTHS, end / TENTHS)
    made = []
    for k, below in ((end, True), (end - 1, False)):
        e = ["exp", Fraction(-k, TENTHS)]
        kept = ["+", 1, ["*", d - 1, ["pow", e, 2]]]
        most = ["*", 1 - Fraction(1, 2**p), ["pow", ["+", 1, ["*", d - 1, e]], 2]]
        made.append(certificate(*((most, "<", kept) if below else (kept, "<", most)), claims.needed.id))
    found: dict[str, Any] = {f"below 2^-{p} from y =": end / TENTHS}
    return holds(certificates=made, **found)


control(tenths_of_pre_activation, "a-tenth-sooner", "refuted", off=-1, reason="the share is above 2^-p there")
control(tenths_of_pre_activation, "a-tenth-later", "refuted", off=1, reason="a tenth before it is below already")
control(tenths_of_pre_activation, "half-the-keys", "refuted", d=64, reason="half the share: a tenth before is enough")
