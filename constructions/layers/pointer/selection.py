"""One target among scored candidates, by a rule for ties that does not depend on how a maximum is searched; and what trains it.

    hard               the row of the target; the scores get no gradient, as the target does not change with them
    straight-through   the same row, and the scores get the gradient that softmax weights would have
    soft               the mean of the candidates' rows with softmax weights; the target is still the largest score

torch.argmax documents no rule for ties; here a tie is an equality of two scores as computed, and the positions decide it. Whether
equal keys have equal scores is another question, see `scoring`. NaN is larger than nothing and smaller than nothing: a row with one
among its scores has no largest. Its target is a candidate that exists; which one depends on the form and its tiles. Other rows are
not touched.

Source: Bengio, Leonard, Courville, arXiv 1308.3432 (straight-through). Derived here otherwise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from constructions.layers.shapes import choose

__all__ = ["TIES", "TRAININGS", "Selected", "check_temperature", "largest", "read", "select", "take"]

TIES = ("first", "last")
"""Of equal scores the candidate at the smallest position, or at the largest."""

TRAININGS = ("hard", "straight-through", "soft")


class Selected(NamedTuple):
    """The targets `(*batch, S)`, and softmax weights of the candidates `(*batch, S, K)` unless the training is hard."""

    pointers: Tensor
    weights: Tensor | None


def check_temperature(where: str, temperature: Any) -> float:
    """The temperature as a float; ValueError unless it and its inverse are numbers of fp32, which all formats compute with."""
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 1e-38 <= temperature <= 1e38:
        raise ValueError(f"{where}: temperature = {temperature!r}; give a positive number, 1e-38 to 1e38")
    return float(temperature)


def largest(
    scores: Tensor,
    positions: Tensor,
    invalid: Tensor | None,
    ties: str,
) -> Int[Tensor, "*batch S"]:
    """The position of the largest score; scores of invalid candidates are -inf. Work 4 S K, with `invalid` 5 S K."""
    lost = scores < scores.amax(-1, keepdim=True)
    lost = lost if invalid is None else lost | invalid
    if ties == "first":
        return positions.masked_fill(lost, torch.iinfo(positions.dtype).max).amin(-1)
    return positions.masked_fill(lost, -1).amax(-1)


def select(
    scores: Tensor,
    positions: Tensor,
    valid: Tensor | None = None,
    *,
    ties: str = "first",
    training: str = "hard",
    temperature: float | int = 1.0,
) -> Selected:
    """Scores `(*batch, S, K)` of candidates at `positions`, which broadcast, of which those that `valid` names count.

    Each of the S rows needs a valid candidate; a row whose scores hold a NaN gets its first (or last) valid one. The weights
    are softmax of scores / temperature over the valid candidates, one listed twice counting twice; finite for finite scores, as
    the largest is taken off before anything is divided. A candidate below it by more than the largest number of the dtype has weight 0.

    Work 4 S K, with `valid` 7 S K; weights 8 S K more. ValueError for an unknown rule or training, or a temperature outside 1e-38
    to 1e38.
    """
    choose("select", "ties", ties, TIES)
    choose("select", "training", training, TRAININGS)
    temperature = check_temperature("select", temperature)
    invalid = None if valid is None else ~valid
    scores = scores if invalid is None else scores.masked_fill(invalid, -torch.inf)
    pointers = largest(scores, positions, invalid, ties)
    if training == "hard":
        return Selected(pointers, None)
    below = scores - scores.detach().amax(-1, keepdim=True)
    return Selected(pointers, (below / temperature).softmax(-1))


def take(rows: Tensor, index: Tensor) -> Shaped[Tensor, "*batch S m"]:
    """Rows `(*batch, T, m)`, which broadcast, at positions `(*batch, S)`: `(*batch, S, m)`. Work S m."""
    rows = rows.expand(*index.shape[:-1], *rows.shape[-2:])
    return rows.gather(-2, index[..., None].expand(*index.shape, rows.shape[-1]))


def _mixed(weights: Tensor, rows: Tensor, index: Tensor | None) -> Tensor:
    if index is None:
        return weights @ rows
    each = take(rows, index.flatten(-2)).unflatten(-2, tuple(index.shape[-2:]))
    return (weights[..., None, :] @ each)[..., 0, :]


def read(
    rows: Tensor,
    selected: Selected,
    index: Tensor | None = None,
    *,
    training: str = "hard",
) -> Float[Tensor, "*batch S m"]:
    """What a selection reads from rows `(*batch, T, m)`, which broadcast: `(*batch, S, m)`. index: the candidates, None for all T.

    Work S m when hard; soft 2 S K m, and S K m to gather the candidates where they are listed; straight-through both, S K and
    S m.
    """
    if training == "hard" or selected.weights is None:
        return take(rows, selected.pointers)
    if training == "soft":
        return _mixed(selected.weights, rows, index)
    # The difference is zero, its gradient that of the weights; the rows get the gradient of the one that was read.
    return take(rows, selected.pointers) + _mixed(selected.weights - selected.weights.detach(), rows.detach(), index)
