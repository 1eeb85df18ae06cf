"""Through the explicit transformer: every control falls by its smallest case, in the words of the domain."""

from fractions import Fraction

import pytest

from empirics.checking import Run
from empirics.checks.takakura_suzuki import measured_importance, measured_transformer
from empirics.codec import decode
from empirics.engine import run_check

SHARP = Fraction(1, 4096)


@pytest.mark.parametrize(
    ("check", "control", "inputs", "words"),
    [
        (
            measured_transformer.read_out_within_bound,
            "levels-halved",
            {"case": (3, 288, SHARP, 0)},
            "T = 3, n = 288, sigma = 1/4096, seed 0: c moved by",
        ),
        (measured_transformer.bound_is_near, "above-the-bound", {"wave": 1}, "function 1: 0.1"),
        (
            measured_transformer.sharing_divides_by_outputs,
            "no-gain",
            {"case": (2, 64, 0)},
            "L = 2: separate over shared",
        ),
        (measured_transformer.sharing_divides_by_outputs, "root-of-outputs", {"case": (8, 64, 0)}, "L = 8: separate"),
        (measured_transformer.sharing_divides_by_outputs, "outputs-differ", {"case": (2, 64, 0)}, "L = 2: separate"),
        (
            measured_importance.sorted_by_rounds,
            "fixed-order",
            {"case": (256, 16, 0)},
            "fixed order, n = 256: mean risk",
        ),
        (
            measured_importance.sorted_by_rounds,
            "least-first",
            {"case": (256, 16, 0)},
            "least first, n = 256: mean risk",
        ),
        (measured_importance.fixed_order_fails, "sorted", {"case": (256, 16, 0)}, "sorted, n = 256: mean risk 0.003"),
        (measured_importance.fixed_order_fails, "half-the-floor", {"case": (256, 16, 0)}, "fixed order, n = 256"),
        (
            measured_importance.projection_is_the_mean_over_orders,
            "all-frequencies-distinct",
            {"case": (2, ((), (-1, -1)))},
            "W = 2, functions ((), (-1, -1)): b of (-1, -1) is 1/3",
        ),
        (
            measured_importance.projection_is_the_mean_over_orders,
            "one-token-more",
            {"case": (2, ((), (-1,)))},
            "W = 2, functions ((), (-1,)): b of",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_control_falls_by_its_smallest_case(check, control, inputs, words):
    result = run_check(check, control, Run())
    assert result.outcome == "REFUTED"
    found = result.counterexample
    assert words in found.words
    assert {name: decode(value) for name, value in found.inputs.items()} == inputs


def test_the_sign_of_the_perturbation():
    check = measured_transformer.perturbation_identities
    result = run_check(check, "sign", Run())
    assert result.outcome == "REFUTED"
    assert result.counterexample.words == "coefficients: 2*P*A*c - 2*c is left"
