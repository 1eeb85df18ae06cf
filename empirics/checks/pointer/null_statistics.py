"""Statistics of nulls for pointers, for every N: from the rows, by growth, and as quarter squares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import nulls
from theory.pointer import printed_pointers as claims
from theory.pointer.nulls import NULLS, Null

_MOST = 9


@check(
    claims.null_statistics,
    "exhausted",
    given={"n": range(1, _MOST + 1), "name": list(NULLS)},
    scope={"sizes": f"N = 1 to {_MOST}, nine nulls", "method": "from the law of each row"},
)
def closed_forms_are_the_rows(n: int, name: str, of: Mapping[str, Null] = NULLS) -> Evidence:
    """Total hop, self-loops and targets from the rows, one by one, and the histogram of hops adds up to N."""
    null = of[name]
    total, own, distinct = null.by_rows(n)
    compared = [("total hop", null.total_hop(n), total), ("self-loops", null.own(n), own)]
    if distinct is not None:
        compared.append(("targets", null.distinct(n), distinct))
    compared.append(("positions in the histogram", Fraction(n), sum(null.hops(n), Fraction(0))))
    for what, stated, found in compared:
        if stated != found:
            return fails(f"{name}, N = {n}: {what} {found}, not {stated}", stated, found)
    return holds()


def _edited(name: str, **changes: Any) -> dict[str, Null]:
    return {**NULLS, name: replace(NULLS[name], **changes)}


control(
    closed_forms_are_the_rows,
    "causal-without-itself",
    "refuted",
    of=_edited("uniform_causal", row=NULLS["uniform_before"].row),
    reason="without itself the mean hop is longer",
)
control(
    closed_forms_are_the_rows,
    "one-row-fewer",
    "refuted",
    of=_edited("uniform_before", distinct=lambda n: Fraction(n - 1, 2)),
    reason="N/2 targets, not (N-1)/2",
)
control(
    closed_forms_are_the_rows,
    "centre-rounded-up",
    "confirmed",
    of=_edited("centre", row=lambda i, n: {n // 2: Fraction(1)}),
    symmetry="reversing the positions exchanges the two middle ones",
)

Step = tuple[Any, Any, Any]
"""What a row adds to total hop, self-loops and targets."""


def _closed(n: Any, h: Any) -> dict[str, tuple[Step, int]]:
    """Total hop, self-loops and targets for n rows, h = H_n, and the N from which the steps hold; uniform_all times n."""
    import sympy

    one, causal = sympy.Integer(1), n * (n - 1) / 4
    return {
        "uniform_causal": ((causal, h, (n + 1) / 2), 1),
        "uniform_before": (((n - 1) * (n + 2) / 4, one, n / 2), 2),
        "shared_scores": ((causal, h, h), 1),
        "uniform_all": ((n * (n**2 - 1) / 3, n, n**2 - (n - 1) ** n / n ** (n - 2)), 1),
        "previous": ((n - 1, one, n - 1), 2),
        "first": ((n * (n - 1) / 2, one, one), 1),
        "own": ((0 * n, n, n), 1),
    }


def _steps(n: Any, d: Any) -> dict[str, Step]:
    """What row n adds to each, d targets being there before it; for uniform_all no step for targets, whose form is direct."""
    import sympy

    zero, one = sympy.Integer(0), sympy.Integer(1)
    return {
        "uniform_causal": (n / 2, 1 / (n + 1), 1 - d / (n + 1)),
        "uniform_before": ((n + 1) / 2, zero, 1 - d / n),
        "shared_scores": (n / 2, 1 / (n + 1), 1 / (n + 1)),
        "uniform_all": (n * (n + 1), one, None),
        "previous": (one, zero, one),
        "first": (n, zero, zero),
        "own": (zero, one, one),
    }


@check(
    claims.null_statistics,
    "derived",
    given={"name": list(NULLS)},
    covers=True,
    scope={"sizes": "all N, nine nulls", "method": "N and H_N symbols, H_{N+1} = H_N + 1/(N+1)"},
)
def closed_forms_grow_by_rows(name: str, steps: Any = _steps, of: Mapping[str, Null] = NULLS) -> Evidence:
    """Each form grows by what its row adds and begins with the null's own value; two are quarter squares."""
    import sympy

    if name in ("centre", "half_way"):
        return _quarter_squares(_around, _back, (name,))
    n, h = sympy.symbols("n H", positive=True)
    forms, start = _closed(n, h)[name]
    for what, form, more in zip(("total hop", "self-loops", "targets"), forms, steps(n, forms[2])[name], strict=True):
        if more is None:
            continue
        grown = form.subs({n: n + 1, h: h + 1 / (n + 1)}, simultaneous=True)
        if sympy.cancel(sympy.together(grown - form - more)) != 0:
            return fails(f"{name}: {what} grows by {sympy.factor(grown - form)}, not {more}", more, grown - form)
    scale = start if name == "uniform_all" else 1
    stated = [scale * x for x in (of[name].total_hop(start), of[name].own(start), of[name].distinct(start))]
    found = [form.subs({n: start, h: sympy.Rational(str(nulls.harmonic(start)))}) for form in forms]
    if any(x != sympy.Rational(str(y)) for x, y in zip(found, stated, strict=True)):
        told = ", ".join(map(str, stated))
        return fails(f"{name}, N = {start}: total hop, self-loops and targets begin with {told}", found, stated)
    return holds(cases=3)


