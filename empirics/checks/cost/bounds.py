"""Bounds on formulas: within, with a constant and a certificate for the trusted checker, or outgrown along a family of sizes."""

from __future__ import annotations

from empirics.checking import Check, Evidence, check, control
from empirics.checks.cost.bounding import followed, proved
from theory.cost import bounds as claims
from theory.cost import recurrences
from theory.cost.attention import softmax_attention_fused
from theory.cost.bounds import BoundClaim


def _certified(claim: BoundClaim) -> Check:
    @check(
        claim,
        "certified",
        covers=True,
        scope={"sizes": claim.quantifier.removeprefix("for "), "method": "growth proof"},
    )
    def certified(
        count: str = claim.count,
        bound: str = claim.bound,
        constant: str = claim.constant,
        conditions: tuple[str, ...] = claim.conditions,
        sizes: tuple[str, ...] = claim.sizes,
    ) -> Evidence:
        """A proof of the inequality for all sizes is searched, and handed to the trusted checker."""
        return proved(claim.id, count, bound, constant, conditions, sizes)

    return certified


def _growth(claim: BoundClaim) -> Check:
    @check(
        claim,
        "derived",
        given={"bound": [claim.bound]},
        covers=True,
        scope={"method": "growth along a family of sizes"},
    )
    def growth(
        bound: str,
        count: str = claim.count,
        conditions: tuple[str, ...] = claim.conditions,
        sizes: tuple[str, ...] = claim.sizes,
        factor: str = "",
    ) -> Evidence:
        """The formula is followed along families of growing sizes, exactly; and compared with the bound, times `factor` if given."""
        return followed(count, f"({bound})*{factor}" if factor else bound, conditions, sizes)

    return growth


softmax_quadratic = _certified(claims.softmax_quadratic)
control(softmax_quadratic, "ten-times", "refuted", constant="10", reason="at d = 1 it is 11 N^2 + 10 N")
control(softmax_quadratic, "maps-only", "refuted", bound="N*d**2", reason="N^2 d is no part of it")
control(softmax_quadratic, "scores-only", "refuted", bound="N**2*d", reason="N d^2 outgrows it in d")
control(
    softmax_quadratic,
    "taken-out",
    "confirmed",
    bound="N*d*(N + d)",
    reason="the same bound in another form",
)
control(
    softmax_quadratic,
    "fused",
    "confirmed",
    count=softmax_attention_fused.costs.work,
    constant="14",
    reason="the written-out reading of the fused function: 9 N^2 and 2 N d + 2 in place of 7 N^2 and N d + N",
)

unfold_linear = _certified(claims.unfold_linear)
control(unfold_linear, "fourteen-times", "refuted", constant="14", reason="29 at N = d = W = 1, where the bound is 2")
control(
    unfold_linear,
    "mask",
    "refuted",
    count=claims.mask_linear.count,
    reason="as a mask the same function is quadratic",
)
control(unfold_linear, "any-window", "confirmed", constant="17", conditions=(), reason="12 + 5 W / (N W + N) <= 17")

delta_rule_work = _certified(claims.delta_rule_work)
control(delta_rule_work, "twenty-five-times", "refuted", constant="25", reason="26 at N = d = 1")
control(delta_rule_work, "linear-in-width", "refuted", bound="N*d", reason="the state has d^2 numbers")
control(
    delta_rule_work,
    "linear-attention",
    "confirmed",
    count=recurrences.linear_attention_loop.costs.work,
    constant="28",
    reason="the loop without the difference: 12 + 11 + 3 + 2 at N = d = 1",
)

delta_rule_span = _certified(claims.delta_rule_span)
control(delta_rule_span, "twelve-times", "refuted", constant="12", reason="13 at N = d = 1")
control(delta_rule_span, "as-a-scan", "refuted", bound="log(N) + log(d)", reason="tokens come one after another")
control(delta_rule_span, "as-the-width", "confirmed", bound="N*d", reason="1 + log d <= d for sizes from 1 on")

