"""Claims about growth: bounds on the formulas of the reference layers, with the explicit constant, and false ones beside the true.

A bound is about the formula; that the layer has it is another claim, named among the assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass

from theory.claim import Claim
from theory.cost.attention import sliding_window_mask, sliding_window_unfold, softmax_attention
from theory.cost.passes import fused_memory, running_sum_step, written_out_memory
from theory.cost.recurrences import delta_rule_chunked, delta_rule_loop, scan_blelloch, scan_hillis_steele
from theory.cost.reference_layers import COST_MODEL, MODEL

__all__ = ["BoundClaim"]


@dataclass(frozen=True)
class BoundClaim(Claim):
    """count <= constant * bound for all sizes that meet the conditions; without a constant, for some constant."""

    count: str = ""
    bound: str = ""
    constant: str = ""
    conditions: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ("N", "d")


def _bound(name: str, of: Claim, count: str, bound: str, statement: str, reason: str, **others) -> BoundClaim:
    constant, conditions = others.get("constant", ""), others.get("conditions", ())
    refuted = "argument" in others
    return BoundClaim(
        id=f"cost/{name}",
        statement=statement,
        formula=f"{count} <= {constant or 'c'} ({bound})",
        quantifier=f"for all sizes{f' with {conditions[0]}' if conditions else ''}",
        source=COST_MODEL,
        variant=MODEL,
        arithmetic="counts, exact; log to base 2",
        paper="(a tempting reading)" if refuted else "(ours)",
        expected="refuted" if refuted else "confirmed",
        strength="derived" if refuted else "certified",
        reason=reason,
        count=count,
        bound=bound,
        assumptions=(f"the layer has the formula, which is {of.id}",),
        **others,
    )


softmax_linear = _bound(
    "softmax-attention/linear",
    softmax_attention,
    softmax_attention.costs.work,
    "N*d**2",
    "The work of softmax attention grows linearly with the number of tokens.",
    "every token is scored against every other, masked or not",
    argument="At fixed d and growing N the count is at least 4 N^2 d, of which N d^2 is the part d / (4 N), which tends to 0.",
)

softmax_quadratic = _bound(
    "softmax-attention/quadratic",
    softmax_attention,
    softmax_attention.costs.work,
    "N**2*d + N*d**2",
    "The work of causal softmax attention is at most 11 times N^2 d + N d^2.",
    "8 N d^2 and 4 N^2 d are within; 7 N^2 <= 7 N^2 d; N d + N <= 2 N d^2: coefficients 11 and 10, approached at d = 1",
    constant="11",
)

mask_linear = _bound(
    "sliding-window-mask/linear",
    sliding_window_mask,
    sliding_window_mask.costs.work,
    "N*W*d + N*d**2",
    "Attention to a window of W tokens, as a mask, has work linear in the number of tokens.",
    "masked entries are computed, so the window saves nothing",
    sizes=("N", "d", "W"),
    argument="At fixed d and W the count is at least 4 N^2 d, beyond every multiple of N W d + N d^2 as N grows.",
)

unfold_linear = _bound(
    "sliding-window-unfold/linear",
    sliding_window_unfold,
    sliding_window_unfold.costs.work,
    "N*W*d + N*d**2",
    "Attention to a window of W <= N tokens, unfolded, has work at most 29/2 times N W d + N d^2.",
    "only W scores a token are computed; with d = 1, where it is dearest: 12 N W + 12 N + 5 W <= 29/2 (N W + N), equal at N = W = 1",
    constant="29/2",
    conditions=("W <= N",),
    sizes=("N", "d", "W"),
)

delta_rule_work = _bound(
    "delta-rule-loop/linear",
    delta_rule_loop,
    delta_rule_loop.costs.work,
    "N*d**2",
    "The delta rule, a token at a time, has work at most 26 N d^2.",
    "14 + 8 + 3 + 1 at N = d = 1, and every term is at most its coefficient times N d^2",
    constant="26",
)

delta_rule_span = _bound(
    "delta-rule-loop/span-linear",
    delta_rule_loop,
    delta_rule_loop.costs.span or "",
    "N*log(d) + N",
    "The delta rule, a token at a time, has span at most 13 N (1 + log d).",
    "5 + 8 at N = d = 1; for larger d, L(d) <= 1 + log d makes it less",
    constant="13",
)

delta_rule_chunked_span = _bound(
    "delta-rule-chunked/span",
    delta_rule_chunked,
    delta_rule_chunked.costs.span or "",
    "N/C*log(C) + N/C*log(d) + N/C + C + log(d)",
    "In chunks of C <= N tokens the delta rule's span falls to that of N / C steps and one solve of C.",
    "at most 2 N / C chunks of L(C) + L(d) + 4 each, and the solve's 2 C; by L(n) <= 1 + log n a constant of 27 suffices",
    constant="27",
    conditions=("C <= N",),
    sizes=("N", "d", "C"),
)

delta_rule_chunked_span_linear = _bound(
    "delta-rule-chunked/span-logarithmic",
    delta_rule_chunked,
    delta_rule_chunked.costs.span or "",
    "C + log(d) + log(N)",
    "In chunks of C <= N tokens the delta rule's span does not grow with N but logarithmically.",
    "chunks come one after another",
    conditions=("C <= N",),
    sizes=("N", "d", "C"),
    argument="At fixed C and d the count is at least 4 N / C, beyond every multiple of C + log d + log N as N grows.",
)

hillis_steele_linear = _bound(
    "scan-hillis-steele/linear",
    scan_hillis_steele,
    scan_hillis_steele.costs.work,
    "N*d**2",
    "The scan of Hillis and Steele has work linear in the number of tokens.",
    "each of L(N) rounds passes over all tokens",
    argument="At fixed d the count is at least 2 N d L(N), and L(N) grows beyond every multiple of d.",
)

hillis_steele_work = _bound(
    "scan-hillis-steele/n-log-n",
    scan_hillis_steele,
    scan_hillis_steele.costs.work,
    "N*d**2 + N*d*log(N)",
    "A gated recurrence by the scan of Hillis and Steele has work at most 9 times N d^2 + N d log N.",
    "6 + 3 at N = d = 1; for large N the rounds cost 5 N d L(N)",
    constant="9",
)

blelloch_work = _bound(
    "scan-blelloch/linear",
    scan_blelloch,
    scan_blelloch.costs.work,
    "N*d**2",
    "A gated recurrence by the scan of Blelloch, N a power of two, has work at most 25 N d^2.",
    "6 + 3 for maps and gates, 6 for combinations, 10 for putting together, approached at d = 1 as N grows",
    constant="25",
)

fused_memory_linear = _bound(
    "softmax-attention-fused/memory-linear",
    fused_memory,
    fused_memory.count,
    "N*d",
    "The peak memory of fused attention is at most 20 N d bytes.",
    "16 N d + 4 N, and N <= N d, equal at d = 1",
    constant="20",
)

written_out_memory_linear = _bound(
    "softmax-attention/memory-linear",
    written_out_memory,
    written_out_memory.count,
    "N*d",
    "The peak memory of written-out attention is linear in the number of tokens.",
    "the scores are N^2 numbers, and they are kept",
    argument="At fixed d it is at least 8 N^2, beyond every multiple of N d as N grows.",
)

running_sum_step_linear = _bound(
    "running-sum/training-linear",
    running_sum_step,
    running_sum_step.count,
    "N*d",
    "A running sum with work 2 N d forward is linear in a training step too.",
    "the gradient is written as a product with an N by N triangle",
    argument="At fixed d the step is at least 2 N^2 d, beyond every multiple of N d as N grows.",
)