def _with(name: str, place: int, edit: Callable[[Any, Any], Any]) -> Callable[[Any, Any], dict[str, Step]]:
    """The steps with one of them edited."""

    def steps(n: Any, d: Any) -> dict[str, Step]:
        made = list(_steps(n, d)[name])
        made[place] = edit(n, d)
        return {**_steps(n, d), name: (made[0], made[1], made[2])}

    return steps


control(
    closed_forms_grow_by_rows,
    "off-by-one-past",
    "refuted",
    steps=_with("uniform_causal", 2, lambda n, d: 1 - d / n),
    reason="row n chooses among n + 1 positions",
)
control(
    closed_forms_grow_by_rows,
    "hop-not-halved",
    "refuted",
    steps=_with("shared_scores", 0, lambda n, d: n),
    reason="the mean of 0..n is n/2",
)
control(
    closed_forms_grow_by_rows,
    "first-record-forgotten",
    "refuted",
    of=_edited("shared_scores", distinct=lambda n: nulls.harmonic(n) - 1),
    reason="position 0 is a record too",
)
control(
    closed_forms_grow_by_rows,
    "hop-summed-over-targets",
    "confirmed",
    steps=_with("uniform_before", 0, lambda n, d: n * (n + 1) / 2 / n),
    symmetry="the mean of 1..n as a sum over n",
)


def _upto(y: Any) -> Any:
    """1 + ... + y."""
    return y * (y + 1) / 2


def _around(m: Any, odd: int) -> Any:
    """Hops of N = 2m + odd positions to c = floor((N - 1) / 2): 0..c below and 1..N-1-c above."""
    c = m - 1 + odd
    return _upto(c) + _upto(2 * m + odd - 1 - c)


def _back(m: Any, odd: int) -> Any:
    """Hops ceil(i / 2): each of 1..m twice, or once the last when N is even."""
    return 2 * _upto(m) - (0 if odd else m)


def _quarter_squares(around: Any, back: Any, names: tuple[str, ...]) -> Evidence:
    import sympy

    m = sympy.Symbol("m")
    if sympy.expand(_upto(m) - _upto(m - 1) - m) != 0 or _upto(0) != 0:
        return fails("1 + ... + y is not y (y + 1) / 2")
    for name in names:
        for odd in (0, 1):
            found, square = sympy.expand({"centre": around, "half_way": back}[name](m, odd)), m * (m + odd)
            if sympy.expand(found - square) != 0:
                return fails(f"{name}, N = {2 * m + odd}: hops sum to {found}", square, found)
    return holds(cases=2 * len(names))


@check(
    claims.expected_positions,
    "derived",
    covers=True,
    scope={"sizes": "all N", "method": "N = 2m and N = 2m + 1, m symbol"},
)
def hops_sum_to_the_quarter_square(around: Any = _around, back: Any = _back) -> Evidence:
    """For even and odd N the hops to the centre, and half-way back, sum to m^2 and m (m + 1)."""
    return _quarter_squares(around, back, ("centre", "half_way"))


control(
    hops_sum_to_the_quarter_square,
    "all-at-the-first",
    "refuted",
    around=lambda m, odd: _upto(2 * m + odd - 1),
    reason="N (N - 1) / 2 is twice as much",
)
control(
    hops_sum_to_the_quarter_square,
    "rounded-up",
    "refuted",
    back=lambda m, odd: 2 * _upto(m - 1) + (m if odd else 0),
    reason="hops floor(i / 2) are shorter",
)
control(
    hops_sum_to_the_quarter_square,
    "other-middle",
    "confirmed",
    around=lambda m, odd: _upto(m) + _upto(m - 1 + odd),
    symmetry="reversing the positions exchanges the two middle ones",
)
