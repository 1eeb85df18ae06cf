"""Through the explicit transformer: the read-out against its bound, and what sharing it among outputs saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from constructions.takakura_suzuki.transformer import Plan
from empirics.checking import Evidence, Run, check, control, fails, holds, undecided
from theory.takakura_suzuki import measured_transformer as claims
from theory.takakura_suzuki import network_laws
from theory.takakura_suzuki.smoothness import Power, Smoothness

LINEAR = Smoothness("mixed", Power(1))
NEAR = Fraction(1, 25)
"""What a single wave reaches of the bound, see the claim."""


@check(
    claims.perturbation, "derived", covers=True, scope={"sizes": "all n, N", "method": "letters that do not commute"}
)
def perturbation_identities(sign: int = 1, scale: int = 1) -> Evidence:
    """Both identities; P A' = 1 and A^T r = 0 are put in where they stand. `scale` multiplies the data."""
    import sympy

    P, A, F, Ft, At, c, r = sympy.symbols("P A F Ft At c r", commutative=False)
    c, r = scale * c, scale * r
    data = A * c + r
    first = sympy.expand(P * data - c - P * (r - sign * (F - A) * c)).subs(P * F * c, c)
    second = sympy.expand(Ft * r - (Ft - At) * r).subs(At * r, 0)
    for name, residual in (("coefficients", first), ("residual", second)):
        if residual != 0:
            return fails(f"{name}: {residual} is left", 0, residual)
    return holds(cases=2)


control(perturbation_identities, "sign", "refuted", sign=-1, reason="the features' error acts against the fit")
control(perturbation_identities, "negated", "confirmed", scale=-1, symmetry="the data negated")


