"""Recurrence, triangular inverse and chunked form: equal values, equal gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from empirics import strategies
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.numbers import TWO_TOKENS, Dual, dual
from theory.deltaformer import operator as claims


def _every_chunk(tokens: int) -> range:
    return range(1, tokens + 2)


def _no_solve(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    """Chunked form that forgets the inverse inside the chunk: a falsified neighbour."""
    blocks = []
    for start in range(0, k.shape[0], chunk):
        stop = min(start + chunk, k.shape[0])
        past = np.concatenate([*blocks, v[:0]])
        blocks.append(v[start:stop] - beta[start:stop, None] * (w[start:stop] @ (k[:start].T @ past)))
    return np.concatenate([*blocks, v[:0]])


def _chunked(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    return operator.chunked(k, w, v, beta, chunk=chunk)


def _shifted_mask(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    """Chunked form whose keys are one token late: the mask off by one."""
    return operator.chunked(np.concatenate([k[:1] * 0, k[:-1]]), w, v, beta, chunk=chunk)


def _negated(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    return operator.chunked(-k, -w, v, beta, chunk=chunk)


def _without_beta(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    return operator.chunked(k, w, v, beta * 0 + 1, chunk=chunk)


@dataclass(frozen=True)
class Size:
    """Tokens, key dimension and value dimension of a generic instance."""

    tokens: int
    d: int
    m: int


def _generic_sizes(run: Run) -> dict[str, Any]:
    most = run.pick(4, 5)
    return {"size": [Size(t, d, m) for t in range(most + 1) for d in range(3) for m in (1,)]}


@check(
    claims.forms_agree,
    "exhausted",
    given=_generic_sizes,
    scope={"sizes": "T <= 4, d <= 2, all entries and chunks", "method": "entries are indeterminates over Z"},
)
def forms_agree_identically(size: Size, other: Any = _chunked) -> Evidence:
    """With indeterminates for entries the three forms are the same polynomials, so they agree over every ring."""
    k, w, v, beta = _indeterminates(size)
    first = operator.recurrence(k, w, v, beta)
    for name, found in _all_forms(k, w, v, beta, other):
        if not _same(first, found):
            return fails(f"{size}: {name} differs from the recurrence", _polynomials(first), _polynomials(found))
    return holds(cases=size.tokens + 3)


def _indeterminates(size: Size) -> tuple[np.ndarray, ...]:
    from flint import Ordering, fmpz_mpoly_ctx

    shapes = {"k": (size.tokens, size.d), "w": (size.tokens, size.d), "v": (size.tokens, size.m), "b": (size.tokens,)}
    names = [f"{name}_{'_'.join(map(str, index))}" for name, shape in shapes.items() for index in np.ndindex(*shape)]
    context = fmpz_mpoly_ctx.get(names or ["unused"], Ordering.lex)
    variables = iter(context.gens())
    made = []
    for shape in shapes.values():
        array = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            array[index] = next(variables)
        made.append(array)
    return tuple(made)


def _all_forms(k: Any, w: Any, v: Any, beta: Any, other: Any) -> Iterator[tuple[str, Any]]:
    yield "the triangular solve", operator.solve(k, w, v, beta)
    for chunk in _every_chunk(k.shape[0]):
        yield f"the chunked form with chunk {chunk}", other(k, w, v, beta, chunk)


def _same(a: Any, b: Any) -> bool:
    return a.shape == b.shape and all(x == y for x, y in zip(a.ravel(), b.ravel(), strict=True))


def _polynomials(u: Any) -> str:
    return "; ".join(str(x) for x in u.ravel())


@check(
    claims.forms_agree,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=12, most_dimension=4)},
    scope={"sizes": "T <= 12, d <= 4, every chunk", "arithmetic": "Q"},
    first=({"inputs": TWO_TOKENS},),
    examples=(25, 1500),
)
def forms_agree_on_rationals(inputs: dict[str, Any], other: Any = _chunked) -> Evidence:
    """Random rational inputs: the solve and every chunk length give the recurrence's U."""
    k, w, v, beta = (inputs[name] for name in ("k", "w", "v", "beta"))
    first = operator.recurrence(k, w, v, beta)
    for name, found in _all_forms(k, w, v, beta, other):
        if not _same(first, found):
            return fails(f"T = {len(k)}, d = {k.shape[1]}: {name} differs from the recurrence", first, found)
    return holds()


