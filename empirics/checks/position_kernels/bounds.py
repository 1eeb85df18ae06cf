"""The mixture's bias beside its kernels': identities with symbols, instances for the trusted checker, bits in torch."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from empirics.checking import Evidence, check, control, fails, holds
from theory.inequalities import certificate
from theory.position_kernels import bounds as claims
from theory.position_kernels.arithmetic import EXPRESSIONS, SYMBOLS, half
from theory.position_kernels.kernels import Exponential, Gaussian, Logarithmic
from theory.position_kernels.mixtures import Mixture, alibi, naive, three_kernels, two_kernels
from theory.position_kernels.slopes import released_slopes

F = Fraction
Make = Callable[[Any], Mixture]
SLOPES = (F(1), F(1, 2), F(1, 256))


def half_slope(rate: Any) -> Mixture:
    return alibi(half(rate))


def _symbols() -> tuple[Any, Any]:
    import sympy

    return sympy.Symbol("r", positive=True), sympy.Symbol("d", nonnegative=True)


@check(claims.one_kernel, "derived", covers=True, scope={"sizes": "all r and d", "method": "r, d symbols"})
def log_undoes_exp(mixture: Make = alibi) -> Evidence:
    """Both the definition by logsumexp and the mean of exponentials as written."""
    import sympy

    r, d = _symbols()
    for name, bias in (("logsumexp", mixture(r).log(d, SYMBOLS)), ("mean", naive(mixture(r), d, SYMBOLS))):
        left = sympy.expand_log(sympy.simplify(bias)) + r * d
        if sympy.expand(left) != 0:
            return fails(f"by {name}: b + r d = {sympy.expand(left)}", 0, left)
    return holds(cases=2)


control(log_undoes_exp, "half-slope", "refuted", mixture=half_slope, reason="r d / 2 is left")
control(log_undoes_exp, "gaussian", "refuted", mixture=lambda r: Mixture((Gaussian(r),)), reason="-r d^2 + r d is left")
control(
    log_undoes_exp,
    "twice",
    "confirmed",
    mixture=lambda r: Mixture((Exponential(2 * r / 2),)),
    symmetry="2 r / 2 = r",
)


@check(
    claims.one_kernel,
    "exhausted",
    given={"heads": (1, 2, 4, 8, 12, 16)},
    scope={"sizes": "the released slopes of 1 to 16 heads, d < 300", "evaluation": "torch, float32 and float64"},
)
def bits_in_torch(heads: int, share: float = 1.0) -> Evidence:
    """The module's table against -(r d), one product in the format."""
    import torch

    from constructions.layers.position_kernels import Alibi

    for dtype in (torch.float32, torch.float64):
        like = torch.empty((), dtype=dtype)
        table, d = Alibi(heads).table(300, like), torch.arange(300).to(dtype)
        wanted = (
            -torch.tensor([share * 2.0 ** -float(s.exponent) for s in released_slopes(heads)], dtype=dtype)[:, None] * d
        )
        wrong = (table != wanted).nonzero()
        if len(wrong):
            h, at = (int(x) for x in wrong[0])
            return fails(f"{heads} heads, head {h}, d = {at}", float(wanted[h, at]), float(table[h, at]))
    return holds(cases=600 * heads)


control(bits_in_torch, "half", "refuted", share=0.5, reason="another slope")
control(bits_in_torch, "one", "confirmed", share=2.0 / 2.0, symmetry="2 / 2 = 1")


@check(
    claims.slowest,
    "derived",
    covers=True,
    scope={"sizes": "all slopes and distances, n = 1..4", "method": "log K_i symbols"},
)
def two_identities(divisor: int = 0) -> Evidence:
    """n e^b - K_j and K_j - e^b are the sums of the argument; `divisor` stands for n where it is not 0."""
    import sympy

    from theory.position_kernels.kernels import Buckets

    for n in (1, 2, 3, 4):
        x = sympy.symbols(f"x0:{n}", real=True)
        mean = sympy.exp(Mixture(tuple(Buckets((value,), (0,)) for value in x)).log(0, SYMBOLS))
        K, by = [sympy.exp(value) for value in x], divisor or n
        for j in range(n):
            first = by * mean - K[j] - sum(K[i] for i in range(n) if i != j)
            second = K[j] - mean - sum(K[j] - k for k in K) / by
            for left in (first, second):
                if sympy.expand(sympy.powsimp(left)) != 0:
                    return fails(f"n = {n}, j = {j}: {sympy.expand(left)} is left", 0, left)
    return holds(cases=20)


