"""Attention mass beyond a window: the bound, who is stable in length, and what mixing does not mend."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import ctx

from empirics.checking import Evidence, Run, check, control, fails, holds
from theory.position_kernels import far_mass as claims
from theory.position_kernels import far_mass_laws as laws
from theory.position_kernels.arithmetic import BALLS
from theory.position_kernels.kernels import (
    Buckets,
    Constant,
    Exponential,
    Gaussian,
    Kernel,
    Logarithmic,
    Power,
    Tanh,
)
from theory.position_kernels.mixtures import Mixture, three_kernels, two_kernels
from theory.position_kernels.properties import Property

F = Fraction
PRECISION = 64
EPS = F(1, 10)


@check(claims.bound, "derived", covers=True, scope={"sizes": "all sums", "method": "x, y, B symbols"})
def derivatives(power: int = 2) -> Evidence:
    """x / (x + y) is monotone, and at the ends of the logits it is the bound with e^{power * B}."""
    import sympy

    x, y, T, H, B = sympy.symbols("x y T H B", positive=True)
    mass = x / (x + y)
    ends = mass.subs({x: sympy.exp(B) * T, y: sympy.exp(-B) * H})
    residuals = {
        "in x": sympy.diff(mass, x) - y / (x + y) ** 2,
        "in y": sympy.diff(mass, y) + x / (x + y) ** 2,
        "at the ends": ends - sympy.exp(power * B) * T / (sympy.exp(power * B) * T + H),
    }
    for name, residual in residuals.items():
        left = sympy.cancel(residual.subs(sympy.exp(B), sympy.Symbol("e")).rewrite(sympy.exp))
        if sympy.simplify(left) != 0:
            return fails(f"{name}: {left} is left", 0, left)
    return holds(cases=3)


control(derivatives, "once", "refuted", power=1, reason="the logits of both parts move")
control(derivatives, "two", "confirmed", power=4 // 2, symmetry="4 / 2 = 2")


@check(
    claims.bound,
    "exhausted",
    given={"B": (0.0, 1.0, 3.0)},
    scope={
        "sizes": "random logits in [-B, B] and those at the ends, N = 48, w = 1, 8, 40",
        "evaluation": "torch, float64",
    },
)
def attention_obeys(B: float, power: float = 2.0, N: int = 48, run: Run = Run()) -> Evidence:
    """torch's softmax with three-kernel biases against the bound, which the extreme logits reach to rounding."""
    import torch

    from constructions.layers.position_kernels import Mep

    draw = torch.Generator().manual_seed(run.seed)
    bias = Mep(1, slopes=[0.25])(1, N, torch.empty((), dtype=torch.float64))[0, 0].flip(0)  # by distance
    for w in (1, 8, 40):
        T, H = float(bias[w:].exp().sum()), float(bias[:w].exp().sum())
        most = np.exp(power * B) * T / (np.exp(power * B) * T + H)
        extreme = torch.where(torch.arange(N) >= w, B, -B).to(bias)
        logits = torch.cat([(torch.rand(200, N, generator=draw, dtype=torch.float64) * 2 - 1) * B, extreme[None]])
        mass = (logits + bias).softmax(-1)[:, w:].sum(-1)
        slack = most * N * 8 * 2.0**-52  # sums of N terms and their exponentials
        if float(mass.max()) > most + slack:
            return fails(f"B = {B}, w = {w}: mass {float(mass.max()):.6g}", f"<= {most:.6g}", float(mass.max()))
        if float(mass[-1]) < most - slack:
            return fails(f"B = {B}, w = {w}: the extreme logits have mass {float(mass[-1]):.6g}", most, float(mass[-1]))
    return holds(cases=3 * 201)


control(attention_obeys, "once", "refuted", power=1.0, reason="e^B is too small a factor for B > 0")
control(attention_obeys, "thrice", "refuted", power=3.0, reason="no logits reach it for B > 0")
control(attention_obeys, "longer", "confirmed", N=96, reason="the bound is for every length")

T5 = Buckets((F(1), F(0), F(-2), F(-4)), (0, 4, 16, 64))
SUMMABLE: tuple[Kernel, ...] = (
    Exponential(F(1, 4)),
    Gaussian(F(1, 64)),
    Tanh(F(1, 8)),
    Power(F(1), F(1)),
    Power(F(1, 16), F(3, 2)),
    Logarithmic(F(1), F(2)),
    Logarithmic(F(1, 2), F(3)),
    two_kernels(F(1, 16)),
    three_kernels(F(1, 256)),
)
NOT_SUMMABLE: tuple[Kernel, ...] = (
    Constant(),
    T5,
    Logarithmic(F(1), F(1)),
    Logarithmic(F(1), F(1, 2)),
    Mixture((Exponential(F(1)), Constant())),
    Mixture((Gaussian(F(1)), Exponential(F(1)), T5, Logarithmic(F(1), F(2)))),
)


def as_declared(kernel: Kernel) -> bool | None:
    return kernel.declared[Property.SUMMABLE]


