"""Head dimension n - 1 with w = k: by hand, in orthonormal coordinates in floats, and the span of the vectors."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from constructions.deltaformer.centred_swaps import CentredSwaps
from constructions.layers import deltaformer as operator
from empirics import strategies
from theory.programs import SwapProgram


def test_two_slots_by_hand():
    half = Fraction(1, 2)
    assert CentredSwaps().readings(SwapProgram(2)).tolist() == [[half, -half], [-half, half]]
    assert CentredSwaps().readings(SwapProgram(2, [(0, 1)])).tolist() == [[-half, half], [half, -half]]


@given(program=strategies.swap_programs(most_slots=6, most_swaps=6))
def test_readings_are_contents_less_their_mean(program):
    wanted = np.eye(program.n, dtype=int)[list(program.contents())] - np.full((program.n,) * 2, Fraction(1, program.n))
    assert (CentredSwaps().readings(program) == wanted).all()


@pytest.mark.parametrize("n", [2, 3, 5, 9])
def test_orthonormal_coordinates_of_one_dimension_less_do(n):
    """The same tokens in n - 1 coordinates, in float64; Householder's reflection takes the ones to the last axis."""
    rng = np.random.default_rng(n)
    program = SwapProgram(n, [rng.choice(n, 2, replace=False).tolist() for _ in range(20)])
    normal = np.ones(n) / np.sqrt(n) - np.eye(n)[-1]
    turned = (np.eye(n) - 2 * np.outer(normal, normal) / (normal @ normal))[:, : n - 1]
    centred = np.eye(n) - 1 / n
    swaps = np.array([np.eye(n)[a] - np.eye(n)[b] for a, b in program.swaps])
    vectors = np.concatenate([centred, swaps]) @ turned
    betas = np.array([0.0] * n + [1.0] * 20)
    u = operator.solve(vectors, vectors, np.eye(len(vectors), n), betas)
    read = centred @ turned @ vectors.T @ u
    assert read.argmax(axis=1).tolist() == list(program.contents())
    assert np.linalg.matrix_rank(CentredSwaps().vectors(n).astype(float)) == n - 1
