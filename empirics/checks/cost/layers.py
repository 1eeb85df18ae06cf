"""Every reference layer, counted at sizes: work and span of a pass, parameters, and work and state of a decoded token.

The same check for every claim, made here once for each; `CHECKS` holds them by layer. Negative controls are a formula with one
coefficient changed, a span one longer, and the layer with one edit; positive ones the formula multiplied out and a batch of two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from empirics.checking import Check, Evidence, Run, check, control, fails, holds
from empirics.checks.cost.counted import Sizes, built, counted, decoded, difference, numbers, some_sizes, told
from theory.cost import attention, deltaformer, infini_attention, mixing, pointer, position_kernels, recurrences
from theory.cost.reference_layers import LayerClaim

CLAIMS = {
    claim.layer: claim
    for module in (attention, recurrences, mixing, deltaformer, pointer, infini_attention, position_kernels)
    for claim in vars(module).values()
    if isinstance(claim, LayerClaim)
}
"""The claims about a layer, by its name."""

EDITS = {
    "softmax_attention": ("mask-dropped", "softmax_attention_bidirectional", "comparing and filling are not done"),
    "softmax_attention_bidirectional": ("masked", "softmax_attention", "comparing and filling come on top"),
    "softmax_attention_fused": ("mask-dropped", "softmax_attention_fused_bidirectional", "no mask is made"),
    "softmax_attention_fused_bidirectional": ("written-out", "softmax_attention_bidirectional", "only q is scaled"),
    "sliding_window_mask": ("window-dropped", "softmax_attention", "one comparison in place of three operations"),
    "sliding_window_unfold": ("one-longer", "window_one_longer", "the window is W + 1"),
    "topk_attention": ("keeps-all", "topk_of_all", "K is not looked at"),
    "linear_attention_cumsum": ("loop", "linear_attention_loop", "a token at a time has span N"),
    "linear_attention_loop": ("reads-twice", "linear_attention_reads_twice", "a product in the loop is made twice"),
    "linear_attention_chunked": ("chunks-of-one", "linear_attention_in_chunks_of_one", "N chunks, not N / C"),
    "delta_rule_loop": ("matrix-products", "delta_rule_by_matrix_products", "an outer product costs twice"),
    "delta_rule_chunked": ("chunks-of-one", "delta_rule_in_chunks_of_one", "the loop is over N, not N / C"),
    "scan_hillis_steele": ("tree", "scan_blelloch", "fewer combinations"),
    "scan_blelloch": ("rounds", "scan_hillis_steele", "more combinations"),
    "scan_sequential": ("rounds", "scan_hillis_steele", "more combinations"),
    "sort_mixing": ("mapped-twice", "sort_mixing_mapped_twice", "one map more"),
    "fft_mixing": ("over-width-only", "fft_over_width_only", "one transform of two"),
    "mixture_of_experts": ("capacity-doubled", "experts_of_doubled_capacity", "twice the places"),
    "deltaformer_solve": ("gate-dropped", "deltaformer_without_gate", "beta is 1"),
    "deltaformer_chunked": ("blocks-of-one", "deltaformer_in_blocks_of_one", "the loop is over N, not N / C"),
    "deltaformer_recurrence": ("blocks-of-two", "deltaformer_in_blocks_of_two", "two tokens at a time"),
    "deltaformer_linear": ("chunks-of-one", "deltaformer_linear_in_chunks_of_one", "the loop is over N, not N / C"),
    "pointer_all": ("mask-dropped", "pointer_all_bidirectional", "no mask is made and none is filled in"),
    "pointer_all_tiled": ("tiles-of-one", "pointer_in_tiles_of_one", "N tiles, not N / C"),
    "pointer_window": ("one-longer", "pointer_window_one_longer", "the window is K + 1"),
    "pointer_strides": ("one-more", "pointer_one_stride_more", "K + 2 candidates"),
    "pointer_buckets": ("two-bits", "pointer_buckets_of_two_bits", "a second sign for each key"),
    "pointer_previous": ("one-hop-more", "pointer_one_hop_more", "K + 1 candidates"),
    "pointer_additive": ("written-out", "pointer_additive_written_out", "a table of N^2 scores"),
    "infini_attention_linear": ("delta-rule", "infini_attention_delta", "keys read before they are written"),
    "infini_attention_delta": ("segments-of-one", "infini_attention_in_segments_of_one", "N segments, not N / C"),
    "alibi_attention": ("no-bias", "softmax_attention", "a mask in place of a table"),
    "mep_attention": ("two-kernels", "mep_of_two", "the half-exponential left out"),
    "fire_attention": ("hidden-16", "fire_of_16", "half as many hidden numbers"),
}
"""For each layer a control: its name, the edited layer, why it costs something else."""


def changed(text: str) -> str:
    """The formula with its first number one larger."""
    return re.sub(r"\d+", lambda found: str(int(found.group()) + 1), text, count=1)


def _passes(claim: LayerClaim) -> Check:
    costs = claim.costs

    def sizes(run: Run) -> dict[str, list[dict[str, int]]]:
        return {"sizes": some_sizes(claim.layer, costs.where, run)}

    @check(claim, "tested", given=sizes, scope={"sizes": "small sizes, some drawn, some beyond all others"})
    def passes(
        sizes: Sizes,
        layer: str = claim.layer,
        work: str = costs.work,
        span: str | None = costs.span,
        parameters: str = costs.parameters,
        expanded: bool = False,
    ) -> Evidence:
        """The layer is run once on tensors without data, and every operation counted by its rule."""
        module, _ = built(layer, sizes)
        found = numbers(counted(layer, sizes))
        found["parameters"] = sum(p.numel() for p in module.parameters())
        wrong = difference(sizes, found, {"work": work, "span": span, "parameters": parameters}, expanded)
        if wrong is not None:
            name, said, got = wrong
            return fails(f"{told(sizes)}: the {name} is {got}, the formula gives {said}", said, got)
        return holds()

    control(passes, "coefficient-off", "refuted", work=changed(costs.work), reason="the first coefficient is one more")
    if costs.span:
        control(passes, "span-longer", "refuted", span=f"{costs.span} + 1", reason="a step that is not there")
    name, edited, reason = EDITS[claim.layer]
    control(passes, name, "refuted", layer=edited, reason=reason)
    control(passes, "multiplied-out", "confirmed", expanded=True, reason="the same formula in another form")
    return passes


def _decoding(claim: LayerClaim) -> Check:
    costs = claim.costs

    def sizes(run: Run) -> dict[str, list[dict[str, int]]]:
        return {"sizes": some_sizes(claim.layer, "", run, {"t": (0, 1, 2, 4)})}

    @check(claim, "tested", given=sizes, scope={"sizes": "small sizes and large ones, t <= 4"})
    def decoding(
        sizes: Sizes,
        layer: str = claim.layer,
        step: str = costs.step,
        state: str = costs.state,
        expanded: bool = False,
    ) -> Evidence:
        """Tokens are decoded one after another; the state is measured and the next token counted."""
        wrong = difference(sizes, decoded(layer, sizes), {"step": step, "state": state}, expanded)
        if wrong is not None:
            name, said, got = wrong
            return fails(f"{told(sizes)}: the {name} costs {got}, the formula gives {said}", said, got)
        return holds()

    control(
        decoding, "coefficient-off", "refuted", step=changed(costs.step), reason="the first coefficient is one more"
    )
    control(decoding, "one-more-kept", "refuted", state=f"{costs.state} + 1", reason="a number that is not there")
    control(decoding, "multiplied-out", "confirmed", expanded=True, reason="the same formula in another form")
    return decoding


def _checks() -> Iterator[tuple[str, Check]]:
    for layer, claim in CLAIMS.items():
        yield f"{layer}_passes", _passes(claim)
        if claim.costs.step:
            yield f"{layer}_decoding", _decoding(claim)


CHECKS = dict(_checks())
globals().update(CHECKS)

control(
    CHECKS["softmax_attention_passes"],
    "two-sequences",
    "confirmed",
    layer="softmax_attention_of_two",
    work="2*(8*N*d**2 + 4*N**2*d + 6*N**2 + N*d) + N**2 + N",
    reason="twice the work, but for the mask, which is one for all; the same span",
)
