"""The tokens of one theorem on the operator of another: what readers find, exactly, over the rationals or with an unknown.

Inner products of unit vectors and their differences are integers, so with z = exp(temperature) exponential weights are powers
of z: `Powers` evaluates them exactly for a rational z, or for every z at once when z is a symbol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.arrays import Array, product
from constructions.deltaformer.reduced_swaps import ReducedSwaps
from constructions.deltaformer.slot_programs import SlotTokens, Template
from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Kernel
from theory.programs import SwapProgram


@dataclass(frozen=True)
class Powers(Kernel):
    """kappa(x, y) = z^(<x, y> - 1), or the same over its sum over the keys allowed: exponential and softmax attention at
    temperature log z. Inner products must be integers: ValueError otherwise. z is a number or a symbol."""

    z: Any
    normalised: bool = False  # pyright: ignore[reportIncompatibleVariableOverride]

    def values(self, inner: Array) -> Array:
        made = np.empty(inner.shape, dtype=object)
        for index, x in np.ndenumerate(inner):
            if Fraction(x).denominator != 1:
                raise ValueError(f"Powers: the inner product at {index} is {x}; a power of a symbol needs an integer")
            made[index] = self.z ** (int(x) - 1)
        return made

    def weights(self, queries: Array, keys: Array, allowed: Any = None) -> Array:
        made = self.values(product(queries, keys.mT))
        if allowed is not None:
            made = np.where(allowed, made, 0)
        if not self.normalised:
            return made
        total = made.sum(-1)[..., None]
        return made / np.where(total == 0, 1, total)


def _units(n: int) -> np.ndarray:
    return np.eye(n, dtype=np.int64)


@dataclass(frozen=True)
class UnitTokens:
    """Theorem A's tokens on a variant of the operator.

    kernel: in both stages. beta, alpha: the same for every token, u_t = alpha v_t - beta sum. length: by which every key and
    write is multiplied. units: `(n, d)` vectors for n slots. readers: "apart", queries after the last token; "w = q", tokens of
    key 0 whose write is their query; "k = w = q", tokens whose key is their query as well.
    """

    kernel: Kernel = LINEAR
    beta: Any = 1
    alpha: Any = 1
    length: Any = 1
    units: Callable[[int], np.ndarray] = _units
    readers: str = "apart"

    def read(self, program: SwapProgram) -> np.ndarray:
        """What the readers of all slots find after the program, `(n, n)`: column x is the share of content x."""
        e = self.units(program.n)
        construction, n = OneHotSwaps(), program.n
        swaps = np.array(program.proper, dtype=np.int64).reshape(-1, 2)
        writes, exchanges = (
            construction.write(lambda s: e[s], np.arange(n)),
            construction.swap(lambda s: e[s], *swaps.T),
        )
        k = np.concatenate([writes.k, exchanges.k]).astype(object) * self.length
        v = np.concatenate([_units(n), np.zeros((len(swaps), n), dtype=np.int64)]).astype(object) * self.alpha
        q = e.astype(object) * self.length
        if self.readers == "apart":
            u = operator.solve(k, None, v, self._betas(len(k)), kernel=self.kernel)
            return self.kernel.weights(q, k) @ u
        keys = q if self.readers == "k = w = q" else q * 0
        made = []
        for j in range(n):  # each reader by itself after the program, so that none disturbs another
            all_k, all_w = np.concatenate([k, keys[j : j + 1]]), np.concatenate([k, q[j : j + 1]])
            u = operator.solve(
                all_k, all_w, np.concatenate([v, v[:1] * 0]), self._betas(len(all_k)), kernel=self.kernel
            )
            made.append((self.kernel.weights(q[j : j + 1], all_k) @ u)[0])
        return np.stack(made)

    def _betas(self, tokens: int) -> np.ndarray:
        return np.array([self.beta] * tokens, dtype=object)


@dataclass(frozen=True)
class ReducedTokens:
    """The tokens of Theorem A' on a variant of the operator, n >= 2.

    kernel: in both stages. units: `(n - 1, d)` vectors for the slots before the last, their sum in place of (1, ..., 1).
    readers: "apart", or "w = q", tokens of key 0 whose write is their query.
    """

    kernel: Kernel = LINEAR
    units: Callable[[int], np.ndarray] = _units
    readers: str = "apart"

    def read(self, program: SwapProgram) -> np.ndarray:
        """What the readers of all slots but the last find after the program, `(n - 1, n)`."""
        tokens, e = ReducedSwaps().compile(program), self.units(program.n - 1)
        whole = e.dtype != object and not isinstance(self.kernel, Powers)
        number = np.int64 if whole else object  # whole numbers stay below 2^63 by far, and are faster
        k, w, q = (x.astype(number) @ e for x in (tokens.k, tokens.w, tokens.queries))
        v = tokens.v.astype(number)
        if self.readers == "apart":
            u = operator.solve(k, w, v, kernel=self.kernel)
            return self.kernel.weights(q, k) @ u
        made = []
        for query in q[:, None]:  # each reader by itself after the program
            all_k, all_w = np.concatenate([k, 0 * query]), np.concatenate([w, query])
            u = operator.solve(all_k, all_w, np.concatenate([v, 0 * v[:1]]), kernel=self.kernel)
            made.append((self.kernel.weights(query, all_k) @ u)[0])
        return np.stack(made)


@dataclass(frozen=True)
class SlotTokensOn:
    """The tokens of Theorems C and D, unit vectors for slots, on a variant of the operator; readers have a junk key.

    positions: whether keys carry their position and every query asks for the newest, an equal slot outweighing it.
    beta: of the tokens of swaps and of readers; those that write a content have 1.
    """

    template: Template
    kernel: Kernel = LINEAR
    positions: bool = False
    beta: Any = 1

    def read(self, program: SwapProgram) -> np.ndarray:
        """What the readers of all slots find after the program, `(n, n)`: minus their u."""
        tokens = SlotTokens.compile(program, self.template, readers=True)
        e = np.eye(tokens.slots, dtype=np.int64)
        k, w = e[tokens.keys], e[tokens.writes]
        if self.positions:
            time = np.arange(tokens.length, dtype=np.int64)[:, None]
            k, w = np.concatenate([k, time], axis=1), np.concatenate([w * tokens.length, time * 0 + 1], axis=1)
        betas = np.array([1 if value >= 0 else self.beta for value in tokens.values], dtype=object)
        k, w, v = (x.astype(object) for x in (k, w, tokens.contents))
        return -operator.solve(k, w, v, betas, kernel=self.kernel)[-program.n :]
