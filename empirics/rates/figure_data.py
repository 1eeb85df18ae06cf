"""The numbers of the rate figures: each function takes a seed and `quick`, small sizes; a store to go on after a kill; a progress call.

    data = rate_data(seed=0, quick=True)       curves: measured risks, exact oracle, bracket

`figures` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from empirics.rates.contrast import Contrast, measure_contrast
from empirics.rates.curves import Curve, Plan, measure, powers
from empirics.rates.dimensions import Dimensions, measure_dimensions
from empirics.rates.oracle import exponent
from empirics.rates.slopes import Window
from empirics.rates.wrong_smoothness import Decision, decide_all
from empirics.store import Progress, Store
from theory.takakura_suzuki.constants import effective
from theory.takakura_suzuki.smoothness import Power, Smoothness, anisotropic

HALF = Fraction(1, 2)
CLASSES = {
    "mixed, $a_i = i$": Smoothness("mixed", Power(1)),
    "mixed, $a_i = i/2$": Smoothness("mixed", Power(1, HALF)),
    "anisotropic, $a_i = i^2$": Smoothness("anisotropic", Power(2)),
}
"""Classes with infinitely many coordinates: a+ = 1, 1/2 and 6/pi^2."""
LINEAR = CLASSES["mixed, $a_i = i$"]


def sizes(quick: bool) -> tuple[tuple[int, ...], int]:
    """(n, replicates): 2^8..2^12 with 32 replicates, or 2^8..2^15 with 48."""
    return (powers(8, 12), 32) if quick else (powers(8, 15), 48)


def window(quick: bool) -> Window:
    """The window over which slopes are told: all n measured."""
    n, _ = sizes(quick)
    return n[0], n[-1]


@dataclass(frozen=True, eq=False)
class Rates:
    """Curves by class and target, the window of the slopes, and the asymptotic exponent of each class."""

    curves: dict[tuple[str, str], Curve]
    exponents: dict[str, float]
    window: Window


def rate_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> Rates:
    """Every class with a worst-case target for each n and with one fixed target."""
    n, replicates = sizes(quick)
    curves = {
        (name, target): measure(Plan(smoothness, n, 1, target, replicates, seed), store, progress)
        for target in ("worst", "fixed")
        for name, smoothness in CLASSES.items()
    }
    exponents = {name: float(exponent(effective(smoothness)[0])) for name, smoothness in CLASSES.items()}
    return Rates(curves, exponents, window(quick))


def dimension_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> Dimensions:
    """Mixed smoothness a_i = i cut after 1, 4, 16, 64 and 256 coordinates, and not cut."""
    n, replicates = sizes(quick)
    return measure_dimensions(Plan(LINEAR, n, 1, "worst", replicates // 2, seed), store=store, progress=progress)


def contrast_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> Contrast:
    """Isotropic a = 1 in 1, 2, 4, 8 dimensions beside a_i = i in infinitely many; n up to 2^13 measured, as at d = 4 N grows fast."""
    n, replicates = sizes(quick)
    plan = Plan(LINEAR, tuple(m for m in n if m <= 2**13), 1, "worst", replicates // 2, seed)
    return measure_contrast(plan, last=28 if quick else 40, store=store, progress=progress)


def wrong_data(
    seed: int = 0, quick: bool = False, store: Store | None = None, progress: Progress | None = None
) -> dict[tuple[str, str], Decision]:
    """Every hypothesis about the curve of a_i = i, over 2^8..2^13 or more: {(curve, hypothesis): decision}."""
    n, replicates = sizes(quick)
    n = powers(8, max(13, n[-1].bit_length() - 1))
    hypotheses = {
        "$a_i = i$": LINEAR,
        "$a_i = i/2$": CLASSES["mixed, $a_i = i/2$"],
        "$a_i = 2i$": Smoothness("mixed", Power(1, 2)),
        "isotropic, d = 2": anisotropic(1, 1),
        "isotropic, d = 8": anisotropic(*[1] * 8),
    }
    curve = measure(Plan(LINEAR, n, 1, "worst", 2 * replicates, seed), store, progress)
    return decide_all({"$a_i = i$": curve}, list(hypotheses.items()), (n[0], n[-1]))
