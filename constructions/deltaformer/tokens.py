"""Token arrays: what a construction compiles a task into, and what the operator consumes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from constructions import exact_steps
from constructions.arrays import Array
from constructions.layers.deltaformer import Form, chunked, recurrence, solve


@dataclass(frozen=True)
class Tokens:
    """Keys and writes `(*batch, T, d)`, values `(*batch, T, m)`, beta `(*batch, T)`, queries `(R, d)` of the readers.

    The entries are integers (numpy int64), or integers and fractions (object), until `cast` turns them into another
    number type: one definition, exact and in floats.
    """

    k: Array
    w: Array
    v: Array
    beta: Array
    queries: Array

    def cast(self, dtype: Any = None, device: Any = None) -> Tokens:
        """The same tokens as a numpy dtype, as fractions (dtype "Q"), or as a torch dtype on a device."""
        if dtype == "Q":
            return self._each(_fractions)
        if type(dtype).__module__.partition(".")[0] == "torch":
            import torch

            return self._each(lambda x: torch.as_tensor(x.astype(np.float64)).to(dtype=dtype, device=device))
        return self._each(lambda x: np.asarray(x).astype(dtype))

    def _each(self, change: Any) -> Tokens:
        names = ("k", "w", "v", "beta", "queries")
        return replace(self, **{name: change(getattr(self, name)) for name in names})

    def first_stage(self, form: Form = "recurrence", chunk: int = 64) -> Array:
        """U, `(*batch, T, m)`, by the operator in the form named."""
        if form == "chunked":
            return chunked(self.k, self.w, self.v, self.beta, chunk=chunk)
        return {"recurrence": recurrence, "solve": solve}[form](self.k, self.w, self.v, self.beta)

    def exact_first_stage(self) -> Array:
        """U of a batch by the recurrence on whole numbers or fractions, of whatever size they become."""
        return exact_steps.recurrence(self.k, self.w, self.v, self.beta)

    def read_out(self, u: Array) -> Array:
        """What readers placed after the last token return: o_r = sum_i <k_i, q_r> u_i, `(*batch, R, m)`."""
        return self.queries @ (self.k.swapaxes(-1, -2) @ u)


def _fractions(x: Array) -> Array:
    from fractions import Fraction

    return np.array([Fraction(value) for value in np.ravel(x).tolist()], dtype=object).reshape(np.shape(x))