for _check in (forms_agree_identically, forms_agree_on_rationals):
    control(
        _check, "inverse-forgotten", "refuted", other=_no_solve, reason="tokens of one chunk no longer see each other"
    )
    control(_check, "mask-off-by-one", "refuted", other=_shifted_mask, reason="a token reads the key before its own")
    control(_check, "beta-dropped", "refuted", other=_without_beta, reason="beta scales what is read")
    control(
        _check,
        "keys-and-writes-negated",
        "confirmed",
        other=_negated,
        symmetry="<-k, -w> = <k, w>, and U does not contain k",
    )


_duals = np.frompyfunc(Dual, 2, 1)


def _adjoint(*args: Any, **how: Any) -> Any:
    return operator.gradients(*args, **how)


def _adjoint_of_transposed_order(k: Any, w: Any, v: Any, beta: Any, grad_u: Any, **how: Any) -> Any:
    """Keys and writes exchanged: the adjoint of another operator."""
    found = operator.gradients(w, k, v, beta, grad_u, **how)
    return found._replace(k=found.w, w=found.k)


def _adjoint_without_beta(*args: Any, **how: Any) -> Any:
    found = operator.gradients(*args, **how)
    return found._replace(beta=np.zeros_like(found.beta))


@check(
    claims.gradients_agree,
    "tested",
    given={
        "inputs": strategies.keys_and_queries(most_tokens=6, most_dimension=3),
        "direction": strategies.keys_and_queries(most_tokens=6, most_dimension=3),
    },
    scope={"sizes": "T <= 6, d <= 3, every chunk", "oracle": "dual numbers through the recurrence"},
    covers=False,
    first=({"inputs": TWO_TOKENS, "direction": TWO_TOKENS},),
    examples=(25, 1500),
)
def gradients_are_the_derivative(
    inputs: dict[str, Any], direction: dict[str, Any], adjoint: Any = _adjoint
) -> Evidence:
    """<G, derivative along a direction> equals <gradient, direction> exactly, for every form and chunk."""
    arguments = [inputs[name] for name in ("k", "w", "v", "beta")]
    along = [_fitted(direction[name], x.shape) for name, x in zip(("k", "w", "v", "beta"), arguments, strict=True)]
    u = operator.recurrence(*(_duals(x, y) if x.size else x for x, y in zip(arguments, along, strict=True)))
    grad_u = _fitted(direction["v"] + 1, u.shape)
    derivative = sum((dual(x).b * g for x, g in zip(u.ravel(), grad_u.ravel(), strict=True)), Fraction(0))
    for form in operator.FORMS:
        for chunk in _every_chunk(len(u)) if form == "chunked" else (1,):
            found = adjoint(*arguments, grad_u, form=form, chunk=chunk)
            pairs = zip((found.k, found.w, found.v, found.beta), along, strict=True)
            value = sum((a * b for x, y in pairs for a, b in zip(x.ravel(), y.ravel(), strict=True)), Fraction(0))
            if value != derivative:
                return fails(
                    f"T = {len(u)}: the {form} adjoint (chunk {chunk}) is not the derivative", derivative, value
                )
    return holds()


def _fitted(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The values of `array`, repeated or cut, in another shape; zeros when there are none."""
    count = int(np.prod(shape, dtype=int))
    values = [array.ravel()[i % array.size] if array.size else Fraction(0) for i in range(count)]
    made = np.empty(count, dtype=object)
    made[:] = values
    return made.reshape(shape)


control(
    gradients_are_the_derivative,
    "keys-and-writes-exchanged",
    "refuted",
    adjoint=_adjoint_of_transposed_order,
    reason="<k_i, w_t> is not symmetric in the two roles",
)
control(
    gradients_are_the_derivative, "beta-dropped", "refuted", adjoint=_adjoint_without_beta, reason="U depends on beta"
)
control(
    gradients_are_the_derivative,
    "both-negated",
    "confirmed",
    adjoint=lambda k, w, v, beta, g, **how: _negate_back(operator.gradients(-k, -w, v, beta, g, **how)),
    symmetry="<-k, -w> = <k, w>: the gradients in k and w change sign with them",
)


def _negate_back(found: Any) -> Any:
    return found._replace(k=-found.k, w=-found.w)
