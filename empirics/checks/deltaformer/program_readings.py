"""What readers find after small programs: exactly the content, or the content as the largest share for some temperature."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from empirics.checking import Check, Evidence, check, fails, holds
from theory.permutations import all_swaps
from theory.programs import SwapProgram

Layer = Callable[[Any], Any]
"""From a number above 1 (or a symbol that stands for all of them) to tokens on an operator, with a method `read`."""


def small_programs(most_slots: int, most_swaps: int, least_slots: int = 1) -> list[SwapProgram]:
    """All programs of proper swaps, fewest slots first, then fewest swaps."""
    return [
        SwapProgram(n, swaps)
        for n in range(least_slots, most_slots + 1)
        for s in range(most_swaps + 1)
        for swaps in product(all_swaps(n), repeat=s)
    ]


def told(row: Any) -> str:
    return f"({', '.join(str(x) for x in row)})"


def exactly(program: SwapProgram, layer: Any) -> Evidence:
    """Whether every slot reads its content and nothing else."""
    read, contents = layer.read(program), program.contents()
    for slot, content in enumerate(contents):
        if any(x != (place == content) for place, x in enumerate(read[slot])):
            return fails(
                f"{program}: slot {slot} reads {told(read[slot])}, not content {content}", contents, told(read[slot])
            )
    return holds()


def differences_exactly(program: SwapProgram, layer: Any) -> Evidence:
    """Whether every slot but the last reads its content less the last slot's, the rows of Theorem A'."""
    read, contents = layer.read(program), program.contents()
    for slot, content in enumerate(contents[:-1]):
        wanted = [(place == content) - (place == contents[-1]) for place in range(program.n)]
        if any(x != y for x, y in zip(read[slot], wanted, strict=True)):
            return fails(
                f"{program}: slot {slot} reads {told(read[slot])}, not {told(wanted)}", contents, told(read[slot])
            )
    return holds()


def never_positive(x: Any, y: Any) -> bool:
    """Whether a rational function of y is shown to be at most 0 for every y > 0: 0, or coefficients of opposite signs."""
    import sympy

    above, below = sympy.fraction(sympy.cancel(sympy.together(sympy.sympify(x))))
    signs = [{sympy.sign(c) for c in sympy.Poly(part, y).coeffs()} - {0} for part in (above, below)]
    return signs[0] == set() or (len(signs[0]) == len(signs[1]) == 1 and signs[0] != signs[1])


def in_z(row: Any, y: Any) -> list[Any]:
    """The entries in z = 1 + y, factored, as people read them."""
    import sympy

    return [sympy.factor(sympy.sympify(x).subs(y, sympy.Symbol("z") - 1)) for x in row]


def by_the_largest(program: SwapProgram, layer: Layer) -> Evidence:
    """Whether, for some number above 1, every slot's own content may have the largest share, and a positive one.

    z = 1 + y with y > 0 a symbol; shares are rational functions of it, and signs of coefficients tell.
    """
    import sympy

    y = sympy.Symbol("y", positive=True)
    read, contents = layer(1 + y).read(program), program.contents()
    for slot, content in enumerate(contents):
        rivals = [0, *(x for place, x in enumerate(read[slot]) if place != content)]
        if any(never_positive(read[slot][content] - rival, y) for rival in rivals):
            shown = told(in_z(read[slot], y))
            read_as = f" reads {shown}," if len(shown) < 30 else ""
            return fails(f"{program}: slot {slot}{read_as} never shows content {content} most", contents, shown)
    return holds()


def differences_by_the_largest(program: SwapProgram, layer: Layer) -> Evidence:
    """The same for the differences of Theorem A': the largest entry of a row, and the smallest of row 0 for the last slot."""
    import sympy

    y = sympy.Symbol("y", positive=True)
    read, contents = layer(1 + y).read(program), program.contents()
    rows = [*read, -read[0]]
    for slot, content in enumerate(contents):
        rivals = [x for place, x in enumerate(rows[slot]) if place != content]
        if any(never_positive(rows[slot][content] - rival, y) for rival in rivals):
            extreme = "largest" if slot < len(read) else "smallest"
            words = f"{program}: content {content} of slot {slot} is never the {extreme}"
            return fails(words, contents, told(in_z(rows[slot], y)))
    return holds()


def never_decoded(
    claim: Any,
    sizes: str,
    layer: Layer,
    *,
    programs: list[SwapProgram],
    judge: Callable[[SwapProgram, Layer], Evidence] = by_the_largest,
) -> Check:
    """A check that looks for the first of these programs that no number above 1 lets be decoded."""

    def tracks_by_the_largest(program: SwapProgram, layer: Layer = layer) -> Evidence:
        """Programs from the smallest on: can every slot's own content have the largest share, for some temperature?"""
        return judge(program, layer)

    scope = {"sizes": sizes, "method": "rational functions of z = 1 + y, signs of coefficients"}
    return check(claim, "exhausted", given={"program": programs}, scope=scope)(tracks_by_the_largest)
