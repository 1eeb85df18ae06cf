"""How large the entries of (I + A)^{-1} can be: derived, exhausted at the corners, tested through the operator."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR, Hardmax, Kernel
from empirics import strategies
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import stability as claims


def _split(p: Any, n: Any) -> tuple[Any, Any]:
    """An entry and its absolute value from its positive and its negative part."""
    return p - n, p + n


def _chain(c: Any) -> Any:
    """What a chain multiplies the entry by at each step down: R_ti = ratio^(t-i)."""
    return -c


def _substitution_step(split: Any, chain: Any, before: Any, after: Any, c: Any) -> Evidence:
    """One step of the induction, and the chain, as identities in symbols; the distance m below the diagonal is one."""
    import sympy

    p, n, r = sympy.symbols("p n r", real=True)
    m = sympy.Symbol("m", integer=True, positive=True)
    entry, size = split(p, n)
    for g in (1, -1):
        slack = sympy.expand(before * size - g * entry * r)
        for part in (p, n):  # affine in r, so non-negative on -M..M when it is at both ends
            for end in (before, -before):
                least = sympy.expand(slack.coeff(part, 1).subs(r, end))
                if not least.is_nonnegative:
                    return fails(
                        f"an earlier entry {end} under a coefficient {part} = 1 takes M |a| - {g} a r to {least}"
                    )
        if sympy.expand(slack - p * slack.coeff(p, 1) - n * slack.coeff(n, 1)) != 0:
            return fails(f"M |a| - {g} a r is {slack}, not a combination of p and n")
    if sympy.expand(after - sympy.Abs(c) * before) != 0:
        return fails(f"a row of size {sympy.Abs(c)} takes a bound {before} to {sympy.Abs(c) * before}, not to {after}")
    ratio = chain(c)
    residual = sympy.expand(ratio**m + c * ratio ** (m - 1))
    if residual != 0:
        return fails(f"the chain's entries do not solve (I + A) R = I: {residual} is left at distance m")
    return holds(cases=4)


@check(claims.unit_rows, "derived", covers=True, scope={"sizes": "all T and A", "method": "term by term"})
def unit_step(split: Any = _split, chain: Any = _chain) -> Evidence:
    """The induction step keeps the bound 1, and a chain of c = 1 and of c = -1 stays at it."""
    import sympy

    one = sympy.Integer(1)
    for c in (one, -one):
        found = _substitution_step(split, chain, one, one, c)
        if found.words:
            return found
    return holds(cases=8)


@check(claims.growth, "derived", covers=True, scope={"sizes": "all T, b and A", "method": "term by term"})
def growing_step(split: Any = _split, chain: Any = _chain) -> Evidence:
    """The induction step takes b^(m-1) to b^m, and so does the chain."""
    import sympy

    b, m = sympy.Symbol("b", positive=True), sympy.Symbol("m", integer=True, positive=True)
    return _substitution_step(split, chain, b ** (m - 1), b**m, b)


for _check in (unit_step, growing_step):
    control(
        _check,
        "half-counted",
        "refuted",
        split=lambda p, n: (p - n, p + n / 2),
        reason="negative entries weigh as much",
    )
    control(_check, "chain-sign-dropped", "refuted", chain=lambda c: c, reason="the chain alternates")
    control(_check, "negated", "confirmed", split=lambda p, n: (n - p, p + n), symmetry="A to -A, r to -r")


def corners(tokens: int, row_sum: int = 1) -> np.ndarray:
    """Every strictly lower triangular A whose rows are 0 or +-row_sum times a unit vector: `(count, T, T)`.

    An entry of (I + A)^{-1} is affine in each row of A, so its absolute value over all A with rows of size at most row_sum
    is greatest at one of these: (2t + 1) choices in row t.
    """
    made = np.zeros((1, tokens, tokens), dtype=np.int64)
    for t in range(1, tokens):
        options = np.concatenate(
            [np.zeros((1, t), dtype=np.int64), np.eye(t, dtype=np.int64), -np.eye(t, dtype=np.int64)]
        )
        count = len(options)
        made = np.repeat(made, count, axis=0)
        made[:, t, :t] = np.tile(options, (len(made) // count, 1))
    return made * row_sum


def inverses(a: np.ndarray) -> np.ndarray:
    """(I + A)^{-1} of many A by forward substitution in integers or rationals."""
    inverse = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    for t in range(1, a.shape[-1]):
        inverse[:, t] -= (a[:, t, None, :] @ inverse)[:, 0]
    return inverse


def _greatest_is(tokens: int, row_sum: int, law: Any) -> Evidence:
    """Whether the greatest entry over all real A with rows of that size is the law, and is reached."""
    a = corners(tokens, row_sum)
    inverse = abs(inverses(a)).max(axis=(1, 2))
    worst = int(inverse.argmax())
    if inverse[worst] > law:
        return fails(
            f"T = {tokens}, A = {a[worst].tolist()}: an entry of the inverse is {inverse[worst]}", law, inverse[worst]
        )
    if inverse[worst] < law:
        return fails(
            f"T = {tokens}: no entry exceeds {inverse[worst]}, the bound {law} is not reached", law, inverse[worst]
        )
    return holds(cases=len(a))


@check(
    claims.unit_rows,
    "exhausted",
    given=lambda run: {"tokens": list(range(1, run.pick(7, 8)))},
    scope={"sizes": "T <= 6, all real A", "method": "every corner of the rows' cross-polytopes"},
)
def unit_corners(tokens: int, row_sum: int = 1) -> Evidence:
    """The greatest entry is 1 at every T, over all real A: it is greatest at a corner, and every corner is tried."""
    return _greatest_is(tokens, row_sum, 1)


control(unit_corners, "rows-doubled", "refuted", row_sum=2, reason="an entry of A itself is 2")
control(unit_corners, "negated", "confirmed", row_sum=-1, symmetry="the corners of -A are those of A")


@check(
    claims.growth,
    "exhausted",
    given=lambda run: {"tokens": list(range(1, run.pick(7, 8))), "b": [1, 2, 3]},
    scope={"sizes": "T <= 6, b = 1, 2, 3, all real A", "method": "every corner of the rows' cross-polytopes"},
)
def growing_corners(tokens: int, b: int, law: Any = lambda b, tokens: b ** (tokens - 1)) -> Evidence:
    """The greatest entry is b^(T-1), over all real A."""
    return _greatest_is(tokens, b, law(b, tokens))


control(
    growing_corners,
    "one-step-fewer",
    "refuted",
    law=lambda b, tokens: b ** max(tokens - 2, 0),
    reason="T = 2 has an entry b",
)
control(
    growing_corners, "one-step-more", "refuted", law=lambda b, tokens: b**tokens, reason="T - 1 steps are all there are"
)
control(
    growing_corners,
    "as-a-product",
    "confirmed",
    law=lambda b, tokens: int(np.prod([b] * (tokens - 1))),
    symmetry="the same power",
)


def _response(inputs: Any, kernel: Kernel, scale: Fraction = Fraction(1)) -> np.ndarray:
    """R = (I + A)^{-1} by the operator itself, unit vectors for values; Fractions."""
    beta = inputs["beta"] * scale
    values = np.array([[Fraction(int(s == t)) for s in range(len(beta))] for t in range(len(beta))], dtype=object)
    return operator.solve(inputs["k"], inputs["w"], values.reshape(len(beta), len(beta)), beta, kernel=kernel)


def chain_inputs(tokens: int) -> dict[str, np.ndarray]:
    """Tokens of which each looks at the one before: k_t = 2 e_t, w_t = e_{t-1}, beta = 1."""
    units = np.array([[Fraction(int(s == t)) for s in range(tokens)] for t in range(tokens)], dtype=object)
    return {"k": 2 * units, "w": np.roll(units, 1, axis=0), "beta": np.array([Fraction(1)] * tokens, dtype=object)}


def _attention_inputs() -> Any:
    """Inputs of the operator with beta cut to [-1, 1]."""

    def cut(made: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        beta = np.array([max(Fraction(-1), min(Fraction(1), x)) for x in made["beta"]], dtype=object)
        return {"k": made["k"], "w": made["w"], "beta": beta}

    return strategies.keys_and_queries(most_tokens=7, most_dimension=2).map(cut)


@check(
    claims.unit_rows,
    "tested",
    given={"inputs": _attention_inputs()},
    first=({"inputs": chain_inputs(2)}, {"inputs": chain_inputs(12)}),
    scope={"sizes": "T <= 7; a chain of 12", "evaluation": "softmax in the hard limit, over Q"},
    examples=(40, 800),
)
def normalised_rows(inputs: Any, kernel: Kernel = Hardmax(), scale: Fraction = Fraction(1)) -> Evidence:
    """The operator with normalised weights and |beta| <= 1 answers a unit value with entries of at most 1."""
    response = _response(inputs, kernel, scale)
    for (t, i), x in np.ndenumerate(response):
        if abs(x) > 1:
            return fails(f"T = {len(response)}: a unit value at token {i} gives {x} at token {t}", "at most 1", x)
    return holds()


control(normalised_rows, "beta-doubled", "refuted", scale=Fraction(2), reason="a row then adds up to 2")
control(normalised_rows, "not-normalised", "refuted", kernel=LINEAR, reason="a linear kernel's rows add up to anything")
control(normalised_rows, "beta-negated", "confirmed", scale=Fraction(-1), reason="|beta| <= 1 still")
control(normalised_rows, "beta-halved", "confirmed", scale=Fraction(1, 2), reason="|beta| <= 1 still")


@check(
    claims.parallel_writes,
    "derived",
    covers=True,
    scope={"sizes": "all T and d", "method": "inner products as symbols"},
)
def token_does_not_lengthen(beside: int = 0, negated: int = 1) -> Evidence:
    """|x|^2 - |x - beta <w, x> k|^2 = h (2 - g) <k, x>^2 with w = c k + beside * z, over any inner product space."""
    import sympy

    xx, kk, kx, zx, c, beta = sympy.symbols("xx kk kx zx c beta", real=True)
    seen = beta * (negated * c * negated * kx + beside * zx)  # beta <w, x>; k and w both change sign with `negated`
    after = xx - 2 * seen * kx + seen**2 * kk
    h = beta * c
    residual = sympy.expand(xx - after - h * (2 - h * kk) * kx**2)
    if residual != 0:
        return fails(f"the lost length exceeds h (2 - g) <k, x>^2 by {residual}")
    m = sympy.Symbol("m", integer=True, positive=True)
    step = sympy.Integer(-2) * (-1) ** (m - 1)
    # r_m = -2 (1 + sum_{l<m} r_l), so r_{m+1} - r_m = -2 r_m.
    if (
        sympy.expand(sympy.expand(step.subs(m, m + 1), power_exp=True) - sympy.expand(step, power_exp=True) + 2 * step)
        != 0
    ):
        return fails("equal keys do not change sign at every token")
    return holds(cases=2)


control(token_does_not_lengthen, "beside", "refuted", beside=1, reason="a write beside the key shears the state")
control(token_does_not_lengthen, "both-negated", "confirmed", negated=-1, symmetry="<-k, x> (-k) = <k, x> k")


@st.composite
def parallel_inputs(draw: st.DrawFn) -> dict[str, Any]:
    """k, the factors c of w = c k, and beta <k, w> in [0, 2] token by token; fractions."""
    d = draw(strategies.sizes(1, 3))
    vector = st.lists(strategies.fractions(), min_size=d, max_size=d)
    token = st.tuples(vector, strategies.fractions().filter(bool), st.fractions(0, 2, max_denominator=4))
    return {"tokens": draw(st.lists(token, max_size=7))}


def _as_tokens(inputs: Any, stretch: Fraction, beside: Fraction, sign: int) -> dict[str, np.ndarray]:
    tokens = inputs["tokens"]
    d = len(tokens[0][0]) if tokens else 1
    k = np.array([x for vector, _, _ in tokens for x in vector], dtype=object).reshape(len(tokens), d)
    factor = np.array([sign * c for _, c, _ in tokens], dtype=object)
    square = (k * k).sum(axis=1) if tokens else factor
    share = [stretch * g / (c * s) if s else g for (_, _, g), c, s in zip(tokens, factor, square, strict=True)]
    w = factor[:, None] * k
    return {"k": k, "w": w + beside * np.roll(k, 1, axis=1), "beta": np.array(share, dtype=object)}


FULL_TURN = ([Fraction(1)], Fraction(1), Fraction(2))
"""k = w = 1, beta <k, w> = 2: the state changes sign."""


def _two_keys(tokens: int) -> dict[str, Any]:
    keys = [Fraction(1), Fraction(0)], [Fraction(0), Fraction(1)]
    return {"tokens": [(keys[t % 2], Fraction(1), Fraction(1)) for t in range(tokens)]}


@check(
    claims.parallel_writes,
    "tested",
    given={"inputs": parallel_inputs()},
    first=tuple({"inputs": x} for t in (3, 9) for x in ({"tokens": [FULL_TURN] * t}, _two_keys(t))),
    scope={"sizes": "T <= 9, d <= 3", "evaluation": "operator over Q"},
    examples=(60, 1500),
)
def parallel_systems(
    inputs: Any,
    stretch: Fraction = Fraction(1),
    beside: Fraction = Fraction(0),
    sign: int = 1,
) -> Evidence:
    """|R_ti|^2 against beta^2 |w|^2 |k|^2 in rationals; full turns of one key must reach the bound exactly."""
    tokens = _as_tokens(inputs, stretch, beside, sign)
    response = _response(tokens, LINEAR)
    size_k, size_w = ((tokens[x] * tokens[x]).sum(axis=1) for x in ("k", "w"))
    turns = all(token == FULL_TURN for token in inputs["tokens"])
    for t in range(len(response)):
        for i in range(t):
            limit = tokens["beta"][t] ** 2 * size_w[t] * size_k[i]
            if response[t, i] ** 2 > limit or (turns and response[t, i] ** 2 < limit):
                return fails(
                    f"T = {len(response)}: |R_ti|^2 at ({t}, {i}) is {response[t, i] ** 2}, the bound's square {limit}"
                )
    return holds()


control(parallel_systems, "beyond-two", "refuted", stretch=Fraction(9, 8), reason="the eigenvalue is below -1")
control(parallel_systems, "below-zero", "refuted", stretch=Fraction(-1, 8), reason="the eigenvalue is above 1")
control(parallel_systems, "beside", "refuted", beside=Fraction(2), reason="a write beside the key shears the state")
control(parallel_systems, "opposite", "confirmed", sign=-1, reason="beta is negative as well: only beta c counts")
