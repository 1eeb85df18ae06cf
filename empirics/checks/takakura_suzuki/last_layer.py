"""How large the last layer's weights are for smoothness that grows at least as i, for every level at once."""

from __future__ import annotations

from fractions import Fraction

from constructions.takakura_suzuki.transformer import Plan
from empirics.checking import Evidence, check, control, fails, holds
from theory.takakura_suzuki import transformer as claims
from theory.takakura_suzuki.gadget_laws import PRECISION
from theory.takakura_suzuki.roots import ball
from theory.takakura_suzuki.smoothness import Power, Smoothness


@check(
    claims.below_four,
    "exhausted",
    given=lambda run: {"T": list(range(2, run.pick(6, 9)))},
    scope=lambda run: {"sizes": f"a_i = i: the product for all T; the last layer's bound for T = 2..{run.pick(5, 8)}"},
)
def last_layer_below_four(
    T: int, scale: Fraction = Fraction(1), most: Fraction = Fraction(21, 5), factors: int = 40
) -> Evidence:
    """The product of all factors, those beyond 40 by their bound, against `most`; A and the weights of one level against 4."""
    from flint import arb, ctx

    plan = Plan(Smoothness("mixed", Power(1, scale)), T)
    with ctx.workprec(PRECISION):
        product = (ball(Fraction(1, 4 ** (factors - 2)))).exp()
        for i in range(1, factors + 1):
            product *= 1 + 2 / (arb(2) ** ball(2 * scale * i - 1) - 1)
        if not product < ball(most):
            return fails(f"a_i = {scale} i: the product is {float(product):.6g}", f"< {most}", float(product))
        if not ball(plan.factor) ** 2 <= product or plan.last_weight_bound >= 4:
            words = f"a_i = {scale} i, T = {T}: A = {float(plan.factor):.5g}, weights up to {float(plan.last_weight_bound):.5g}"
            return fails(words, f"A^2 <= {float(product):.5g}, below 4", float(plan.last_weight_bound))
    return holds()


control(
    last_layer_below_four,
    "three-fifths",
    "refuted",
    scale=Fraction(3, 5),
    reason="the first factor alone is 1 + 2 / (2^(1/5) - 1) = 14.4",
)
control(last_layer_below_four, "tighter", "refuted", most=Fraction(4), reason="the product is 4.19")
control(last_layer_below_four, "looser", "confirmed", most=Fraction(16), reason="16 is what A < 4 needs")
control(last_layer_below_four, "smoother", "confirmed", scale=Fraction(6, 5), reason="every factor falls with a_i")