delta_rule_chunked_span = _certified(claims.delta_rule_chunked_span)
control(
    delta_rule_chunked_span,
    "loop",
    "refuted",
    count=claims.delta_rule_span.count,
    reason="a token at a time there are N steps, whatever C",
)
control(
    delta_rule_chunked_span,
    "solve-forgotten",
    "refuted",
    bound="N/C*log(C) + N/C*log(d) + N/C + log(d)",
    reason="the solve takes 2 C, which is most where C is N",
)
control(
    delta_rule_chunked_span,
    "log-n-more",
    "confirmed",
    bound=f"{claims.delta_rule_chunked_span.bound} + log(N)",
    reason="a weaker bound",
)

hillis_steele_work = _certified(claims.hillis_steele_work)
control(hillis_steele_work, "eight-times", "refuted", constant="8", reason="9 at N = d = 1")
control(hillis_steele_work, "linear", "refuted", bound="N*d**2", reason="there are L(N) rounds")
control(
    hillis_steele_work,
    "tree",
    "confirmed",
    count=claims.blelloch_work.count,
    constant="25",
    reason="the tree is within every bound of 25 N d^2",
)

blelloch_work = _certified(claims.blelloch_work)
control(blelloch_work, "twenty-four-times", "refuted", constant="24", reason="25 is approached at d = 1")
control(
    blelloch_work, "rounds", "refuted", count=claims.hillis_steele_work.count, reason="the other scan is not linear"
)
control(
    blelloch_work,
    "sequential",
    "confirmed",
    count=recurrences.scan_sequential.costs.work,
    reason="a token after another is linear too",
)

fused_memory_linear = _certified(claims.fused_memory_linear)
control(fused_memory_linear, "nineteen-times", "refuted", constant="19", reason="20 N at d = 1")
control(
    fused_memory_linear,
    "written-out",
    "refuted",
    count=claims.written_out_memory_linear.count,
    reason="scores are kept",
)
control(fused_memory_linear, "rounded-up", "confirmed", constant="21", reason="a weaker constant")

softmax_linear = _growth(claims.softmax_linear)
control(
    softmax_linear,
    "delta-rule",
    "confirmed",
    count=recurrences.delta_rule_loop.costs.work,
    reason="a state of fixed size in place of all pairs",
)
control(softmax_linear, "times-n", "confirmed", factor="N", reason="quadratic it is")

mask_linear = _growth(claims.mask_linear)
control(
    mask_linear,
    "unfolded",
    "confirmed",
    count=claims.unfold_linear.count,
    conditions=("W <= N",),
    reason="W scores a token",
)
control(mask_linear, "window-of-all", "confirmed", conditions=("N <= W",), reason="then N W d is N^2 d")

delta_rule_chunked_span_linear = _growth(claims.delta_rule_chunked_span_linear)
control(
    delta_rule_chunked_span_linear,
    "linear-attention",
    "confirmed",
    count=recurrences.linear_attention_chunked.costs.span or "",
    reason="its states are added by a scan, not one after another",
)
control(delta_rule_chunked_span_linear, "times-n", "confirmed", factor="N", reason="N steps are enough")

hillis_steele_linear = _growth(claims.hillis_steele_linear)
control(hillis_steele_linear, "tree", "confirmed", count=claims.blelloch_work.count, reason="the other scan is linear")
control(hillis_steele_linear, "times-log", "confirmed", factor="log(N)", reason="L(N) rounds")

written_out_memory_linear = _growth(claims.written_out_memory_linear)
control(
    written_out_memory_linear,
    "fused",
    "confirmed",
    count=claims.fused_memory_linear.count,
    reason="scores are not kept",
)

control(written_out_memory_linear, "times-n", "confirmed", factor="N", reason="quadratic it is")

running_sum_step_linear = _growth(claims.running_sum_step_linear)
control(running_sum_step_linear, "forward", "confirmed", count="2*N*d", reason="the scan alone is linear")
control(running_sum_step_linear, "by-sums", "confirmed", count="6*N*d", reason="both passes by scans")
