"""Theorem C's unit response: what follows a disturbance, closed for all programs, and run through every short one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from constructions.deltaformer.exponential_swaps import EXPOSURE, SPREAD
from constructions.deltaformer.impulses import impulse_closure
from constructions.deltaformer.slot_programs import CLEAN_SWAP, SlotTokens, Template
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import exponential_swaps as claims
from theory.permutations import swap_sequences
from theory.programs import SwapProgram

_T = CLEAN_SWAP.tokens
DIRTY = replace(CLEAN_SWAP, tokens=_T[:-1])
"""The last token dropped: temporary d keeps minus the content of b."""
MISORDERED = replace(CLEAN_SWAP, tokens=(*_T[:5], _T[6], _T[5], _T[7]))
"""c is cleared before it is read."""
CLEARED_IN_TURN = replace(CLEAN_SWAP, tokens=(*_T[:6], _T[7], _T[6]))
"""d is cleared before c: the two tokens do not see each other."""
MIRRORED = replace(
    CLEAN_SWAP, tokens=tuple((k.translate({97: 98, 98: 97}), w.translate({97: 98, 98: 97})) for k, w in _T)
)
"""a and b exchanged throughout."""


def template_controls(made: Any) -> None:
    """Two templates that are no clean swap, and two that are the same swap otherwise written."""
    control(made, "temporary-dirty", "refuted", template=DIRTY, reason="the next swap reads what was left")
    control(made, "tokens-misordered", "refuted", template=MISORDERED, reason="(b c) comes after c is cleared")
    control(made, "cleared-in-turn", "confirmed", template=CLEARED_IN_TURN, reason="the two last tokens commute")
    control(made, "mirrored", "confirmed", template=MIRRORED, symmetry="(a b) and (b a) are the same swap")


@check(
    claims.unit_response, "derived", covers=True, scope={"sizes": "all n and S", "method": "finite closure of states"}
)
def closure_of_disturbances(template: Template = CLEAN_SWAP) -> Evidence:
    """The template swaps, and the states after a disturbance are finitely many, with every u in -1, 0, 1."""
    fault = template.fault()
    if fault:
        return fails(f"{template}: {fault}")
    found = impulse_closure(template)
    if not found.closed:
        return fails(
            f"{template}: more than {found.states} states follow a disturbance", "finitely many", found.largest
        )
    if (found.largest, found.spread, found.exposure) != (1, SPREAD, EXPOSURE):
        got = (found.largest, found.spread, found.exposure)
        return fails(f"{template}: a disturbance reaches |u| = {got[0]}, contents {got[1]}, exposure {got[2]}", 1, got)
    return holds(cases=found.states)


template_controls(closure_of_disturbances)


@check(
    claims.unit_response,
    "exhausted",
    given=lambda run: {
        "size": [
            (n, s) for n, most in run.pick({2: 4, 3: 4, 4: 3}, {2: 8, 3: 5, 4: 4}).items() for s in range(most + 1)
        ]
    },
    scope={"sizes": "n <= 4; S <= 4, 4, 3 for n = 2, 3, 4", "evaluation": "(I + A0)^{-1} in integers"},
)
def inverse_of_every_program(size: tuple[int, int], template: Template = CLEAN_SWAP) -> Evidence:
    """(I + A0)^{-1} of every program of a size, entry by entry, and its reading."""
    n, length = size
    decided = 0
    for swaps in swap_sequences(n, length, batch=512):
        tokens = SlotTokens.compile_batch(n, swaps, template)
        inverse = np.broadcast_to(
            np.eye(tokens.length, dtype=np.int64), (len(swaps), tokens.length, tokens.length)
        ).copy()
        equal = (tokens.writes[:, :, None] == tokens.keys[:, None, :]).astype(np.int64)
        for t in range(1, tokens.length):
            inverse[:, t, :t] = -(equal[:, t, None, :t] @ inverse[:, :t, :t])[:, 0]
        read = tokens.slot_contents()
        for row, program in enumerate(swaps):
            named = SwapProgram(n, program.tolist())
            if abs(inverse[row]).max() > 1:
                return fails(
                    f"{named}: the inverse has the entry {abs(inverse[row]).max()}", 1, abs(inverse[row]).max()
                )
            if not np.array_equal(read[row], np.eye(n)[list(named.contents())]):
                return fails(f"{named}: the slots hold {read[row].tolist()}", named.contents(), read[row].tolist())
        decided += len(swaps)
    return holds(cases=decided)


control(
    inverse_of_every_program, "temporary-dirty", "refuted", template=DIRTY, reason="the next swap reads what was left"
)
control(
    inverse_of_every_program, "mirrored", "confirmed", template=MIRRORED, symmetry="(a b) and (b a) are the same swap"
)
