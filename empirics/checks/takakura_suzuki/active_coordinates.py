"""How many coordinates lie below a level, against the power of the level that growth allows."""

from __future__ import annotations

from fractions import Fraction

from empirics.checking import Evidence, check, control, fails
from empirics.checks.takakura_suzuki.blocks import LEVELS
from theory.takakura_suzuki import blocks as claims
from theory.takakura_suzuki.smoothness import Power, Smoothness, mixed

F = Fraction
GROWTHS = (
    (F(1), Smoothness("mixed", Power(1))),
    (F(2), Smoothness("anisotropic", Power(2))),
    (F(3, 2), Smoothness("mixed", Power(F(3, 2)))),
    (F(1), mixed(1, 3, 3, 5)),
    (F(1, 2), Smoothness("anisotropic", Power(F(1, 2), F(3, 2)))),
)


@check(
    claims.active,
    "exhausted",
    given={"case": GROWTHS, "T": (*LEVELS, F(9), F(41, 2))},
    scope={"sizes": "five sequences with alpha = 1/2, 1, 3/2, 2; T up to 41/2"},
)
def few_are_active(
    case: tuple[Fraction, Smoothness], T: Fraction, more: Fraction = F(0), extra: int = 0
) -> Evidence | None:
    """d_max from the walk of single coordinates against T^(1/(alpha + more)), whose power alpha is compared with T."""
    alpha, smoothness = case[0] + more, case[1]
    found = 0
    while (smoothness.dimension is None or found < smoothness.dimension) and smoothness.value(found + 1) < T:
        found += 1
    words = f"{smoothness.kind}, a = {smoothness.a}, T = {T}: {found} coordinates are active"
    n, d = alpha.as_integer_ratio()
    if found != smoothness.active(T) or (found + extra and (found + extra) ** n >= T**d):
        return fails(words, f"fewer than T^(1/{alpha})", found)
    if smoothness.value(1) * smoothness.largest(T) >= T:
        return fails(f"{words}, s_1 up to {smoothness.largest(T)}", "below T / a_1", smoothness.largest(T))
    return None


control(few_are_active, "one-more", "refuted", extra=1, reason="a_i = i, T = 1/2 has none below 1")
control(few_are_active, "more-growth", "refuted", more=F(1), reason="the norm is finite for alpha alone")
control(few_are_active, "less-growth", "confirmed", more=F(-1, 4), reason="j^alpha is above j^(alpha - 1/4)")
