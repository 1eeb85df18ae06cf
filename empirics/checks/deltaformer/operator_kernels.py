"""Every kernel: recurrence, inverse, chunked form and decoding against the definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Exponential, Hardmax, Kernel, Rounded, Softmax
from empirics import strategies
from empirics.checking import Evidence, Run, assume, check, control, fails, holds
from empirics.checks.deltaformer.numbers import TWO_TOKENS, all_agree, balls, by_definition, precise, weigh
from theory.deltaformer import operator_kernels as claims

RATIONAL = ((LINEAR, LINEAR), (Rounded(2), Hardmax()), (Hardmax(), LINEAR), (LINEAR, Rounded(2)))
BALL = ((Exponential(0.0625), Softmax(0.5)), (Softmax(0.5), Exponential(0.0625)))
"""Kernels to write and to read with; each of the two numbers is a power of two, hence itself a ball."""


@dataclass(frozen=True)
class Way:
    """A way to compute both stages: a form, with its chunk, or a token at a time from a cache."""

    name: str
    chunk: int = 1

    def __str__(self) -> str:
        return f"the chunked form with chunk {self.chunk}" if self.name == "chunked" else self.name

    def __call__(self, inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
        q, k, w, v, beta, alpha = (inputs[name] for name in ("q", "k", "w", "v", "beta", "alpha"))
        if self.name == "decoding":
            return _decoded(inputs, kernel, read_kernel)
        how: dict[str, Any] = {"chunk": self.chunk} if self.name == "chunked" else {}
        u = getattr(operator, self.name)(k, w, v, beta, alpha=alpha, kernel=kernel, **how)
        both: dict[str, Any] = {"form": self.name, "kernel": kernel, "read_kernel": read_kernel}
        return u, operator.attention(q, k, w, v, beta, alpha=alpha, **both, **how)


def _decoded(inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
    """O token by token; U from the cache, or where there is a state instead, None."""
    q, k, w, v, beta, alpha = (inputs[name] for name in ("q", "k", "w", "v", "beta", "alpha"))
    one = np.zeros((1, 1), dtype=object)  # a batch of one
    state = operator.init_cache(
        one * np.zeros(k.shape[1]), one * np.zeros(v.shape[1]), kernel=kernel, read_kernel=read_kernel
    )
    rows = [v[:0]]
    for t in range(len(v)):
        now = slice(t, t + 1)
        how: dict[str, Any] = {"alpha": alpha[now], "kernel": kernel, "read_kernel": read_kernel}
        o, state = operator.decode(state, q[now], k[now], w[now], v[now], beta[now], **how)
        rows.append(o)
    return state.written[0] if isinstance(state, operator.Cache) else None, np.concatenate(rows)


def ways(tokens: int) -> Iterator[Way]:
    yield from (Way("recurrence"), Way("solve"), Way("decoding"))
    yield from (Way("chunked", chunk) for chunk in range(1, tokens + 2))


def _operator(way: Way, inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
    return way(inputs, kernel, read_kernel)


def _disagreement(inputs: dict[str, Any], right: Any, compute: Any, kernel: Kernel, read_kernel: Kernel) -> str:
    """'' or the first way that differs from the right U and O, and where."""
    for way in ways(len(inputs["v"])):
        for name, wanted, found in zip("uo", right, compute(way, inputs, kernel, read_kernel), strict=True):
            if found is not None and not all_agree(wanted, found):
                return f"{name} by {way} is not that of the definition"
    return ""


@dataclass(frozen=True)
class Table(Kernel):
    """Any kernel at all: the weight of token i in the row of token t is entry t, i; keys and queries are token numbers."""

    entries: Any
    normalised = True

    def weights(self, queries: Any, keys: Any, allowed: Any = None) -> Any:
        rows, columns = queries[..., 0].astype(int), keys[..., 0].astype(int)
        made = self.entries[rows[..., :, None], columns[..., None, :]]
        if allowed is not None:
            last = slice(made.shape[-1] - allowed.shape[-1], None)
            made[..., last] = np.where(allowed, made[..., last], 0)
        return made


def _sizes(run: Run) -> dict[str, Any]:
    return {"tokens": range(run.pick(6, 8))}


@check(
    claims.every_kernel,
    "exhausted",
    given=_sizes,
    scope={
        "sizes": "T <= 5, all kernels, entries and chunks",
        "method": "weights and entries are indeterminates over Z",
    },
)
def ways_agree_identically(tokens: int, compute: Any = _operator) -> Evidence:
    """With indeterminates for weights, v, beta and alpha each way gives the definition's polynomials, whatever the kernel."""
    inputs, write, read = _indeterminates(tokens)
    right = by_definition(
        inputs,
        lambda query, keys: [write[query[0], key[0]] for key in keys],
        lambda query, keys: [read[query[0], key[0]] for key in keys],
    )
    wrong = _disagreement(inputs, right, compute, Table(write), Table(read))
    return fails(f"T = {tokens}: {wrong}") if wrong else holds(cases=tokens + 4)


