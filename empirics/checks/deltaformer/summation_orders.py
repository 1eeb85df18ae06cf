"""In which orders, and how far, swap tracking is exact in a narrow accumulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from constructions import exact_steps
from constructions.deltaformer.lane_filling import lane_filling_program
from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.swap_edits import PairReversed, swap_controls, within
from theory import formats, summation
from theory.accumulators import certified_swaps
from theory.deltaformer import summation_orders as claims
from theory.programs import SwapProgram
from theory.verdict import Outcome


@check(claims.contiguous_orders, "derived", covers=True, scope={"sizes": "all n and S", "order": "any contiguous tree"})
def terms_telescope(construction: Any = OneHotSwaps()) -> Evidence:
    """A swap's term in a later sum is f after minus f before, in every pattern of equality; f and terms stay small."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, unit

    s, p, q, a, b = (Slot(name) for name in "spqab")
    token, reader = construction.swap(unit, p, q), construction.swap(unit, a, b).w
    content = -sympy.sympify(token.beta) * token.w.inner(unit(s))
    decided = 0
    for pattern in patterns((s, p, q, a, b)):
        moved = q if pattern[s] == pattern[p] else p if pattern[s] == pattern[q] else s
        for name, w in (("swap", reader), ("read", construction.read(unit, a))):
            if name == "swap" and pattern[a] == pattern[b]:
                continue
            before, after = (in_pattern(sympy.sympify(w.inner(unit(x))), pattern) for x in (s, moved))
            term = in_pattern(sympy.sympify(token.k.inner(w) * content), pattern)
            if term != after - before:
                return fails(f"{name}, {describe(pattern)}: the term is {term}, f goes from {before} to {after}")
            if before not in (-1, 0, 1):
                return fails(f"{name}, {describe(pattern)}: f = {before} lies outside -1..1")
            decided += 1
    return holds(cases=decided)


swap_controls(terms_telescope, coordinates=False)

NARROW = ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16", "tf32")


@dataclass(frozen=True)
class Sum:
    """How a sum is taken: the accumulator's format and the order, both by name."""

    fmt: str
    order: str

    def __str__(self) -> str:
        return f"{self.fmt}, {self.order}"


def last_sums(tokens: Any, how: Sum) -> tuple[np.ndarray, np.ndarray]:
    """For a batch of programs: the last token's sum over all earlier ones, as `how` computes it, and exactly.

    Both `(batch, m)`. Earlier u are exact, by the integer recurrence: the last token is the first that could be wrong.
    """
    u = exact_steps.recurrence(tokens.k[:, :-1], tokens.w[:, :-1], tokens.v[:, :-1], tokens.beta[:, :-1])
    weights = (tokens.k[:, :-1] * tokens.w[:, -1:]).sum(axis=-1)
    terms = np.swapaxes(weights[..., None] * u, 1, 2)
    computed = summation.add(summation.order_named(how.order), terms.astype(np.float64), formats.named(how.fmt))
    return np.asarray(computed), terms.sum(axis=-1)


def _sums_agree(program: SwapProgram, how: Sum, construction: Any) -> Evidence | None:
    tokens = construction.compile_batch(program.n, np.array(program.swaps, dtype=np.int64).reshape(1, -1, 2))
    computed, exact = last_sums(tokens, how)
    wrong = np.flatnonzero((computed != exact)[0])
    if not wrong.size:
        return None
    x = int(wrong[0])
    return fails(
        f"{how}: {_short(program)}: the last swap sums content {x} to {computed[0, x]:g}, not {exact[0, x]}",
        exact[0].tolist(),
        computed[0].tolist(),
    )


def _short(program: SwapProgram) -> str:
    if len(set(program.swaps)) == 1 and len(program.swaps) > 2:
        a, b = program.swaps[0]
        return f"{program.n} slots, swap ({a} {b}) {len(program.swaps)} times"
    return str(program) if len(program.swaps) <= 16 else f"{program.n} slots, {len(program.swaps)} swaps"


def _longest(run: Run) -> dict[int, int]:
    return run.pick({2: 14, 3: 5, 4: 3}, {2: 40, 3: 8, 4: 5})


def _short_trees(run: Run) -> dict[str, Any]:
    orders = ("time", "reverse", "blocked(3)", "pairwise")
    sums = [Sum(fmt, order) for fmt in NARROW for order in orders]
    programs = [(n, s) for n, most in _longest(run).items() for s in range(1, most + 1)]
    return {"size": programs, "how": sums}


@check(
    claims.contiguous_orders,
    "exhausted",
    given=_short_trees,
    scope=lambda run: {
        "sizes": within(_longest(run)),
        "order": "time, reverse, blocks of 3, pairwise",
        "evaluation": "emulated accumulators, rounded after every addition",
    },
)
def every_short_sum(size: tuple[int, int], how: Sum, construction: Any = OneHotSwaps(), lanes: int = 1) -> Evidence:
    """All programs of a size: the last token's sum, rounded after every addition in the format, is exact."""
    from theory.permutations import swap_sequences

    n, length = size
    if lanes > 1:
        how = Sum(how.fmt, f"interleaved({lanes})")
    decided = 0
    for batch in swap_sequences(n, length):
        computed, exact = last_sums(construction.compile_batch(n, batch), how)
        wrong = np.flatnonzero((computed != exact).any(axis=1))
        if wrong.size:
            found = _sums_agree(SwapProgram(n, batch[wrong[0]].tolist()), how, construction)
            assert found is not None
            return found
        decided += len(batch)
    return holds(cases=decided)


