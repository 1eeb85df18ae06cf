"""The laws for t presentations of one key: coefficients, one value, and when nothing changes; in symbols and through the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from constructions.infini_attention.streams import read, written
from constructions.layers.infini_attention.memory import Memory
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.infini_attention.presentations import again, residue, state
from theory.infini_attention import presentations as claims

Law = Callable[..., Any]


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
    partial = s * (2 * c + s - 1) / 2  # of the sum of c + r - 1 over r up to s
    r = share + share * c * (1 - c) / ((c + t - 1) * (c + t))
    return residue(
        {
            "partial sums": partial - partial.subs(s, s - 1) - (c + s - 1),
            "the first": partial.subs(s, 0),
            "m": partial.subs(s, t + last) / (c + t - 1) - m,
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
    coefficients: Any = sympy.Poly(sympy.expand(less.subs(t, third + s)), c, s).as_dict()
    if min(coefficients.values()) < 0 or coefficients.get((0, 0), 0) <= 0:
        return fails(f"from t = {third} on: {less.subs(t, third)} may be 0", "> 0", coefficients)
    steps = [state(again(times), "delta") for times in (1, 2, 3, 4)]
    same = [(a[0] == b[0], a[1] == b[1]) for a, b in pairwise(steps)]
    if same != [(True, False), (False, True), (False, True)]:
        return fails(f"c = 0: (M, read) unmodified at t = 2, 3, 4: {same}")
    return evidence


control(when_nothing_changes, "from-the-second", "refuted", third=2, reason="M stays at t = 2 by c = 0")
control(when_nothing_changes, "sign-of-the-read", "refuted", unchanged=-1, reason="it falls for c < 1")
control(when_nothing_changes, "from-the-fourth", "confirmed", third=4, reason="a part of the claim")
