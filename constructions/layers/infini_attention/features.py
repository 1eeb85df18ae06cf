"""Feature maps phi of queries and keys, entry by entry: positive, so that reads are weighted by positive numbers.

    ELU_PLUS_ONE   exp(x) for x <= 0, x + 1 else              the paper's sigma; irrational but at x >= 0
    RATIONAL       1 / (1 - x) for x <= 0, x + 1 else         ours, for exact checks: rational, positive, increasing, as smooth as sigma
    IDENTITY       x                                          features as they are given, one-hot ones for example

sigma is written exp(min(x, 0)) + max(x, 0): one of the terms is exact, so the result has the error of one exponential or one sum.
elu(x) + 1 instead rounds exp(x) - 1 first and is 0 where exp(x) is lost beside 1: in float32 below -25 ln 2 = -17.3, here below
-150 ln 2 = -104.0.

A read divides phi(q) M by phi(q) z, so it does not change when phi(q) is multiplied by a positive number. `raised` is exp(-m) sigma,
m the lesser of 0 and the largest coordinate: sigma itself where one is positive, and otherwise exp(x - m), of which one is 1. In the
reals that changes no read by a rule with z; in floats what underflows is below the largest feature by the least number of the format.
Keys have no such freedom one by one, only all of them together; see `means` for a memory whose keys do not underflow either, for which
`logs` is log sigma = min(x, 0) + log1p(max(x, 0)), finite at every finite x. `unit` divides by the length, for the rule without z.

Source: Katharopoulos, Vyas, Pappas, Fleuret, arXiv 2006.16236 (elu + 1). The forms are derived here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import Array, is_tensor
from constructions.layers.scores import exp, top

__all__ = ["ELU_PLUS_ONE", "IDENTITY", "RATIONAL", "Features", "unit"]


@dataclass(frozen=True)
class Features:
    """A map of arrays of any shape, entry by entry. raised: the features of a row `(*batch, d)` times a positive number of its own,
    the largest at least 1; None where there is no such form. logs: the logarithms, None where the features would be made first."""

    name: str
    of: Callable[[Array], Array]
    raised: Callable[[Array], Array] | None = None
    logs: Callable[[Array], Array] | None = None

    def __call__(self, x: Array) -> Array:
        return self.of(x)

    def __repr__(self) -> str:
        return self.name


def _below(x: Array) -> Array:
    """min(x, 0)."""
    return x.clamp(max=0) if is_tensor(x) else np.minimum(x, x * 0)


def _above(x: Array) -> Array:
    """max(x, 0); of derivative 0 at 0, where that of min(x, 0) is 1."""
    return x.relu() if is_tensor(x) else np.maximum(x, x * 0)


def _elu_plus_one(x: Array) -> Array:
    return exp(_below(x)) + _above(x)


def _raised_elu_plus_one(x: Shaped[Any, "*batch d"]) -> Shaped[Any, "*batch d"]:
    return exp(_below(x) - _below(_constant(top(x)))) + _above(x)


def _log_elu_plus_one(x: Array) -> Array:
    above = _above(x)
    return _below(x) + (above.log1p() if is_tensor(x) else np.log1p(above))


def _rational(x: Array) -> Array:
    return 1 / (1 - _below(x)) + _above(x)


ELU_PLUS_ONE = Features("elu + 1", _elu_plus_one, _raised_elu_plus_one, _log_elu_plus_one)
RATIONAL = Features("rational", _rational)
IDENTITY = Features("identity", lambda x: x)


def unit(logs: Shaped[Any, "*batch d"]) -> Shaped[Any, "*batch d"]:
    """exp(logs) over its length. Its largest entry is divided out first, so no square underflows or overflows altogether."""
    phi = exp(logs - _constant(top(logs)))
    squared = (phi * phi).sum(-1)[..., None]
    return phi / (squared.sqrt() if is_tensor(squared) else np.sqrt(squared))


def _constant(x: Array) -> Any:
    """x, of which no gradient is taken: what is divided by it does not depend on it."""
    return x.detach() if is_tensor(x) else x
