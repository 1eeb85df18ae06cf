"""Number formats: frontiers certified and seen in torch, collisions, accuracy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, log
from typing import Any

from flint import ctx

from empirics.checking import Evidence, check, control, fails, holds
from theory.formats import FORMATS, Format
from theory.inequalities import certificate
from theory.position_kernels import numerics as claims
from theory.position_kernels import rounded as laws
from theory.position_kernels.kernels import Kernel
from theory.position_kernels.mixtures import Mixture, naive, three_kernels, two_kernels

F = Fraction
EXPONENTS = tuple(range(1, 9))
MIXTURES: dict[int, Callable[[Any], Mixture]] = {2: two_kernels, 3: three_kernels}


def _stated(kernels: int, exponent: int, fmt: Format) -> int:
    rate = 2.0**-exponent / (2 if kernels == 3 else 1)
    bits = fmt.min_subnormal.denominator.bit_length() - 1
    return ceil((bits * log(2) - log(1.5)) / rate)


@check(
    claims.frontier,
    "certified",
    given={"fmt": ("fp32", "fp64"), "kernels": (2, 3), "exponent": EXPONENTS},
    covers=True,
    scope={"sizes": "slopes 2^-1 to 2^-8"},
)
def turns_at(fmt: str, kernels: int, exponent: int, share: Fraction = F(3, 2)) -> Evidence:
    """e^{-rho d} against 3 m / 2 at the stated distance and one before, for the checker; and the emulated frontier is that distance."""
    found = FORMATS[fmt]
    rate = F(1, 2**exponent)
    d = laws.frontier(kernels, rate, found)
    if d != _stated(kernels, exponent, found):
        return fails(
            f"{fmt}, {kernels} kernels, slope 2^-{exponent}: -inf from {d} on", _stated(kernels, exponent, found), d
        )
    rho = rate / 2 if kernels == 3 else rate
    bound = share * found.min_subnormal
    identifier = claims.frontier.id
    return holds(
        cases=2,
        certificates=[
            certificate(["exp", -rho * d], "<", bound, identifier),
            certificate(bound, "<", ["exp", -rho * (d - 1)], identifier),
        ],
    )


control(turns_at, "half", "refuted", share=F(1, 2), reason="m / 3 rounds to 0 too")
control(turns_at, "twice", "refuted", share=F(2), reason="2 m / 3 rounds to m")
control(turns_at, "three-halves", "confirmed", share=F(6, 4), symmetry="6/4 = 3/2")


def _rounding(kernels: int, exponent: int, fmt: Format) -> int:
    return laws.frontier(kernels, F(1, 2**exponent), fmt)


def _gradient(form: Callable[..., Any], kernels: int, exponent: int, d: int, dtype: Any) -> tuple[float, float]:
    """The bias at d and its derivative in the slope."""
    import torch

    from constructions.layers.position_kernels import Tensors

    slope = torch.tensor(2.0**-exponent, dtype=dtype, requires_grad=True)
    made = form(MIXTURES[kernels](slope), torch.tensor([d]), Tensors(dtype))
    (found,) = torch.autograd.grad(made.sum(), slope)
    return float(made.detach()), float(found)


def by_logsumexp(kernel: Kernel, d: Any, ops: Any) -> Any:
    """The definition the modules run."""
    return kernel.log(d, ops)


@check(
    claims.observed,
    "exhausted",
    given={"fmt": ("fp32", "fp64", "bf16", "fp16"), "kernels": (2, 3), "exponent": EXPONENTS},
    covers=True,
    scope={"sizes": "slopes 2^-1 to 2^-8", "evaluation": "torch on the CPU"},
)
def turns_in_torch(
    fmt: str,
    kernels: int,
    exponent: int,
    law: Callable[[int, int, Format], int] = _rounding,
    form: Callable[..., Any] = naive,
    safe: Callable[..., Any] = by_logsumexp,
) -> Evidence | None:
    """Finite one distance before, -inf with a NaN gradient there; logsumexp in at least fp32 finite, gradient too."""
    import math

    import torch

    from constructions.layers.position_kernels import wide

    dtype = {"fp32": torch.float32, "fp64": torch.float64, "bf16": torch.bfloat16, "fp16": torch.float16}[fmt]
    d = law(kernels, exponent, FORMATS[fmt])
    where = f"{fmt}, {kernels} kernels, slope 2^-{exponent}"
    before, _ = _gradient(form, kernels, exponent, d - 1, dtype)
    value, slope = _gradient(form, kernels, exponent, d, dtype)
    if not math.isfinite(before):
        return fails(f"{where}: {before} at d = {d - 1} already", "finite", before)
    if value != -math.inf or not math.isnan(slope):
        return fails(f"{where}: {value} at d = {d}, gradient {slope}", "-inf and NaN", (value, slope))
    value, slope = _gradient(safe, kernels, exponent, d, wide(dtype))
    if not (math.isfinite(value) and math.isfinite(slope)):
        return fails(f"{where}: logsumexp gives {value} at d = {d}, gradient {slope}", "finite", (value, slope))
    return None


control(
    turns_in_torch, "one-later", "refuted", law=lambda *x: _rounding(*x) + 1, reason="it is -inf one distance earlier"
)
control(turns_in_torch, "one-earlier", "refuted", law=lambda *x: _rounding(*x) - 1, reason="it is finite there")
control(turns_in_torch, "logsumexp", "refuted", form=by_logsumexp, reason="it never underflows")
control(turns_in_torch, "both-naive", "refuted", safe=naive, reason="fp32 underflows at its own frontier")


@check(
    claims.collisions,
    "exhausted",
    given={"fmt": ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16")},
    covers=True,
    scope={
        "sizes": "all distances up to 4000, or where the format ends",
        "evaluation": "emulated, and torch for bf16 and fp16",
    },
)
def first_collision(fmt: str, bits: int = 0, exponents: tuple[int, ...] = EXPONENTS) -> Evidence | None:
    """The emulated format, and in torch the distances and the exact biases rounded at the end."""
    import torch

    found = FORMATS[fmt]
    assert found.precision is not None
    wanted = 2 ** (found.precision + bits) + 1
    first = laws.collision(found, min(4000, int(found.max_finite)))
    if first != wanted:
        return fails(f"{fmt}: {first} rounds as the distance before", wanted, first)
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(fmt)
    if dtype is None:
        return None
    d = torch.arange(wanted + 1)
    for values in (d.to(dtype), *(((-(2.0**-k)) * d.double()).to(dtype) for k in exponents)):
        same = (values[1:] == values[:-1]).nonzero()
        if len(same) != 1 or int(same[0]) + 1 != wanted:
            return fails(f"{fmt}: biases collide at {(same[:, 0] + 1).tolist()}", wanted, same.tolist())
    return None


control(first_collision, "a-bit-more", "refuted", bits=1, reason="p bits hold integers up to 2^p only")
control(first_collision, "a-bit-fewer", "refuted", bits=-1, reason="integers up to 2^p are all held")
control(first_collision, "smaller-slopes", "confirmed", exponents=(9, 10), reason="powers of two shift the exponent")


@check(
    claims.squares,
    "exhausted",
    given={"d": (1, 10, 100, 255, 256, 257, 1000), "exponent": EXPONENTS},
    scope={"sizes": "seven distances, slopes 2^-1 to 2^-8", "evaluation": "torch on the CPU"},
)
def finite_in_fp16(d: int, exponent: int, dtype: str = "float16", kernels: int = 3) -> Evidence | None:
    """The derivative of b in the slope, by logsumexp."""
    import math

    import torch

    _, slope = _gradient(by_logsumexp, kernels, exponent, d, getattr(torch, dtype))
    if math.isfinite(slope):
        return None
    return fails(f"slope 2^-{exponent}, d = {d}: the gradient is {slope}", "finite", slope)


control(finite_in_fp16, "fp32", "confirmed", dtype="float32", reason="d^2 is far from overflow")
control(finite_in_fp16, "bf16", "confirmed", dtype="bfloat16", reason="bf16 has the range of fp32")
control(finite_in_fp16, "two-kernels", "refuted", kernels=2, reason="the same Gaussian")


@check(
    claims.accuracy,
    "exhausted",
    given={"kernels": (2, 3), "exponent": EXPONENTS},
    covers=True,
    scope={"sizes": "slopes 2^-1 to 2^-8; d < 40 and 60 more up to 2^20"},
)
def near_the_real(
    kernels: int, exponent: int, bound: tuple[int, int] = (4, 16), form: str = "module"
) -> Evidence | None:
    """The module's table against balls."""
    import torch

    from constructions.layers.position_kernels import Tensors

    places = [*range(40), *(int(40 * 1.187**k) for k in range(60))]
    d = torch.tensor(places)
    how = naive if form == "naive" else by_logsumexp
    found = how(MIXTURES[kernels](2.0**-exponent), d, Tensors()).tolist()
    u = F(1, 2**24)
    with ctx.workprec(100):
        real = MIXTURES[kernels](F(1, 2**exponent))
        for at, value in zip(places, found, strict=True):
            exact = float(real(at))
            allowed = float(u) * (bound[0] * abs(exact) + bound[1])
            if abs(value - exact) > allowed:
                return fails(
                    f"{kernels} kernels, slope 2^-{exponent}, d = {at}: off by {abs(value - exact):.3g}",
                    f"<= {allowed:.3g}",
                    value,
                )
    return None


control(near_the_real, "naive", "refuted", form="naive", reason="it underflows")
control(near_the_real, "nothing-allowed", "refuted", bound=(0, 0), reason="logarithms are rounded")
control(near_the_real, "wider", "confirmed", bound=(8, 32), reason="a weaker bound")
