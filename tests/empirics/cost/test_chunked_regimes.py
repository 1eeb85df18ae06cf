"""Layers in chunks of a size C: one formula, or one on each side of an order of two sizes, and bounds under a condition."""

import pytest

from empirics.cost.bounds import judge
from empirics.cost.cost import derive
from empirics.subjects import SUBJECTS, formulas
from theory.cost.formulas import evaluate, parse
from theory.verdict import Outcome


@pytest.fixture(scope="module", params=["deltaformer_linear", "deltaformer_chunked"])
def cost(request):
    return derive(SUBJECTS[request.param])


def test_the_formulas_are_those_derived_by_hand(cost):
    by_hand = parse(formulas(SUBJECTS[cost.subject.name]).work)
    regimes = cost.quantity("work").regimes
    assert [r.conditions for r in regimes] in ([()], [("C <= N",), ("N < C",)])
    for sizes in (
        {"N": 96, "d": 7, "C": 16},
        {"N": 100, "d": 9, "C": 33},
        {"N": 40, "d": 5, "C": 40},
        {"N": 9, "d": 3, "C": 64},
    ):
        regime = regimes[0 if sizes["C"] <= sizes["N"] else -1]
        assert evaluate(regime.formula, sizes) == evaluate(by_hand, sizes)


def test_a_bound_holds_where_a_chunk_is_not_longer_than_the_sequence(cost):
    bound = {"deltaformer_linear": "N*d**2 + N*C*d", "deltaformer_chunked": "N**2*d + N*d**2"}[cost.subject.name]
    assert judge(cost, "work", bound, where=("C <= N",)).outcome is Outcome.CONFIRMED
    assert judge(cost, "work", "N*d**2", where=("C <= N",)).outcome is not Outcome.CONFIRMED
