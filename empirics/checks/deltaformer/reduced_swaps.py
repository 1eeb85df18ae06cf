"""Theorem A': derived in one step for every n, exhausted for few slots, tested in torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.deltaformer.reduced_swaps import ReducedSwaps, contents
from constructions.deltaformer.swap_tracking import Token
from empirics import strategies
from empirics.checking import Evidence, Run, assume, check, control, fails, holds
from theory.deltaformer import reduced_swaps as claims
from theory.permutations import contents_after_batch, swap_sequences
from theory.programs import SwapProgram


class OnesDropped(ReducedSwaps):
    """k = e_a in place of (1, ..., 1) + e_a: the other slots keep their old differences."""

    def swap_last(self, e: Any, ones: Any, a: Any) -> Token:
        return Token(k=e(a) + e(a), w=e(a))


class UnitDropped(ReducedSwaps):
    """k = (1, ..., 1) in place of (1, ..., 1) + e_a: row a becomes zero."""

    def swap_last(self, e: Any, ones: Any, a: Any) -> Token:
        return Token(k=ones, w=e(a))


class LastAdded(ReducedSwaps):
    """The last content added in place of subtracted."""

    def write_last(self, ones: Any) -> Token:
        return Token(k=ones, w=0 * ones)


class OneDimensionShort(ReducedSwaps):
    """The last row has no coordinate."""

    def units(self, n: int) -> Any:
        return np.eye(n - 1, dtype=np.int8)[:, : n - 2]


class BothNegated(ReducedSwaps):
    """k and w of swaps negated."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(*(-x for x in super().swap(e, a, b)[:2]))

    def swap_last(self, e: Any, ones: Any, a: Any) -> Token:
        return Token(*(-x for x in super().swap_last(e, ones, a)[:2]))


@check(
    claims.one_dimension_less, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"}
)
def differences_follow(construction: Any = ReducedSwaps()) -> Evidence:
    """Writes, swaps and reads act on differences of arbitrary contents as the argument says, in every pattern."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit
    from theory.symbolic_ones import all_ones

    a, b, j = Slot("a"), Slot("b"), Slot("j")
    content, last, ones = sympy.Symbol("content"), sympy.Symbol("last"), all_ones()

    def after(token: Token, state: Any, value: Any = 0) -> Any:
        return state(j) + token.k.inner(unit(j)) * (value - sympy.sympify(token.beta) * token.w.apply(state))

    def difference(slot: Slot) -> Any:
        return row(slot) - last

    decided = 0
    for pattern in patterns((a, b, j)):
        same_a, same_b = pattern[j] == pattern[a], pattern[j] == pattern[b]
        steps = (
            ("write", after(construction.write(unit, a), row, content), content if same_a else row(j)),
            ("write the last", after(construction.write_last(ones), row, content), row(j) - content),
            (
                "swap",
                after(construction.swap(unit, a, b), difference),
                difference(b) if same_a else difference(a) if same_b else difference(j),
            ),
            (
                "swap with the last",
                after(construction.swap_last(unit, ones, a), difference),
                last - row(a) if same_a else row(j) - row(a),
            ),
            ("read", construction.read(unit, j).apply(difference), difference(j)),
        )
        for name, found, wanted in steps:
            got, right = in_pattern(sympy.sympify(found), pattern), in_pattern(sympy.sympify(wanted), pattern)
            if sympy.expand(got - right) != 0:
                return fails(f"{name}, {describe(pattern)}: row j becomes {got}, not {right}", right, got)
            decided += 1
    return holds(cases=decided)


def _every_length(run: Run) -> dict[str, Any]:
    longest = run.pick({2: 12, 3: 6, 4: 4, 5: 3}, {2: 40, 3: 9, 4: 6, 5: 4, 6: 3})
    return {"size": [(n, s) for n, most in longest.items() for s in range(most + 1)]}


@check(
    claims.one_dimension_less,
    "exhausted",
    given=_every_length,
    scope={"sizes": "n <= 5; S <= 12, 6, 4, 3 for n = 2, 3, 4, 5", "evaluation": "recurrence in integers"},
)
def every_sequence(size: tuple[int, int], construction: Any = ReducedSwaps()) -> Evidence:
    """All sequences of proper swaps of a length, through the operator's recurrence, read and decoded after the last."""
    n, length = size
    decided = 0
    for swaps in swap_sequences(n, length):
        tokens = construction.compile_batch(n, swaps)
        if tokens.k.shape[-1] > n - 1:
            return fails(f"{n} slots: head dimension {tokens.k.shape[-1]}", n - 1, tokens.k.shape[-1])
        found, wanted = contents(tokens.read_out(tokens.exact_first_stage())), contents_after_batch(n, swaps)
        wrong = np.flatnonzero((found != wanted).any(axis=1))
        if wrong.size:
            program = SwapProgram(n, swaps[wrong[0]].tolist())
            return fails(
                f"{program}: reads {found[wrong[0]].tolist()}", wanted[wrong[0]].tolist(), found[wrong[0]].tolist()
            )
        decided += len(swaps)
    return holds(cases=decided)


@check(
    claims.one_dimension_less,
    "tested",
    given={"program": strategies.swap_programs(least_slots=2, most_slots=16, most_swaps=32)},
    first=(
        {"program": SwapProgram(2)},
        {"program": SwapProgram(2, [(1, 0)])},
        {"program": SwapProgram(3, [(2, 2), (1, 2)])},
    ),
    scope={"sizes": "n <= 16, S <= 32", "evaluation": "torch, chunked in fp32, solve in fp64; recurrence in int64"},
    examples=(25, 1500),
)
def programs_in_torch(
    program: SwapProgram, construction: Any = ReducedSwaps(), holding: Any = lambda n: range(n)
) -> Evidence:
    """Random programs, self-swaps included, in three forms; `holding` names the contents at the start."""
    import torch

    assume(program.n >= 2)
    start = list(holding(program.n))
    wanted = [start[slot] for slot in program.contents()]
    tokens = construction.compile(program)
    values = tokens.v.copy()
    values[: program.n] = np.eye(program.n, dtype=np.int8)[start]
    for form, dtype in (("recurrence", np.int64), ("solve", torch.float64), ("chunked", torch.float32)):
        cast = type(tokens)(tokens.k, tokens.w, values, tokens.beta, tokens.queries).cast(dtype)
        read = np.asarray(cast.read_out(cast.first_stage(form, chunk=5)))
        found = contents(read).tolist()
        if found != wanted:
            return fails(f"{program}, holding {start}: the {form} form reads {found}", wanted, found)
    return holds()


for _check in (differences_follow, every_sequence, programs_in_torch):
    control(
        _check, "ones-dropped", "refuted", construction=OnesDropped(), reason="the other differences must change too"
    )
    control(
        _check, "unit-dropped", "refuted", construction=UnitDropped(), reason="det of a swap is -1, of this token 0"
    )
    control(_check, "last-added", "refuted", construction=LastAdded(), reason="a sum is no difference")
    control(_check, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, e> (-w) = <k, e> w")
for _check in (every_sequence, programs_in_torch):
    control(_check, "dimension-short", "refuted", construction=OneDimensionShort(), reason="a row cannot be read")
control(
    programs_in_torch,
    "contents-not-distinct",
    "refuted",
    holding=lambda n: [n - 1] * n,
    reason="every difference is zero and says nothing",
)
control(
    programs_in_torch, "contents-reversed", "confirmed", holding=lambda n: range(n - 1, -1, -1), reason="still distinct"
)
