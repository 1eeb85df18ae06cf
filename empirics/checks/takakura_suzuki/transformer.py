"""The explicit transformer: its sizes against the formulas, its last layer, its heads, and its error on whole intervals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki.network import Network
from constructions.takakura_suzuki.pieces import distance, pieces
from constructions.takakura_suzuki.target import Target, spread
from constructions.takakura_suzuki.transformer import Plan
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki import transformer_edits as edits
from theory.takakura_suzuki import network_laws, offset_laws
from theory.takakura_suzuki import transformer as claims
from theory.takakura_suzuki.counting import count
from theory.takakura_suzuki.gadget_laws import PRECISION
from theory.takakura_suzuki.roots import ball
from theory.takakura_suzuki.smoothness import Power, Smoothness, block_of, mixed

LINEAR, SQUARES = Smoothness("mixed", Power(1)), Smoothness("mixed", Power(2))
ANISOTROPIC = Smoothness("anisotropic", Power(2))
NEAR = Fraction(1, 2)
"""What share of the network's bound a single wave must reach where J > 2 m: 0.87 of the angle's part is reached, which is 0.43 / 4^m,
while the squarings' part is 0.67 * 4^(m - J), at most 0.17 / 4^m, and not reached or even subtracted."""


def _cases(run: Run, *classes: Smoothness, quick: int = 4) -> list[tuple[Smoothness, int]]:
    return [(smoothness, T) for T in range(2, run.pick(quick + 1, 8)) for smoothness in classes]


def _name(case: tuple[Smoothness, int]) -> str:
    smoothness, T = case
    return f"{smoothness.kind}, a = {smoothness.a}, T = {T}"


@check(
    claims.size,
    "exhausted",
    given=lambda run: {"case": _cases(run, LINEAR, SQUARES, ANISOTROPIC)},
    covers=True,
    scope=lambda run: {"sizes": f"three a, T = 2..{run.pick(4, 7)}"},
)
def sizes_are_the_laws(case: tuple[Smoothness, int], plan: Any = Plan, law: Any = network_laws.size) -> Evidence:
    """N, depth, width and weights of the compiled network, each counted."""
    made = plan(*case)
    if len(made.kept) != count(*case):
        return fails(f"{_name(case)}: {len(made.kept)} basis functions", count(*case), len(made.kept))
    features = made.features
    hidden = Network(features.layers[:-1]).nonzeros
    found = network_laws.Size(features.depth, features.width, hidden, features.nonzeros - hidden)
    for name, seen, wanted in zip(found._fields, found, law(made.kept, made.depths), strict=True):
        if seen != wanted:
            return fails(f"{_name(case)}: {name} is {seen}", wanted, seen)
    return holds(cases=len(made.kept))


control(sizes_are_the_laws, "level-included", "refuted", plan=edits.Inclusive, reason="order T itself is kept too")
control(sizes_are_the_laws, "products-for-free", "refuted", law=edits.products_for_free, reason="products have layers")
control(sizes_are_the_laws, "two-neurons", "refuted", law=edits.narrow, reason="a wave is three neurons wide")
control(sizes_are_the_laws, "reordered", "confirmed", law=edits.reordered, symmetry="the order of the basis functions")


FACTORS = 12
"""How many coordinates of the product that bounds A^2 are taken one by one: more than any level here makes active."""


@check(
    claims.weights,
    "exhausted",
    given=lambda run: {"case": _cases(run, LINEAR, SQUARES)},
    covers=True,
    scope=lambda run: {"sizes": f"two a, T = 2..{run.pick(4, 7)}"},
)
def weights_stay_small(case: tuple[Smoothness, int], target: Any = spread, factor: Fraction = Fraction(2)) -> Evidence:
    """The largest weights of a target on the sphere and of each function alone at its largest; A^2 against the product.

    Coordinates beyond the twelfth have a_i >= i, so their factors are below 1 + 2^(3 - 2 i), and all together below exp(2^-22).
    Without products of waves the first wave alone has the weight 2 2^(1/2 - a_1) in the last layer, but for its rounding.
    """
    from flint import arb, ctx

    plan = Plan(*case)
    a = [plan.smoothness.exact(i) for i in range(1, FACTORS + 1)]
    orders = {index: sum(int(x) * s for x, s in zip(a, block_of(index), strict=False)) for index in plan.kept}
    alone = [Target(plan.smoothness, {index: Fraction(1, 2**order)}) for index, order in orders.items()]
    networks = [plan.network(given) for given in (target(*case, 0), *alone)]
    inner, last = networks[0].largest_inner, max(n.largest_last for n in networks)  # one set of hidden layers for all
    if inner != 4:
        return fails(f"{_name(case)}: a hidden weight is {inner}", 4, inner)
    if last > plan.last_weight_bound:
        words = f"{_name(case)}: a weight of the last layer is {float(last):.4g}"
        return fails(words, float(plan.last_weight_bound), float(last))
    with ctx.workprec(PRECISION):
        reached = arb(8).sqrt() / arb(2) ** ball(a[0])
        if not plan.depths.stages and not ball(last + Fraction(1, 2**plan.read_out_bits)) >= reached:
            return fails(
                f"{_name(case)}: the last layer's largest weight is {float(last)}", float(reached), float(last)
            )
        most = arb(1)
        for x in a:
            most *= 1 + ball(factor) / (arb(2) ** ball(2 * x - 1) - 1)
        most *= ball(Fraction(1, 2**22)).exp()
        if not ball(plan.factor) ** 2 <= most:
            return fails(
                f"{_name(case)}: A^2 = {float(plan.factor**2):.5g}", f"<= {float(most):.5g}", float(plan.factor**2)
            )
        if not most < 16:
            return fails(
                f"{plan.smoothness}: the product over all coordinates is {float(most):.5g}", "< 16", float(most)
            )
    return holds(cases=len(networks))