control(
    every_short_sum,
    "two-lanes",
    "refuted",
    lanes=2,
    reason="9 swaps of one pair overflow 3 bits of precision in a lane",
)
control(
    every_short_sum,
    "pair-reversed",
    "confirmed",
    construction=PairReversed(),
    symmetry="k and w both change sign: <-k, -w> = <k, w>",
)


@check(
    claims.any_order_as_stated,
    "exhausted",
    given=lambda run: {
        "program": [SwapProgram(2, [(0, 1)] * length) for length in range(1, 41)],
        "how": [Sum("fp8_e5m2", "interleaved(2)")],
    },
    scope={"sizes": "n = 2, S <= 40"},
)
def two_slots_back_and_forth(
    program: SwapProgram, how: Sum, order: str = "", construction: Any = OneHotSwaps()
) -> Evidence:
    """Two slots swapped again and again, every number of times, summed with two interleaved accumulators."""
    return _sums_agree(program, Sum(how.fmt, order or how.order), construction) or holds()


control(two_slots_back_and_forth, "time-order", "confirmed", order="time", reason="intervals of time telescope")
control(two_slots_back_and_forth, "pairwise", "confirmed", order="pairwise", reason="intervals of time telescope")
control(
    two_slots_back_and_forth, "four-lanes", "refuted", order="interleaved(4)", reason="a lane of four fills up as well"
)


@dataclass(frozen=True)
class Accumulators:
    """A format by name and the number of interleaved accumulators."""

    fmt: str
    lanes: int

    def __str__(self) -> str:
        return f"{self.fmt}, {self.lanes} accumulators"


def interleaved_law(precision: int, lanes: int) -> int:
    """The largest number of swaps for which L interleaved accumulators are exact: L (2^(p-1) - 1) + 2."""
    return lanes * (2 ** (precision - 1) - 1) + 2


def any_order_law(precision: int, lanes: int) -> int:
    """The largest number of swaps for which every order is exact: 2^p. The lanes are those of the worst order."""
    return 2**precision


def _frontier(case: Accumulators, law: Any, certified_lanes: int | None) -> Evidence:
    """Search the certified range, run a program at it and one beyond, and compare with the law."""
    precision = formats.named(case.fmt).precision
    assert precision is not None, "accumulators round; Q does not"
    claimed = law(precision, case.lanes)
    certified = certified_swaps(precision, certified_lanes)
    how = Sum(case.fmt, f"interleaved({case.lanes})")
    at = _sums_agree(lane_filling_program(case.lanes, max(claimed, 1)), how, OneHotSwaps())
    if at is not None:
        return at
    if claimed < certified:
        return fails(f"{case}: no addition rounds in any program of {certified} swaps", claimed, certified)
    beyond = _sums_agree(lane_filling_program(case.lanes, claimed + 1), how, OneHotSwaps())
    if beyond is None:
        return fails(f"{case}: the worst program known of {claimed + 1} swaps is still exact", "inexact", "exact")
    if claimed > certified:
        return fails(f"{case}: an addition can round from {certified + 1} swaps on", claimed, certified)
    return Evidence(Outcome.CONFIRMED, scope={f"S* ({case})": certified})


def _lanes(run: Run) -> dict[str, tuple[int, ...]]:
    """The numbers of accumulators for each format: programs grow with 2^p L."""
    small, all_of = (2, 4), (2, 3, 4, 8)
    return {f: run.pick(all_of if f.startswith("fp8") else small if f == "bf16" else (2,), all_of) for f in NARROW}


@check(
    claims.interleaved_frontier,
    "exhausted",
    given=lambda run: {"case": [Accumulators(fmt, lanes) for fmt, some in _lanes(run).items() for lanes in some]},
    scope=lambda run: {
        "sizes": "all n; L = " + "; ".join(f"{', '.join(map(str, some))} ({fmt})" for fmt, some in _lanes(run).items()),
        "method": "max-plus search over all walks certifies S*; the program of S* + 1 swaps is run and fails",
    },
)
def interleaved_frontier_is_sharp(case: Accumulators, law: Any = interleaved_law) -> Evidence:
    """For each format and L: the searched certified range is the law, and one swap more fails on an explicit program."""
    return _frontier(case, law, case.lanes)


@check(
    claims.any_order_frontier,
    "exhausted",
    given={"case": [Accumulators(fmt, 2) for fmt in NARROW]},
    scope={
        "sizes": "all n and orders",
        "method": "max-plus search over all sets of terms certifies S*; the program of S* + 1 swaps is run and fails",
    },
    covers=True,
)
def any_order_frontier_is_sharp(case: Accumulators, law: Any = any_order_law) -> Evidence:
    """For each format: the searched certified range over all orders is the law, and two lanes fail one swap later."""
    return _frontier(case, law, None)


for _check, _law in ((interleaved_frontier_is_sharp, interleaved_law), (any_order_frontier_is_sharp, any_order_law)):
    control(
        _check, "one-more", "refuted", law=lambda p, lanes, law=_law: law(p, lanes) + 1, reason="that program fails"
    )
    control(
        _check, "one-fewer", "refuted", law=lambda p, lanes, law=_law: law(p, lanes) - 1, reason="one more is exact"
    )
    control(
        _check, "one-bit-fewer", "refuted", law=lambda p, lanes, law=_law: law(p - 1, lanes), reason="a bit doubles S*"
    )
control(
    interleaved_frontier_is_sharp,
    "rearranged",
    "confirmed",
    law=lambda p, lanes: (2 ** (p - 1)) * lanes - lanes + 2,
    symmetry="the same polynomial written out",
)
control(
    any_order_frontier_is_sharp, "as-two-lanes", "confirmed", law=interleaved_law, reason="the two laws agree at L = 2"
)
