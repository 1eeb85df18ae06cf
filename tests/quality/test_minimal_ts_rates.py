"""Rates at finite n: every control falls by its smallest case, in the words of the domain, and the same case falls again."""

import pytest

from empirics.checking import Run
from empirics.checks.takakura_suzuki import gram_matrices, measured_rates, measured_slopes, oracle_bounds
from empirics.codec import decode
from empirics.engine import run_check

CASES = [
    (oracle_bounds.mixed_oracle_between, "twice-the-smoothness", "mixed, a = (1,), n = 2^"),
    (oracle_bounds.mixed_oracle_between, "one-coordinate", "mixed, a = Power(q=1, "),
    (oracle_bounds.isotropic_oracle_between, "dimension-free", "anisotropic, a = (1, 1), n = 2^"),
    (oracle_bounds.slope_is_the_exponent, None, "anisotropic, a = (1,), n = 256..8192: the slope is -0.6495"),
    (oracle_bounds.slope_is_the_exponent, "any-at-a-million", "a = Power(q=1, scale=1, dimension=None), n = 65536"),
    (gram_matrices.traces_and_distances, "not-closed", "N = 9, n = 64: a trace is"),
    (gram_matrices.traces_and_distances, "square", "N = 9, n = 64: mean squared distance over the law is"),
    (
        measured_rates.risks_lie_in_the_bracket,
        "noise-understated",
        "worst target, n = 256, N = 9: observed / oracle is",
    ),
    (measured_rates.bits_do_not_depend_on_the_dimension, "another-seed", "D = 16, n = 256: the first replicate's risk"),
    (measured_slopes.slopes_rise_with_the_dimension, "no-curse", "d = 2: the slope is"),
    (measured_slopes.only_the_right_smoothness_is_not_rejected, "cursed", "dimension=None) is rejected: the slope is"),
]


@pytest.mark.parametrize(("check", "control", "words"), CASES, ids=[f"{c.name}-{k}" for c, k, _ in CASES])
def test_the_smallest_case_and_its_replay(check, control, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert words in result.counterexample.words
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    subject = {} if control is None else check.control(control).subject
    again = check(**inputs, **subject, **({"run": Run()} if check.takes_run else {}))
    assert again.words == result.counterexample.words
