"""Theorem A: derived in one step, exhausted, tested in torch, certified."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.swap_tracking import OneHotSwaps, certificate
from constructions.layers import deltaformer as operator
from empirics import strategies
from empirics.checking import Evidence, Run, check, fails, holds
from empirics.checks.deltaformer.swap_edits import swap_controls
from theory.deltaformer import swap_tracking as claims
from theory.programs import SwapProgram, SwapTree


@check(claims.linear_kernel, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"})
def one_step_identity(construction: Any = OneHotSwaps()) -> Evidence:
    """Write, swap and read act on an arbitrary state as the argument says, in every pattern of equality of a, b, j."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit

    a, b, j = Slot("a"), Slot("b"), Slot("j")
    content = sympy.Symbol("content")
    write, swap, query = construction.write(unit, a), construction.swap(unit, a, b), construction.read(unit, j)
    after_write = row(j) + write.k.inner(unit(j)) * (content - sympy.sympify(write.beta) * write.w.apply(row))
    after_swap = row(j) - swap.k.inner(unit(j)) * sympy.sympify(swap.beta) * swap.w.apply(row)
    decided = 0
    for pattern in patterns((a, b, j)):
        same_a, same_b = pattern[j] == pattern[a], pattern[j] == pattern[b]
        steps = (
            ("read", query.apply(row), row(j)),
            ("write", after_write, content if same_a else row(j)),
            ("swap", after_swap, row(b) if same_a else row(a) if same_b else row(j)),
        )
        for name, found, wanted in steps:
            residual = in_pattern(sympy.sympify(found - wanted), pattern)
            if residual != 0:
                got, right = in_pattern(found, pattern), in_pattern(sympy.sympify(wanted), pattern)
                return fails(f"{name}, {describe(pattern)}: row j becomes {got}, not {right}", right, got)
            decided += 1
    return holds(cases=decided)


swap_controls(one_step_identity, coordinates=False)


def _trees(run: Run) -> dict[str, Any]:
    longest = run.pick({1: 2, 2: 40, 3: 10, 4: 7, 5: 5}, {1: 4, 2: 100, 3: 13, 4: 8, 5: 6, 6: 5})
    return {"tree": [SwapTree.complete(n, length) for n, length in longest.items()]}


def enumerate_tree(tree: SwapTree, construction: OneHotSwaps) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For every length s: the read-out `(programs, n, n)` of all programs of s swaps, and their contents `(programs, n)`.

    The operator's own `step` runs on integer states (fractions when a weight is one), once for every prefix.
    """
    n = tree.n
    writes = construction.compile_batch(n, np.zeros((1, 0, 2), dtype=np.int64))
    integral = Fraction(construction.swap(lambda slots: construction.units(n)[slots], 0, 0).beta).denominator == 1
    dtype: Any = np.int8 if integral else "Q"
    writes = writes.cast(dtype)
    state = np.zeros((1, writes.k.shape[-1], n), dtype=writes.k.dtype)
    if dtype == "Q":
        state = state.astype(object)
    for token in range(n):
        state, _ = operator.step(
            state, writes.k[:, token], writes.w[:, token], writes.v[:, token], writes.beta[:, token]
        )
    contents = np.arange(n)[None]
    yield 0, writes.queries @ state, contents
    for s, choices in enumerate(tree.choices, 1):
        swaps = np.array(choices, dtype=np.int64).reshape(-1, 1, 2)
        tokens = construction.compile_batch(n, swaps).cast(dtype)
        k, w, v, beta = (x[:, n] for x in (tokens.k, tokens.w, tokens.v, tokens.beta))
        state, _ = operator.step(state[:, None], k[None], w[None], v[None], beta[None], check_finite=False)
        state = state.reshape(-1, *state.shape[2:])
        pairs = np.tile(swaps[:, 0], (len(contents), 1))
        contents = np.repeat(contents, len(choices), axis=0)
        rows = np.arange(len(contents))
        first, second = contents[rows, pairs[:, 0]], contents[rows, pairs[:, 1]]
        contents[rows, pairs[:, 0]], contents[rows, pairs[:, 1]] = second, first
        yield s, writes.queries @ state, contents


@check(
    claims.linear_kernel,
    "exhausted",
    given=_trees,
    scope={"sizes": "n <= 5; S <= 40, 10, 7, 5 for n = 2, 3, 4, 5", "evaluation": "recurrence in integers"},
)
def every_sequence(tree: SwapTree, construction: Any = OneHotSwaps()) -> Evidence:
    """All sequences of proper swaps, through the operator's recurrence, read back after every swap."""
    decided = 0
    for s, read, contents in enumerate_tree(tree, construction):
        wanted = np.eye(tree.n, dtype=np.int8)[contents]
        wrong = np.flatnonzero((read != wanted).any(axis=(1, 2)))
        if wrong.size:
            program = tree.program(s, int(wrong[0]))
            slot = int(np.flatnonzero((read[wrong[0]] != wanted[wrong[0]]).any(axis=1))[0])
            got = ", ".join(map(str, read[wrong[0], slot].tolist()))
            last = f" at token {tree.n + s - 1}" if s else ""
            return fails(
                f"{program}: slot {slot} reads ({got}), not content {contents[wrong[0], slot]}{last}",
                contents[wrong[0]].tolist(),
                read[wrong[0]].tolist(),
                {"tree": tree.only(program)},
            )
        decided += len(contents)
    return holds(cases=decided)


