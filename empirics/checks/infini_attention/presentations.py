"""One key again and again: what M and the read become, in symbols and through the code, for every start."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.infini_attention.streams import Stream, read, told, written
from constructions.layers.infini_attention.memory import Memory
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.infini_attention.order import symbols
from theory.infini_attention import presentations as claims

Law = Callable[..., Any]


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


def law(c: Any, s: Any, t: Any) -> Any:
    """The coefficient of v_s in m_t; that of m_0 is (c - 1) / (c + t - 1)."""
    return (c + s - 1) / (c + t - 1)


@check(claims.values, "derived", covers=True, scope={"sizes": "all c and t", "method": "c, s, t symbols"})
def step_of_the_law(weight: Law = law, first: int = -1, kept: int = -1) -> Evidence:
    """A presentation takes the coefficients at t to those at t + 1; the new value has 1; the starts."""
    import sympy

    c, s, t, m = sympy.symbols("c s t m_0", positive=True)
    factor = 1 + kept / (c + t)
    return residue(
        {
            "v_s": weight(c, s, t) * factor - weight(c, s, t + 1),
            "m_0": (c + first) / (c + t - 1) * factor - (c + first) / (c + t),
            "the new value": weight(c, t, t) - 1,
            "the first presentation": m * (1 - 1 / c) - (c + first) / c * m,
            "from nothing, v_1 at the second": weight(sympy.Integer(0), sympy.Integer(1), sympy.Integer(2)),
        }
    )


control(step_of_the_law, "all-alike", "refuted", weight=lambda c, s, t: c / (c + t - 1), reason="the linear rule's")
control(step_of_the_law, "overshooting", "refuted", kept=-2, reason="twice the step")
control(step_of_the_law, "m-0-kept", "refuted", first=0, reason="a share 1/c of it is read and taken away")
control(
    step_of_the_law,
    "as-a-quotient",
    "confirmed",
    weight=lambda c, s, t: 1 - (t - s) / (c + t - 1),
    symmetry="the same coefficient, written as 1 minus the rest",
)


def _starts() -> Iterator[tuple[int, Fraction, int]]:
    return (
        (t, c, m) for c in (Fraction(0), Fraction(1, 3), Fraction(1), Fraction(5)) for m in (0, 2) for t in range(1, 6)
    )


@check(
    claims.values,
    "exhausted",
    given={"case": [case for case in _starts() if case[1] or not case[2]]},
    scope={"sizes": "t <= 5, c = 0, 1/3, 1, 5, m_0 = 0, 2 (0 by c = 0); v_s the s-th unit vector"},
)
def law_through_the_code(
    case: tuple[int, Fraction, int], weight: Law = law, rule: str = "delta", key: int = 1
) -> Evidence:
    """m_t for v_s the s-th unit vector, from M_0 = phi m_0 in a column of its own and z_0 with phi z_0 = c |phi|^2."""
    t, c, m = case
    phi = (1 * key, 2 * key)
    start = np.zeros((2, t + 1), dtype=object)
    start[:, t] = [m * p for p in phi]
    memory = Memory(start + Fraction(0), np.array([c * p for p in phi], dtype=object))
    stream = tuple(((phi, tuple(int(s == i) for i in range(t + 1))),) for s in range(t))
    after = written(stream, rule, start=memory)
    found = [
        sum(p * x for p, x in zip(phi, column, strict=True)) / sum(p * p for p in phi) for column in after.matrix.T
    ]
    wanted = [weight(c, s, t) if c + t > 1 else Fraction(1) for s in range(1, t + 1)]
    wanted.append(m * (c - 1) / (c + t - 1) if c + t > 1 else Fraction(0))
    if found != wanted:
        return fails(f"c = {c}, m_0 = {m}, t = {t}: {', '.join(map(str, found))}", wanted, found)
    reads = read(after, phi)
    if list(reads) != [x / (c + t) for x in wanted]:
        return fails(f"c = {c}, m_0 = {m}, t = {t}: {', '.join(map(str, reads))} is read", "m_t / (c + t)", reads)
    return holds()


control(law_through_the_code, "linear", "refuted", rule="linear", reason="all coefficients are 1")
control(law_through_the_code, "c-one-more", "refuted", weight=lambda c, s, t: law(c + 1, s, t), reason="another start")
control(law_through_the_code, "longer-key", "confirmed", key=3, symmetry="c and m are told in units of the key")


@check(claims.one_value, "derived", covers=True, scope={"sizes": "all c and t", "method": "c, s, t symbols"})
def one_value_again(half: Fraction = Fraction(1, 2), last: int = 0) -> Evidence:
    """The sum of the coefficients, its two forms, and the cases c = 0 and c = 1."""
    import sympy

    c, s, t = sympy.symbols("c s t", positive=True)
    share = sympy.Rational(half.numerator, half.denominator)
    m = t * (2 * c + t - 1) * share / (c + t - 1)
    r = share + share * c * (1 - c) / ((c + t - 1) * (c + t))
    return residue(
        {
            "m": sympy.summation(law(c, s, t), (s, 1, t + last)) - m,
            "r": m / (c + t) - r,
            "m, c = 0": m.subs(c, 0) - t * share,
            "r, c = 0": r.subs(c, 0) - share,
            "m, c = 1": m.subs(c, 1) - (t + 1) * share,
            "r, c = 1": r.subs(c, 1) - share,
        }
    )


control(one_value_again, "a-third", "refuted", half=Fraction(1, 3), reason="the weights grow evenly: a half")
control(one_value_again, "one-short", "refuted", last=-1, reason="t values, not t - 1")


@check(
    claims.one_value,
    "exhausted",
    given={"case": [(t, k) for t in (1, 2, 3, 7) for k in (0, 1, 3)]},
    scope={"sizes": "t = 1, 2, 3, 7, z_0 = 0, 1, 3 in every channel, features (1, 2)"},
)
def one_value_through_the_code(case: tuple[int, int], late: int = 0, value: int = 1) -> Evidence:
    """z_0 = k in every channel is c = k |phi|_1 / |phi|^2."""
    t, k = case
    c = Fraction(3 * k, 5)
    matrix, found = state(again(t + late, (1, 2), value), "delta", k)
    c_t = c + t - 1
    m = value * (t * (2 * c + t - 1) / (2 * c_t) if c_t else Fraction(1))
    r = m / (c + t)
    if (matrix, found) != ((m, 2 * m), (r,)):
        told_ = f"z_0 = {k}, {t} times: M = ({', '.join(map(str, matrix))}), {found[0]} is read"
        return fails(told_, (m, 2 * m, r), (*matrix, *found))
    return holds()


control(one_value_through_the_code, "once-more", "refuted", late=1, reason="M grows with every presentation but one")
control(one_value_through_the_code, "another-value", "confirmed", value=4, reason="both are linear in the value")


@check(claims.when, "derived", covers=True, scope={"sizes": "all c >= 0, t >= 2", "method": "c, t symbols"})
def when_nothing_changes(third: int = 3, unchanged: int = 1) -> Evidence:
    """The two differences; the zero of the first at t = 2; no negative coefficient from t = 3 on; c = 0 by itself."""
    import sympy

    c, t, s = sympy.symbols("c t s", positive=True)

    def m(t: Any) -> Any:
        return t * (2 * c + t - 1) / (2 * (c + t - 1))

    less = sympy.expand((c + t - 2) * (c + t - 1) - c * (1 - c))
    found = {
        "M": m(t) - m(t - 1) - less / (2 * (c + t - 2) * (c + t - 1)),
        "the read": m(t) / (c + t)
        - m(t - 1) / (c + t - 1)
        + unchanged * c * (1 - c) / ((c + t - 2) * (c + t - 1) * (c + t)),
        "at t = 2": less.subs(t, 2) - 2 * c**2,
    }
    evidence = residue(found)
    coefficients = sympy.Poly(sympy.expand(less.subs(t, third + s)), c, s).as_dict()
    if min(coefficients.values()) < 0 or coefficients.get((0, 0), 0) <= 0:
        return fails(f"from t = {third} on: {less.subs(t, third)} may be 0", "> 0", coefficients)
    steps = [state(again(times), "delta") for times in (1, 2, 3, 4)]
    same = [(a[0] == b[0], a[1] == b[1]) for a, b in itertools.pairwise(steps)]
    if same != [(True, False), (False, True), (False, True)]:
        return fails(f"c = 0: (M, read) unmodified at t = 2, 3, 4: {same}")
    return evidence


control(when_nothing_changes, "from-the-second", "refuted", third=2, reason="M stays at t = 2 by c = 0")
control(when_nothing_changes, "sign-of-the-read", "refuted", unchanged=-1, reason="it falls for c < 1")
control(when_nothing_changes, "from-the-fourth", "confirmed", third=4, reason="a part of the claim")


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
