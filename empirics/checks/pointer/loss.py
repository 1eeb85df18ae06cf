"""What a language-model loss can be on tokens that nobody can predict: derived, and counted out over all sequences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import loss as claims


@check(
    claims.never_below, "derived", covers=True, scope={"sizes": "all V, all models", "method": "y, V and sum p symbols"}
)
def gibbs(
    tangent: Callable[[Any], Any] = lambda y: y - 1, log: Callable[[Any], Any] | None = None, total: int = 1
) -> Evidence:
    """tangent(y) - log y is 0 at 1 with derivative (y - 1)/y; the mean of V p - 1 over the values is sum p - 1 = 0."""
    import sympy

    y, v, p = sympy.symbols("y V p", positive=True)
    f = tangent(y) - (log or sympy.log)(y)
    rest = sympy.cancel(sympy.together(sympy.diff(f, y) - (y - 1) / y))
    if f.subs(y, 1) != 0 or rest != 0:
        return fails(f"{f}: value at 1 and derivative are off by {f.subs(y, 1)} and {rest}", 0, rest)
    mean = sympy.expand((v * p - v) / v).subs(p, total)  # (1/V) sum_v (V p_v - 1) for sum p_v = p
    if mean != 0:
        return fails(f"weights that sum to {total}: the mean of V p - 1 is {mean}", 0, mean)
    return holds(cases=3)


def _bits(y: Any) -> Any:
    import sympy

    return sympy.log(y) / sympy.log(2)


control(gibbs, "slope-two", "refuted", tangent=lambda y: 2 * (y - 1), reason="below log y just before 1")
control(gibbs, "bits", "refuted", log=_bits, reason="log2 y exceeds y - 1 between 1 and 2")
control(gibbs, "not-normalised", "refuted", total=2, reason="weights that sum to 2 gain log 2 a token")
control(
    gibbs,
    "written-otherwise",
    "confirmed",
    tangent=lambda y: (y * y - 1) / (y + 1),
    symmetry="y^2 - 1 = (y - 1)(y + 1)",
)

Law = Callable[[Sequence[int], int], list[Fraction]]
"""(tokens seen, V) -> the probability of each value."""


def _favour(value: int, weight: Fraction, v: int) -> list[Fraction]:
    return [weight if x == value else (1 - weight) / (v - 1) for x in range(v)]


LAWS: dict[str, Law] = {
    "uniform": lambda seen, v: [Fraction(1, v)] * v,
    "copies": lambda seen, v: _favour(seen[-1], Fraction(1), v) if seen else [Fraction(1, v)] * v,
    "sure": lambda seen, v: _favour(0, Fraction(1), v),
    "leans": lambda seen, v: _favour(seen[-1] if seen else 0, Fraction(3, 4), v),
    "counts": lambda seen, v: [Fraction(1 + list(seen).count(x), v + len(seen)) for x in range(v)],
    "adds": lambda seen, v: _favour(sum(seen) % v, Fraction(9, 10), v),
}

Sight = Callable[[tuple[int, ...], int], Sequence[int]]
"""(sequence, t) -> what a model sees when it names the probabilities of token t."""


def past(tokens: tuple[int, ...], t: int) -> Sequence[int]:
    """A loss shifted by one: the tokens before t."""
    return tokens[:t]


def past_and_own(tokens: tuple[int, ...], t: int) -> Sequence[int]:
    """A loss that is not shifted: token t is the last that was read."""
    return tokens[: t + 1]


def later(tokens: tuple[int, ...], t: int) -> Sequence[int]:
    """The tokens after t, nearest last: the past of the reversed sequence."""
    return tokens[:t:-1]


def others(tokens: tuple[int, ...], t: int) -> Sequence[int]:
    """All but token t: no mask."""
    return tokens[:t] + tokens[t + 1 :]


def _wagers(v: int, n: int, law: Law, sight: Sight) -> list[Fraction]:
    """prod_t V p_t over each sequence of n tokens."""
    made = []
    for tokens in product(range(v), repeat=n):
        made.append(math.prod((v * law(sight(tokens, t), v)[tokens[t]] for t in range(n)), start=Fraction(1)))
    return made


def _told(v: int, n: int, name: str) -> str:
    return f"V = {v}, {n} {'token' if n == 1 else 'tokens'}, {name}"


_SIZES = {"vocabulary": [2, 3], "length": [1, 2, 3, 4], "name": list(LAWS)}
_SCOPE = {"sizes": "V = 2, 3, up to 4 tokens, six models"}


@check(claims.wager, "exhausted", given=_SIZES, scope=_SCOPE)
def mean_wager_is_one(vocabulary: int, length: int, name: str, sight: Sight = past, laws: Any = LAWS) -> Evidence:
    """The mean over all sequences of the product of V p is 1, exactly."""
    wagers = _wagers(vocabulary, length, laws[name], sight)
    mean = sum(wagers, Fraction(0)) / len(wagers)
    if mean != 1:
        return fails(f"{_told(vocabulary, length, name)}: the mean wager is {mean}", 1, mean)
    return holds()


control(mean_wager_is_one, "not-shifted", "refuted", sight=past_and_own, reason="copies is told the answer")
control(mean_wager_is_one, "not-masked", "refuted", sight=others, reason="two tokens that tell of each other")
control(
    mean_wager_is_one,
    "not-normalised",
    "refuted",
    laws={name: lambda seen, v, law=law: [2 * p for p in law(seen, v)] for name, law in LAWS.items()},
    reason="twice the weight",
)
control(mean_wager_is_one, "read-backwards", "confirmed", sight=later, symmetry="reversed tokens have the same law")


@check(claims.unshifted, "exhausted", given=_SIZES, covers=True, scope=_SCOPE)
def mean_loss_is_log_v_or_more(
    vocabulary: int, length: int, name: str, sight: Sight = past_and_own, laws: Any = LAWS
) -> Evidence:
    """The mean of sum (log V - loss) over all sequences is not positive: the product of all wagers is at most 1."""
    wagers = _wagers(vocabulary, length, laws[name], sight)
    if math.prod(wagers) > 1:
        mean = math.log(vocabulary) - math.log(math.prod(wagers)) / (len(wagers) * length)
        words = f"{_told(vocabulary, length, name)}: mean loss {mean:.4f}"
        return fails(f"{words}, log V = {math.log(vocabulary):.4f}", ">= log V", f"{mean:.4f}")
    return holds()


control(mean_loss_is_log_v_or_more, "shifted", "confirmed", sight=past, reason="the past says nothing of the token")
control(mean_loss_is_log_v_or_more, "read-backwards", "confirmed", sight=later, reason="nor does the future alone")
control(
    mean_loss_is_log_v_or_more,
    "a-model-that-does-not-look",
    "confirmed",
    laws=dict.fromkeys(LAWS, LAWS["sure"]),
    reason="a leak that is not used shows nowhere",
)
