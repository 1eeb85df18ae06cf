"""A verdict on a bound says what outgrows it, where it comes from, what the constant means and how it is known."""

from __future__ import annotations

from fractions import Fraction

from empirics.cost.bounds import BoundVerdict
from empirics.cost.quantities import Quantity, Regime, Term
from empirics.cost.report import explained
from theory.cost.formulas import parse
from theory.growth import Constant
from theory.verdict import Outcome

SCOPE = {"samples": 37, "held out": 14, "largest sizes": {"N": 1031, "d": 1031}}
HOW = "tested: the formula was found from exact counts at 37 choices of sizes and predicted 14 more, up to N = 1031, d = 1031"


def quantity(name: str, formula: str, *terms: Term, **others) -> Quantity:
    return Quantity(name, "scalar operations", (Regime(parse(formula), terms=terms),), scope=SCOPE, **others)


def refuted(*terms: Term) -> str:
    q = quantity("work", "N**2*d + N*d", *terms)
    return explained(
        BoundVerdict(
            q,
            "N*d",
            Outcome.REFUTED,
            regime=q.regimes[0],
            witness="N = s, d constant",
            excess="N**2*d",
            lines=tuple(terms),
        ),
        "layer",
    )


def confirmed(bound: str, formula: str, **others) -> str:
    q = quantity("span", formula, **others)
    constant = Constant(Fraction(11, 2), "", 2, False, Fraction(5), "", {})
    return explained(
        BoundVerdict(
            q,
            bound,
            Outcome.CONFIRMED,
            regime=q.regimes[0],
            constant=constant,
            conditional=bool(q.untried),
        ),
        "layer",
    )


def test_a_bound_exceeded():
    assert refuted(Term(parse("N**2*d"), "/home/me/layers.py", 7, ("aten.mm",))).splitlines() == [
        "layer: work is not O(N*d): N**2*d outgrows it as s grows, N = s, d constant",
        "  work = N**2*d + N*d",
        "  lines whose own share outgrows it:",
        f"    layers.py:7  {'':<60}  N**2*d",
        f"  how this is known: {HOW}",
    ]


def test_a_line_of_a_notebook_is_named_by_its_cell():
    assert "    cell:7  " in refuted(Term(parse("N**2*d"), "/tmp/ipykernel_4711/1628349170.py", 7, ("aten.mm",)))


def test_the_base_of_the_logarithm_is_said_with_a_constant():
    assert confirmed("log(N)", "L(N) + 3").splitlines()[:2] == [
        "layer: span is O(log(N))",
        "  span = L(N) + 3 <= 11/2*(log(N)) for all sizes >= 2, log to base 2",
    ]
    assert "log to base" not in confirmed("N", "L(N) + 3")


def test_what_was_not_tried_is_said():
    told = confirmed("N", "N", untried=("layers.py:9: N < 4 was always false",))
    assert told.startswith("layer: span is O(N) as far as was tried")
    assert "  not tried: layers.py:9: N < 4 was always false" in told
