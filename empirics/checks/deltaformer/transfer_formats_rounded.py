"""Theorem B with every operation in a number format: which codes stay exact, and the first length that does not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.codes import ROUNDED_BOUND, Code
from constructions.deltaformer.in_formats import read, rounded_kernel, time_order
from constructions.deltaformer.swap_tracking import OneHotSwaps
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.rounded_swaps import KeyDoubled, other_pairs
from theory import formats
from theory.deltaformer import transfer_formats as claims
from theory.formats import Format
from theory.programs import SwapProgram

REACH = {0: Fraction(1, 2), 1: Fraction(3, 8), 2: Fraction(1, 4)}
"""How far the quotient may be from an integer of that magnitude."""


@check(
    claims.b_in_formats,
    "derived",
    covers=True,
    scope={
        "sizes": "all n, S and p >= 3",
        "method": "patterns of equality; intervals that p = 3 and p = 4 round right",
    },
)
def quotients_round_right(
    construction: Any = OneHotSwaps(), bound: Fraction = ROUNDED_BOUND, precision: int = 3
) -> Evidence:
    """At most 4, 3, 2 errors enter a value of 0, 1, 2, and what is that near is rounded to it from `precision` bits on."""
    from theory.symbolic import Slot, describe, patterns, unit

    a, b, c, d = (Slot(name) for name in "abcd")
    keys = {"write": construction.write(unit, a).k, "swap": construction.swap(unit, a, b).k}
    writes = {"swap": construction.swap(unit, c, d).w, "read": construction.read(unit, c)}
    decided = 0
    for pattern in patterns((a, b, c, d)):
        if pattern[a] == pattern[b] or pattern[c] == pattern[d]:
            continue
        for (key, x), (write, y) in product(keys.items(), writes.items()):
            same, others = other_pairs(x, y, pattern)
            terms = int(sum(abs(value) for value in others.values()))
            if abs(same) not in REACH or terms * bound > REACH[abs(same)]:
                words = f"{key} and {write}, {describe(pattern)}: {terms} errors of {bound} about {same}"
                return fails(words, f"at most {REACH.get(abs(same), 0)}", terms * bound)
            decided += 1
    for bits in (precision, max(precision, 4)):
        fmt = Format(f"{bits} bits", bits, -20, 20, (2 - Fraction(2) ** (1 - bits)) * 2**20, "infinity")
        inside = Fraction(1, 2 ** (bits + 6))  # rounding is constant from here to the end of an interval
        for value, reach in REACH.items():
            for sign, end in product((1, -1), (reach - inside, inside - reach)):
                found = round(fmt.round(sign * (value + end)))
                if found != sign * value:
                    words = f"{bits} bits: {float(sign * (value + end)):.4g} is rounded to {found}, not {sign * value}"
                    return fails(words, sign * value, found)
                decided += 1
        if bits > 3 and not all(fmt.holds(value + end) for value, reach in REACH.items() for end in (reach, -reach)):
            return fails(f"{bits} bits do not hold the ends of the intervals, so wider formats are not decided")
    return holds(cases=decided)


control(quotients_round_right, "two-bits", "refuted", precision=2, reason="just below 11/8 is rounded to 3/2, and to 2")
control(quotients_round_right, "bound-seventh", "refuted", bound=Fraction(1, 7), reason="4/7 exceeds 1/2")
control(quotients_round_right, "key-doubled", "refuted", construction=KeyDoubled(), reason="twice the errors")
control(quotients_round_right, "bound-ninth", "confirmed", bound=Fraction(1, 9), reason="all the nearer")


@dataclass(frozen=True)
class Fitting:
    """A format by name and a code of that norm: 'hadamard', 'simplex', 'ones', or 'polynomials' over F_q that agree often."""

    fmt: str
    kind: str
    norm: int

    def code(self) -> Code:
        if self.kind == "polynomials":
            return agreeing_polynomials(self.norm, self.norm // 8)
        if self.kind == "ones":
            return Code("ones", np.ones((1, self.norm), dtype=np.int64), self.norm)
        rows = np.array([[1]], dtype=np.int64)
        while rows.shape[1] < self.norm:
            rows = np.block([[rows, rows], [rows, -rows]])
        return Code(self.kind, rows[:, len(rows) - self.norm :], self.norm)

    def __str__(self) -> str:
        return f"{self.fmt}, {self.kind}, N = {self.norm}"


def agreeing_polynomials(q: int, agree: int) -> Code:
    """Five codes of q ones: 0, (x - 0)...(x - m + 1), the next m factors, and so on; each agrees with 0 at m = `agree` places.

    Coordinates at which no code has a one are left out, which changes no sum.
    """
    x = np.arange(q, dtype=np.int64)
    values = [np.zeros(q, dtype=np.int64)]
    for start in range(4):
        made = np.ones(q, dtype=np.int64)
        for root in range(start * agree, (start + 1) * agree):
            made = made * (x - root) % q
        values.append(made)
    vectors = np.zeros((5, q, q), dtype=np.int64)
    for code, value in zip(vectors, values, strict=True):
        code[x, value] = 1
    table = vectors.reshape(5, -1)
    return Code(f"polynomials over F_{q}", table[:, table.any(axis=0)], q)


FIVE = SwapProgram(5, [(0, 1), (1, 2), (3, 4), (0, 4), (0, 1)])


def _fitting(run: Run) -> dict[str, Any]:
    cases = [
        Fitting("fp8_e5m2", "hadamard", 8),
        Fitting("fp8_e4m3fn", "simplex", 15),
        Fitting("bf16", "polynomials", run.pick(61, 127)),
        *run.pick([], [Fitting("bf16", "simplex", 255), Fitting("fp16", "polynomials", 1021)]),
    ]
    return {"case": cases, "program": [SwapProgram(1), SwapProgram(2, [(0, 1), (0, 1)]), FIVE]}


def _stages_agree(case: Fitting, program: SwapProgram, construction: Any) -> Evidence:
    """U and the readings with the code, all in the format, against Theorem A's in integers."""
    fmt, code = formats.named(case.fmt), case.code()
    exact = construction.compile(program)
    u, table = exact.first_stage(), code.vectors[: program.n]
    k, w, q = (x @ table for x in (exact.k, exact.w, exact.queries))
    made = time_order(fmt, rounded_kernel(fmt, w, k, int(code.norm)), exact.v.astype(np.float64))
    shown = read(fmt, rounded_kernel(fmt, q, k, int(code.norm)), made)
    for what, got, wanted in (("u", made, u), ("the reading", shown, exact.read_out(u))):
        wrong = np.argwhere(got != wanted)
        if len(wrong):
            t, x = wrong[0].tolist()
            words = f"{case}: {program}: {what} at ({t}, {x}) is {got[t, x]:g}, in Theorem A {wanted[t, x]}"
            return fails(words, int(wanted[t, x]), got[t, x])
    return holds()


