"""Causality over all small sequences: outputs of sequences with the same beginning are compared, exactly."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np

from constructions.infini_attention.heads import attended
from empirics.checking import Check, Evidence, check, control, fails, holds
from theory.claim import Claim
from theory.infini_attention import causality as claims

Case = tuple[int, int, int]
"""Tokens, segment, heads."""

CASES: list[Case] = [*((t, c, h) for t in (1, 2) for c in (1, 2) if c <= t for h in (1, 2)), (3, 2, 1), (3, 2, 2)]


@cache
def sequences(tokens: int) -> np.ndarray:
    """All sequences of two coordinates 0 or 1, (4^tokens, tokens, 2), as fractions."""
    made = np.array(list(product((0, 1), repeat=2 * tokens)), dtype=object).reshape(-1, tokens, 2)
    return made + Fraction(0)


def shown(x: np.ndarray) -> str:
    return " ".join(f"({', '.join(map(str, row))})" for row in x)


def looks_ahead(x: np.ndarray, made: np.ndarray) -> tuple[int, int, int] | None:
    """Two sequences and a token up to which they agree and whose outputs differ."""
    for i in range(x.shape[1]):
        seen: dict[tuple, int] = {}
        for s, row in enumerate(x[:, : i + 1].reshape(len(x), -1)):
            first = seen.setdefault(tuple(row), s)
            if (made[first, i] != made[s, i]).any():
                return first, s, i
    return None


def _causal(claim: Claim, order: str = "retrieve-first", split: str = "transpose", merge: str = "transpose") -> Check:
    def looks_at_nothing_later(
        case: Case, rule: str = "linear", order: str = order, split: str = split, merge: str = merge
    ) -> Evidence:
        """Every pair of sequences that agree up to a token has the same output there."""
        tokens, segment, heads = case
        x = sequences(tokens)
        made = attended(x, heads, segment, rule=rule, order=order, split=split, merge=merge)
        found = looks_ahead(x, made)
        if found is None:
            return holds(cases=len(x))
        a, b, i = found
        told = f"segments of {segment}, {heads} heads, {shown(x[a])} and {shown(x[b])}"
        return fails(f"{told}: output {i} is {shown(made[a, i : i + 1])} and {shown(made[b, i : i + 1])}")

    return check(
        claim,
        "exhausted",
        given={"case": CASES},
        covers=True,
        scope={"sizes": "T <= 2 in segments of 1 and 2, T = 3 in segments of 2, 1 and 2 heads, coordinates 0 or 1"},
    )(looks_at_nothing_later)


in_order = _causal(claims.retrieve_first)
control(in_order, "update-first", "refuted", order="update-first", reason="the memory holds the segment itself")
control(
    in_order, "split-by-reshape", "refuted", split="reshape", reason="rows of later tokens are merged into earlier ones"
)
control(in_order, "merged-by-reshape", "refuted", merge="reshape", reason="likewise, the other way round")
control(in_order, "delta", "confirmed", rule="delta", reason="it reads what was there before the segment, too")

written_first = _causal(claims.update_first, order="update-first")
control(written_first, "retrieve-first", "confirmed", order="retrieve-first", reason="the memory is older")
control(written_first, "delta", "refuted", rule="delta", reason="the memory holds the segment itself by either rule")

reshaped = _causal(claims.mixed_merge, split="reshape")
control(reshaped, "transposed", "confirmed", split="transpose", reason="a row is of one token")
control(reshaped, "delta", "refuted", rule="delta", reason="rows are mixed before any memory is read")

both_ways = _causal(claims.scrambled, split="reshape", merge="reshape")
control(both_ways, "split-alone", "refuted", merge="transpose", reason="merged elsewhere than split")
control(both_ways, "delta", "confirmed", rule="delta", reason="the order of rows is the same")


@check(
    claims.scrambled,
    "exhausted",
    given={"tokens": [2]},
    scope={"sizes": "one segment of 2 tokens, 2 heads", "reads": "what depends on what"},
)
def the_last_does_not_see_the_first(tokens: int, way: str = "reshape", heads: int = 2) -> Evidence:
    """The last output is the same for all first tokens by a reshape, and not by a transpose."""
    x = sequences(tokens)
    seen = {}
    for name in (way, "transpose"):
        made = attended(x, heads, tokens, split=name, merge=name)
        ahead = looks_ahead(x[:, ::-1], made[:, ::-1])
        seen[name] = ahead is None or ahead[2] != 0
    if not seen[way]:
        return fails(f"{tokens} tokens, {heads} heads, {way}: the last output depends on the first token")
    if seen["transpose"]:
        return fails(f"{tokens} tokens, {heads} heads: by a transpose, too, it does not depend on it")
    return holds(cases=2 * len(x))


control(the_last_does_not_see_the_first, "transpose", "refuted", way="transpose", reason="every head sees every token")
control(the_last_does_not_see_the_first, "one-head", "refuted", heads=1, reason="then a reshape changes nothing")
