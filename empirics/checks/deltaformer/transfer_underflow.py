"""Theorems C and D in a format whose exponentials underflow: no leak is left, for any number of swaps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.codes import binary_sign
from constructions.deltaformer.in_formats import (
    exponentials,
    read,
    softmax_rows,
    time_order,
    vanishing_exponent,
)
from constructions.deltaformer.slot_programs import CLEAN_SWAP, POINTER_SWAP, SlotTokens, Template
from constructions.deltaformer.softmax_swaps import SoftmaxSwaps
from empirics.checking import Check, Evidence, check, control, fails, holds
from theory import formats
from theory.deltaformer import transfer_formats as claims
from theory.formats import Format
from theory.programs import SwapProgram

ALL = tuple(f for f in formats.FORMATS.values() if not f.exact)
PROGRAMS = [SwapProgram(2, [(1, 0)]), SwapProgram(3, [(0, 1), (0, 2)])]
"""The first has a key of slot 1 just after its write, the second two of slot 0 in a row: the least lead there is."""
_SCOPE = {
    "sizes": "n = 2, 3, S <= 2; 7 formats",
    "evaluation": "every operation rounded, time order; gradual underflow",
}

Exponent = Callable[[Format], Fraction]


def _cold_contents(claim: Any, template: Template) -> Check:
    """A check that a swap's u and contents are -1, 0 or 1 in each of the two contents that are exchanged."""

    def coefficients_are_signs(template: Template = template) -> Evidence:
        """Contents x and y as symbols, temporaries 0 (sum) or any content (pointer): coefficients of every u and every slot."""
        names = template.names
        held = {name: np.eye(len(names), dtype=np.int64)[names.index(name)] for name in names}
        if template.clean:
            held |= {name: 0 * held[name] for name in template.temporaries}
        for key, write in template.tokens:
            u = -held[write]
            held[key] = (held[key] if template.semantics == "sum" else 0) + u
            for what, found in ((f"u of ({key} {write})", u), (f"slot {key} after it", held[key])):
                if abs(found).max() > 1:
                    return fails(f"{template}: {what} is {found.tolist()} in the contents", "-1, 0, 1", found.tolist())
        after = [held[name].tolist() for name in "ab"]
        wanted = np.eye(len(names), dtype=np.int64)[[1, 0]].tolist()
        return holds(cases=2 * len(template.tokens)) if after == wanted else fails(f"{template} exchanges nothing")

    scope = {"sizes": "all n and S", "method": "coefficients of the contents"}
    return check(claim, "derived", covers=True, scope=scope)(coefficients_are_signs)


cold_sums = _cold_contents(claims.c_in_formats, CLEAN_SWAP)
cold_pointers = _cold_contents(claims.d_in_formats, POINTER_SWAP)
control(
    cold_sums,
    "a-token-twice",
    "refuted",
    template=Template(CLEAN_SWAP.tokens[:1] * 2 + CLEAN_SWAP.tokens[1:], ("c", "d"), "sum", True),
    reason="the first token twice leaves a - 2 b",
)
control(
    cold_sums,
    "temporaries-exchanged",
    "confirmed",
    template=Template(CLEAN_SWAP.tokens, ("d", "c"), "sum", True),
    symmetry="the temporaries are renamed",
)
control(
    cold_pointers,
    "first-token-dropped",
    "refuted",
    template=Template(POINTER_SWAP.tokens[1:], ("c",), "pointer", False),
    reason="a sign is left over",
)
control(
    cold_pointers,
    "slots-renamed",
    "confirmed",
    template=Template((("b", "b"), ("c", "a"), ("a", "b"), ("b", "c")), ("c",), "pointer", False),
    symmetry="a and b exchange names",
)


def _differs(fmt: Format, program: SwapProgram, found: tuple[Any, Any], slots: SlotTokens) -> Evidence:
    """Whether U and the readings are those of the slot algebra, exactly."""
    for what, got, wanted in zip(
        ("u", "the reading"), found, (slots.interpret(), slots.slot_contents()[: program.n]), strict=True
    ):
        wrong = np.argwhere(got != wanted)
        if len(wrong):
            t, x = wrong[0].tolist()
            words = f"{fmt.name}, {program}: {what} at ({t}, {x}) is {got[t, x]:.6g}, not {wanted[t, x]}"
            return fails(words, int(wanted[t, x]), got[t, x])
    return holds()


@check(claims.c_in_formats, "exhausted", given={"fmt": list(ALL), "program": PROGRAMS}, scope=_SCOPE)
def sums_without_leak(fmt: Format, program: SwapProgram, exponent: Exponent = vanishing_exponent) -> Evidence:
    """Sign codes at the least temperature, in steps of 1/64 over 1 - mu: U and O are those of the cold program."""
    slots = SlotTokens.compile(program, CLEAN_SWAP)
    code = binary_sign(slots.slots)
    temperature = exponent(fmt) / code.gap
    similar = (code.vectors @ code.vectors.T).astype(object) * Fraction(1, int(code.norm))
    kernel = exponentials(fmt, temperature * (similar - 1))
    u = time_order(fmt, kernel[np.ix_(slots.writes, slots.keys)], slots.contents.astype(np.float64))
    return _differs(fmt, program, (u, read(fmt, kernel[: program.n, slots.keys], u)), slots)


@check(claims.d_in_formats, "exhausted", given={"fmt": list(ALL), "program": PROGRAMS}, scope=_SCOPE)
def pointers_without_leak(fmt: Format, program: SwapProgram, exponent: Exponent = vanishing_exponent) -> Evidence:
    """Sign codes at the least gap, in steps of 1/64, scores exact: every weight is 0 or 1, U and O those of pointer semantics."""
    tokens = SoftmaxSwaps().compile(program, gap=exponent(fmt))
    weights = softmax_rows(fmt, tokens.writes @ tokens.keys.T, strict=True)
    asked = softmax_rows(fmt, tokens.queries @ tokens.keys.T, strict=False)
    for t, row in enumerate(np.concatenate([weights, asked])):
        leaked = row[(row != 0) & (row != 1)]
        if leaked.size:
            return fails(
                f"{fmt.name}, {program}: query {t} gives a weight of {leaked.min():.3g}", "0 or 1", leaked.tolist()
            )
    u = time_order(fmt, weights, tokens.slots.contents.astype(np.float64))
    return _differs(fmt, program, (u, read(fmt, asked, u)), tokens.slots)


for _check in (sums_without_leak, pointers_without_leak):
    control(
        _check,
        "a-half",
        "refuted",
        exponent=lambda fmt: vanishing_exponent(fmt) / 2,
        reason="the square root of the least subnormal is a number of the format",
    )
    control(
        _check,
        "a-sixteenth-less",
        "refuted",
        exponent=lambda fmt: vanishing_exponent(fmt) - Fraction(1, 16),
        reason="just above half of the least subnormal rounds to it, and no weight is lost",
    )
    control(
        _check,
        "doubled",
        "confirmed",
        exponent=lambda fmt: 2 * vanishing_exponent(fmt),
        reason="underflows all the more",
    )
