"""Other quantities and passes of a layer, counted at sizes; sizes may be large, since nothing of that size is ever made."""

from __future__ import annotations

import itertools
from typing import Any

from empirics.checking import Check, Evidence, check, control, fails, holds
from empirics.checks.cost.counted import Sizes, at, counted, numbers, told
from theory.cost import passes as claims
from theory.cost.passes import QuantityClaim

WORDS = {"span_threshold": "span under v1-threshold", "memory": "peak memory", "work": "work"}
LOOP = {"N": (2, 3, 5, 16, 67), "d": (2, 3, 8)}
"""Sizes for a loop over the tokens."""
FREE = {"N": (2, 3, 5, 16, 67, 2**20), "d": (2, 3, 8, 1000)}


def _exact(claim: QuantityClaim, values: dict[str, tuple[int, ...]] = FREE) -> Check:
    grid = [dict(zip(values, sizes, strict=True)) for sizes in itertools.product(*values.values())]

    @check(
        claim,
        "tested",
        given={"sizes": sorted(grid, key=lambda sizes: sum(sizes.values()))},
        scope={"sizes": f"N to {max(values['N'])}, d to {max(values['d'])}"},
    )
    def exact(
        sizes: Sizes,
        layer: str = claim.layer,
        count: str = claim.count,
        attention: Any = "fused",
        backward: bool = claim.backward,
    ) -> Evidence:
        """The layer is run once on tensors without data, and every operation counted by its rule."""
        found = numbers(counted(layer, sizes, backward, attention))[claim.quantity]
        said = at(count, sizes)
        if found != said:
            return fails(
                f"{told(sizes)}: the {WORDS[claim.quantity]} is {found}, the formula gives {said}", said, found
            )
        return holds()

    return exact


softmax_threshold_span = _exact(claims.softmax_threshold_span)
control(softmax_threshold_span, "one-less", "refuted", count="10", reason="the filling is a step")
control(
    softmax_threshold_span, "loop", "refuted", layer="linear_attention_loop", reason="a chain of sums over the tokens"
)
control(
    softmax_threshold_span,
    "without-mask",
    "confirmed",
    layer="softmax_attention_bidirectional",
    count="10",
    reason="a step less, and as constant",
)

loop_threshold_span = _exact(claims.loop_threshold_span, LOOP)
control(loop_threshold_span, "one-less", "refuted", count="N + 7", reason="the quotient is a step")
control(
    loop_threshold_span, "all-at-once", "refuted", layer="linear_attention_cumsum", reason="a scan has no chain of N"
)
control(
    loop_threshold_span,
    "reads-twice",
    "confirmed",
    layer="linear_attention_reads_twice",
    reason="what is read twice is read at the same depth",
)

fused_memory = _exact(claims.fused_memory)
control(fused_memory, "written-out", "refuted", attention="written-out", reason="the other reading holds N^2 scores")
control(fused_memory, "no-logarithms", "refuted", count="16*N*d", reason="the fused function returns one a token")
control(
    fused_memory,
    "without-mask",
    "confirmed",
    layer="softmax_attention_fused_bidirectional",
    reason="fused, no mask is stored",
)

written_out_memory = _exact(claims.written_out_memory)
control(
    written_out_memory,
    "result-forgotten",
    "refuted",
    count="9*N**2 + 12*N*d + 8*N",
    reason="wide results count more than the mask",
)
control(written_out_memory, "fused", "refuted", layer="softmax_attention_fused", reason="no scores are kept")
control(
    written_out_memory,
    "taken-out",
    "confirmed",
    count="8*N**2 + 12*N*d + 8*N + N*Max(4*d, N)",
    reason="the same formula in another form",
)

running_sum_step = _exact(claims.running_sum_step)
control(running_sum_step, "forward-only", "refuted", backward=False, reason="forward it is 2 N d")
control(
    running_sum_step,
    "by-sums",
    "refuted",
    layer="running_sum_by_sums",
    reason="the gradient by a running sum is linear",
)
control(
    running_sum_step,
    "by-sums-linear",
    "confirmed",
    layer="running_sum_by_sums",
    count="6*N*d",
    reason="two scans and two reversals, each of N d",
)
control(
    running_sum_step, "forward-linear", "confirmed", backward=False, count="2*N*d", reason="the scan alone is linear"
)
