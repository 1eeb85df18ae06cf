"""How large the explicit network is: depth, width, weights that are not zero, from the numbers that describe it. Derived here.

    hidden layers   C + 1 + J (m + 1) + R (J' + 1),   R = ceil(log2(largest support))
    width           3 F, or a stage's 6 neurons a product and 1 a value that waits, where that is more
    weights         of a wave as `gadget_laws.wave_size`; a product's first layer reads both factors four times, its squarings take 10,
                    14 and then 16 a layer; a value that waits takes 1 a layer

F waves, one for each coordinate and frequency in use; a product tree for each basis function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from theory.takakura_suzuki.gadget_laws import wave_size


class Form(NamedTuple):
    """A number as an affine form of a layer: how many neurons it reads, and its constant."""

    terms: int
    constant: int


WAVE, PRODUCT, HELD = Form(3, 1), Form(6, 0), Form(1, -1)


@dataclass(frozen=True)
class Depths:
    """folds C, logistic steps m, sawtooth levels J, levels of products J', stages of products R."""

    folds: int
    steps: int
    levels: int
    product_levels: int
    stages: int

    @property
    def hidden(self) -> int:
        """Hidden layers."""
        return self.folds + 1 + self.levels * (self.steps + 1) + self.stages * (self.product_levels + 1)


class Size(NamedTuple):
    """Hidden layers, greatest width, weights and biases that are not zero in hidden layers and in the last one."""

    depth: int
    width: int
    hidden: int
    last: int


def size(indices: Iterable[Sequence[int]], depths: Depths) -> Size:
    """The size of the network whose outputs are the basis functions of these indices, products without their sqrt(2) factors."""
    supports: Counter[int] = Counter()
    waves = set()
    for index in indices:
        used = [(i, f) for i, f in enumerate(index) if f]
        waves.update(used)
        supports[len(used)] += 1
    hidden = sum(wave_size(f, depths.folds, depths.steps, depths.levels)[2] for _, f in waves)
    last, width = supports.pop(0, 0), 3 * len(waves)
    stages = [[0, 0] for _ in range(depths.stages)]
    for support, number in supports.items():
        forms = [WAVE] * support
        for stage in range(depths.stages):
            weights, forms, pairs = _stage(forms, depths.product_levels)
            hidden += number * weights
            stages[stage][0] += number * pairs
            stages[stage][1] += number * (len(forms) - pairs)
        last += number * (forms[0].terms + bool(forms[0].constant))
    return Size(depths.hidden, max([width, *(6 * p + h for p, h in stages)]), hidden, last)


def _stage(forms: list[Form], levels: int) -> tuple[int, list[Form], int]:
    """Weights of one tree in one stage, the forms after it, and how many of them are products."""
    weights, after = 0, []
    for u, v in zip(forms[::2], forms[1::2], strict=False):
        weights += 4 * (u.terms + v.terms) + 2 * bool(u.constant + v.constant) + 2 * bool(u.constant - v.constant)
        weights += 10 + 14 + 16 * (levels - 2)
        after.append(PRODUCT)
    pairs = len(after)
    for alone in forms[2 * pairs :]:
        weights += alone.terms + bool(alone.constant + 1) + levels
        after.append(HELD)
    return weights, after, pairs


def rounding_error(depths: Depths, support: int, unit: Fraction) -> Fraction:
    """What rounding adds to a product of `support` waves in a format of unit roundoff `unit`, layer by layer, inputs being exact.

    Folding is exact on the number it is given, which carries two roundings: 2 u, doubled C + 1 times, times pi in the cosine.
    Reading a number of [0, 1] and its excess over 1/2 rounds each apart, which the sawtooth turns into 12 u at most; J levels add one
    rounding each and the second two more, a logistic step multiplies by 4: below 4^m (J + 20) u in w_m, twice that in the cosine. A
    product reads six terms of at most 2 four times and squares twice, a value that waits is read once a stage: 2 (J' + 24) u.
    """
    if depths.steps < 2:
        raise ValueError(f"m = {depths.steps}: this bound is for m >= 2 logistic steps")
    folding = Fraction(22, 7) * 2 ** (depths.folds + 2)
    wave = folding + 2 * 4**depths.steps * (depths.levels + 20)
    return unit * (support * wave + depths.stages * 2 * support * (depths.product_levels + 24))
