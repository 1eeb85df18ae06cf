"""Reads by the delta rule: never amplified without values, at most added to; growth from a short first segment."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import strategies as st

from constructions.infini_attention.streams import Stream, column, cuts, read, rows, told, written
from constructions.layers.infini_attention.memory import Memory
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.infini_attention.order import symbols
from empirics.checks.infini_attention.presentations import residue
from empirics.checks.infini_attention.stability import Before, Vector, new_part, segments
from theory.infini_attention import stability as claims


@st.composite
def memories(draw: st.DrawFn) -> tuple[Vector, Before, Vector]:
    """A column of M from -9 to 9, z and a segment with long ones among them, and values from -9 to 9."""
    z, phis = draw(segments())
    times = draw(st.sampled_from((1, 1, 2, 12)))
    matrix = draw(st.tuples(*[st.integers(-9, 9)] * len(z)))
    values = draw(st.tuples(*[st.integers(-9, 9)] * (times * len(phis))))
    return matrix, (z, phis * times), values


def _bounds(memory: tuple[Vector, Before, Vector], worth: int, rule: str) -> tuple[Fraction, Fraction, Any]:
    """The bound of the reads before, after, and the memory after."""
    matrix, (z, phis), values = memory
    start = Memory(rows([(x,) for x in matrix]), rows([z])[0])
    segment = tuple((phi, (worth * v,)) for phi, v in zip(phis, values, strict=True))
    after = written((segment,), rule, start=start)
    sizes = [max(abs(x) / n for x, n in zip(m.matrix[:, 0], m.normaliser, strict=True)) for m in (start, after)]
    return sizes[0], sizes[1], after


def slacks(rule: str, worth: int, signs: tuple[int, ...] = (-1, 1)) -> dict[str, Any]:
    """What c' z' - M' and c' z' + M' have beside terms that are not negative, in symbols; c' = c + V m; one token."""
    import sympy

    c, bound, most = sympy.symbols("c V m", positive=True)
    memory, tokens = symbols(1, 2)
    m, z = memory.matrix[:, 0], memory.normaliser
    after = written((tuple((phi, (worth * v,)) for phi, (v,) in tokens),), rule, start=memory)
    found = {}
    for sign in signs:
        for j in range(2):
            left = (c + bound * most) * after.normaliser[j] + sign * after.matrix[j, 0]
            right = c * z[j] + sign * m[j] + bound * (most * after.normaliser[j] - tokens[0][0][j])
            for phi, (v,) in tokens:
                other = sum(p * (c * z[i] - sign * m[i]) for i, p in enumerate(phi))
                below = sum(p * x for p, x in zip(phi, z, strict=True))
                right += phi[j] * (other / below + bound + sign * worth * v)
            found[f"channel {j}, sign {sign}"] = left - right
    return found


@check(
    claims.reads, "derived", covers=True, scope={"sizes": "all segments", "method": "one token, two features, symbols"}
)
def nothing_negative_is_added(rule: str = "delta", worth: int = 0) -> Evidence:
    """With V = 0: c z' - M' and c z' + M' are what they were and sums of products of numbers that are not negative."""
    import sympy

    return residue({name: x.subs(sympy.Symbol("V", positive=True), 0) for name, x in slacks(rule, worth).items()})


control(nothing_negative_is_added, "linear", "refuted", rule="linear", reason="by it M stays: another identity")
control(
    nothing_negative_is_added, "nothing-known", "confirmed", rule="delta-frozen", symmetry="no token marked as known"
)


@check(
    claims.with_values,
    "derived",
    covers=True,
    scope={"sizes": "all segments", "method": "one token, two features, symbols"},
)
def values_within_the_slack(rule: str = "delta", worth: int = 1) -> Evidence:
    """The same with values: V new and V - v beside."""
    return residue(slacks(rule, worth))


control(values_within_the_slack, "linear", "refuted", rule="linear", reason="nothing is read and taken off")
control(values_within_the_slack, "values-twice", "confirmed", worth=2, reason="the identity is linear in the values")


_TESTED = {"sizes": "d <= 3, up to 36 tokens, features 1 to 9, z from 1", "arithmetic": "Q"}


@check(claims.reads, "tested", given={"memory": memories()}, scope=_TESTED, examples=(40, 2000))
def bound_of_reads_does_not_grow(
    memory: tuple[Vector, Before, Vector], worth: int = 0, times: Fraction = Fraction(1), rule: str = "delta"
) -> Evidence:
    """max |M_j| / z_j before and after; queries of every channel read no more."""
    before, after, made = _bounds(memory, worth, rule)
    told_ = f"M = {memory[0]}, z = {memory[1][0]}, features {', '.join(map(str, memory[1][1][:3]))}"
    if after > times * before:
        return fails(f"{told_}: {before} becomes {after}", before, after)
    d = len(memory[0])
    for q in (*(tuple(int(i == j) for j in range(d)) for i in range(d)), (1,) * d):
        if abs(read(made, q)[0]) > after:
            return fails(f"{told_}: {q} reads {read(made, q)[0]}", after, read(made, q)[0])
    return holds()