control(two_identities, "halves", "refuted", divisor=2, reason="three kernels have thirds")


@check(
    claims.slowest,
    "certified",
    given={"distance": (0, 1, 2, 17)},
    scope={"sizes": "four kernels, slopes 1 and 1/256, d up to 17"},
)
def sandwich_instances(distance: int, count: int = 4) -> Evidence:
    """exp, Gaussian, their half and a polynomial: both inequalities, re-verified."""
    made = []
    for rate in (F(1), F(1, 256)):
        kernels = (Gaussian(rate), Exponential(rate), Exponential(half(rate)), Logarithmic(rate, F(1)))
        b = Mixture(kernels).log(distance, EXPRESSIONS).tree
        first = max(kernels, key=lambda kernel: float(kernel(distance)))  # were it another, the checker would reject
        greatest = first.log(distance, EXPRESSIONS).tree
        made += [
            certificate(["-", greatest, ["log", count]], "<", ["+", b, F(1, 10**9)], claims.slowest.id),
            certificate(b, "<", ["+", greatest, F(1, 10**9)], claims.slowest.id),
        ]
    return holds(cases=4, certificates=made)


control(sandwich_instances, "three-kernels", "refuted", count=1, reason="b is below the greatest kernel at d = 1")
control(sandwich_instances, "five", "confirmed", count=5, reason="a weaker bound")


@check(claims.tail_is_alibi, "derived", covers=True, scope={"sizes": "all r and d >= 1", "method": "r, d symbols"})
def what_the_tail_leaves(mixture: Make = three_kernels, rate: Callable[[Any], Any] = half, count: int = 3) -> Evidence:
    """The identity for b, and the exponents' difference."""
    import sympy

    r, d = _symbols()
    x, y = sympy.exp(-r * d / 2), sympy.exp(-r * d**2 + r * d / 2)
    left = count * sympy.exp(mixture(r).log(d, SYMBOLS)) * sympy.exp(SYMBOLS.number(rate(r)) * d) - (1 + x + y)
    exponents = (-r * d**2 + r * d / 2) - (-r * d / 2) + r * d * (d - 1)
    for name, residual in (("e^{b + r d / 2 + log 3}", left), ("exponents", exponents)):
        residual = sympy.expand(sympy.powsimp(sympy.expand(residual)))
        if residual != 0:
            return fails(f"{name}: {residual} is left", 0, residual)
    return holds(cases=2)


control(
    what_the_tail_leaves, "whole-slope", "refuted", rate=lambda r: r, reason="the half-exponential decays more slowly"
)
control(what_the_tail_leaves, "log-2", "refuted", count=2, reason="three kernels")
control(
    what_the_tail_leaves,
    "reordered",
    "confirmed",
    mixture=lambda r: Mixture(three_kernels(r).kernels[::-1]),
    symmetry="a sum",
)


def _case() -> list[tuple[Fraction, int]]:
    return [(rate, d) for rate in SLOPES for d in (1, 2, 5, 40) if rate * d < 60]


@check(
    claims.tail_is_alibi,
    "certified",
    given={"case": _case()},
    scope={"sizes": "slopes 1, 1/2, 1/256; d = 1, 2, 5, 40"},
)
def tail_instances(case: tuple[Fraction, int], twice: Fraction = F(2), mixture: Make = three_kernels) -> Evidence:
    """0 < rest and rest < 2 e^{-r d / 2}, re-verified."""
    rate, d = case
    rest = ["+", mixture(rate).log(d, EXPRESSIONS).tree, rate * d / 2, ["log", 3]]
    most = ["*", twice, ["exp", -rate * d / 2]]
    identifier = claims.tail_is_alibi.id
    return holds(
        cases=2, certificates=[certificate(0, "<", rest, identifier), certificate(rest, "<=", most, identifier)]
    )


control(tail_instances, "once", "refuted", twice=F(1), reason="log(1 + x + y) exceeds x at slope 1/256, d = 1")
control(tail_instances, "two-kernels", "refuted", mixture=two_kernels, reason="no half-exponential")
control(tail_instances, "three", "confirmed", twice=F(3), reason="a weaker bound")
