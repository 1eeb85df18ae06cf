"""ReLU gadgets with explicit weights: tent map, squaring, cosine of an integer frequency, product.

    tent      g(t) = 2 t up to 1/2, 2 - 2 t after:  2 relu(t) - 4 relu(t - 1/2)
    square    S_J(t) = t - sum_{j <= J} g^(j)(t) / 4^j, the interpolation of t^2 at the multiples of 2^-J
    cosine    cos(2 pi k x) = cos(pi z), z = g^(C+1)((k x) / 2^C);  w = c S_J(z), c near pi^2 / 4^(m+1), then m times
              w <- 4 (w - S_J(w)) = sum_{j <= J} 4^(1-j) g^(j)(w);  1 - 2 w.   sin: k x + 3/4 in place of k x
    product   u v = S_J(|u + v| / 2) - S_J(|u - v| / 2)

Each is a generator, one layer a yield (see `network`). Every weight and bias of a hidden layer is at most 4 in absolute value.
Sawtooth squaring is Yarotsky's (arXiv 1610.01145); the rest is derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from constructions.takakura_suzuki.network import Gadget, together
from theory.takakura_suzuki.gadget_laws import FEWEST_LEVELS, cosine_scale

HALF = Fraction(1, 2)


def tent(t: Any) -> Gadget:
    """g(t) for t in [0, 1]: 1 layer, 2 neurons."""
    low, high = yield [t, t - HALF]
    return 2 * low - 4 * high


def folded(t: Any, times: int) -> Gadget:
    """g applied `times` times; cos(pi g(t)) = cos(2 pi t), so each doubles a frequency without error."""
    for _ in range(times):
        t = yield from tent(t)
    return t


def square(t: Any, levels: int) -> Gadget:
    """S_J(t) for t in [0, 1], J = `levels`: J layers of at most 3 neurons, S_J(t) - t^2 in [0, 4^-(J+1)]."""
    _enough("levels", levels, 2)
    low, high = yield [t, t - HALF]
    tooth = 2 * low - 4 * high
    total = HALF * low + high  # low - tooth / 4: the neuron that holds t serves twice
    for level in range(2, levels + 1):
        low, high, kept = yield [tooth, tooth - HALF, total]
        tooth = 2 * low - 4 * high
        total = kept - Fraction(1, 4**level) * tooth
    return total


def logistic(w: Any, levels: int) -> Gadget:
    """4 (w - S_J(w)) for w in [0, 1]: J layers of at most 3 neurons; from 4 (w - w^2) less 4^-J up to it."""
    _enough("levels", levels, FEWEST_LEVELS)
    tooth = yield from tent(w)
    low, high = yield [tooth, tooth - HALF]
    tooth = 2 * low - 4 * high
    total = low + Fraction(1, 4) * tooth
    for level in range(3, levels + 1):
        low, high, kept = yield [tooth, tooth - HALF, total]
        tooth = 2 * low - 4 * high
        total = kept + Fraction(1, 4 ** (level - 1)) * tooth
    return total


def half_turn_cosine(z: Any, steps: int, levels: int) -> Gadget:
    """cos(pi z) for z in [0, 1], in [-1, 1]: one squaring and `steps` logistic steps of `levels` layers each."""
    _enough("steps", steps, 1)
    w = cosine_scale(steps, levels) * (yield from square(z, levels))
    for _ in range(steps):
        w = yield from logistic(w, levels)
    return 1 - 2 * w


def wave(x: Any, frequency: int, folds: int, steps: int, levels: int) -> Gadget:
    """cos(2 pi |l| x) for a frequency l < 0, sin(2 pi l x) for l > 0, x in [0, 1]; folds = C with |l| < 2^C.

    C + 1 + J (m + 1) layers. ValueError where the frequency is 0 or too high.
    """
    k = abs(frequency)
    if not 0 < k < 2**folds:
        raise ValueError(
            f"frequency {frequency} with {folds} folds: give 1 to {2**folds - 1} in absolute value, or fold more"
        )
    shift = Fraction(3, 4) if frequency > 0 else Fraction(0)  # cos(t + 3 pi / 2) = sin t, and k + 3/4 <= 2^C
    z = yield from folded(Fraction(k, 2**folds) * x + shift / 2**folds, folds + 1)
    return (yield from half_turn_cosine(z, steps, levels))


def product(u: Any, v: Any, levels: int) -> Gadget:
    """u v for u, v in [-1, 1], in [-1, 1]: 1 + J' layers of at most 6 neurons; off by at most 4^-(J'+1)."""
    _enough("levels", levels, 2)
    mean, half = HALF * (u + v), HALF * (u - v)
    a, b, c, d = yield [mean, -mean, half, -half]
    one, two = yield from together([square(a + b, levels), square(c + d, levels)])
    return one - two


def tree(factors: Sequence[Any], levels: int, stages: int) -> Gadget:
    """The product of numbers of [-1, 1] in `stages` stages of 1 + J' layers: neighbours are multiplied, a last one alone waits."""
    values = list(factors)
    for _ in range(stages):
        pairs = [product(u, v, levels) for u, v in zip(values[::2], values[1::2], strict=False)]
        alone = [held(u, 1 + levels) for u in values[2 * len(pairs) :]]
        values = yield from together([*pairs, *alone])
    if len(values) != 1:
        raise ValueError(f"{len(factors)} factors in {stages} stages: give {(len(factors) - 1).bit_length()}")
    return values[0]


def waves(
    x: Sequence[Any], frequencies: Sequence[int], folds: int, steps: int, levels: int, product_levels: int
) -> Gadget:
    """The product of waves, one for each input."""
    each = [wave(t, f, folds, steps, levels) for t, f in zip(x, frequencies, strict=True)]
    factors = yield from together(each)
    return (yield from tree(factors, product_levels, (len(factors) - 1).bit_length()))


def held(u: Any, layers: int) -> Gadget:
    """u in [-1, 1] after some layers of one neuron each: relu(u + 1) - 1."""
    for _ in range(layers):
        (kept,) = yield [u + 1]
        u = kept - 1
    return u


def _enough(what: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{what} = {value}: give {least} or more")