control(bound_of_reads_does_not_grow, "with-values", "refuted", worth=1, reason="values add to it")
control(bound_of_reads_does_not_grow, "shrinks-to-half", "refuted", times=Fraction(1, 2), reason="it need not shrink")
control(bound_of_reads_does_not_grow, "linear", "confirmed", rule="linear", reason="M stays and z grows")


@check(claims.with_values, "tested", given={"memory": memories()}, scope=_TESTED, examples=(40, 2000))
def values_add_their_share(
    memory: tuple[Vector, Before, Vector], part: Fraction = Fraction(1), rule: str = "delta"
) -> Evidence:
    """What a segment adds to the bound is at most V max_j new_j / z'_j."""
    before, after, _ = _bounds(memory, 1, rule)
    _, (z, phis), values = memory
    shares = [Fraction(n, n + x) for n, x in zip(new_part(phis), z, strict=True)]
    most = before + part * max(map(abs, values)) * max(shares)
    if after > most:
        words = f"M = {memory[0]}, z = {z}, features {', '.join(map(str, phis[:3]))}, values {values[:3]}"
        return fails(f"{words}: {after}, not at most {most}", most, after)
    return holds()


control(values_add_their_share, "half-the-share", "refuted", part=Fraction(1, 2), reason="one token of one channel")
control(values_add_their_share, "linear", "confirmed", rule="linear", reason="it adds the values and takes nothing")


@check(claims.growth, "derived", covers=True, scope={"sizes": "all n", "method": "symbols n, v, w"})
def one_token_then_many(more: int = 0, limit: int = 2) -> Evidence:
    """(v + n (w - v)) / (1 + n) in its two cases, how far it is from -2, and what M is multiplied by."""
    import sympy

    n, v, w = sympy.symbols("n v w", positive=True)
    matrix = v + (n + more) * (w - v)
    found = matrix / (1 + n)
    return residue(
        {
            "M, no values": matrix.subs(w, 0) - (1 - n) * v,
            "read, no values": found.subs(w, 0) - v * (1 - n) / (1 + n),
            "values 1 and -1": found.subs({v: 1, w: -1}) - (1 - 2 * n) / (1 + n),
            "from -2": found.subs({v: 1, w: -1}) + limit - 3 / (1 + n),
        }
    )


control(one_token_then_many, "a-token-more", "refuted", more=1, reason="n tokens take away n times v")
control(one_token_then_many, "limit-1", "refuted", limit=1, reason="it tends to -2")


@check(
    claims.growth,
    "exhausted",
    given=lambda run: {"n": list(range(1, run.pick(17, 65)))},
    scope=lambda run: {"sizes": f"n <= {run.pick(16, 64)}, features (1, 2), values 1, then -1 or 0"},
)
def growth_through_the_code(n: int, first: int = 1, rule: str = "delta") -> Evidence:
    """M and the read, with `first` tokens in the first segment."""
    phi = (1, 2)
    for w in (-1, 0):
        stream: Stream = (((phi, (1,)),) * first, ((phi, (w,)),) * n)
        memory = written(stream, rule)
        got = memory.matrix[0, 0], read(memory, phi)[0]
        wanted = 1 + n * (w - 1), Fraction(1 + n * (w - 1), 1 + n)
        if got != wanted:
            return fails(f"{first} tokens, then {n} of value {w}: M = {got[0]} phi, {got[1]} is read", wanted, got)
    return holds(cases=2)


control(growth_through_the_code, "two-tokens-first", "refuted", first=2, reason="half the ratio")
control(growth_through_the_code, "linear", "refuted", rule="linear", reason="nothing is taken away")


def _signs(run: Run) -> dict[str, Any]:
    made = [
        stream
        for n in range(1, 5)
        for values in product((1, -1), repeat=n)
        for stream in cuts(column((1,) * n, values))
    ]
    return {"stream": made}


@check(
    claims.between, "exhausted", given=_signs, scope={"sizes": "at most 4 tokens of one key, values 1 and -1, all cuts"}
)
def no_read_beyond_the_values(
    stream: Stream, rule: str = "delta", cut: Callable[[Stream], Stream] = lambda s: s
) -> Evidence:
    """|read| <= 1 after every stream."""
    seen = cut(stream)
    (found,) = read(written(seen, rule), (1,))
    return holds() if abs(found) <= 1 else fails(f"{told(seen)}: {found} is read", 1, found)


control(no_read_beyond_the_values, "linear", "confirmed", rule="linear", reason="convex combinations")
control(
    no_read_beyond_the_values,
    "token-by-token",
    "confirmed",
    cut=lambda s: tuple((token,) for segment in s for token in segment),
    reason="half a convex combination, or the first value",
)
