"""Selection reads everything: on which inputs the output of an argmax layer depends, and what its value Jacobian has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.pointer.tables import CHAIN, RESIDUAL, Gathering, path_counts
from empirics.checking import Evidence, check, control, fails, holds
from theory.pointer import reach as claims


@dataclass(frozen=True)
class ScoredByValue:
    """s_ij = sign * x_j over all j, or over j <= i; the first of equal scores wins."""

    sign: int = 1
    causal: bool = False

    def score(self, x: Any) -> Any:
        """The score of a position from its value; of integers, arrays or symbols."""
        return self.sign * x

    def pointers(self, x: np.ndarray) -> np.ndarray:
        """Where every position points: (batch, positions) from values (batch, positions)."""
        batch, n = x.shape
        scores = np.broadcast_to(self.score(x)[:, None, :], (batch, n, n))
        if self.causal:
            scores = np.where(np.tri(n, dtype=bool), scores, np.iinfo(np.int64).min)
        return scores.argmax(axis=-1)


@dataclass(frozen=True)
class HeldFixed(ScoredByValue):
    """Pointers that the values do not move: each position to the one before."""

    def score(self, x: Any) -> Any:
        return 0 * x

    def pointers(self, x: np.ndarray) -> np.ndarray:
        return np.broadcast_to(np.maximum(np.arange(x.shape[1]) - 1, 0), x.shape)


def dependence(n: int, selection: ScoredByValue, layer: Gathering) -> np.ndarray:
    """[i, j] = whether output i changes with x_j alone, somewhere on {0, 1}^n; one layer, by all 2^n inputs."""
    x = np.stack(np.unravel_index(np.arange(2**n), (2,) * n), axis=-1).astype(np.int64)
    out = layer.combine(x, [np.take_along_axis(x, selection.pointers(x), axis=1)]).reshape((2,) * n + (n,))
    return np.stack([(np.diff(out, axis=j) != 0).any(axis=tuple(range(n))) for j in range(n)], axis=1)


@check(
    claims.values_selected,
    "exhausted",
    given=lambda run: {"positions": range(1, run.pick(7, 11))},
    scope={"sizes": "L = 1, all x in {0, 1}^N"},
)
def at_most_two_inputs(
    positions: int, selection: ScoredByValue = ScoredByValue(), layer: Gathering = CHAIN
) -> Evidence:
    """Every input of zeros and ones, and every coordinate flipped: no output of one layer depends on more than two."""
    found = dependence(positions, selection, layer).sum(axis=1)
    for i in range(positions):
        if found[i] > 2:
            words = f"{positions} positions, 1 layer: output {i} depends on {found[i]} inputs, more than 2"
            return fails(words, 2, int(found[i]))
    return holds(cases=positions * 2**positions)


control(
    at_most_two_inputs, "pointers-held-fixed", "confirmed", selection=HeldFixed(), reason="then one row is gathered"
)
control(
    at_most_two_inputs,
    "pointers-held-fixed-with-residual",
    "confirmed",
    selection=HeldFixed(),
    layer=RESIDUAL,
    reason="the own row and one other",
)
control(at_most_two_inputs, "least-value", "refuted", selection=ScoredByValue(sign=-1), reason="the minimum of all")
control(at_most_two_inputs, "causal", "refuted", selection=ScoredByValue(causal=True), reason="the maximum up to i")


@check(claims.maximum, "derived", covers=True, scope={"sizes": "all N and i", "method": "patterns of equality"})
def a_single_one_is_found(selection: ScoredByValue = ScoredByValue()) -> Evidence:
    """For x = e_j position j leads every other by 1, and its value is 1, for x = 0 it is 0."""
    import sympy

    from theory.symbolic import Slot, delta, in_pattern, patterns

    j, k = Slot("j"), Slot("k")
    lead = sympy.sympify(selection.score(delta(j, j)) - selection.score(delta(k, j)))
    for pattern in patterns((j, k)):
        wanted = 0 if pattern[j] == pattern[k] else 1
        found = in_pattern(lead, pattern)
        if found != wanted:
            return fails(f"with a one at j alone, j leads {'itself' if not wanted else 'k'} by {found}", wanted, found)
    return holds(cases=2)


control(a_single_one_is_found, "least-value", "refuted", selection=ScoredByValue(sign=-1), reason="then j is behind")
control(a_single_one_is_found, "pointers-held-fixed", "refuted", selection=HeldFixed(), reason="all scores are equal")
control(a_single_one_is_found, "causal", "confirmed", selection=ScoredByValue(causal=True), reason="for j <= i")


@check(
    claims.maximum,
    "exhausted",
    given=lambda run: {"case": [(n, causal) for n in range(1, run.pick(7, 11)) for causal in (False, True)]},
    scope={"sizes": "L = 1, all x in {0, 1}^N, causal or not"},
)
def every_input_matters(
    case: tuple[int, bool], selection: type[ScoredByValue] = ScoredByValue, sign: int = 1, layer: Gathering = RESIDUAL
) -> Evidence:
    """Gathered values are maxima, outputs depend on all inputs they may see, the Jacobian on the own and the gathered row."""
    n, causal = case
    chosen = selection(sign, causal)
    told = f"{n} positions{', causal' if causal else ''}"
    x = np.stack(np.unravel_index(np.arange(2**n), (2,) * n), axis=-1).astype(np.int64)
    pointers = chosen.pointers(x)
    gathered = np.take_along_axis(x, pointers, axis=1)
    wanted = np.maximum.accumulate(x, axis=1) if causal else np.broadcast_to(x.max(axis=1, keepdims=True), x.shape)
    wrong = np.argwhere(gathered != wanted)
    if wrong.size:
        b, i = (int(v) for v in wrong[0])
        return fails(
            f"{told}, x = {x[b].tolist()}: position {i} gathers {gathered[b, i]}", wanted[b, i], gathered[b, i]
        )
    seen = np.tri(n, dtype=bool) if causal else np.ones((n, n), dtype=bool)
    for layers, what in ((CHAIN, "gathered value"), (layer, "output")):
        depends = dependence(n, chosen, layers)
        if (depends != seen).any():
            i = int(np.argwhere(depends != seen)[0][0])
            return fails(
                f"{told}: the {what} {i} depends on {int(depends[i].sum())} inputs", seen[i].sum(), depends[i].sum()
            )
    support = (path_counts(pointers[:, None, None, :], layer) > 0).sum(axis=-1)
    if support.max() > 2:
        return fails(f"{told}: a value Jacobian has {support.max()} entries in a row", 2, int(support.max()))
    return holds(cases=2**n)


control(every_input_matters, "least-value", "refuted", sign=-1, reason="the minimum is gathered")
control(
    every_input_matters,
    "pointers-held-fixed",
    "refuted",
    selection=HeldFixed,
    reason="one row is gathered, not the best",
)
control(every_input_matters, "scores-doubled", "confirmed", sign=2, symmetry="argmax of 2 x is argmax of x")
