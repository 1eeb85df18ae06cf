"""Numbers read off trained weights, and weights with some of them replaced."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from empirics.training.loop import Trained

__all__ = ["Numbers", "named", "replaced"]

Numbers = Mapping[str, list[float]]
"""A parameter's numbers by its name."""


def _held(trained: Trained) -> Tensor:
    if trained.weights is None:
        raise ValueError("weights: the results are there and no checkpoint has the weights; train into an empty store")
    return trained.weights


def named(trained: Trained, ending: str) -> list[Numbers]:
    """The parameters whose names end so, a seed each. ValueError where there is none, or no weights are kept."""
    shell = trained.shell
    if not any(name.endswith(ending) for name in shell.names):
        raise ValueError(f"weights: no parameter's name ends in {ending!r}; there are {', '.join(shell.names)}")
    rows = [shell.named(row) for row in _held(trained)]
    return [{name: x.flatten().tolist() for name, x in row.items() if name.endswith(ending)} for row in rows]


def replaced(trained: Trained, ending: str, value: float) -> Tensor:
    """The weights `(seeds, parameters)` with every number of these parameters replaced. ValueError as `named`."""
    named(trained, ending)
    rows = _held(trained).clone()
    for row in rows:
        for name, x in trained.shell.named(row).items():
            if name.endswith(ending):
                x.fill_(value)
    return rows
