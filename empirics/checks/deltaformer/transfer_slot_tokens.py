"""Theorems B, C and D on variants they were not made for: what carries over; what does not, with the smallest program."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP, Template
from constructions.deltaformer.variants import Powers, SlotTokensOn, UnitTokens
from constructions.layers.kernels import LINEAR, Hardmax, Kernel, Linear, Rounded
from empirics.checking import Evidence, check, control, fails, holds
from empirics.checks.deltaformer.program_readings import Layer, by_the_largest, exactly, never_decoded, small_programs
from theory.deltaformer import transfer_slot_tokens as claims
from theory.programs import SwapProgram

_SMALL = "all programs with n <= 2, S <= 2"
_TWO = small_programs(2, 2)

pointer_on_linear = never_decoded(
    claims.d_under_linear, _SMALL, lambda z: SlotTokensOn(POINTER_SWAP, LINEAR), programs=_TWO
)
pointer_on_exponential = never_decoded(
    claims.d_under_exponential, _SMALL, lambda z: SlotTokensOn(POINTER_SWAP, Powers(z)), programs=_TWO
)
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
clean_on_newest = never_decoded(
    claims.c_under_softmax,
    "all programs with n <= 3, S <= 1",
    lambda z: SlotTokensOn(CLEAN_SWAP, Hardmax(), positions=True),
    programs=small_programs(3, 1),
)


@check(
    claims.c_under_softmax,
    "exhausted",
    given={"program": small_programs(2, 2)},
    scope={"sizes": _SMALL, "evaluation": "keys without positions: equal weights on all matches"},
)
def tracks_by_averages(program: SwapProgram, layer: Layer = lambda z: SlotTokensOn(CLEAN_SWAP, Hardmax())) -> Evidence:
    """The same without positions in the keys."""
    return by_the_largest(program, layer)


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
    return exactly(program, SlotTokensOn(template, kernel))


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
    given={"program": small_programs(3, 2)},
    scope={"sizes": "all programs with n <= 3, S <= 2; codes of nine signs", "arithmetic": "Q"},
)
def tracks_with_codes(
    program: SwapProgram, kernel: Kernel = Linear(), units: Callable[[int], np.ndarray] = codes_of_nine
) -> Evidence:
    """Codes that are not orthogonal in place of unit vectors, by the operator."""
    return exactly(program, UnitTokens(kernel, units=units))


control(tracks_with_codes, "rounded-kernel", "confirmed", kernel=Rounded(1), reason="Theorem B itself: 4/9 < 1/2")
control(
    tracks_with_codes,
    "orthonormal-codes",
    "confirmed",
    units=lambda n: np.eye(n, dtype=np.int64)[:, ::-1],
    reason="orthonormal codes are unit vectors, Theorem A",
)


@check(
    claims.d_with_smaller_beta,
    "derived",
    covers=True,
    scope={"sizes": "all n, S and beta", "method": "symbols for beta and the contents of a, b, c"},
)
def pointers_scale(template: Template = POINTER_SWAP, slot_to_see: tuple[str, str] = ("b", "a")) -> Evidence:
    """After the four tokens a holds beta^2 times what b held, b what a held; other slots are no keys, c may hold anything."""
    import sympy

    beta = sympy.Symbol("beta", positive=True)
    held = {name: sympy.Symbol(f"content_{name}") for name in template.names}
    state = dict(held)
    for key, write in template.tokens:
        before = state[key] if template.semantics == "sum" else 0
        state[key] = sympy.expand(before - beta * state[write])
    for slot, other in zip("ab", slot_to_see, strict=True):
        residual = sympy.expand(state[slot] - beta**2 * held[other])
        if residual != 0:
            return fails(
                f"{template}: slot {slot} holds {state[slot]}, not beta^2 times {other}'s content", 0, residual
            )
    return holds(cases=2)


control(pointers_scale, "matches-add-up", "refuted", template=CLEAN_SWAP, reason="sums of contents mix at beta below 1")
control(
    pointers_scale,
    "through-slot-a",
    "refuted",
    template=Template((("a", "b"), ("b", "a")), ("c",), "pointer", False),
    reason="two tokens copy one content and lose the other",
)
control(
    pointers_scale,
    "slots-renamed",
    "confirmed",
    template=Template((("b", "b"), ("c", "a"), ("a", "b"), ("b", "c")), ("c",), "pointer", False),
    symmetry="a and b exchange names",
)


@check(
    claims.d_with_smaller_beta,
    "exhausted",
    given={"program": small_programs(3, 2)},
    scope={"sizes": "all programs with n <= 3, S <= 2; beta = 1/2", "arithmetic": "Q"},
)
def newest_matches_at_half_beta(
    program: SwapProgram, kernel: Kernel = Hardmax(), beta: Fraction = Fraction(1, 2), positions: bool = True
) -> Evidence:
    """By the operator: what a reader finds is a positive multiple of its slot's content and nothing else."""
    read = SlotTokensOn(POINTER_SWAP, kernel, positions, beta).read(program)
    for slot, content in enumerate(program.contents()):
        if not read[slot][content] > 0 or np.count_nonzero(read[slot]) != 1:
            shown = ", ".join(map(str, read[slot]))
            return fails(f"{program}: slot {slot} reads ({shown}), no multiple of content {content}", content, shown)
    return holds()


control(
    newest_matches_at_half_beta, "negative-beta", "refuted", beta=Fraction(-1, 2), reason="a reader's own sign is lost"
)
control(
    newest_matches_at_half_beta,
    "linear-kernel",
    "refuted",
    kernel=LINEAR,
    positions=False,
    reason="contents add up, and leave a rest at beta below 1",
)
control(newest_matches_at_half_beta, "beta-1", "confirmed", beta=Fraction(1), reason="Theorem D itself")