class Coarse(Plan):
    """Half the sawtooth levels."""

    @cached_property
    def depths(self) -> network_laws.Depths:
        made = Plan(self.smoothness, self.T).depths
        return replace(made, levels=max(3, made.levels // 2))


def _fine(smoothness: Smoothness, T: int) -> Plan:
    from empirics.rates.readout import FinePlan

    return FinePlan(smoothness, T)


def _finer(smoothness: Smoothness, T: int) -> Plan:
    from empirics.rates.readout import FinePlan

    return FinePlan(smoothness, T, bits=7)


def _negated(terms: int, seed: int) -> Any:
    made = hard(terms, seed)
    return replace(made, coefficients=tuple(-c for c in made.coefficients))


def hard(terms: int, seed: int) -> Any:
    """A fixed target of so many terms."""
    from empirics.rates.targets import fixed

    return fixed(LINEAR, terms, seed)


def _read_outs(run: Run) -> list[tuple[int, int, Fraction, int]]:
    seeds = range(run.seed, run.seed + run.pick(1, 8))
    return [
        (T, 32 * N, sigma, seed)
        for T, N in ((3, 9), *run.pick((), ((4, 23),)))
        for sigma in (Fraction(1, 4096), Fraction(1, 4))
        for seed in seeds
    ]


@check(
    claims.read_out,
    "tested",
    given=lambda run: {"case": _read_outs(run)},
    covers=True,
    scope=lambda run: {
        "sizes": f"T = 3{run.pick('', ', 4')}, n = 32 N, {run.pick(1, 8)} seeds, 4 replicates each",
        "format": "float64",
    },
)
def read_out_within_bound(
    case: tuple[int, int, Fraction, int],
    planner: Callable[[Smoothness, int], Plan] = _fine,
    target: Callable[[int, int], Any] = hard,
) -> Evidence:
    """Every replicate's coefficients and root risk against the bound of the fine plan."""
    import numpy as np

    from empirics.rates.readout import read_outs

    T, n, sigma, seed = case
    found = read_outs(target(60, seed), T, n, sigma, 4, seed, planner=planner, promised=_fine)
    words = f"T = {T}, n = {n}, sigma = {sigma}, seed {seed}: "
    apart = np.abs(np.sqrt(found.frozen) - np.sqrt(found.risks))
    if not np.isfinite(found.allowed).all():
        return undecided(words + "a design has s <= delta")
    if (found.moved > found.allowed).any():
        worst = int(np.argmax(found.moved / found.allowed))
        return fails(
            words + f"c moved by {found.moved[worst]:.4g}", f"<= {found.allowed[worst]:.4g}", found.moved[worst]
        )
    if (apart > found.apart + found.slack).any():
        return fails(words + f"the root risks are {apart.max():.4g} apart", f"<= {found.apart.min():.4g}", apart.max())
    return holds(cases=4)


control(read_out_within_bound, "levels-halved", "refuted", planner=Coarse, reason="squarings err by 4^-J")
control(read_out_within_bound, "finer", "confirmed", planner=_finer, reason="features eight times as near")
control(read_out_within_bound, "negated", "confirmed", target=_negated, symmetry="-f has the same features")


@check(
    claims.read_out,
    "tested",
    given={"wave": [1, 2]},
    scope={"sizes": "single waves, T = 3, n = 512, no noise but 2^-30", "demanded": f"observed / bound >= {NEAR}"},
)
def bound_is_near(wave: int, least: Fraction = NEAR) -> Evidence:
    """A wave of the lowest frequency: its error has one sign and the fit cannot hide it."""
    from empirics.rates.readout import read_outs
    from empirics.rates.targets import RateTarget
    from theory.takakura_suzuki import refined

    coefficients = [Fraction(0)] * 3
    coefficients[wave] = Fraction(1, 4)
    target = RateTarget(LINEAR, refined.first(LINEAR, 3), tuple(coefficients))
    found = read_outs(target, 3, 512, Fraction(1, 2**30), 2, 0, planner=_fine)
    reached = float((found.moved / found.allowed).min())
    if reached < least:
        return fails(f"function {wave}: {reached:.3f} of the bound is reached", f">= {least}", reached)
    return holds()


control(
    bound_is_near, "above-the-bound", "refuted", least=Fraction(2), reason="no data pass the bound, let alone twice"
)
control(bound_is_near, "half", "confirmed", least=NEAR / 2, reason="a weaker demand")


def _outputs(run: Run) -> list[tuple[int, int, int]]:
    return [(outputs, run.pick(64, 256), run.seed) for outputs in (2, 8, *run.pick((), (32,)))]


@check(
    claims.sharing,
    "measured",
    given=lambda run: {"case": _outputs(run)},
    covers=True,
    scope=lambda run: {
        "sizes": f"N = 9, n = 1024, L = 2, 8{run.pick('', ', 32')}, {run.pick(64, 256)} replicates",
        "level": "1 - 10^-5",
    },
)
def sharing_divides_by_outputs(
    case: tuple[int, int, int], power: Fraction = Fraction(1), turn: float = 0.0, sigma: Fraction = Fraction(1, 4)
) -> Evidence:
    """The ratio of mean risks against the bounds."""
    from empirics.rates.sharing import share
    from empirics.rates.slopes import SURE

    outputs, replicates, seed = case
    found = share(hard(9, 0), outputs, 1024, sigma, replicates, seed, turn)
    if found.failed:
        return undecided(f"L = {outputs}: {found.failed} designs have a least eigenvalue below 1/2")
    ratio, (low, high) = found.ratio(seed, SURE), found.bracket
    scale = outputs ** (float(power) - 1)
    if not ratio.meets(float(low) * scale, float(high) * scale):
        words = (
            f"L = {outputs}: separate over shared risk {ratio.value:.3g}, interval {ratio.low:.3g} to {ratio.high:.3g}"
        )
        return fails(words, f"{float(low) * scale:.3f} to {float(high) * scale:.3f}", ratio.value)
    return holds(cases=replicates)


control(
    sharing_divides_by_outputs, "no-gain", "refuted", power=Fraction(0), reason="the risk falls too, not the size alone"
)
control(
    sharing_divides_by_outputs, "root-of-outputs", "refuted", power=Fraction(1, 2), reason="variances add up over L n"
)
control(
    sharing_divides_by_outputs,
    "outputs-differ",
    "refuted",
    turn=0.5,
    reason="what differs between outputs cannot be shared",
)
control(
    sharing_divides_by_outputs, "more-noise", "confirmed", sigma=Fraction(1), symmetry="both risks scale with sigma^2"
)