@check(
    claims.b_in_formats,
    "exhausted",
    given=_fitting,
    scope={
        "sizes": "n <= 5, S <= 5; fp8 with 8 and 15 signs, bf16 with 61 ones that agree at 7 places (127 at 15 in the full budget)",
        "evaluation": "every operation rounded, time order",
    },
)
def codes_that_fit_are_exact(
    case: Fitting, program: SwapProgram, construction: Any = OneHotSwaps(), instead: Fitting | None = None
) -> Evidence:
    """U and O, entry by entry, are those of Theorem A."""
    return _stages_agree(instead or case, program, construction)


control(
    codes_that_fit_are_exact,
    "bf16-with-1023-signs",
    "refuted",
    instead=Fitting("bf16", "simplex", 1023),
    reason="a sum of ones stops at 256, a quarter",
)
control(
    codes_that_fit_are_exact,
    "bf16-with-251-ones",
    "refuted",
    instead=Fitting("bf16", "polynomials", 251),
    reason="<r_a - r_b, r_a - r_b> is a sum of up to 502 ones and stops at 256, which reads as 1",
)
control(
    codes_that_fit_are_exact,
    "fp16-with-31-signs",
    "confirmed",
    instead=Fitting("fp16", "simplex", 31),
    reason="a wider format",
)


@check(
    claims.b_in_formats_any_length,
    "exhausted",
    given={"case": [Fitting(fmt, "ones", n) for fmt in ("fp8_e5m2", "fp8_e4m3fn", "bf16") for n in range(1, 40)]},
    scope={"sizes": "one slot, codes of N = 1, 2, 3, ... ones", "evaluation": "every operation rounded"},
)
def ones_of_any_length(case: Fitting, longest: int = 39) -> Evidence:
    """One slot whose code is N ones, written and read; lengths above `longest` are passed over."""
    return _stages_agree(case, SwapProgram(1), OneHotSwaps()) if case.norm <= longest else holds()


control(ones_of_any_length, "up-to-14", "confirmed", longest=14, reason="8/14 is still read as 1, in all three formats")
control(ones_of_any_length, "up-to-8", "confirmed", longest=8, reason="b-in-formats: 8 = 2^3 fits all three")
