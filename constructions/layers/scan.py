"""Inclusive scans over any associative operation, and a gated linear recurrence computed by one.

    y_t = x_1 * x_2 * ... * x_t

An element is a tuple of tensors with time on axis `dim`, and `combine(earlier, later)` acts on such tuples, all times at once. With
s the number of tokens, Hillis-Steele needs L(s) combinations of whole sequences; Blelloch's tree of pairs needs fewer than 2 s
combinations of single elements, at twice the depth. Both are exact over every semigroup.

Source: Hillis, Steele, 1986; Blelloch, 1990. The recurrence by a scan: Martin, Cundy, arXiv 1709.04057. Costs derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.shapes import check_positive, check_token, check_tokens, choose

__all__ = ["Elements", "GatedScan", "affine", "blelloch_scan", "hillis_steele_scan", "sequential_scan"]

Elements = tuple[Tensor, ...]
Combine = Callable[[Elements, Elements], Elements]


def sequential_scan(combine: Combine, elements: Elements, dim: int = -2) -> Elements:
    """The definition, an element after another: s - 1 combinations of single elements, each after the last."""
    check_elements("sequential_scan", elements, dim)
    found: list[Elements] = []
    for x in _split(elements, dim):
        found.append(combine(found[-1], x) if found else x)
    return tuple(
        torch.cat([x.narrow(dim, 0, 0), *rows], dim)
        for x, rows in zip(elements, _columns(found, elements), strict=True)
    )


def hillis_steele_scan(combine: Combine, elements: Elements, dim: int = -2) -> Elements:
    """Doubling: after round j every element holds the product of the 2^j that end at it.

    L(s) rounds; round j combines s - 2^(j-1) elements and copies all: s L(s) - 2^L(s) + 1 combinations for s > 0.
    """
    check_elements("hillis_steele_scan", elements, dim)
    time, shift = elements[0].shape[dim], 1
    while shift < time:
        later = combine(_slice(elements, dim, 0, time - shift), _slice(elements, dim, shift, time - shift))
        elements = tuple(torch.cat([x.narrow(dim, 0, shift), y], dim) for x, y in zip(elements, later, strict=True))
        shift *= 2
    return elements


def blelloch_scan(combine: Combine, elements: Elements, dim: int = -2) -> Elements:
    """Pairs, the scan of the pairs, and each pair with the element after it.

    s - 1 combinations a level, s halved from level to level: 2 s - 2 - L(s) combinations for s a power of 2; depth about 2 L(s).
    """
    check_elements("blelloch_scan", elements, dim)
    time = elements[0].shape[dim]
    if time < 2:
        return elements
    half, between = time // 2, (time - 1) // 2
    even, odd = _every_other(elements, dim, 0), _every_other(elements, dim, 1)
    ends = blelloch_scan(combine, combine(_slice(even, dim, 0, half), odd), dim)
    middles = combine(_slice(ends, dim, 0, between), _slice(even, dim, 1, between))
    starts = (torch.cat([x.narrow(dim, 0, 1), y], dim) for x, y in zip(even, middles, strict=True))
    return tuple(_interleave(x, y, dim) for x, y in zip(starts, ends, strict=True))


def affine(earlier: Elements, later: Elements) -> Elements:
    """The maps h -> a h + b, earlier first, as pairs (a, b) of tensors of one shape: 3 operations an entry."""
    return earlier[0] * later[0], later[0] * earlier[1] + later[1]


class GatedScan(nn.Module):
    """h_t = a_t h_{t-1} + (1 - a_t) b_t, a_t in (0, 1), entry by entry; a, b and the output are square maps of the token.

    `x (batch, N, d)` -> the same shape. form: "hillis-steele", "blelloch" or "sequential".

    Cost, batch 1, L = L(N). Hillis-Steele: work 6 N d^2 + 3 N d + 3 d (N L - 2^L + 1) + 2 N d L, span 2 L(d) + 3 L + 5.
    Sequential: work 6 N d^2 + 3 N d + 3 (N - 1) d + 2 N d, span 2 L(d) + 2 N + 4.
    Blelloch, N = 2^L: work 6 N d^2 + 3 N d + 3 d (2 N - 2 - L) + 10 (N - 1) d, span at most 2 L(d) + 7 L + 5.
    A decoded token: work 6 d^2 + 5 d, from a state of d numbers.
    """

    FORMS = ("hillis-steele", "blelloch", "sequential")

    def __init__(
        self,
        width: int,
        *,
        form: Literal["hillis-steele", "blelloch", "sequential"] | str = "hillis-steele",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        check_positive("GatedScan", width=width)
        self.width = width
        self.form = choose("GatedScan", "form", form, self.FORMS)
        self.decay, self.value, self.out = (
            nn.Linear(width, width, bias=False, device=device, dtype=dtype) for _ in range(3)
        )

    def forward(self, x: Tensor) -> Float[Tensor, "batch time width"]:
        check_tokens("GatedScan", x, self.value.weight)
        scans = (hillis_steele_scan, blelloch_scan, sequential_scan)
        return self.out(scans[self.FORMS.index(self.form)](affine, self._maps(x))[1])

    def init_state(self, batch: int) -> Tensor:
        """h_0 = 0, `(batch, width)`."""
        return self.value.weight.new_zeros((batch, self.width))

    def step(self, x_t: Tensor, state: Tensor) -> tuple[Float[Tensor, "batch width"], Tensor]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        check_token("GatedScan", x_t, self.value.weight)
        a, b = self._maps(x_t)
        state = a * state + b
        return self.out(state), state

    def _maps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """a and (1 - a) b."""
        a = self.decay(x).sigmoid()
        return a, (1 - a) * self.value(x)


def check_elements(where: str, elements: Elements, dim: int) -> None:
    """ValueError unless there is a tensor, and all have the same number of elements on axis `dim`."""
    if not elements:
        raise ValueError(f"{where}: elements is an empty tuple; give the tensors that an element consists of")
    told = [tuple(x.shape) for x in elements]
    if any(not -x.ndim <= dim < x.ndim for x in elements):
        raise ValueError(f"{where}: dim = {dim} is no axis of tensors of shapes {told}; give the axis of time")
    if any(x.shape[dim] != elements[0].shape[dim] for x in elements):
        raise ValueError(
            f"{where}: the tensors have shapes {told}, of different sizes on axis {dim}; give one element a time"
        )


def _slice(elements: Elements, dim: int, start: int, length: int) -> Elements:
    return tuple(x.narrow(dim, start, length) for x in elements)


def _split(elements: Elements, dim: int) -> list[Elements]:
    return [_slice(elements, dim, t, 1) for t in range(elements[0].shape[dim])]


def _columns(found: list[Elements], elements: Elements) -> list[list[Tensor]]:
    return [[row[i] for row in found] for i in range(len(elements))]


def _every_other(elements: Elements, dim: int, start: int) -> Elements:
    return tuple(x.movedim(dim, 0)[start::2].movedim(0, dim) for x in elements)


def _interleave(even: Tensor, odd: Tensor, dim: int) -> Tensor:
    """even[0], odd[0], even[1], ...; `even` may have one element more."""
    even, odd = even.movedim(dim, 0), odd.movedim(dim, 0)
    pairs = torch.stack([even[: len(odd)], odd], 1).flatten(0, 1)
    return torch.cat([pairs, even[len(odd) :]]).movedim(0, dim)
