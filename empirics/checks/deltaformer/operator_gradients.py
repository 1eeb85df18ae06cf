"""Gradients of both stages with every kernel against dual numbers through the definition."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Hardmax, Kernel, Rounded
from empirics import strategies
from empirics.checking import Evidence, assume, check, control, fails, holds
from empirics.checks.deltaformer.numbers import TWO_TOKENS, Dual, agree, balls, by_definition, dual, precise, weigh
from empirics.checks.deltaformer.operator_kernels import BALL, RATIONAL
from theory.deltaformer import operator_kernels as claims

NAMES = ("q", "k", "w", "v", "beta", "alpha")
_duals = np.frompyfunc(Dual, 2, 1)


def _adjoint(inputs: dict[str, Any], grad_o: Any, kernel: Kernel, read_kernel: Kernel, chunk: int) -> dict[str, Any]:
    """The gradient of <grad_o, o> in each input, by the two written adjoints."""
    q, k, w, v, beta, alpha = (inputs[name] for name in NAMES)
    u = operator.chunked(k, w, v, beta, alpha=alpha, kernel=kernel, chunk=chunk)
    read = operator.read_gradients(q, k, u, grad_o, kernel=read_kernel, chunk=chunk)
    made = operator.gradients(k, w, v, beta, read.u, alpha=alpha, kernel=kernel, chunk=chunk)._asdict()
    return {**made, "k": made["k"] + read.k, "q": read.q}


def _keys_read_only(inputs: dict[str, Any], *how: Any) -> dict[str, Any]:
    """The gradient in the keys through the second stage alone."""
    found = _adjoint(inputs, *how)
    q, k, w, v, beta, alpha = (inputs[name] for name in NAMES)
    grad_o, kernel, read_kernel, chunk = how
    u = operator.chunked(k, w, v, beta, alpha=alpha, kernel=kernel, chunk=chunk)
    return {**found, "k": operator.read_gradients(q, k, u, grad_o, kernel=read_kernel, chunk=chunk).k}


def _chunks_apart(inputs: dict[str, Any], grad_o: Any, kernel: Kernel, read_kernel: Kernel, chunk: int) -> Any:
    """Later chunks send nothing back to earlier ones."""
    found = _adjoint(inputs, grad_o, kernel, read_kernel, chunk)
    parts = []
    for start in range(0, len(grad_o), chunk):
        now = slice(start, start + chunk)
        alone = _adjoint({name: x[now] for name, x in inputs.items()}, grad_o[now], kernel, read_kernel, chunk)
        parts.append(alone["v"])
    return {**found, "v": np.concatenate([*parts, found["v"][:0]])}


def _alpha_forgotten(inputs: dict[str, Any], *how: Any) -> dict[str, Any]:
    found = _adjoint(inputs, *how)
    return {**found, "alpha": found["alpha"] * 0}


def _negated(inputs: dict[str, Any], *how: Any) -> dict[str, Any]:
    """Keys, writes and queries with the other sign, and their gradients back."""
    found = _adjoint({**inputs, **{name: -inputs[name] for name in "qkw"}}, *how)
    return {**found, **{name: -found[name] for name in "qkw"}}


def _differs(inputs: dict[str, Any], along: dict[str, Any], kernels: tuple[Kernel, Kernel], adjoint: Any) -> str:
    """'' when the derivative along the direction is <gradient, direction> for every chunk; else what is wrong."""
    plain = [kernel for kernel in kernels if isinstance(kernel, (Rounded, Hardmax))]
    moved = [name for name in NAMES if not (plain and name in "qkw")]
    given = {name: _duals(x, along[name] * (name in moved)) if x.size else x for name, x in inputs.items()}
    given = {name: inputs[name] if plain and name in "qkw" else x for name, x in given.items()}
    _, o = by_definition(given, weigh(kernels[0]), weigh(kernels[1]))
    grad_o = inputs["v"] + 1
    slope = sum(dual(x).b * g for x, g in zip(o.ravel(), grad_o.ravel(), strict=True))
    for chunk in range(1, len(o) + 2):
        found = adjoint(inputs, grad_o, *kernels, chunk)
        for kernel, name in zip(kernels, "wq", strict=True):
            if kernel in plain and np.any(found[name] != 0):
                return (
                    f"T = {len(o)}, chunk {chunk}: {kernel} is flat, its gradient in {name} is {found[name].tolist()}"
                )
        pairs = [(found[name], along[name]) for name in moved]
        value = sum(a * b for x, y in pairs for a, b in zip(x.ravel(), y.ravel(), strict=True))
        if not agree(value, slope):
            return f"T = {len(o)}, {kernels[0]} writes, {kernels[1]} reads, chunk {chunk}: the slope is {slope}, not {value}"
    return ""


def _both_given(numbers: Any, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs with alpha, and a direction made of the same numbers in another order."""
    inputs = {name: numbers(x) for name, x in {**inputs, "alpha": inputs["beta"][::-1] + 1}.items()}
    return inputs, {name: x[::-1] * 2 + 1 for name, x in inputs.items()}


@check(
    claims.kernel_gradients,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=4, most_dimension=2)},
    scope={"sizes": "T <= 4, d <= 2, every chunk", "arithmetic": "Q: linear, rounded, hardmax"},
    first=({"inputs": TWO_TOKENS},),
    examples=(12, 600),
)
def gradients_are_exact(inputs: dict[str, Any], adjoint: Any = _adjoint) -> Evidence:
    """<G, derivative along a direction> equals <gradient, direction> exactly; no direction in q, k, w where a kernel is flat."""
    inputs, along = _both_given(lambda x: x, inputs)
    wrong = next(filter(None, (_differs(inputs, along, pair, adjoint) for pair in RATIONAL)), "")
    return fails(wrong) if wrong else holds()


@check(
    claims.kernel_gradients,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=4, most_dimension=2)},
    scope={
        "sizes": "T <= 4, 1 <= d <= 2, every chunk",
        "arithmetic": "balls narrower than 2**-128: exponential, softmax",
    },
    first=({"inputs": TWO_TOKENS},),
    examples=(8, 400),
)
def gradients_meet_in_balls(inputs: dict[str, Any], adjoint: Any = _adjoint) -> Evidence:
    """<G, derivative along a direction> and <gradient, direction> are narrow balls that meet."""
    assume(inputs["k"].shape[1])
    with precise():
        inputs, along = _both_given(balls, inputs)
        wrong = next(filter(None, (_differs(inputs, along, pair, adjoint) for pair in BALL)), "")
        return fails(wrong) if wrong else holds()


for _check in (gradients_are_exact, gradients_meet_in_balls):
    control(_check, "keys-read-only", "refuted", adjoint=_keys_read_only, reason="the first stage uses the keys too")
    control(
        _check, "chunks-apart", "refuted", adjoint=_chunks_apart, reason="later chunks read what earlier ones wrote"
    )
    control(_check, "alpha-forgotten", "refuted", adjoint=_alpha_forgotten, reason="O depends on alpha")
    control(
        _check,
        "all-negated",
        "confirmed",
        adjoint=_negated,
        symmetry="<-k, -w> = <k, w> and <-k, -q> = <k, q>: the gradients in k, w, q change sign with them",
    )
