"""Gradients of scores: none with hard selection, those of softmax weights otherwise, and what is left of them when it is cold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from constructions.layers.pointer import PointerBlock
from constructions.layers.pointer.selection import read, select
from empirics.checking import Evidence, assume, check, control, fails, holds
from theory.pointer import gradients as claims

BARE = {"encode": "none", "gate": "none", "norm": "none", "expansion": 0, "dtype": torch.float64}
"""Only the choice of rows and the sum of state and row, so that integers stay integers."""


def _integers(seed: int, score: str, training: str, ties: str) -> tuple[PointerBlock, torch.Tensor]:
    """Two sequences of five tokens and a layer of two heads, all of small integers."""
    draw = torch.Generator().manual_seed(seed)
    layer = PointerBlock(4, heads=2, score=score, training=training, ties=ties, **BARE)  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randint(-2, 3, p.shape, generator=draw))
    return layer, torch.randint(-3, 4, (2, 5, 4), generator=draw).double()


def _gap(scores: torch.Tensor, valid: torch.Tensor) -> float:
    """The least distance from a largest score of a row to the next smaller one."""
    masked = scores.masked_fill(~valid, -torch.inf)
    best = masked.amax(-1, keepdim=True)
    return float((best[..., 0] - masked.masked_fill(masked == best, -torch.inf).amax(-1)).min())


def _ties_of_different_rows(x: torch.Tensor, scores: torch.Tensor, valid: torch.Tensor) -> bool:
    best = scores.masked_fill(~valid, -torch.inf)
    top = best == best.amax(-1, keepdim=True)
    same = (x[:, :, None] == x[:, None]).all(-1)[:, None, None]
    return bool((top[..., :, None] & top[..., None, :] & ~same).any())


@check(
    claims.hard_argmax,
    "tested",
    given=lambda run: {"seed": range(run.pick(20, 400))},
    scope={"sizes": "2 heads, width 4, 5 tokens, integers drawn from the seed"},
)
def no_change_within_the_gap(
    seed: int, training: str = "hard", ties: str = "first", score: str = "pairwise", share: float = 0.5
) -> Evidence:
    """The query map is moved until a score moves by almost that share of the gap; then every gradient is looked at."""
    layer, x = _integers(seed, score, training, ties)
    with torch.no_grad():
        scores, _, valid, _ = layer.scores(x)
        valid = torch.ones_like(scores, dtype=torch.bool) if valid is None else valid.expand_as(scores)
        assume(not _ties_of_different_rows(x, scores, valid))
        gap = _gap(scores, valid)
        before = layer(x)
        move = torch.randint(-1, 2, layer.key.weight.shape, generator=torch.Generator().manual_seed(seed)).double()
        kept = layer.key.weight.clone()
        layer.key.weight.add_(move)
        most = float((layer.scores(x).scores - scores)[valid].abs().max())
        assume(most > 0 and gap < torch.inf)
        step = (
            2.0 ** (torch.tensor(share * gap / most).log2().ceil() - 1).item()
        )  # the greatest power of two below the share
        layer.key.weight.copy_(kept + step * move)
        after = layer(x)
        layer.key.weight.copy_(kept)
    told = f"seed {seed}, {training}, ties {ties}, gap {gap:g}, scores moved by {step * most:g}"
    if not torch.equal(before, after):
        where = tuple((before != after).nonzero()[0].tolist())
        return fails(f"{told}: the output at {where} changes", before[where].item(), after[where].item())
    x = x.requires_grad_()  # so that there is something to differentiate when no score is
    (layer(x) * torch.arange(1.0, 41.0, dtype=torch.float64).reshape(x.shape)).sum().backward()
    for name, map in (("query", layer.query), ("key", layer.key)):
        if map.weight.grad is not None and map.weight.grad.any():
            return fails(f"{told}: the {name} map has a gradient", 0, map.weight.grad.abs().max().item())
    return holds()


control(
    no_change_within_the_gap,
    "straight-through",
    "refuted",
    training="straight-through",
    reason="the same output, but the scores get the gradient of softmax weights",
)
control(no_change_within_the_gap, "soft", "refuted", training="soft", reason="weights move with the scores")
control(
    no_change_within_the_gap,
    "sixteen-gaps",
    "refuted",
    share=16.0,
    reason="scores that move by more than the gap change the target",
)
control(no_change_within_the_gap, "ties-last", "confirmed", ties="last", reason="the other rule for ties")
control(no_change_within_the_gap, "additive", "confirmed", score="additive", reason="other scores, hard all the same")


def _formula(w: Any, r: Any, z: Any, t: Any) -> Any:
    return w * (r - z) / t


@check(claims.softmax_derivative, "derived", covers=True, scope={"sizes": "all numbers of candidates"})
def derivative_of_the_mean(formula: Callable[[Any, Any, Any, Any], Any] = _formula) -> Evidence:
    """d z / d s_k less the formula, with the other candidates' sums as symbols."""
    import sympy

    s, r, rest, others, t = sympy.symbols("s r B R T", positive=True)
    a = sympy.exp(s / t)
    z, w = (a * r + others) / (a + rest), a / (a + rest)
    e = sympy.Symbol("e", positive=True)
    left = (sympy.diff(z, s) - formula(w, r, z, t)).subs(a, e)
    residual = sympy.numer(sympy.together(left))
    if sympy.expand(residual) != 0:
        return fails(f"the derivative differs by {sympy.factor(left)}", 0, sympy.factor(left))
    return holds()


