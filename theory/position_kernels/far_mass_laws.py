"""Far mass in numbers: its bound in balls, the window that a summable kernel needs, the length at which another one fails."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from theory.position_kernels.arithmetic import BALLS, FLOATS
from theory.position_kernels.kernels import Kernel
from theory.position_kernels.window_laws import head, tail, window

if TYPE_CHECKING:
    from flint import arb

__all__ = ["escapes_at", "far_mass", "uniform_mass", "window_for"]


def far_mass(kernel: Kernel, w: int, N: int, B: Fraction = Fraction(0)) -> arb:
    """The greatest mass beyond w of N positions for logits in [-B, B]: e^{2B} T / (e^{2B} T + H).

    ValueError unless 1 <= w < N and B >= 0.
    """
    if not 1 <= w < N:
        raise ValueError(f"window w = {w}, length N = {N}: give 1 <= w < N")
    if B < 0:
        raise ValueError(f"B = {B}: the size of logits is at least 0")
    inside = head(kernel, w)
    beyond = (2 * BALLS.number(B)).exp() * sum((kernel(d).exp() for d in range(w, N)), inside * 0)
    return beyond / (beyond + inside)


def uniform_mass(kernel: Kernel, w: int, B: Fraction = Fraction(0)) -> arb:
    """The same for all N: the whole tail. ValueError where the kernel is not summable."""
    beyond = (2 * BALLS.number(B)).exp() * tail(kernel, w)
    return beyond / (beyond + head(kernel, w))


def window_for(kernel: Kernel, eps: Fraction, B: Fraction = Fraction(0)) -> int:
    """The least w whose mass is at most eps for all N, e^{2B} T <= eps (e^{2B} T + H), as far as balls tell; O(w) kernels."""
    total = window(kernel, 64)
    needed = total / (
        1 + BALLS.number(eps / (1 - eps)) / (2 * BALLS.number(B)).exp()
    )  # H >= total / (1 + eps' / e^{2B})
    w, inside = 0, total * 0
    while not inside >= needed:
        inside += kernel(w).exp()
        w += 1
    return w


def escapes_at(kernel: Kernel, w: int, share: Fraction, most: int) -> int | None:
    """The least N <= most at which equal logits put more than `share` beyond w, or None. Floats find it, balls confirm N.

    ArithmeticError where the balls disagree with the floats.
    """
    K = np.exp(np.broadcast_to(kernel.log(np.arange(most), FLOATS), (most,)))
    sums = np.cumsum(K)
    found = np.flatnonzero(sums - sums[w - 1] > float(share) * sums)
    if not len(found):
        return None
    N = int(found[0]) + 1
    if not far_mass(kernel, w, N) > BALLS.number(share):
        raise ArithmeticError(f"{kernel}: at N = {N} floats say more than {share} lies beyond {w}, balls do not")
    return N
