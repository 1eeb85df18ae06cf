"""The delta rule: the last pair, the earlier ones, forgetting with age, and writing everything again."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer.memory import Halved, Pairs, rational_circle
from constructions.layers import deltaformer as operator
from constructions.layers.kernels import LINEAR
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.deltaformer.retrieval import Case, compare, interval
from theory.deltaformer import delta_rule as claims
from theory.deltaformer import retrieval_laws as laws


@check(claims.last_pair, "derived", covers=True, scope={"sizes": "all T and kernels", "method": "one identity"})
def last_reading(product: Fraction = Fraction(1), sign: int = -1, past: int = 1) -> Evidence:
    """o = s + kappa (v - beta s) = kappa v + (1 - beta kappa) s, in which s drops out when beta kappa is `product`."""
    import sympy

    s, v, beta, kappa = sympy.symbols("s v beta kappa")
    s = past * s
    read = sympy.expand(s + kappa * (v + sign * beta * s))
    residual = sympy.expand(read - (kappa * v + (1 - beta * kappa) * s))
    if residual != 0:
        return fails(f"what is read differs by {residual}", 0, residual)
    left = sympy.expand(
        sympy.expand(read.subs(beta, sympy.Rational(product.numerator, product.denominator) / kappa)) - kappa * v
    )
    if left != 0:
        return fails(f"beta kappa = {product}: {left} of the past is left", 0, left)
    return holds(cases=2)


control(
    last_reading,
    "beta-kappa-2",
    "refuted",
    product=Fraction(2),
    reason="a reflection: the past comes back with its sign changed",
)
control(last_reading, "beta-kappa-half", "refuted", product=Fraction(1, 2), reason="half of the past is left")
control(last_reading, "added", "refuted", sign=1, reason="the past would be doubled, not erased")
control(last_reading, "another-past", "confirmed", past=7, reason="whatever was read before is erased")


def _integer_memories(run: Run) -> dict[str, Any]:
    """Random keys (none zero) and values, small integers; fewest pairs first."""
    draw = np.random.default_rng(run.seed)
    made = []
    for tokens in range(1, 6):
        for d in (1, 2, 3):
            for _ in range(run.pick(6, 60)):
                keys = draw.integers(-2, 3, (tokens, d))
                keys[~keys.any(axis=1), 0] = 1
                made.append((keys.tolist(), draw.integers(-3, 4, (tokens, 2)).tolist()))
    return {"memory": made}


@check(
    claims.last_pair,
    "tested",
    given=_integer_memories,
    scope={"sizes": "T <= 5, d <= 3", "arithmetic": "Q"},
)
def last_pair_through_the_operator(
    memory: tuple[list[list[int]], list[list[int]]], factor: Fraction = Fraction(1), sign: int = 1
) -> Evidence:
    """Random memories of integers with beta = `factor` / |k|^2: the last pair is read as |k|^2 v."""
    k, v = (np.array(x, dtype=object) for x in memory)
    squares = (k * k).sum(axis=1)
    u = operator.solve(sign * k, None, v, factor / squares)
    read = operator.read(sign * k, sign * k, u, form="solve")[-1]
    wanted = squares[-1] * v[-1]
    if (read != wanted).any():
        return fails(
            f"{len(k)} pairs, keys {memory[0]}, values {memory[1]}: the last is read as {[str(x) for x in read]}",
            [str(x) for x in wanted],
            [str(x) for x in read],
        )
    return holds()


control(
    last_pair_through_the_operator, "beta-halved", "refuted", factor=Fraction(1, 2), reason="half of the past is left"
)
control(last_pair_through_the_operator, "beta-doubled", "refuted", factor=Fraction(2), reason="minus the past is left")
control(
    last_pair_through_the_operator,
    "keys-negated",
    "confirmed",
    sign=-1,
    symmetry="<-k, -k'> = <k, k'>",
)


def _oblique(n: int) -> np.ndarray:
    """n independent unit vectors of R^n, neighbours at an inner product of 3/5."""
    made = np.full((n, n), Fraction(0), dtype=object)
    made[0, 0] = Fraction(1)
    for i in range(1, n):
        made[i, i - 1], made[i, i] = Fraction(3, 5), Fraction(4, 5)
    return made


def _orthonormal(n: int) -> np.ndarray:
    return np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)


@check(claims.every_pair, "exhausted", given={"n": [1, 2, 3]}, scope={"sizes": "N = 1, 2, 3", "arithmetic": "Q"})
def pairs_read_back(n: int, keys: Callable[[int], np.ndarray] = _oblique) -> Evidence:
    """Unit values written at independent unit keys, read back after the last."""
    k = keys(n)
    values = _orthonormal(n)
    u = operator.solve(k, None, values)
    read = k @ k.T @ u
    for i in range(n):
        if (read[i] != values[i]).any():
            got = ", ".join(map(str, read[i]))
            shown = "; ".join(f"({', '.join(map(str, row))})" for row in k)
            return fails(f"{n} pairs, keys {shown}: pair {i} reads ({got})", values[i].tolist(), read[i].tolist())
    return holds(cases=n)


control(
    pairs_read_back,
    "orthonormal-keys",
    "confirmed",
    keys=_orthonormal,
    reason="no later pair is felt at an earlier key",
)
control(
    pairs_read_back,
    "orthonormal-keys-turned",
    "confirmed",
    keys=lambda n: -_orthonormal(n)[::-1],
    reason="orthonormal keys in another order and with other signs",
)


def _alpha(q_power: Any, r_power: Any, d: Any) -> Any:
    """E <k, x_s>^2 as the claim has it, from q^s and r^s."""
    return q_power / d + (1 - 1 / d) * r_power


@check(
    claims.forgetting,
    "derived",
    covers=True,
    scope={"sizes": "all d, a, e", "method": "recurrences with q^s, r^s as symbols"},
)
def errors_follow_recurrences(alpha: Callable[[Any, Any, Any], Any] = _alpha, dimension: int = 0) -> Evidence:
    """The step of alpha, its start, the two geometric sums and their total, rational in d, q^a, r^a and q^e."""
    import sympy

    d, q_a, r_a, q_e = sympy.symbols("d q_a r_a q_e")
    size = d + dimension
    q, r = 1 - 1 / size, (d**2 - 2) / (d * (d + 2))
    fourth = 1 / (d * (d + 2))
    now = alpha(q_a, r_a, d)
    total = (1 - 2 * q_a + now) + (1 - q_a) + (q_a - now) * (1 - q_e)
    identities = (
        ("the factor r", 1 - 2 / d + 2 * fourth, r),
        ("the step of alpha", alpha(q * q_a, r * r_a, d), (1 - 2 / d + 2 * fourth) * now + q_a * fourth),
        ("the start of alpha", alpha(sympy.Integer(1), sympy.Integer(1), d), sympy.Integer(1)),
        ("later pairs", (1 - q_a) / (1 - q) / d, 1 - q_a),
        ("the total", total, 2 * (1 - q_a) - (q_a - now) * q_e),
    )
    for name, found, wanted in identities:
        residual = sympy.cancel(sympy.together(found - wanted))
        if residual != 0:
            return fails(f"{name}: off by {residual}", wanted, found)
    return holds(cases=len(identities))


control(
    errors_follow_recurrences,
    "mean-squared",
    "refuted",
    alpha=lambda q_a, r_a, d: q_a**2,
    reason="the mean of a square is not the square of the mean",
)
control(
    errors_follow_recurrences,
    "dimension-off-by-one",
    "refuted",
    dimension=1,
    reason="the share of a key is 1/d, not 1/(d+1)",
)
control(
    errors_follow_recurrences,
    "collected",
    "confirmed",
    alpha=lambda q_a, r_a, d: (q_a + (d - 1) * r_a) / d,
    symmetry="the same over one denominator",
)


@check(
    claims.forgetting,
    "measured",
    given={
        "case": [
            Case(4, 8, "sphere", "linear", 1, 8000),
            Case(12, 4, "sphere", "linear", 1, 8000),
            Case(24, 8, "sphere", "linear", 1, 8000),
        ]
    },
    scope={"sizes": "(N, d) = (4, 8), (12, 4), (24, 8); every age"},
)
def forgetting_measured(
    case: Case, law: Callable[[int, int, int], Fraction] = laws.delta_error, delta: bool = True, run: Run = Run()
) -> Evidence:
    """Errors of every pair after the operator has run over random memories, beside the law for its age."""
    generator = np.random.default_rng([run.seed, case.n, case.d])
    errors = Pairs.draw(generator, case.memories, case.n, case.d, case.keys).read_errors(LINEAR, delta)
    # The last pair's error is only rounding: T + d + 5 roundings on numbers of which none exceeds the sum of all values.
    rounding = ((case.n + case.d + 5) * case.n * np.finfo(np.float64).eps) ** 2
    if errors[:, -1].max() > rounding:
        return fails(f"{case}: the last pair is off by {errors[:, -1].max() ** 0.5:.2g}", 0, float(errors[:, -1].max()))
    shown: dict[str, Any] = {}
    for age in range(1, case.n):
        place = case.n - 1 - age
        found = interval(errors[:, place], np.ones(case.memories))
        said = compare(case, found, float(law(age, place, case.d)), run)
        if said.outcome != "CONFIRMED":
            return fails(f"age {age}: {said.words}", said.expected, said.got)
        if age in (1, case.d, case.n - 1):
            shown[f"measured (d = {case.d}, N = {case.n}, age {age})"] = str(next(iter(said.scope.values())))
    return holds(cases=case.n, seed=run.seed, **shown)


control(
    forgetting_measured,
    "additive-memory",
    "refuted",
    delta=False,
    reason="without the delta rule every pair has the error (N - 1) / d, the last too",
)
control(
    forgetting_measured,
    "mean-squared",
    "refuted",
    law=lambda a, e, d: 2 * (1 - (1 - Fraction(1, d)) ** a),
    reason="the term of the earlier pairs forgotten",
)
control(
    forgetting_measured,
    "one-older",
    "refuted",
    law=lambda a, e, d: laws.delta_error(a + 1, e, d),
    reason="an age counted from 1",
)
control(
    forgetting_measured,
    "in-floats",
    "confirmed",
    law=lambda a, e, d: Fraction(float(laws.delta_error(a, e, d))),
    symmetry="the same law, rounded to double precision",
)


@check(claims.repeated_passes, "derived", covers=True, scope={"sizes": "all N and kernels", "method": "one identity"})
def energy_falls(own: Fraction = Fraction(1), beta: Fraction = Fraction(1)) -> Evidence:
    """E + 2 u (K e)_t + u^2 kappa_tt with u = -beta (K e)_t is E - kappa_tt u^2 for beta kappa_tt = 1."""
    import sympy

    energy, u, pull = sympy.symbols("E u pull")
    weight, step = (sympy.Rational(x.numerator, x.denominator) for x in (own, beta))
    after = sympy.expand((energy + 2 * u * pull + u**2 * weight).subs(pull, -u / step))
    if sympy.expand(after - (energy - weight * u**2)) != 0:
        return fails(f"kappa_tt = {own}, beta = {beta}: the energy becomes {after}", energy - weight * u**2, after)
    return holds()


control(energy_falls, "own-weight-2", "refuted", own=Fraction(2), reason="the step is too long: the energy stays")
control(energy_falls, "own-weight-3", "refuted", own=Fraction(3), reason="much too long: the energy rises")
control(
    energy_falls,
    "own-weight-4-beta-a-quarter",
    "confirmed",
    own=Fraction(4),
    beta=Fraction(1, 4),
    reason="beta kappa_tt = 1 again: still an exact step in one coordinate",
)


@check(
    claims.repeated_passes,
    "exhausted",
    given={"n": [1, 2, 3, 4, 5]},
    scope={
        "sizes": "N = 1..5 keys in d = 2, ten passes",
        "arithmetic": "Q",
        "evaluation": "operator, halved inner products",
    },
)
def passes_through_the_operator(
    n: int, power: int = 3, passes: int = 10, target: Fraction = Fraction(1, 2)
) -> Evidence:
    """The operator over all passes at once, in rationals: the energy of the error falls by the sum of u^2, to below `target`
    of its start."""
    from theory.exact import to_fractions, to_matrix

    keys = rational_circle(n)
    kernel = Halved(power)
    gram = kernel.weights(keys, keys)
    values = np.array([[Fraction((-1) ** i * (i + 1))] for i in range(n)], dtype=object)
    u = operator.solve(np.tile(keys, (passes, 1)), None, np.tile(values, (passes, 1)), kernel=kernel)[:, 0]
    matrix = to_matrix(gram)
    if matrix.det() == 0:
        return fails(f"{n} keys, power {power}: the kernel is singular on these keys", "positive definite", "singular")
    solution = to_fractions(matrix.solve(to_matrix(values)))[:, 0]
    start = before = solution @ gram @ solution
    for turn in range(1, passes + 1):
        stored = u[: turn * n].reshape(turn, n).sum(axis=0)
        error = stored - solution
        energy = error @ gram @ error
        lost = (u[(turn - 1) * n : turn * n] ** 2).sum()
        if energy != before - lost:
            return fails(
                f"{n} keys, pass {turn}: the energy falls by {before - energy}, not {lost}", lost, before - energy
            )
        before = energy
    if before > target * start:
        return fails(
            f"{n} keys: after {passes} passes {float(before / start):.3g} of the energy is left", float(target)
        )
    return holds(cases=passes)


control(
    passes_through_the_operator,
    "finite-rank",
    "refuted",
    power=1,
    reason="((1 + <x, y>) / 2) has three features, so four keys are dependent",
)
control(
    passes_through_the_operator,
    "no-pass-left",
    "refuted",
    target=Fraction(0),
    reason="the limit is not reached in finite time",
)
control(
    passes_through_the_operator,
    "another-power",
    "confirmed",
    power=4,
    reason="another kernel positive definite on these keys",
)
