"""ReLU gadgets, attention and the explicit transformer: every control falls by its smallest case, in the words of the domain."""

from fractions import Fraction

import pytest

from empirics.checking import Run
from empirics.checks.takakura_suzuki import attention, gadgets, importance, transformer, waves
from empirics.codec import decode
from empirics.engine import run_check

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("check", "control", "inputs", "words"),
    [
        (gadgets.every_square_piece, "level-missing", {"levels": 2}, "J = 2: the greatest error is 1/16"),
        (gadgets.every_square_piece, "third-of-a-tooth", {"levels": 2}, "J = 2: -1/36 at the corner 1/4"),
        (gadgets.every_fold, "fold-missing", {"frequency": -1}, "frequency -1: slope 1 from 0 to 1"),
        (gadgets.every_fold, "quarter-shift", {"frequency": 1}, "frequency 1: slope 2 from"),
        (waves.every_cosine_piece, "step-missing", {"size": (1, 3)}, "m = 1, J = 3: off by"),
        (waves.every_wave, "sign-dropped", {"frequency": 1}, "frequency 1: off by"),
        (gadgets.products_on_lines, "one-square", {"levels": 2}, "J' = 2: "),
        (waves.basis_on_the_diagonal, "factor-dropped", {"frequencies": (1, -1)}, "frequencies (1, -1): off by"),
        (
            waves.wave_is_as_large_as_the_law,
            "below-four",
            {"size": (-1, 1, 1, 3)},
            "frequency -1, C = 1, m = 1, J = 3: 4 as the largest weight",
        ),
        (
            attention.every_wrong_offset,
            "circle-missing",
            {"reach": 1},
            "U = 1, periods (2,): offset 2 wrong scores 0 less",
        ),
        (attention.every_wrong_offset, "no-parity", {"reach": 1}, "U = 1, periods (4,): offset 1 wrong scores 1 less"),
        (attention.dyadic_temperature_leaves_eps, "halved", {"case": (1, TENTH)}, "U = 1, offset 0, chi = 0.7489"),
        (attention.single_temperature_leaves_eps, "dyadic-temperature", {"case": (1, TENTH)}, "U = 1, offset 0"),
        (
            importance.rounds_pick_in_order,
            "weak-mask",
            {"window": (Fraction(0), Fraction(1, 4))},
            "importances 0, 1/4: round 2 leaves",
        ),
        (
            transformer.sizes_are_the_laws,
            "level-included",
            None,
            "mixed, a = Power(q=1, scale=1, dimension=None), T = 2: 9 basis",
        ),
        (transformer.heads_read_their_offset, "temperature-halved", None, "T = 2: the head for offset 0 is off by"),
        (
            transformer.network_on_the_interval,
            "wave-dropped",
            {"case": (2, (-1,))},
            "T = 2, frequencies (-1,): off by",
        ),
    ],
)
def test_the_smallest_case(check, control, inputs, words):
    result = run_check(check, control, Run())
    assert result.counterexample is not None, result
    assert words in result.counterexample.words
    if inputs is not None:
        assert {name: decode(value) for name, value in result.counterexample.inputs.items()} == inputs
