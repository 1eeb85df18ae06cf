"""Position kernels: every false claim and control falls by its smallest case, in the words of the domain."""

from fractions import Fraction as F

import pytest

from empirics.checking import Run
from empirics.checks.position_kernels import (
    bounds,
    closure,
    definiteness,
    effective_windows,
    far_mass,
    fewest_positions,
    gaussians,
    modules,
    numerics,
    thresholds,
)
from empirics.codec import decode
from empirics.engine import run_check
from theory.position_kernels.arithmetic import Root
from theory.position_kernels.kernels import Constant


def refuted(check, control=None):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    inputs = {name: decode(value) for name, value in result.counterexample.inputs.items()}
    return result.counterexample.words, inputs


@pytest.mark.parametrize(
    ("check", "control", "inputs", "words"),
    [
        (gaussians.effect_at_most, None, {"d": 0, "rate": F(1)}, "slope 1, d = 0: the effect is log 2"),
        (gaussians.effect_at_most, "above-1", {"d": 0, "rate": F(1)}, "slope 1, d = 0: the effect is log 2"),
        (bounds.bits_in_torch, "half", {"heads": 1}, "1 heads, head 0, d = 1"),
        (
            definiteness.mixture_keeps_it,
            None,
            {"slope": Root(F(6))},
            "slope 2^-6: 33 positions show it, c = [3, -1, -2, -2, -1, -1, 1, 3,",
        ),
        (definiteness.no_failure_found, "t5", {"rate": F(1)}, "slope 1: 3 positions show it"),
        (definiteness.no_failure_found, "gaussian", {"rate": F(1, 32)}, "slope 1/32: 34 positions show it"),
        (definiteness.heads_that_fail, "half", {"heads": 8}, "8 heads: 5 fail"),
        (definiteness.three_symbols, "two-kernels", {"slope": Root(F(4))}, "slope 2^-4: definite False"),
        (fewest_positions.fewest_positions, "one-fewer", {"exponent": 4}, "slope 2^-4: 75 positions show it"),
        (
            thresholds.two_bracket,
            "unit-up",
            {},
            "two kernels at slope 0.06944107047: definite is True",
        ),
        (closure.definite_with_t5, None, {"values": "rising", "rate": F(1)}, "e^b fails on 2 positions"),
        (closure.rises_somewhere, None, {"kernels": 2}, "2 kernels: b falls at every d < 100"),
        (closure.has_what_it_declares, "convex-gaussian", None, "gaussian 1/2: declared log-convex, broken at 1"),
        (
            far_mass.stays_within,
            None,
            {"kernel": Constant()},
            "the mean of exponential 1/8, constant: N = 73 positions put more than 1/10 beyond 64",
        ),
        (
            far_mass.stable_exactly_when_summable,
            "all-summable",
            {"kernel": Constant()},
            "constant: not known to be summable",
        ),
        (far_mass.fire_leaves, "alibi", {"seed": 0}, "lies inside 16"),
        (effective_windows.widened_by, "two-kernels", {"slope": F(1)}, "slope 1: wider by -0.0978"),
        (
            numerics.finite_in_fp16,
            None,
            {"d": 256, "exponent": 1},
            "slope 2^-1, d = 256: the gradient is nan",
        ),
        (
            numerics.turns_in_torch,
            "one-later",
            {"fmt": "fp32", "kernels": 2, "exponent": 1},
            "fp32, 2 kernels, slope 2^-1: -inf at d = 206 already",
        ),
        (numerics.first_collision, "a-bit-more", {"fmt": "fp8_e5m2"}, "fp8_e5m2: 9 rounds as the distance before"),
        (numerics.near_the_real, "naive", None, "2 kernels, slope 2^-1, d = 222: off by inf"),
        (modules.rows_are_rows, "query-at-zero", {"method": "Alibi"}, "Alibi, torch.float32, t = 1, key 0"),
        (modules.as_many_as_stated, "shared-by-heads", None, "Alibi, learned, 2 heads: 2 parameters"),
    ],
)
def test_the_smallest_case(check, control, inputs, words):
    told, found = refuted(check, control)
    assert words in told
    if inputs is not None:
        assert found == inputs


def test_the_fewest_positions_of_all_released_slopes_are_33():
    """One position fewer shows it at none of them."""
    for slope in definiteness.released_slopes(8):
        assert definiteness.mixture_keeps_it(slope, positions=32) is None