control(
    weights_stay_small,
    "outside-the-class",
    "refuted",
    target=edits.too_large,
    reason="eight times a target of the ball",
)
control(
    weights_stay_small,
    "no-square-roots-of-2",
    "refuted",
    factor=Fraction(1, 2),
    reason="a wave is bounded by sqrt(2), not 1",
)
control(weights_stay_small, "negated", "confirmed", target=edits.negated, symmetry="-f is in the ball with f")


@check(
    claims.attention_error,
    "exhausted",
    given=lambda run: {"case": _cases(run, LINEAR, ANISOTROPIC)},
    covers=True,
    scope=lambda run: {"sizes": f"two a, T = 2..{run.pick(4, 7)}, every head"},
)
def heads_read_their_offset(
    case: tuple[Smoothness, int], share: Fraction = Fraction(1), periods: Any = offset_laws.dyadic_periods
) -> Evidence:
    """The share of the wrong keys in balls: what tokens 0 at the offset and 1 elsewhere read."""
    plan = Plan(*case)
    for offset in plan.offsets:
        _, most = offset_laws.leak(periods(plan.reach), share * plan.chi, plan.reach, offset)
        if most > plan.attention_error:
            words = f"{_name(case)}: the head for offset {offset} is off by {float(most):.4g}"
            return fails(words, f"<= {float(plan.attention_error):.4g}", float(most))
    return holds(cases=len(plan.offsets))


control(
    heads_read_their_offset, "temperature-halved", "refuted", share=Fraction(1, 2), reason="the leak is the square root"
)
control(
    heads_read_their_offset,
    "code-too-small",
    "refuted",
    periods=lambda reach: offset_laws.dyadic_periods(reach)[:-1],
    reason="two offsets have one code",
)
control(heads_read_their_offset, "colder", "confirmed", share=Fraction(2), reason="a smaller leak")


@check(
    claims.error,
    "exhausted",
    given=lambda run: {"case": _cases(run, LINEAR, SQUARES, ANISOTROPIC)},
    covers=True,
    scope=lambda run: {"sizes": f"three a, T = 2..{run.pick(4, 7)}, the whole unit ball"},
)
def class_within_accuracy(case: tuple[Smoothness, int], plan: Any = Plan) -> Evidence:
    """The bound for the whole class against 2^-T, in rationals."""
    made = plan(*case)
    if made.class_error > Fraction(1, 2 ** case[1]):
        words = f"{_name(case)}: the bound is {float(made.class_error):.4g}"
        return fails(words, f"<= 2^-{case[1]}", float(made.class_error))
    return holds()


control(class_within_accuracy, "step-missing", "refuted", plan=edits.ShortPlan, reason="waves err four times as much")
control(class_within_accuracy, "hot-heads", "refuted", plan=edits.HotPlan, reason="heads leak sixteen times as much")
control(
    class_within_accuracy, "deeper", "confirmed", plan=edits.DeepPlan, reason="one logistic step and four levels more"
)

ONE_COORDINATE = mixed(1, 9)


def _targets(run: Run) -> list[tuple[int, tuple[int, ...]]]:
    return [(2, (-1,)), (2, (1,)), (2, (-1, 1)), *run.pick((), ((3, (-3,)), (3, (-1, 2))))]


@check(
    claims.error,
    "exhausted",
    given=lambda run: {"case": _targets(run)},
    scope=lambda run: {
        "sizes": f"one coordinate, T = 2{run.pick('', ', 3')}, the whole interval",
        "demanded": f"observed / bound >= {NEAR}",
    },
)
def network_on_the_interval(case: tuple[int, tuple[int, ...]], plan: Any = Plan, drop: int = 0) -> Evidence:
    """The network's pieces against balls around the target, which is a sum of waves of equal weight."""
    from flint import arb

    T, frequencies = case
    made = plan(ONE_COORDINATE, T)
    weight = Fraction(1, 2 ** (T + len(frequencies)))
    target = Target(ONE_COORDINATE, {(f,): weight for f in frequencies})
    kept = Target(ONE_COORDINATE, {(f,): weight for f in frequencies[drop:]})

    def exact(t: Any) -> Any:
        waves = [(2 * f * t).sin_pi() if f > 0 else (2 * f * t).cos_pi() for f in frequencies]
        return arb(2).sqrt() * ball(weight) * sum(waves, arb(0))

    curvature = arb(2).sqrt() * sum((2 * f * arb.pi()) ** 2 for f in frequencies) * ball(weight)
    seen = distance(pieces(made.network(kept), [0], [1]), exact, curvature)
    allowed = Plan(ONE_COORDINATE, T).network_error(target)
    words = f"T = {T}, frequencies {frequencies}: off by {float(seen.seen):.4g} at x = {seen.at}, the bound is {float(allowed):.4g}"
    if seen.most > allowed:
        return fails(words, float(allowed), float(seen.seen))
    deep = made.depths.levels > 2 * made.depths.steps
    if len(frequencies) == 1 and deep and seen.seen < NEAR * allowed:
        return fails(f"{words}: not near", f">= {NEAR}", float(seen.seen / allowed))
    return holds(cases=seen.pieces)


control(network_on_the_interval, "wave-dropped", "refuted", drop=1, reason="a wave of the target is missing")
control(network_on_the_interval, "step-missing", "refuted", plan=edits.ShortPlan, reason="waves err four times as much")
control(
    network_on_the_interval,
    "deeper-fold",
    "confirmed",
    plan=edits.FoldedPlan,
    symmetry="half the number, folded once more",
)