control(
    derivative_of_the_mean,
    "temperature-forgotten",
    "refuted",
    formula=lambda w, r, z, t: w * (r - z),
    reason="scores are divided by T before the softmax",
)
control(
    derivative_of_the_mean,
    "not-centred",
    "refuted",
    formula=lambda w, r, z, t: w * r / t,
    reason="the other weights fall as one rises",
)
control(
    derivative_of_the_mean,
    "rows-shifted",
    "confirmed",
    formula=lambda w, r, z, t: w * ((r + 7) - (z + 7)) / t,
    symmetry="a constant added to all rows is added to their mean",
)


@check(
    claims.softmax_derivative,
    "exhausted",
    given={"candidates": [1, 2, 4, 8], "training": ["straight-through", "soft"]},
    scope={"sizes": "1, 2, 4, 8 candidates of equal score", "arithmetic": "fp64, exact: weights are powers of two"},
)
def derivative_by_autograd(
    candidates: int,
    training: str,
    temperature: float = 1.0,
    rows: Callable[[int], list[int]] = lambda n: list(range(n)),
) -> Evidence:
    """Autograd through the layer's selection against the formula; then whether it is zero only for equal rows."""
    scores = torch.zeros(1, candidates, dtype=torch.float64, requires_grad=True)
    table = torch.tensor(rows(candidates), dtype=torch.float64)[:, None]
    chosen = select(scores, torch.arange(candidates), training=training, temperature=temperature)
    read(table, chosen, training=training).sum().backward()
    found = [] if scores.grad is None else scores.grad[0].tolist()
    mean = float(table.mean())
    wanted = [(r - mean) / candidates for r in table[:, 0].tolist()]
    told = f"{candidates} candidates, {training}, rows {table[:, 0].tolist()}"
    if found != wanted:
        return fails(f"{told}: gradients {found}, not {wanted}", wanted, found)
    if candidates > 1 and not any(found):
        return fails(f"{told}: no score has a gradient", "not 0", found)
    return holds()


control(
    derivative_by_autograd,
    "twice-as-warm",
    "refuted",
    temperature=2.0,
    reason="the gradient is halved",
)
control(
    derivative_by_autograd,
    "equal-rows",
    "refuted",
    rows=lambda n: [3] * n,
    reason="where all rows are equal it does not matter which is read",
)
control(
    derivative_by_autograd,
    "rows-negated",
    "confirmed",
    rows=lambda n: [-r for r in range(n)],
    symmetry="both sides change sign",
)