swap_controls(every_sequence)


def _module_read_out(program: SwapProgram, construction: Any, form: Any, dtype: str, device: str) -> Any:
    import torch

    from constructions.deltaformer.swap_tracker import SwapTracker

    tracker = SwapTracker(program.n, construction, form=form, chunk=5, dtype=getattr(torch, dtype)).to(device)
    swaps = torch.tensor(program.swaps, dtype=torch.int64, device=device).reshape(1, -1, 2)
    return tracker(swaps)[0]


@check(
    claims.linear_kernel,
    "tested",
    given={"program": strategies.swap_programs(most_slots=24, most_swaps=64)},
    first=({"program": SwapProgram(1)}, {"program": SwapProgram(1, [(0, 0)])}, {"program": SwapProgram(2, [(0, 1)])}),
    scope={"sizes": "n <= 24, S <= 64", "evaluation": "torch module, fp64 and fp32, all forms; int8 recurrence"},
    examples=(120, 2500),
)
def programs_in_torch(program: SwapProgram, construction: Any = OneHotSwaps(), run: Run = Run()) -> Evidence:
    """Random programs, self-swaps included, through the torch module in three forms: exactly one-hot, no tolerance."""
    wanted = np.eye(program.n)[list(program.contents())]
    for form, dtype in (("recurrence", "float64"), ("solve", "float64"), ("chunked", "float32")):
        read = _module_read_out(program, construction, form, dtype, run.device).detach().cpu().numpy()
        if not np.array_equal(read, wanted):
            return fails(f"{program}: the {form} form in {dtype} reads otherwise", wanted.tolist(), read.tolist())
    return holds()


swap_controls(programs_in_torch)


@check(
    claims.linear_kernel,
    "certified",
    given=lambda run: {"program": _certified_programs(run)},
    scope={"sizes": "instances with n up to 128, S up to 256"},
)
def certified_instances(program: SwapProgram, construction: Any = OneHotSwaps()) -> Evidence:
    """Instances handed to the trusted checker: it recomputes U from the weights alone, for all contents by linearity."""
    return holds(certificates=[certificate(program, construction, claims.linear_kernel.id)])


def _certified_programs(run: Run) -> list[SwapProgram]:
    draw = np.random.default_rng(run.seed)
    sizes = [(1, 0), (2, 1), (3, 4), (5, 24), (16, 40), (128, 256), *run.pick([], [(64, 512), (256, 256)])]
    return [SwapProgram(n, [draw.choice(n, 2, replace=False).tolist() for _ in range(s)]) for n, s in sizes]


swap_controls(certified_instances)
