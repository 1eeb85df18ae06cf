"""Theorems A', B and E with every operation in a number format: what stays exact, and the first length that does not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from constructions.deltaformer.codes import ROUNDED_BOUND, Code
from constructions.deltaformer.edge_tokens import EdgeTokens
from constructions.deltaformer.in_formats import inner_products, read, rounded_kernel, time_order
from constructions.deltaformer.reduced_swaps import ReducedSwaps
from constructions.deltaformer.swap_tracking import OneHotSwaps
from constructions.deltaformer.tokens import Tokens
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.edge_edits import SignDropped
from empirics.checks.deltaformer.graphs import all_adjacencies, as_graph, powers
from empirics.checks.deltaformer.program_readings import small_programs, told
from empirics.checks.deltaformer.reduced_swaps import BothNegated, LastAdded
from empirics.checks.deltaformer.rounded_swaps import KeyDoubled, _other_pairs
from theory import formats
from theory.deltaformer import transfer_formats as claims
from theory.formats import Format
from theory.programs import Dag, SwapProgram

ALL = tuple(f for f in formats.FORMATS.values() if not f.exact)
BELOW_TWO = Format("below-two", 2, -1, 0, Fraction(3, 2), "infinity")
"""A format that does not hold 2."""


@check(
    claims.a_prime_in_formats,
    "derived",
    covers=True,
    scope={"sizes": "all n and S", "method": "patterns of equality of a, b and the slot that holds a content"},
)
def prefixes_stay_small(construction: Any = ReducedSwaps()) -> Evidence:
    """w S is -1, 0 or 1 at every content for every write and query, and <k, w> is in -2..2, in every pattern."""
    import sympy

    from theory.symbolic import Slot, delta, describe, in_pattern, patterns, unit
    from theory.symbolic_ones import all_ones

    a, b, c, s = (Slot(name) for name in "abcs")
    ones = all_ones()
    swap, last = construction.swap(unit, a, b), construction.swap_last(unit, ones, a)
    writes = {"swap": swap.w, "swap with the last": last.w, "read": construction.read(unit, a)}
    keys = {
        "write": construction.write(unit, c).k,
        "write the last": construction.write_last(ones).k,
        "swap": construction.swap(unit, c, s).k,
        "swap with the last": construction.swap_last(unit, ones, c).k,
    }
    decided = 0
    for pattern in patterns((a, b, c, s)):
        where = describe(pattern)
        for name, w in writes.items():
            if name == "swap" and pattern[a] == pattern[b]:
                continue
            for holder, row in (("a slot before the last", lambda j: delta(j, s)), ("the last", lambda j: -1)):
                entry = in_pattern(sympy.sympify(w.apply(row)), pattern)
                if entry not in (-1, 0, 1):
                    return fails(f"{name}, {where}, content in {holder}: a partial sum of {entry}", "-1..1", entry)
            for key, k in keys.items():
                inner = in_pattern(sympy.sympify(k.inner(w)), pattern)
                if abs(inner) > 2:
                    return fails(f"{key} and {name}, {where}: <k, w> = {inner}", "-2..2", inner)
                decided += 1
    return holds(cases=decided)


class WriteDoubled(ReducedSwaps):
    """Swaps with the last by w = 2 e_a and half the key."""

    def swap_last(self, e: Any, ones: Any, a: Any) -> Any:
        token = super().swap_last(e, ones, a)
        return token._replace(w=2 * token.w)


control(prefixes_stay_small, "write-doubled", "refuted", construction=WriteDoubled(), reason="partial sums reach 2")
control(prefixes_stay_small, "both-negated", "confirmed", construction=BothNegated(), symmetry="all signs change")
control(
    prefixes_stay_small,
    "last-added",
    "confirmed",
    construction=LastAdded(),
    reason="wrong contents, but sums as small as before",
)


def _run(tokens: Tokens, fmt: Format) -> tuple[np.ndarray, np.ndarray]:
    """U and the readings of linear kernels in the format."""
    u = time_order(fmt, inner_products(fmt, tokens.w, tokens.k), tokens.v.astype(np.float64))
    return u, read(fmt, inner_products(fmt, tokens.queries, tokens.k), u)


@check(
    claims.a_prime_in_formats,
    "exhausted",
    given=lambda run: {"fmt": list(ALL), "program": small_programs(run.pick(3, 4), 2, least_slots=2)},
    scope={
        "sizes": "all programs with n = 2, 3, S <= 2; 7 formats",
        "evaluation": "every operation rounded, time order",
    },
)
def differences_in_format(
    fmt: Format, program: SwapProgram, construction: Any = ReducedSwaps(), instead: Format | None = None
) -> Evidence:
    """The readings are the differences of contents, exactly."""
    used = instead or fmt
    _, found = _run(construction.compile(program), used)
    contents = program.contents()
    for slot, content in enumerate(contents[:-1]):
        wanted = [(place == content) - (place == contents[-1]) for place in range(program.n)]
        if found[slot].tolist() != wanted:
            return fails(f"{used.name}, {program}: slot {slot} reads {told(found[slot])}", wanted, found[slot])
    return holds()


control(differences_in_format, "two-not-held", "refuted", instead=BELOW_TWO, reason="k = (1, ..., 1) + e_a has a 2")
control(differences_in_format, "last-added", "refuted", construction=LastAdded(), reason="a sum is no difference")
control(
    differences_in_format, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, e> (-w) = <k, e> w"
)

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
            same, others = _other_pairs(x, y, pattern)
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


@check(
    claims.e_in_formats,
    "exhausted",
    given={"fmt": list(ALL), "nodes": [1, 2, 3, 4]},
    covers=True,
    scope={"sizes": "all simple graphs with n <= 4; 7 formats", "evaluation": "every operation rounded, time order"},
)
def edges_in_format(
    fmt: Format, nodes: int, instead: Format | None = None, construction: EdgeTokens = EdgeTokens()
) -> Evidence:
    """Readers' values are the counts, at most 4 here, which every format holds, and positive exactly when reached."""
    used, graphs = instead or fmt, all_adjacencies(nodes)
    tokens, wanted = construction.compile_batch(graphs), powers(graphs)
    found = time_order(used, inner_products(used, tokens.w, tokens.k), tokens.v.astype(np.float64))[:, -nodes:]
    wrong = np.argwhere(found != wanted)
    if len(wrong):
        graph, y, s = wrong[0].tolist()
        words = f"{used.name}, {as_graph(graphs[graph])}: the reader of {y} has {found[graph, y, s]:g} of {s}"
        return fails(words, wanted[graph, y, s], found[graph, y, s])
    return holds(cases=len(graphs))


