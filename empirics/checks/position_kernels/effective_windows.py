"""Effective windows: enclosures by the checker, closed forms against sums, identities."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import acb, ctx

from empirics.checking import Evidence, check, control, fails, holds
from theory.inequalities import certificate
from theory.position_kernels import effective_windows as claims
from theory.position_kernels import window_laws as laws
from theory.position_kernels.arithmetic import BALLS, EXPRESSIONS, Root
from theory.position_kernels.kernels import Exponential, Gaussian, Kernel, Logarithmic, Power, Tanh
from theory.position_kernels.mixtures import Mixture, alibi, three_kernels, two_kernels
from theory.position_kernels.slopes import released_slopes

F = Fraction
PRECISION = 128
Make = Callable[[Any], Mixture]


def sum_expressions(mixture: Mixture, rate: Any) -> tuple[Any, Any]:
    """Expressions below and above sum_d e^{b(d)}: geometric series, and the Gaussian's first terms with a bound of the others."""
    ops, low, high = EXPRESSIONS, [], []
    last = int((30 / float(BALLS.number(rate))) ** 0.5) + 1
    for kernel in mixture.kernels:
        if isinstance(kernel, Exponential):
            series = 1 / (1 + -ops.exp(-ops.number(kernel.rate)))
            low.append(series.tree)
            high.append(series.tree)
        else:
            head = ["+", *(ops.exp(kernel.log(d, ops)).tree for d in range(last))]
            ratio = ops.exp(-(ops.number(rate) * (2 * last + 1)))
            low.append(head)
            high.append(["+", head, (ops.exp(kernel.log(last, ops)) / (1 + -ratio)).tree])
    return tuple(["/", ["+", *parts], len(mixture.kernels)] for parts in (low, high))  # type: ignore[return-value]


@check(
    claims.closed_form,
    "certified",
    given={"slope": released_slopes(8)},
    covers=True,
    scope={"sizes": "the released slopes of 8 heads, 9 decimals"},
)
def enclosed(slope: Root, form: Callable[[Kernel], Any] = laws.closed_form, mixture: Make = three_kernels) -> Evidence:
    """The closed form, in balls, rounded to 9 decimals either way, encloses the sum: two inequalities for the checker."""
    made, unit = mixture(slope), F(1, 10**9)
    with ctx.workprec(PRECISION):
        low, high = sum_expressions(made, slope)
        value = F(int((form(made) * 10**9).floor().unique_fmpz()), 10**9)
    identifier = claims.closed_form.id
    return holds(
        cases=2,
        certificates=[certificate(value, "<", high, identifier), certificate(low, "<", value + 2 * unit, identifier)],
    )


def whole_theta(kernel: Kernel) -> Any:
    """With theta_3 in place of the half of it that counts distances."""
    return laws.closed_form(kernel) + (laws.closed_form(Gaussian(kernel.kernels[0].rate)) - 1) / 3  # type: ignore[attr-defined]


def no_middle(kernel: Kernel) -> Any:
    """theta_3 / 2, without the half of its middle term."""
    return laws.closed_form(kernel) - BALLS.number(F(1, 6))


control(enclosed, "two-kernels", "confirmed", mixture=two_kernels, reason="the same for two")
control(enclosed, "alibi", "confirmed", mixture=alibi, reason="a geometric series")
control(enclosed, "whole-theta", "refuted", form=whole_theta, reason="theta counts negative distances too")
control(enclosed, "no-middle", "refuted", form=no_middle, reason="d = 0 counts whole")

KERNELS: tuple[Kernel, ...] = (
    Exponential(F(1, 2)),
    Gaussian(F(1, 2)),
    Gaussian(F(1, 256)),
    Logarithmic(F(1), F(2)),
    Logarithmic(F(1, 2), F(3)),
    Mixture((Exponential(F(1)), Logarithmic(F(1), F(4))), (F(1, 4), F(3, 4))),
)


@check(
    claims.closed_form,
    "exhausted",
    given={"kernel": KERNELS},
    scope={"sizes": "six kernels and mixtures", "method": "closed forms against heads and enclosed tails, in balls"},
)
def sums_meet(kernel: Kernel, form: Callable[[Kernel], Any] = laws.closed_form, terms: int = 400) -> Evidence | None:
    """FLINT's theta and zeta functions against the sums."""
    with ctx.workprec(PRECISION):
        closed, summed = form(kernel), laws.window(kernel, terms)
        if closed.overlaps(summed):
            return None
    return fails(f"{kernel}: closed form {closed}, sum {summed}", str(summed), str(closed))


control(sums_meet, "no-d-zero", "refuted", form=lambda k: laws.closed_form(k) - 1, reason="K(0) = 1 is counted")
control(sums_meet, "fewer-terms", "confirmed", terms=40, symmetry="the tail is enclosed wherever it begins")


