"""How queries and keys meet a memory: feature map, rule and form of the memory; one definition for exact arrays and the layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from jaxtyping import Shaped

from constructions.arrays import Array, select, zeros
from constructions.layers.infini_attention import memory as sums
from constructions.layers.infini_attention.features import ELU_PLUS_ONE, Features, unit
from constructions.layers.infini_attention.means import Means, empty_means, means_of, retrieve_means, update_means
from constructions.layers.infini_attention.memory import NOTHING, RULES, Memory, chosen

__all__ = ["KEPT", "Access"]

KEPT = ("sums", "means")
"""M and z as they are printed, or rows over z and log z; see `memory` and `means`."""

_Rows = Shaped[Any, "*#batch n d"]


@dataclass(frozen=True)
class Access:
    """rule: of `memory.RULES`. kept: of `KEPT`. features: phi. nothing: of `memory.NOTHING`, for sums.

    Queries are raised where phi has such a form, which changes no read and lets the largest feature not underflow; by the rule
    "delta-unit" both queries and keys are divided by their length instead. Features without these forms are used as they come: of exact
    numbers no length is taken, so for "delta-unit" give features of length 1.

    Raises ValueError for an unknown rule, form of the memory or convention; means without z, without logarithms, or undefined.
    """

    rule: str = "linear"
    kept: str = "sums"
    features: Features | Any = ELU_PLUS_ONE
    nothing: str = "zero"

    def __post_init__(self) -> None:
        for name, choices in (("rule", RULES), ("kept", KEPT), ("nothing", NOTHING)):
            if (value := getattr(self, name)) not in choices:
                raise ValueError(f"Access: {name} = {value!r}; give one of {', '.join(map(repr, choices))}")
        if not isinstance(self.features, Features):
            raise ValueError(f"Access: features = {self.features!r}; give Features, ELU_PLUS_ONE for example")
        if self.kept == "sums":
            return
        if not sums.has_normaliser(self.rule):
            raise ValueError(
                f"Access: kept = 'means' divides by z, which rule = {self.rule!r} has not; give kept='sums'"
            )
        if self.features.logs is None:
            raise ValueError(f"Access: kept = 'means' needs log phi, which {self.features} has not; give kept='sums'")
        if self.nothing != "zero":
            raise ValueError(
                f"Access: kept = 'means' reads 0 from nothing, not nothing = {self.nothing!r}; give 'zero'"
            )

    def empty(self, batch: tuple[int, ...], d: int, m: int, like: Array, constant: Any = 0) -> Memory | Means:
        """M = 0, z = constant."""
        if self.kept == "means":
            return empty_means(batch, d, m, like, float(constant))
        return sums.empty(self.rule, batch, d, m, like, constant)

    def given(self, matrix: Array, normaliser: Any) -> Memory | Means:
        """M_0 `(*batch, d, m)` and z_0 `(*batch, d)`, None where the rule has none, as this form keeps them. Means: z_0 > 0."""
        if self.kept == "means":
            return means_of(Memory(matrix, normaliser))
        return Memory(matrix, normaliser)

    def read(self, memory: Any, q: _Rows) -> Shaped[Any, "*batch n m"]:
        """What queries `(*batch, n, d)`, not yet mapped, read: `(*batch, n, m)`."""
        if self.kept == "means":
            return retrieve_means(memory, self._logs(q))
        return sums.retrieve(memory, self._queries(q), nothing=self.nothing)

    def write(self, memory: Any, k: _Rows, v: Array, *, valid: Any = None, known: Any = None) -> Memory | Means:
        """The memory after a segment of keys `(*batch, n, d)`, not yet mapped, and values `(*batch, n, m)`; valid `(*batch, n)`,
        False at padding; known as in `memory.update`."""
        v = v if valid is None else select(valid[..., None], v)
        if self.kept == "means":
            logs = self._logs(k)
            if valid is not None:
                logs = chosen(valid[..., None], logs, zeros((), like=logs) - math.inf)
            return update_means(memory, logs, v, self.rule, known=known)
        phi = self.features(k) if sums.has_normaliser(self.rule) else self._queries(k)
        phi = phi if valid is None else select(valid[..., None], phi)
        return sums.update(memory, phi, v, self.rule, known=known, nothing=self.nothing)

    def _logs(self, x: Array) -> Array:
        assert self.features.logs is not None
        return self.features.logs(x)

    def _queries(self, x: Array) -> Array:
        if sums.has_normaliser(self.rule):
            return (self.features.raised or self.features)(x)
        return self.features(x) if self.features.logs is None else unit(self.features.logs(x))