control(edges_in_format, "two-not-held", "refuted", instead=BELOW_TWO, reason="two paths overflow")
control(edges_in_format, "sign-dropped", "refuted", construction=EdgeTokens(SignDropped()), reason="an edge counts -1")
control(
    edges_in_format,
    "two-bits",
    "confirmed",
    instead=Format("two-bits", 2, -1, 2, Fraction(6), "infinity"),
    reason="1, 2, 3, 4 need two bits",
)


@check(
    claims.e_in_formats,
    "exhausted",
    given={"fmt": list(ALL), "nodes": [6, 8]},
    scope={"sizes": "complete graphs with n = 6, 8 nodes, counts up to 64, beyond 2^p in fp8"},
)
def complete_graphs_stay_positive(fmt: Format, nodes: int, sign: int = -1) -> Evidence:
    """Counts that the format rounds stay at least 1 where reached, and 0 where not."""
    graph = Dag(nodes, [(x, y) for y in range(nodes) for x in range(y)])
    tokens = EdgeTokens().compile(graph)
    weights = -sign * inner_products(fmt, tokens.w, tokens.k)
    found, reached = time_order(fmt, weights, tokens.v.astype(np.float64))[-nodes:], np.tri(nodes, dtype=bool)
    if not ((found >= 1) == reached).all() or not ((found == 0) == ~reached).all():
        return fails(
            f"{fmt.name}, complete graph on {nodes} nodes: readers have {found[-1].astype(int).tolist()} at the end"
        )
    return holds()


control(complete_graphs_stay_positive, "sign-dropped", "refuted", sign=1, reason="signs alternate along paths")
