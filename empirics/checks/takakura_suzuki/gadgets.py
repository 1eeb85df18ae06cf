"""ReLU gadgets: identities for every depth; squaring, folding and products themselves, piece by piece, exactly."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki import gadgets
from constructions.takakura_suzuki.network import Gadget, compiled
from constructions.takakura_suzuki.pieces import Pieces, pieces
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.takakura_suzuki import gadget_edits as edits
from theory.takakura_suzuki import gadget_laws as laws
from theory.takakura_suzuki import gadgets as claims


def along(gadget: Callable[[list[Any]], Gadget], start: list[Any], end: list[Any]) -> Pieces:
    """All pieces of the compiled gadget from `start` to `end`."""
    return pieces(compiled(gadget, len(start)), start, end)


@check(claims.squaring, "derived", covers=True, scope={"sizes": "all J", "method": "a, b, t symbols"})
def chord_identities(excess: int = 4, turned: bool = False) -> Evidence:
    """Chord less square is (t - a)(b - t), and (b - a)^2 / 4 at the middle, for any a and b; `turned` lets the chord start at b."""
    import sympy

    a, b, t = sympy.symbols("b a t" if turned else "a b t")
    chord = a**2 + (b + a) * (t - a)
    for name, residual in {
        "chord - t^2": chord - t**2 - (t - a) * (b - t),
        "at the middle": (chord - t**2).subs(t, (a + b) / 2) - (b - a) ** 2 / excess,
        "largest there": (b - a) ** 2 / excess - (t - a) * (b - t) - (t - (a + b) / 2) ** 2,
    }.items():
        if sympy.expand(residual) != 0:
            return fails(f"{name}: {sympy.expand(residual)} is not zero", 0, sympy.expand(residual))
    return holds(cases=3)


control(chord_identities, "half-the-excess", "refuted", excess=8, reason="the excess is h^2 / 4")
control(chord_identities, "turned", "confirmed", turned=True, symmetry="a chord from its other end")


@check(
    claims.squaring,
    "exhausted",
    given=lambda run: {"levels": list(range(2, run.pick(9, 12)))},
    scope=lambda run: {"sizes": f"2 <= J <= {run.pick(8, 11)}, every piece"},
)
def every_square_piece(levels: int, square: Any = gadgets.square, error: Any = laws.square_error) -> Evidence:
    """On each of the 2^J pieces: the square at both ends, hence (t - a)(b - t) above it in between."""
    found = along(lambda x: square(x[0], levels), [0], [1]).fractions()
    for t, (value,) in found:
        if value != t * t:
            return fails(f"J = {levels}: {value} at the corner {t}", t * t, value)
    wide = max(b - a for (a, _), (b, _) in itertools.pairwise(found))
    if wide**2 / 4 != error(levels):
        return fails(f"J = {levels}: the greatest error is {wide**2 / 4}", error(levels), wide**2 / 4)
    return holds(cases=len(found) - 1)


control(every_square_piece, "level-missing", "refuted", square=edits.short_square, reason="four times the error")
control(every_square_piece, "third-of-a-tooth", "refuted", square=edits.wrong_teeth, reason="3^-j is no parabola")
control(
    every_square_piece, "by-halves", "confirmed", error=lambda j: Fraction(1, 2 ** (j + 1)) ** 2, symmetry="4 = 2^2"
)


@check(claims.folding, "derived", covers=True, scope={"sizes": "all C, k", "method": "both branches of the tent map"})
def both_branches(branches: Any = (lambda t: 2 * t, lambda t: 2 - 2 * t), shift: Fraction = Fraction(3, 4)) -> Evidence:
    """cos(pi g(t)) = cos(2 pi t) on either branch, and cos(2 pi (y + 3/4)) = sin(2 pi y)."""
    import sympy

    t = sympy.Symbol("t", real=True)
    half = sympy.Rational(1, 2)
    low, high = branches
    turned = sympy.cos(2 * sympy.pi * (t + sympy.Rational(shift.numerator, shift.denominator)))
    residuals = {
        "first branch": sympy.cos(sympy.pi * low(t)) - sympy.cos(2 * sympy.pi * t),
        "second branch": sympy.cos(sympy.expand(sympy.pi * high(t))) - sympy.cos(2 * sympy.pi * t),
        "sine": turned.func(sympy.expand(turned.args[0])) - sympy.sin(2 * sympy.pi * t),
        "they meet": low(half) - high(half),
        "ends": abs(low(sympy.Integer(0))) + abs(high(sympy.Integer(1))),
    }
    for name, residual in residuals.items():
        if sympy.expand(residual) != 0:
            return fails(f"{name}: {residual} is not zero", 0, residual)
    return holds(cases=len(residuals))


control(both_branches, "unfolded", "refuted", branches=(lambda t: 2 * t, lambda t: 1 - 2 * t), reason="cos of pi - x")
control(both_branches, "quarter-shift", "refuted", shift=Fraction(1, 4), reason="gives -sin")
control(both_branches, "next-turn", "confirmed", shift=Fraction(7, 4), symmetry="a whole turn more")


def frequencies(run: Run) -> list[int]:
    """Frequencies with both signs, smallest first."""
    return [k * sign for k in range(1, run.pick(4, 16)) for sign in (-1, 1)]


@check(
    claims.folding,
    "exhausted",
    given=lambda run: {"frequency": frequencies(run)},
    scope=lambda run: {"sizes": f"|k| <= {run.pick(3, 15)}, every piece"},
)
def every_fold(frequency: int, fold: Any = gadgets.folded, shift: Fraction = Fraction(3, 4)) -> Evidence:
    """On every piece the folded number is an even integer plus or minus twice k x, or k x + 3/4: exact in Q on all of [0, 1]."""
    k = abs(frequency)
    folds = k.bit_length()
    turn = Fraction(3, 4) if frequency > 0 else Fraction(0)
    start = [shift if frequency > 0 else Fraction(0)]
    found = along(lambda y: fold(Fraction(1, 2**folds) * y[0], folds + 1), start, [start[0] + k]).fractions()
    for (s, (a,)), (t, (b,)) in itertools.pairwise(found):
        if not (0 <= a <= 1 and 0 <= b <= 1):
            return fails(f"frequency {frequency}: folded to {a} at {s} and {b} at {t}", "[0, 1]", (a, b))
        steep = (b - a) / (t - s)
        wanted = 2 * (k * s + turn)
        even = (a - wanted, a + wanted)[steep < 0] / 2
        if abs(steep) != 2 * k or even.denominator != 1:
            return fails(f"frequency {frequency}: slope {steep} from {s} to {t}, {a} at {s}", f"slope {2 * k}", steep)
    return holds(cases=len(found) - 1)


control(every_fold, "fold-missing", "refuted", fold=edits.short_fold, reason="half the frequency")
control(every_fold, "quarter-shift", "refuted", shift=Fraction(1, 4), reason="-sin for sin")
control(every_fold, "overlapping", "refuted", fold=edits.folded_early, reason="beyond 1 the tent map is not even")
control(
    every_fold, "one-fold-more", "confirmed", fold=edits.folded_deeper, symmetry="half the number, folded once more"
)


@check(claims.product, "derived", covers=True, scope={"sizes": "all J'", "method": "u, v symbols"})
def difference_of_squares(divisor: int = 2) -> Evidence:
    """u v is the difference of the two squares."""
    import sympy

    u, v = sympy.symbols("u v")
    residual = sympy.expand(((u + v) / divisor) ** 2 - ((u - v) / divisor) ** 2 - u * v)
    return holds() if residual == 0 else fails(f"{residual} is left", 0, residual)


control(difference_of_squares, "undivided", "refuted", divisor=1, reason="four times the product")
control(difference_of_squares, "negative", "confirmed", divisor=-2, symmetry="squares are even")


@check(
    claims.product,
    "exhausted",
    given=lambda run: {"levels": list(range(2, run.pick(6, 8)))},
    scope=lambda run: {"sizes": f"2 <= J' <= {run.pick(5, 7)}, both diagonals and the axes of the square, every piece"},
)
def products_on_lines(levels: int, product: Any = gadgets.product, error: Any = laws.product_error) -> Evidence:
    """On each segment u v is a quadratic; the greatest error on a piece is at its ends or where the slopes agree."""
    greatest = Fraction(0)
    for (u0, v0), (u1, v1) in (((-1, -1), (1, 1)), ((-1, 1), (1, -1)), ((-1, 0), (1, 0)), ((0, -1), (0, 1))):
        found = along(lambda x: product(*x, levels), [u0, v0], [u1, v1]).fractions()
        bend = (u1 - u0) * (v1 - v0)
        for (s, (a,)), (t, (b,)) in itertools.pairwise(found):
            places = [s, t]
            if bend and s < (peak := ((b - a) / (t - s) - u0 * (v1 - v0) - v0 * (u1 - u0)) / (2 * bend)) < t:
                places.append(peak)
            for place in places:
                u, v = u0 + place * (u1 - u0), v0 + place * (v1 - v0)
                value = a + (place - s) / (t - s) * (b - a)
                greatest = max(greatest, abs(value - u * v))
                if abs(value - u * v) > error(levels):
                    return fails(f"J' = {levels}: {u} times {v} gives {value}", u * v, value)
    if greatest != error(levels):
        return fails(f"J' = {levels}: the greatest error is {greatest}", error(levels), greatest)
    return holds(cases=4)


control(products_on_lines, "level-missing", "refuted", product=edits.short_product, reason="four times the error")
control(products_on_lines, "one-square", "refuted", product=edits.half_product, reason="(u + v)^2 / 4 is not u v")
control(products_on_lines, "swapped", "confirmed", product=edits.swapped_product, symmetry="u v = v u")


@check(claims.basis, "derived", covers=True, scope={"sizes": "all k", "method": "i, j, eps, e symbols"})
def errors_add(law: Callable[..., Any] = lambda k, eps, e: k * eps + (k - 1) * e) -> Evidence:
    """p q - p' q' splits, and the formula satisfies the recursion."""
    import sympy

    p, q, p1, q1 = sympy.symbols("p q p1 q1")
    i, j, eps, e = sympy.symbols("i j eps e")
    residuals = {
        "splitting": p * q - p1 * q1 - (p - p1) * q - p1 * (q - q1),
        "recursion": law(i + j, eps, e) - law(i, eps, e) - law(j, eps, e) - e,
        "one wave": law(1, eps, e) - eps,
    }
    for name, residual in residuals.items():
        if sympy.expand(residual) != 0:
            return fails(f"{name}: {sympy.expand(residual)} is left", 0, sympy.expand(residual))
    return holds(cases=3)


control(errors_add, "products-for-free", "refuted", law=lambda k, eps, e: k * eps, reason="a product errs too")
control(errors_add, "one-wave", "refuted", law=lambda k, eps, e: eps + (k - 1) * e, reason="every factor errs")
control(errors_add, "grouped", "confirmed", law=lambda k, eps, e: k * (eps + e) - e, symmetry="the same formula")
