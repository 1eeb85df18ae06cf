"""Padding: outputs and gradients of the other tokens are those of the sequence without it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Kernel
from empirics import strategies
from empirics.checking import Evidence, assume, check, control, fails, holds
from empirics.checks.deltaformer.numbers import TWO_TOKENS, all_agree, balls, precise
from empirics.checks.deltaformer.operator_gradients import NAMES
from empirics.checks.deltaformer.operator_kernels import BALL, RATIONAL
from theory.deltaformer import operator_kernels as claims

FORMS = (("recurrence", 1), ("solve", 1), ("chunked", 1), ("chunked", 2), ("chunked", 3))
JUNK = Fraction(5, 2)


def _masked(valid: Any) -> Any:
    return valid


def _ignored(valid: Any) -> None:
    return None


def _late(valid: Any) -> Any:
    """The mask a token late."""
    return np.concatenate([valid[:1], valid[:-1]])


def _results(inputs: dict[str, Any], valid: Any, pair: tuple[Kernel, Kernel], form: str, chunk: int) -> dict[str, Any]:
    """u, o and, for the chunked form, the gradient of the sum of o in each input, rows of the valid tokens alone."""
    q, k, w, v, beta, alpha = (inputs[name] for name in NAMES)
    kernel, read_kernel = pair
    how: dict[str, Any] = {"valid": valid, "chunk": chunk}
    u = _first(form, k, w, v, beta, alpha, kernel, valid, chunk)
    both: dict[str, Any] = {"kernel": kernel, "read_kernel": read_kernel, "form": form}
    made = {"u": u, "o": operator.attention(q, k, w, v, beta, alpha=alpha, **both, **how)}
    if form != "chunked":
        return made
    read = operator.read_gradients(q, k, u, v * 0 + 1, kernel=read_kernel, **how)
    first = operator.gradients(k, w, v, beta, read.u, alpha=alpha, kernel=kernel, **how)._asdict()
    return (
        made
        | {"gradient in q": read.q, "gradient in k through the read": read.k}
        | {f"gradient in {name}": x for name, x in first.items()}
    )


def _first(form: str, k: Any, w: Any, v: Any, beta: Any, alpha: Any, kernel: Kernel, valid: Any, chunk: int) -> Any:
    how: dict[str, Any] = {"chunk": chunk} if form == "chunked" else {}
    return getattr(operator, form)(k, w, v, beta, alpha=alpha, kernel=kernel, valid=valid, **how)


def _padded(inputs: dict[str, Any], gaps: list[int], junk: Any) -> tuple[dict[str, Any], np.ndarray]:
    """The inputs with `gaps[t]` tokens of junk before token t (the last: after all), and which tokens are not junk."""
    counts = [gaps[t] if t < len(gaps) else 0 for t in range(len(inputs["v"]) + 1)]
    places = np.repeat(np.arange(len(counts)), counts)
    made = {name: np.insert(x, places, junk, axis=0) for name, x in inputs.items()}
    return made, ~np.insert(np.zeros(len(inputs["v"]), dtype=bool), places, True)


def _compare(inputs: dict[str, Any], gaps: list[int], junk: Any, pairs: Any, mask: Any) -> Evidence:
    padded, valid = _padded(inputs, gaps, junk)
    place = "".join("." if x else "_" for x in valid)
    for pair in pairs:
        for form, chunk in FORMS:
            wanted = _results(inputs, None, pair, form, chunk)
            found = _results(padded, mask(valid), pair, form, chunk)
            for name, right in wanted.items():
                if not all_agree(right, found[name][valid]):
                    return fails(
                        f"tokens {place} (_ is padding), {pair[0]} writes, {pair[1]} reads, {form}: {name} differs"
                    )
                if np.any(found[name][~valid] != 0):
                    return fails(
                        f"tokens {place} (_ is padding), {pair[0]} writes, {pair[1]} reads, {form}: {name} at padding is not 0"
                    )
    return holds()


_GIVEN = {
    "inputs": strategies.keys_and_queries(most_tokens=4, most_dimension=2),
    "gaps": st.lists(st.integers(0, 2), max_size=5),
}


def _with_alpha(inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, "alpha": inputs["beta"][::-1] + 1}


@check(
    claims.padding,
    "tested",
    given=_GIVEN,
    scope={"sizes": "T <= 4, up to 10 padded, d <= 2, every form", "arithmetic": "Q: linear, rounded, hardmax"},
    first=({"inputs": TWO_TOKENS, "gaps": [1]},),
    examples=(10, 600),
)
def padding_changes_nothing(inputs: dict[str, Any], gaps: list[int], mask: Any = _masked, junk: Any = JUNK) -> Evidence:
    """Junk before, between and after tokens, marked invalid: u, o and the gradients of the tokens are exactly the same."""
    return _compare(_with_alpha(inputs), gaps, junk, RATIONAL, mask)


@check(
    claims.padding,
    "tested",
    given=_GIVEN,
    scope={"sizes": "T <= 4, up to 10 padded, 1 <= d <= 2, every form", "arithmetic": "balls: exponential, softmax"},
    first=({"inputs": TWO_TOKENS, "gaps": [1]},),
    examples=(6, 400),
)
def padding_changes_no_ball(inputs: dict[str, Any], gaps: list[int], mask: Any = _masked, junk: Any = JUNK) -> Evidence:
    """The same for exponential and softmax: narrow balls that meet."""
    from flint import arb

    assume(inputs["k"].shape[1])
    with precise():
        given = {name: balls(x) for name, x in _with_alpha(inputs).items()}
        return _compare(given, gaps, arb(junk.numerator) / junk.denominator, BALL, mask)


for _check in (padding_changes_nothing, padding_changes_no_ball):
    control(_check, "mask-ignored", "refuted", mask=_ignored, reason="junk has keys, values and weights of its own")
    control(_check, "mask-late", "refuted", mask=_late, reason="a token is dropped and junk is read")
    control(
        _check,
        "other-junk",
        "confirmed",
        junk=-3 * JUNK,
        symmetry="what padding contains is multiplied by nothing but zeros",
    )
