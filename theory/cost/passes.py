"""Claims about other passes and other quantities: the threshold model, peak memory, a training step."""

from __future__ import annotations

from dataclasses import dataclass

from theory.claim import Claim
from theory.cost.reference_layers import COST_MODEL, MODEL

__all__ = ["QuantityClaim"]

THRESHOLD = "cost model v1-threshold: sums, maxima and matrix products of unbounded fan-in, span 1"


@dataclass(frozen=True)
class QuantityClaim(Claim):
    """A claim that one quantity of a layer is a formula: "work", "span_threshold" or "memory", in bytes; with `backward`, of a
    training step."""

    layer: str = ""
    quantity: str = ""
    count: str = ""
    backward: bool = False


def _exact(
    name: str, layer: str, quantity: str, count: str, statement: str, reason: str, variant: str, backward: bool = False
):
    return QuantityClaim(
        id=f"cost/{name}",
        statement=statement,
        formula=f"{quantity} = {count}",
        quantifier="for all sizes of at least 2",
        source=COST_MODEL,
        variant=variant,
        arithmetic="counts, exact",
        paper="(ours)",
        expected="confirmed",
        strength="tested",
        reason=reason,
        layer=layer,
        quantity=quantity,
        count=count,
        backward=backward,
    )


softmax_threshold_span = _exact(
    "softmax-attention/threshold-span",
    "softmax_attention",
    "span_threshold",
    "11",
    "With sums and products of unbounded fan-in causal softmax attention has span 11, whatever the sizes.",
    "map 1, scaling 1, scores 1, filling 1, softmax 5 (maximum, difference, exp, sum, quotient), values 1, output 1",
    THRESHOLD,
)

loop_threshold_span = _exact(
    "linear-attention-loop/threshold-span",
    "linear_attention_loop",
    "span_threshold",
    "N + 8",
    "With sums and products of unbounded fan-in linear attention as a loop still has a span that grows with the tokens.",
    "the chain of N sums has N operations in any fan-in; map 1, features 2, product 1, reading 1, joining 1, quotient 1, output 1",
    THRESHOLD,
)

fused_memory = _exact(
    "softmax-attention-fused/memory",
    "softmax_attention_fused",
    "memory",
    "16*N*d + 4*N",
    "Fused, the peak memory of softmax attention besides its input is that of q, k, v, the result and a logarithm for each token.",
    "four arrays of N d and one of N float32 numbers live when the fused function returns; at no other time are there more",
    f"{MODEL}; fused reading, float32",
)

written_out_memory = _exact(
    "softmax-attention/memory",
    "softmax_attention",
    "memory",
    "Max(8*N**2 + 16*N*d + 8*N, 9*N**2 + 12*N*d + 8*N)",
    "Written out, the peak memory of softmax attention is quadratic: two arrays of scores, and the mask or the result.",
    "when filling: scores before and after 8 N^2, mask N^2, q, k, v 12 N d, times 8 N; when values are weighted: scores and weights "
    "8 N^2, q, k, v and the result 16 N d, times 8 N",
    f"{MODEL}; float32",
)

running_sum_step = _exact(
    "running-sum/training-work",
    "running_sum",
    "work",
    "2*N*d + 2*N**2*d + 2*N**2",
    "A running sum whose gradient is a product with the triangle of ones is linear forward and quadratic in a training step.",
    "forward a scan, 2 N d; backward ones N^2, their triangle N^2, the product 2 N^2 d",
    f"{MODEL}; a training step, given gradients not counted",
    backward=True,
)