@check(
    claims.closed_form,
    "exhausted",
    given={
        "pair": [
            (Power(F(1, 2), F(1)), Exponential(F(1, 2))),
            (Power(F(1, 2), F(2)), Gaussian(F(1, 2))),
            (Tanh(F(1)), Mixture((Tanh(F(1)),))),
        ]
    },
    scope={"sizes": "three pairs", "method": "integrals and two-sided bounds of tails"},
)
def tails_enclose(pair: tuple[Kernel, Kernel], terms: int = 60, shorter: int = 20) -> Evidence | None:
    """The tail of one kernel from two places on, and against its other form."""
    with ctx.workprec(PRECISION):
        values = [laws.window(pair[0], terms), laws.window(pair[0], shorter), laws.window(pair[1], terms)]
        for a in values:
            for b in values:
                if not a.overlaps(b):
                    return fails(f"{pair[0]}: {a} and {b}", "overlap", "apart")
        if float(values[0].rad()) > 2.0**-30:
            return fails(f"{pair[0]}: the enclosure is {values[0]}", "narrower than 2^-30", float(values[0].rad()))
    return None


control(tails_enclose, "five-terms", "refuted", terms=5, reason="the bounds are wide where the kernel is large")
control(tails_enclose, "hundred", "confirmed", terms=100, shorter=30, symmetry="the tail begins later")


@check(claims.against_alibi, "derived", covers=True, scope={"sizes": "all r", "method": "q = e^{-r/2} a symbol"})
def rational_identity(share: Fraction = F(1, 2)) -> Evidence:
    """A(r/2) - 2 A(r) + 1/2 = -(1 - q) / (2 (1 + q)) = -tanh(r/4) / 2."""
    import sympy

    q, r = sympy.symbols("q r", positive=True)
    left = 1 / (1 - q) - 2 / (1 - q**2) + sympy.Rational(share)
    residuals = {
        "series": sympy.cancel(left + (1 - q) / (2 * (1 + q))),
        "tanh": sympy.cancel(
            (sympy.tanh(r / 4).rewrite(sympy.exp) - (1 - sympy.exp(-r / 2)) / (1 + sympy.exp(-r / 2)))
            .subs(r, -2 * sympy.log(q))
            .simplify()
        ),
    }
    for name, residual in residuals.items():
        if residual != 0:
            return fails(f"{name}: {residual} is left", 0, residual)
    return holds(cases=2)


control(rational_identity, "whole", "refuted", share=F(1), reason="half a position more")
control(rational_identity, "two-quarters", "confirmed", share=F(2, 4), symmetry="2/4 = 1/2")


@check(
    claims.against_alibi,
    "exhausted",
    given={"slope": (F(1), F(4), *released_slopes(8))},
    scope={"sizes": "slopes 1, 4 and released", "method": "balls"},
)
def widened_by(slope: Any, sixths: int = 1, mixture: Make = three_kernels) -> Evidence | None:
    """W_3 - W_1 against the formula, theta at the dual argument."""
    with ctx.workprec(PRECISION):
        r = BALLS.number(slope)
        pi = r.pi()
        dual = acb.modular_theta(acb(0), acb(0, pi / r))[2].real  # q = e^{-pi^2 / r}
        wanted = sixths * (pi / r).sqrt() * dual / 6 - (r / 4).tanh() / 6
        found = laws.closed_form(mixture(slope)) - laws.closed_form(alibi(slope))
        if found.overlaps(wanted):
            return None
    return fails(f"slope {slope}: wider by {float(found):.6g}", float(wanted), float(found))


control(widened_by, "twice", "refuted", sixths=2, reason="the Gaussian is one kernel of three")
control(widened_by, "two-kernels", "refuted", mixture=two_kernels, reason="half of the window is lost")
control(
    widened_by, "reordered", "confirmed", mixture=lambda r: Mixture(three_kernels(r).kernels[::-1]), symmetry="a sum"
)


@check(
    claims.matched_slopes, "exhausted", given={"slope": released_slopes(8)}, covers=True, scope={"sizes": "8 slopes"}
)
def ratios_between(
    slope: Root,
    three: tuple[Fraction, Fraction] = (F(83, 100), F(99, 100)),
    two: tuple[Fraction, Fraction] = (F(6, 5), F(2)),
) -> Evidence | None:
    """The slope of the same window over the slope, in balls; and that its window is that one."""
    with ctx.workprec(PRECISION):
        for mixture, (low, high) in ((three_kernels, three), (two_kernels, two)):
            width = laws.closed_form(mixture(slope))
            matched = laws.matched(width)
            ratio = matched / BALLS.number(slope)
            if not BALLS.number(low) < ratio < BALLS.number(high):
                return fails(
                    f"slope {slope}, {len(mixture(slope).kernels)} kernels: {float(ratio):.4g}", (low, high), ratio
                )
            if not laws.closed_form(Exponential(matched)).overlaps(width):
                return fails(f"slope {slope}: the matched slope has another window", width, matched)
    return None


control(ratios_between, "halves", "refuted", three=(F(1, 3), F(2, 3)), reason="half the slope has twice the window")
control(ratios_between, "wider", "confirmed", three=(F(4, 5), F(1)), two=(F(1), F(2)), reason="weaker bounds")
