"""Where ELU + 1 is 0: frontiers certified in every format, and torch's own found by running."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.infini_attention.frontiers import ELU_LOST, SIGMA_LOST, Frontier
from constructions.layers.infini_attention.features import ELU_PLUS_ONE
from empirics.checking import Check, Evidence, check, control, fails, holds
from theory import formats
from theory.claim import Claim
from theory.formats import UNDERFLOWS, Format, Underflow
from theory.inequalities import certificate
from theory.infini_attention import underflow as claims

ROUNDED = tuple(f.name for f in formats.FORMATS.values() if not f.exact)


def _certified(claim: Claim, frontier: Frontier, cases: list[tuple[str, Underflow]]) -> Check:
    def zero_from_there(
        case: tuple[str, Underflow], frontier: Frontier = frontier, shift: int = 0, flushed: bool = True
    ) -> Evidence:
        """The last number of the format below the frontier and the next one, above it: two certificates for each format."""
        fmt, underflow = case
        held = formats.named(fmt)
        below, above = frontier.sides(held, underflow if flushed else "gradual")
        gap = above - below
        below, above = below + shift * gap, above + shift * gap
        if not (held.holds(below) and held.holds(above) and held.round((below + above) / 2) in (below, above)):
            return fails(f"{fmt}: {float(below)} and {float(above)} are no neighbours of the format")
        bound = original.expression(held, underflow)
        made = certificate(below, "<", bound, claim.id), certificate(bound, "<", above, claim.id)
        found: dict[str, Any] = {f"0 up to, {fmt}{', flushed' if underflow == 'flush' else ''}": float(below)}
        return holds(certificates=made, **found)

    original = frontier
    scope = {"sizes": f"{len(ROUNDED)} formats", "method": "monotone; both ends certified"}
    return check(claim, "certified", given={"case": cases}, covers=True, scope=scope)(zero_from_there)


_GRADUAL: list[tuple[str, Underflow]] = [(fmt, "gradual") for fmt in ROUNDED]
once = _certified(claims.rounded_once, SIGMA_LOST, [(fmt, u) for fmt in ROUNDED for u in UNDERFLOWS])
twice = _certified(claims.rounded_twice, ELU_LOST, _GRADUAL)

for _check, _other in ((once, ELU_LOST), (twice, SIGMA_LOST)):
    control(_check, "one-number-later", "refuted", shift=1, reason="there the result is not 0")
    control(_check, "one-number-sooner", "refuted", shift=-1, reason="the next number gives 0 as well")
    control(_check, "the-other-frontier", "refuted", frontier=_other, reason="they differ in every format but fp16's")
control(once, "flush-forgotten", "refuted", flushed=False, reason="flushed, it is 0 sooner")
control(
    twice,
    "in-another-base",
    "confirmed",
    frontier=Frontier("log of 2^-(p+1)", lambda _: 1, lambda f, _: Fraction(1, 2 ** ((f.precision or 0) + 1))),
    symmetry="-(p + 1) log 2 = log 2^-(p+1)",
)


def around_the_frontier(held: Format) -> np.ndarray:
    """Numbers of the format, ascending, from -(p + 3) log 2 to -(p - 2) log 2, 1/64 apart before rounding."""
    p = held.precision or 0
    return np.unique(held.round_array(np.arange(-(p + 3) * np.log(2), -(p - 2) * np.log(2), 1 / 64)))


def _zeros(x: np.ndarray, name: str, function: Callable[[Any], Any], one_by_one: bool) -> np.ndarray:
    """Where the function of tensors gives 0."""
    import torch

    dtype = {"fp64": torch.float64, "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
    held = torch.from_numpy(x).to(dtype)
    made = torch.stack([function(each[None])[0] for each in held]) if one_by_one else function(held)
    return (made == 0).numpy()


def elu_plus_one(x: Any) -> Any:
    import torch

    return torch.nn.functional.elu(x) + 1


@check(
    claims.torch_elu,
    "exhausted",
    given={"name": ["fp64", "fp32", "bf16", "fp16"], "one_by_one": [True, False]},
    covers=True,
    scope={"sizes": "numbers 1/64 apart, as this machine computes them"},
)
def frontier_of_torch(
    name: str, one_by_one: bool, function: Callable[[Any], Any] = elu_plus_one, later: int = 0
) -> Evidence:
    """0 at all numbers below the lower limit, at none above the upper one; where it ends is told."""
    held = formats.named(name)
    x = around_the_frontier(held)
    zero = _zeros(x, name, function, one_by_one)
    way = "one by one" if one_by_one else "together"
    powers = (-(held.precision or 0) - 1 - later, -(held.precision or 0))
    ends = [Frontier("a power of 2", lambda _, n=n: n, lambda _, __: Fraction(2)).sides(held) for n in powers]
    low, high = (float(below + k * (above - below)) for (below, above), k in zip(ends, (-2, 3), strict=True))
    if not zero[x <= low].all():
        return fails(f"{name}, {way}: not 0 at {x[(x <= low) & ~zero][0]:.9g}", 0)
    if zero[x >= high].any():
        return fails(f"{name}, {way}: 0 at {x[(x >= high) & zero][-1]:.9g}", "not 0")
    found: dict[str, Any] = {f"0 up to about, {name}, {way}": f"{x[zero][-1]:.6g}"}
    return holds(cases=len(x), **found)


control(frontier_of_torch, "without-loss", "refuted", function=ELU_PLUS_ONE.of, reason="exp(min(x, 0)) is not 0 there")
control(
    frontier_of_torch,
    "twice-as-far",
    "refuted",
    function=lambda x: elu_plus_one(2 * x),
    reason="0 from half of the limit on",
)
control(frontier_of_torch, "a-log-2-lower", "confirmed", later=1, reason="a weaker lower limit")
