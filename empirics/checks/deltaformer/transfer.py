"""Theorems on variants they were not made for: what carries over, derived; what does not, with the smallest program."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP
from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.deltaformer.variants import Powers, SlotTokensOn, UnitTokens
from constructions.layers.kernels import LINEAR, Hardmax, Kernel, Linear, Rounded
from empirics.checking import Check, Evidence, check, control, fails, holds
from empirics.checks.deltaformer.swap_edits import SignDropped
from theory.deltaformer import transfer as claims
from theory.permutations import all_swaps
from theory.programs import SwapProgram

Layer = Callable[[Any], Any]
"""From a number above 1 (or a symbol that stands for all of them) to tokens on an operator, with a method `read`."""


def small_programs(most_slots: int, most_swaps: int) -> list[SwapProgram]:
    """All programs of proper swaps, fewest slots first, then fewest swaps."""
    return [
        SwapProgram(n, swaps)
        for n in range(1, most_slots + 1)
        for s in range(most_swaps + 1)
        for swaps in product(all_swaps(n), repeat=s)
    ]


def _told(row: Any) -> str:
    return f"({', '.join(str(x) for x in row)})"


def _exactly(program: SwapProgram, layer: Any) -> Evidence:
    """Whether every slot reads its content and nothing else."""
    read, contents = layer.read(program), program.contents()
    for slot, content in enumerate(contents):
        if any(x != (place == content) for place, x in enumerate(read[slot])):
            return fails(
                f"{program}: slot {slot} reads {_told(read[slot])}, not content {content}", contents, _told(read[slot])
            )
    return holds()


def _by_the_largest(program: SwapProgram, layer: Layer) -> Evidence:
    """Whether, for some number above 1, every slot's own content may have the largest share; z = 1 + y with y > 0 a symbol.

    A share that stays below another, or below 0, shows it by a difference whose numerator and denominator are polynomials
    in y without a positive, respectively a negative, coefficient.
    """
    import sympy

    y = sympy.Symbol("y", positive=True)
    read, contents = layer(1 + y).read(program), program.contents()
    for slot, content in enumerate(contents):
        rivals = [sympy.Integer(0), *(x for place, x in enumerate(read[slot]) if place != content)]
        for rival in rivals:
            above, below = sympy.fraction(sympy.cancel(sympy.together(sympy.sympify(read[slot][content]) - rival)))
            signs = [{sympy.sign(c) for c in sympy.Poly(part, y).coeffs()} - {0} for part in (above, below)]
            if signs[0] == set() or (len(signs[0]) == len(signs[1]) == 1 and signs[0] != signs[1]):
                shown = [sympy.factor(sympy.sympify(x).subs(y, sympy.Symbol("z") - 1)) for x in read[slot]]
                read_as = f" reads {_told(shown)}," if len(_told(shown)) < 30 else ""
                words = f"{program}: slot {slot}{read_as} never shows content {content} most"
                return fails(words, contents, _told(shown))
    return holds()


def _once_derived(name: str, pairs: list[tuple[str, Any, Any]]) -> Evidence:
    import sympy

    for what, found, wanted in pairs:
        residual = sympy.expand(found - wanted)
        if residual != 0:
            return fails(f"{name}, {what}: off by {residual}", wanted, found)
    return holds(cases=len(pairs))


@check(claims.needs_weight_two, "derived", covers=True, scope={"sizes": "all n, d and m", "method": "one identity"})
def a_token_repeated(weight: Fraction = Fraction(2), sign: int = 1) -> Evidence:
    """u' = (1 - beta w k) u, and the two changes cancel when beta w k is `weight`."""
    import sympy

    k, w, v, s = sympy.symbols("k w v S", commutative=False)
    beta, own = sympy.symbols("beta own")
    k, w = sign * k, sign * w
    u = v - beta * w * s
    again = sympy.expand(v - beta * w * (s + k * u) - (1 - beta * own) * u)
    again = sympy.expand(again.subs(sympy.expand(w * k), own))
    left = sympy.expand((1 + (1 - beta * own)).subs(beta, sympy.Rational(weight.numerator, weight.denominator) / own))
    return _once_derived("a token repeated", [("its u", again, 0), ("what is left of the change", left, 0)])


control(a_token_repeated, "weight-1", "refuted", weight=Fraction(1), reason="the second token does nothing")
control(
    a_token_repeated,
    "weight-just-below-2",
    "refuted",
    weight=Fraction(199, 100),
    reason="a hundredth of the change is left",
)
control(
    a_token_repeated, "both-negated", "confirmed", sign=-1, symmetry="<-k, -w> = <k, w>, and -k carries what k does"
)


