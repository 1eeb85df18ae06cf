"""Theorem A: derived in one step, exhausted, tested in torch, certified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from constructions import exact_steps
from constructions.arrays import batch_inner
from constructions.deltaformer.swap_tracking import OneHotSwaps, certificate
from empirics import strategies
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.swap_edits import WriteBetaDoubled, WriteElsewhere, swap_controls, within
from theory.deltaformer import swap_tracking as claims
from theory.permutations import swap_columns
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
            got, right = (in_pattern(sympy.sympify(x), pattern) for x in (found, wanted))
            if name == "write":  # into an empty slot
                got = got.subs(in_pattern(row(a), pattern), 0)
            if sympy.expand(got - right) != 0:
                return fails(f"{name}, {describe(pattern)}: row j becomes {got}, not {right}", right, got)
            decided += 1
    return holds(cases=decided)


swap_controls(one_step_identity, coordinates=False)
control(
    one_step_identity,
    "writes-doubled",
    "confirmed",
    construction=WriteBetaDoubled(),
    symmetry="a slot is empty when it is written",
)
control(one_step_identity, "write-elsewhere", "refuted", construction=WriteElsewhere(), reason="row a stays empty")


def _longest(run: Run) -> dict[int, int]:
    return run.pick({1: 2, 2: 40, 3: 10, 4: 7, 5: 5}, {1: 4, 2: 100, 3: 13, 4: 8, 5: 6, 6: 5})


def enumerate_tree(tree: SwapTree, construction: OneHotSwaps) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For every length s: the read-out `(programs, n, n)` of all programs of s swaps, and their contents `(programs, n)`.

    The operator's own `step` runs on integer states (fractions when a weight is one), once for every prefix.
    """
    n = tree.n
    writes = construction.compile_batch(n, np.zeros((1, 0, 2), dtype=np.int64))
    state = np.zeros((1, writes.k.shape[-1], n), dtype=np.int8)
    for token in range(n):
        state, _ = exact_steps.step(state, *_token(writes, token))
    contents = np.arange(n, dtype=np.int8)[None]
    yield 0, exact_steps.product(writes.queries, state), contents
    for s, choices in enumerate(tree.choices, 1):
        swaps = np.array(choices, dtype=np.int64).reshape(-1, 1, 2)
        tokens = _token(construction.compile_batch(n, swaps), n)
        state, _ = exact_steps.step(state[None], *(x[:, None] for x in tokens))
        state = batch_inner(state.reshape(len(choices) * len(contents), *state.shape[2:]))
        pairs = np.repeat(swaps[:, 0], len(contents), axis=0)
        contents = batch_inner(np.tile(contents, (len(choices), 1)))
        swap_columns(contents, pairs[:, 0], pairs[:, 1])
        yield s, exact_steps.product(writes.queries, state), contents


def _token(tokens: Any, t: int) -> tuple[np.ndarray, ...]:
    return tokens.k[:, t], tokens.w[:, t], tokens.v[:, t], tokens.beta[:, t]


@check(
    claims.linear_kernel,
    "exhausted",
    given=lambda run: {"tree": [SwapTree.complete(n, length) for n, length in _longest(run).items()]},
    scope=lambda run: {"sizes": within(_longest(run)), "evaluation": "recurrence in integers"},
)
def every_sequence(tree: SwapTree, construction: Any = OneHotSwaps()) -> Evidence:
    """All sequences of proper swaps, through the operator's recurrence, read back after every swap."""
    decided = 0
    for s, read, contents in enumerate_tree(tree, construction):
        wanted = contents[:, :, None] == np.arange(tree.n, dtype=contents.dtype)
        wrong = np.flatnonzero((read != wanted).any(axis=(1, 2)))
        if wrong.size:
            program = tree.program(s, int(wrong[0]))
            slot = int(np.flatnonzero((read[wrong[0]] != wanted[wrong[0]]).any(axis=1))[0])
            got = ", ".join(map(str, read[wrong[0], slot].tolist()))
            last = f" at token {tree.n + s - 1}" if s else ""
            return fails(
                f"{program}: slot {slot} reads ({got}), not content {contents[wrong[0], slot]}{last}",
                wanted[wrong[0]].astype(int).tolist(),
                read[wrong[0]].tolist(),
                {"tree": tree.only(program)},
            )
        decided += len(contents)
    return holds(cases=decided)


swap_controls(every_sequence, fractions=False)


def _module_answers(program: SwapProgram, construction: Any, form: Any, dtype: str, device: str) -> Any:
    import torch

    from constructions.deltaformer.swap_tracker import SwapTracker

    tracker = SwapTracker(program.n, construction, form=form, chunk=5, dtype=getattr(torch, dtype)).to(device)
    swaps = torch.tensor(program.swaps, dtype=torch.int64, device=device).reshape(1, -1, 2)
    return tracker(swaps)[0], tracker.contents(swaps)[0]


@check(
    claims.linear_kernel,
    "tested",
    given={"program": strategies.swap_programs(most_slots=24, most_swaps=64)},
    first=({"program": SwapProgram(1)}, {"program": SwapProgram(1, [(0, 0)])}, {"program": SwapProgram(2, [(0, 1)])}),
    scope={"sizes": "n <= 24, S <= 64", "evaluation": "torch module, fp64 and fp32, all forms"},
    examples=(60, 2500),
)
def programs_in_torch(program: SwapProgram, construction: Any = OneHotSwaps(), run: Run = Run()) -> Evidence:
    """Random programs, self-swaps included, through the torch module in three forms: exactly one-hot, no tolerance."""
    wanted = np.eye(program.n)[list(program.contents())]
    for form, dtype in (("recurrence", "float64"), ("solve", "float64"), ("chunked", "float32")):
        read, contents = (x.cpu().numpy() for x in _module_answers(program, construction, form, dtype, run.device))
        if tuple(contents.tolist()) != program.contents():
            return fails(f"{program}: the {form} form in {dtype} says {contents}", program.contents(), contents)
        if not np.array_equal(read, wanted):
            return fails(f"{program}: the {form} form in {dtype} reads otherwise", wanted.tolist(), read.tolist())
    return holds()


swap_controls(programs_in_torch)


@check(
    claims.linear_kernel,
    "tested",
    given={"program": strategies.swap_programs(most_slots=8, most_swaps=16)},
    first=({"program": SwapProgram(1)}, {"program": SwapProgram(3, [(0, 1), (1, 2)])}),
    scope={"sizes": "n <= 8, S <= 16", "evaluation": "OneHotSwaps.run: compiled, run and decoded over Q"},
    examples=(60, 1000),
)
def programs_decoded(program: SwapProgram, construction: Any = OneHotSwaps()) -> Evidence:
    """Random programs through `run`, which returns contents: the answer a user sees."""
    try:
        found = construction.run(program)
    except ValueError as error:
        return fails(f"{program}: {error}", program.contents())
    if found != program.contents():
        return fails(f"{program}: the contents come out as {found}", program.contents(), found)
    return holds()


swap_controls(programs_decoded)


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