def _indeterminates(tokens: int) -> tuple[dict[str, Any], Any, Any]:
    """Inputs whose keys, writes and queries are the tokens' numbers, and two tables of weights."""
    from flint import Ordering, fmpz_mpoly_ctx

    shapes = {"p": (tokens, tokens), "r": (tokens, tokens), "v": (tokens, 1), "beta": (tokens,), "alpha": (tokens,)}
    names = [f"{name}_{'_'.join(map(str, index))}" for name, shape in shapes.items() for index in np.ndindex(*shape)]
    variables = iter(fmpz_mpoly_ctx.get(names or ["unused"], Ordering.lex).gens())
    made = {name: np.empty(shape, dtype=object) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        for index in np.ndindex(*shape):
            made[name][index] = next(variables)
    numbers = np.arange(tokens).astype(object)[:, None]
    inputs = {"q": numbers, "k": numbers, "w": numbers} | {name: made[name] for name in ("v", "beta", "alpha")}
    return inputs, made["p"], made["r"]


def _with_alpha(inputs: dict[str, Any]) -> dict[str, Any]:
    """alpha from beta's values, in another order: the strategy draws five arrays, the operator takes six."""
    return {**inputs, "alpha": inputs["beta"][::-1] + 1}


@check(
    claims.every_kernel,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=6, most_dimension=3)},
    scope={"sizes": "T <= 6, d <= 3, every chunk", "arithmetic": "Q: linear, rounded, hardmax"},
    first=({"inputs": TWO_TOKENS},),
    examples=(10, 600),
)
def ways_agree_on_rationals(inputs: dict[str, Any], compute: Any = _operator) -> Evidence:
    """Random rational inputs and rational kernels: each way gives the definition's U and O exactly."""
    return _each_pair(_with_alpha(inputs), RATIONAL, compute)


@check(
    claims.every_kernel,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=4, most_dimension=2)},
    scope={
        "sizes": "T <= 4, 1 <= d <= 2, every chunk",
        "arithmetic": "balls narrower than 2**-128: exponential, softmax",
    },
    first=({"inputs": TWO_TOKENS},),
    examples=(6, 400),
)
def ways_agree_in_balls(inputs: dict[str, Any], compute: Any = _operator) -> Evidence:
    """Random inputs, exponential and softmax: each way's balls are narrow and meet the definition's."""
    assume(inputs["k"].shape[1])
    with precise():
        return _each_pair({name: balls(x) for name, x in _with_alpha(inputs).items()}, BALL, compute)


def _each_pair(inputs: dict[str, Any], pairs: tuple[tuple[Kernel, Kernel], ...], compute: Any) -> Evidence:
    for kernel, read_kernel in pairs:
        right = by_definition(inputs, weigh(kernel), weigh(read_kernel))
        wrong = _disagreement(inputs, right, compute, kernel, read_kernel)
        if wrong:
            return fails(f"T = {len(inputs['v'])}, {kernel} writes, {read_kernel} reads: {wrong}")
    return holds()


def _each_chunk_alone(way: Way, inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
    """A chunked form that forgets what came before the chunk."""
    if way.name != "chunked":
        return way(inputs, kernel, read_kernel)
    starts = range(0, len(inputs["v"]), way.chunk)
    parts = [{name: x[start : start + way.chunk] for name, x in inputs.items()} for start in starts]
    u = [Way("solve")(part, kernel, read_kernel)[0] for part in parts]
    return np.concatenate([*u, inputs["v"][:0]]), None


def _alpha_dropped(way: Way, inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
    return way({**inputs, "alpha": inputs["alpha"] * 0 + 1}, kernel, read_kernel)


def _reads_as_it_writes(way: Way, inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
    """The read leaves out the token itself, as the write must."""
    u, o = way(inputs, kernel, read_kernel)
    if not len(o):
        return u, o
    u = Way("solve")(inputs, kernel, read_kernel)[0] if u is None else u
    return u, read_kernel.weights(inputs["q"], inputs["k"], np.tri(len(u), k=-1, dtype=bool)) @ u


def _doubled(way: Way, inputs: dict[str, Any], kernel: Kernel, read_kernel: Kernel) -> tuple[Any, Any]:
    """Values doubled, results halved."""
    found = way({**inputs, "v": inputs["v"] * 2}, kernel, read_kernel)
    return tuple(None if x is None else np.frompyfunc(_half, 1, 1)(x) if x.size else x for x in found)  # pyright: ignore


def _half(x: Any) -> Any:
    from fractions import Fraction

    if isinstance(x, int):
        return Fraction(x, 2)
    return x / 2


for _check in (ways_agree_identically, ways_agree_on_rationals, ways_agree_in_balls):
    control(_check, "past-forgotten", "refuted", compute=_each_chunk_alone, reason="earlier chunks are read as well")
    control(_check, "alpha-dropped", "refuted", compute=_alpha_dropped, reason="alpha scales what is written")
    control(_check, "itself-unread", "refuted", compute=_reads_as_it_writes, reason="a token reads what it has written")
    control(
        _check,
        "values-doubled",
        "confirmed",
        compute=_doubled,
        symmetry="U and O are linear in V, so values doubled and results halved are the same",
    )