@check(
    claims.uniform,
    "exhausted",
    given={"kernel": (*NOT_SUMMABLE, *SUMMABLE)},
    scope={
        "sizes": "15 kernels and mixtures; windows of 4 and 16 positions for the others, N up to 2^12",
        "method": "balls",
    },
)
def stable_exactly_when_summable(
    kernel: Kernel, declared: Callable[[Kernel], bool | None] = as_declared
) -> Evidence | None:
    """A window for all N, from the enclosed tail; or for every window tried a length at which nine tenths have left."""
    with ctx.workprec(PRECISION):
        if declared(kernel):
            for B in (F(0), F(1)):
                try:
                    w = laws.window_for(kernel, EPS, B)
                except ValueError as error:
                    return fails(f"{kernel}: {error}", "summable", "not")
                mass = laws.far_mass(kernel, w, w + 200, B)
                if not mass <= BALLS.number(EPS):
                    return fails(f"{kernel}: window {w} for B = {B} leaves {mass}", f"<= {EPS}", mass)
            return None
        for w in (4, 16):
            if laws.escapes_at(kernel, w, F(1, 2), 1 << 12) is None:
                return fails(f"{kernel}: half stays within {w} of 2^12 positions", "leaves", "stays")
    return None


control(
    stable_exactly_when_summable,
    "all-summable",
    "refuted",
    declared=lambda k: True,
    reason="the constant has no tail",
)
control(
    stable_exactly_when_summable,
    "none-summable",
    "refuted",
    declared=lambda k: False,
    reason="an exponential keeps its mass",
)
control(
    stable_exactly_when_summable,
    "of-the-parts",
    "confirmed",
    declared=lambda k: all(part.declared[Property.SUMMABLE] for part in getattr(k, "kernels", (k,))),
    reason="a mixture is summable exactly when its parts are",
)

PARTNERS: tuple[Kernel, ...] = (Constant(), T5, Logarithmic(F(1), F(1)))


def with_exponential(kernel: Kernel) -> Kernel:
    return Mixture((Exponential(F(1, 8)), kernel))


@check(
    claims.printed_mixture,
    "exhausted",
    given={"kernel": PARTNERS},
    scope={"sizes": "three partners, w = 64, N up to 2^12"},
)
def stays_within(kernel: Kernel, mixed: Callable[[Kernel], Kernel] = with_exponential) -> Evidence | None:
    """The least length at which more than a tenth lies beyond 64, equal logits."""
    with ctx.workprec(PRECISION):
        made = mixed(kernel)
        N = laws.escapes_at(made, 64, EPS, 1 << 12)
        if N is None:
            return None
    return fails(f"{made}: N = {N} positions put more than {EPS} beyond 64", f"<= {EPS}", N)


control(
    stays_within,
    "summable-partner",
    "confirmed",
    mixed=lambda k: Mixture((Exponential(F(1, 8)), Logarithmic(F(1), F(3)))),
    reason="both parts are summable, and 64 is wide enough",
)
control(stays_within, "alone", "refuted", mixed=lambda k: k, reason="without the exponential it leaves earlier")


def network_range(bias: Any) -> float:
    """M - m on [0, 1] of FIRE's network, which is linear between the ends and the points where a hidden unit is 0."""
    import torch

    with torch.no_grad():
        kinks = -bias.first.bias / bias.first.weight[:, 0]
        points = torch.cat([torch.tensor([0.0, 1.0]).to(kinks), kinks.clamp(0, 1)])
        values = bias.last(bias.first(points[:, None]).relu())
    return float(values.max() - values.min())


@check(
    claims.fire,
    "exhausted",
    given={"seed": range(8)},
    scope={"sizes": "networks of seeds 0..7, L = 16, N = 64..4096, w = 16", "evaluation": "torch, float64"},
)
def fire_leaves(seed: int, method: str = "fire", window: int = 16, part: float = 1.0) -> Evidence | None:
    """The mass inside against w e^{M - m} / N, M - m being the network's own range on [0, 1], whatever the row."""
    import torch

    from constructions.layers.position_kernels import Alibi, Fire

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        bias = Fire(1, threshold=16.0).double() if method == "fire" else Alibi(1, slopes=[1.0])
    spread = part * network_range(bias) if isinstance(bias, Fire) else 1.0
    like = torch.empty((), dtype=torch.float64)
    for N in (64, 512, 4096):
        row = bias(1, N, like)[0, 0].detach()
        inside = float(row.softmax(-1)[N - window :].sum())
        allowed = window * np.exp(spread) / N
        if inside > allowed * (1 + N * 2.0**-50):
            return fails(f"seed {seed}, N = {N}: {inside:.3g} lies inside {window}", f"<= {allowed:.3g}", inside)
    if allowed >= 1:
        return fails(f"seed {seed}: the bound says nothing at N = 4096, spread {spread:.3g}", "< 1", allowed)
    return None


control(fire_leaves, "alibi", "refuted", method="alibi", reason="an unbounded bias keeps its mass inside")
control(fire_leaves, "no-range", "refuted", part=0.0, reason="some prefer near positions: more than w / N")
control(fire_leaves, "window-of-4", "confirmed", window=4, reason="a smaller window")