@check(claims.a_under_rounded, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"})
def inner_products_are_integers(construction: Any = OneHotSwaps(), norm: int = 1) -> Evidence:
    """Every inner product of two of Theorem A's vectors is an integer that rounding leaves alone, in every pattern."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, unit

    a, b, c, d = (Slot(name) for name in "abcd")
    vectors = [construction.write(unit, a).k, construction.swap(unit, a, b).k]
    others = [construction.read(unit, c), construction.swap(unit, c, d).w]
    kernel, decided = Rounded(norm), 0
    for pattern in patterns((a, b, c, d)):
        for x, y in product(vectors, others):
            inner: Any = in_pattern(sympy.sympify(x.inner(y)), pattern)
            rounded = kernel.values(np.array([Fraction(int(inner.p), int(inner.q))], dtype=object))[0]
            if rounded != inner:
                return fails(
                    f"{describe(pattern)}: an inner product of {inner} is rounded to {rounded}", inner, rounded
                )
            decided += 1
    return holds(cases=decided)


control(inner_products_are_integers, "rounded-to-pairs", "refuted", norm=2, reason="1 over 2 is rounded to 0")
control(
    inner_products_are_integers,
    "sign-dropped",
    "confirmed",
    construction=SignDropped(),
    reason="not a swap, but integers all the same",
)


@check(
    claims.a_with_w_equal_q, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"}
)
def readers_leave_no_trace(key: int = 0, value: int = 0) -> Evidence:
    """A reader of slot j with key `key` e_j: no row changes, and row j is returned, in every pattern of equality."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit

    i, j = Slot("i"), Slot("j")
    query = OneHotSwaps().read(unit, j)
    k = query * key
    u = value - query.apply(row)
    returned = query.apply(row) + k.inner(query) * u
    for pattern in patterns((i, j)):
        steps = (("row i", row(i) + k.inner(unit(i)) * u, row(i)), ("what is returned", returned, row(j)))
        for what, found, wanted in steps:
            residual = in_pattern(sympy.sympify(found - wanted), pattern)
            if residual != 0:
                return fails(f"{describe(pattern)}: {what} is off by {residual}", wanted, found)
    return holds(cases=4)


control(readers_leave_no_trace, "key-is-the-query", "refuted", key=1, reason="the reader erases what it reads")
control(readers_leave_no_trace, "key-is-minus-the-query", "refuted", key=-1, reason="the reader doubles what it reads")
control(
    readers_leave_no_trace,
    "reader-with-a-value",
    "confirmed",
    value=5,
    reason="a key of 0 hides the reader's value too",
)

_PROGRAMS = small_programs(3, 2)


@check(
    claims.a_with_w_equal_q,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2", "arithmetic": "Q"},
)
def tracks_with_w_equal_q(program: SwapProgram, layer: Any = UnitTokens(readers="w = q")) -> Evidence:
    """Writes, swaps and a reader a slot as tokens of one sequence, by the operator."""
    return _exactly(program, layer)


control(
    tracks_with_w_equal_q,
    "one-vector",
    "refuted",
    layer=UnitTokens(readers="k = w = q"),
    reason="the reader erases what it reads",
)
control(tracks_with_w_equal_q, "readers-apart", "confirmed", layer=UnitTokens(), reason="Theorem A itself")


@check(
    claims.a_with_one_vector,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2", "arithmetic": "Q"},
)
def tracks_with_one_vector(program: SwapProgram, layer: Any = UnitTokens(readers="k = w = q")) -> Evidence:
    """As before, readers with their query for a key."""
    return _exactly(program, layer)


control(tracks_with_one_vector, "readers-apart", "confirmed", layer=UnitTokens(), reason="Theorem A itself")
control(
    tracks_with_one_vector, "readers-without-key", "confirmed", layer=UnitTokens(readers="w = q"), reason="w = q alone"
)


@check(
    claims.a_with_alpha_and_beta,
    "derived",
    covers=True,
    scope={"sizes": "all n, S, alpha, beta", "method": "two identities"},
)
def lengths_make_up_for_beta(power: int = 1, sign: int = 1) -> Evidence:
    """beta <c k, c w> = <k, w> and <c k, c q> alpha u = alpha c^2 <k, q> u when beta c^(2 power) = 1."""
    import sympy

    c, alpha, inner, u = sympy.symbols("c alpha inner u", positive=True)
    c = sign * c
    beta = 1 / c ** (2 * power)
    return _once_derived(
        "vectors longer by c",
        [
            ("the first stage", beta * (c * c * inner), inner),
            ("the second stage", (c * c * inner) * alpha * u, alpha * c**2 * inner * u),
            ("alpha = beta", (beta * c**2 * inner * u), inner * u),
        ],
    )


control(lengths_make_up_for_beta, "beta-c-4", "refuted", power=2, reason="beta c^4 = 1 is not beta c^2 = 1")
control(lengths_make_up_for_beta, "beta-free", "refuted", power=0, reason="beta = 1 with longer vectors overshoots")
control(lengths_make_up_for_beta, "vectors-turned-round", "confirmed", sign=-1, symmetry="c enters as c^2")


@check(
    claims.a_with_alpha_and_beta,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2; beta = alpha = 1/4, c = 2", "arithmetic": "Q"},
)
def tracks_with_alpha_and_beta(
    program: SwapProgram, layer: Any = UnitTokens(beta=Fraction(1, 4), alpha=Fraction(1, 4), length=2)
) -> Evidence:
    """beta = alpha = 1/4 and vectors twice as long, by the operator."""
    return _exactly(program, layer)


control(
    tracks_with_alpha_and_beta,
    "vectors-as-they-were",
    "refuted",
    layer=UnitTokens(beta=Fraction(1, 4), alpha=Fraction(1, 4)),
    reason="a quarter of a swap",
)
control(
    tracks_with_alpha_and_beta,
    "alpha-forgotten",
    "refuted",
    layer=UnitTokens(beta=Fraction(1, 4), length=2),
    reason="contents are read four times too large",
)
control(
    tracks_with_alpha_and_beta,
    "beta-4",
    "confirmed",
    layer=UnitTokens(beta=4, alpha=4, length=Fraction(1, 2)),
    reason="another beta, with vectors half as long",
)


@check(
    claims.a_with_smaller_beta,
    "exhausted",
    given={"program": small_programs(2, 2)},
    scope={
        "sizes": "all programs with n <= 2, S <= 2",
        "arithmetic": "Q(beta)",
        "method": "beta = 1/z, z a symbol above 1",
    },
)
def tracks_with_smaller_beta(program: SwapProgram, layer: Layer = lambda z: UnitTokens(beta=1 / z)) -> Evidence:
    """Whether some beta = 1 / z in (0, 1) reads every slot exactly; entries are polynomials in beta."""
    import sympy

    y = sympy.Symbol("y", positive=True)
    read, contents = layer(1 + y).read(program), program.contents()
    for slot, content in enumerate(contents):
        for place, x in enumerate(read[slot]):
            above, _ = sympy.fraction(sympy.cancel(sympy.together(sympy.sympify(x) - int(place == content))))
            signs = {sympy.sign(c) for c in sympy.Poly(above, y).coeffs()}
            if len(signs) == 1 and signs != {0}:
                shown = [
                    sympy.expand(sympy.cancel(sympy.sympify(x).subs(y, 1 / sympy.Symbol("beta") - 1)))
                    for x in read[slot]
                ]
                return fails(
                    f"{program}: slot {slot} reads {_told(shown)}, not content {content}", contents, _told(shown)
                )
    return holds()


control(tracks_with_smaller_beta, "beta-1", "confirmed", layer=lambda z: UnitTokens(), reason="Theorem A itself")
control(
    tracks_with_smaller_beta,
    "vectors-longer",
    "confirmed",
    layer=lambda z: UnitTokens(beta=1 / z**2, alpha=1 / z**2, length=z),
    reason="vectors longer by z make up for beta = 1/z^2",
)


def _never(claim: Any, sizes: str, layer: Layer, *, swaps: int = 2, slots: int = 2) -> Check:
    """A check that looks for the smallest program that no number above 1 lets be decoded."""

    def tracks_by_the_largest(program: SwapProgram, layer: Layer = layer) -> Evidence:
        """Programs from the smallest on: can every slot's own content have the largest share, for some temperature?"""
        return _by_the_largest(program, layer)

    scope = {"sizes": sizes, "method": "rational functions of z = 1 + y, signs of coefficients"}
    return check(claim, "exhausted", given={"program": small_programs(slots, swaps)}, scope=scope)(
        tracks_by_the_largest
    )


_SMALL = "all programs with n <= 2, S <= 2"
exponential = _never(claims.a_under_exponential, _SMALL, lambda z: UnitTokens(Powers(z)))
softmax = _never(claims.a_under_softmax, _SMALL, lambda z: UnitTokens(Powers(z, normalised=True)))
for _check in (exponential, softmax):
    control(_check, "linear-kernel", "confirmed", layer=lambda z: UnitTokens(LINEAR), reason="Theorem A itself")
    control(_check, "rounded-kernel", "confirmed", layer=lambda z: UnitTokens(Rounded(1)), reason="a-under-rounded")

pointer_on_linear = _never(claims.d_under_linear, _SMALL, lambda z: SlotTokensOn(POINTER_SWAP, LINEAR))
pointer_on_exponential = _never(claims.d_under_exponential, _SMALL, lambda z: SlotTokensOn(POINTER_SWAP, Powers(z)))
for _check in (pointer_on_linear, pointer_on_exponential):
    control(
        _check,
        "newest-match",
        "confirmed",
        layer=lambda z: SlotTokensOn(POINTER_SWAP, Hardmax(), positions=True),
        reason="Theorem D's own operator in its limit",
    )
    control(
        _check,
        "program-of-theorem-c",
        "confirmed",
        layer=lambda z: SlotTokensOn(CLEAN_SWAP, LINEAR),
        reason="a program made for sums",
    )

# With positions two slots are told apart by accident: both read differences of the contents, of the right sign.
clean_on_newest = _never(
    claims.c_under_softmax,
    "all programs with n <= 3, S <= 1",
    lambda z: SlotTokensOn(CLEAN_SWAP, Hardmax(), positions=True),
    slots=3,
    swaps=1,
)


@check(
    claims.c_under_softmax,
    "exhausted",
    given={"program": small_programs(2, 2)},
    scope={"sizes": _SMALL, "evaluation": "keys without positions: equal weights on all matches"},
)
def tracks_by_averages(program: SwapProgram, layer: Layer = lambda z: SlotTokensOn(CLEAN_SWAP, Hardmax())) -> Evidence:
    """The same without positions in the keys."""
    return _by_the_largest(program, layer)


for _check in (clean_on_newest, tracks_by_averages):
    control(
        _check, "linear-kernel", "confirmed", layer=lambda z: SlotTokensOn(CLEAN_SWAP, LINEAR), reason="matches add up"
    )
    control(
        _check,
        "program-of-theorem-d",
        "confirmed",
        layer=lambda z: SlotTokensOn(POINTER_SWAP, Hardmax(), positions=True),
        reason="a program made for the newest match",
    )


@check(
    claims.c_under_linear_and_rounded,
    "exhausted",
    given={"program": small_programs(4, 2), "kernel": [LINEAR, Rounded(1)]},
    covers=True,
    scope={"sizes": "all programs with n <= 4, S <= 2; both kernels", "arithmetic": "Q"},
)
def clean_programs_on_indicators(program: SwapProgram, kernel: Kernel, template: Any = CLEAN_SWAP) -> Evidence:
    """Theorem C's tokens with unit vectors for codes, by the operator."""
    return _exactly(program, SlotTokensOn(template, kernel))


control(
    clean_programs_on_indicators,
    "program-of-theorem-d",
    "refuted",
    template=POINTER_SWAP,
    reason="its first token empties a slot when matches add up",
)
control(
    clean_programs_on_indicators,
    "temporaries-exchanged",
    "confirmed",
    template=type(CLEAN_SWAP)(CLEAN_SWAP.tokens, CLEAN_SWAP.temporaries[::-1], "sum", True),
    symmetry="the temporaries are renamed",
)


def codes_of_nine(n: int) -> np.ndarray:
    """n <= 8 codes of nine signs over 3: unit vectors with inner products 1/9."""
    rows = np.array([[1]], dtype=np.int64)
    while len(rows) < 8:
        rows = np.block([[rows, rows], [rows, -rows]])
    return np.concatenate([rows[:n], np.ones((n, 1), dtype=np.int64)], axis=1).astype(object) * Fraction(1, 3)


@check(
    claims.b_under_linear,
    "exhausted",
    given={"program": _PROGRAMS},
    scope={"sizes": "all programs with n <= 3, S <= 2; codes of nine signs", "arithmetic": "Q"},
)
def tracks_with_codes(
    program: SwapProgram, kernel: Kernel = Linear(), units: Callable[[int], np.ndarray] = codes_of_nine
) -> Evidence:
    """Codes that are not orthogonal in place of unit vectors, by the operator."""
    return _exactly(program, UnitTokens(kernel, units=units))


control(tracks_with_codes, "rounded-kernel", "confirmed", kernel=Rounded(1), reason="Theorem B itself: 4/9 < 1/2")
control(
    tracks_with_codes,
    "orthonormal-codes",
    "confirmed",
    units=lambda n: np.eye(n, dtype=np.int64)[:, ::-1],
    reason="orthonormal codes are unit vectors, Theorem A",
)
