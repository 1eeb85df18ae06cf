"""The corners over which the inverse's entries are maximised, and their inverses, against plain linear algebra."""

import numpy as np

from empirics.checks.deltaformer.stability import corners, inverses


def test_corners_are_all_and_once():
    made = corners(4)
    assert len(made) == 3 * 5 * 7 == len(np.unique(made.reshape(len(made), -1), axis=0))
    assert (abs(made).sum(axis=2) <= 1).all()
    assert not np.triu(made).any()


def test_inverses_are_inverses():
    made = corners(4, 2)
    assert np.array_equal((np.eye(4, dtype=int) + made) @ inverses(made), np.broadcast_to(np.eye(4), made.shape))


def test_random_matrices_stay_below_the_corners():
    draw = np.random.default_rng(0)
    rows = np.tril(draw.normal(size=(2000, 5, 5)), -1)
    rows /= np.maximum(abs(rows).sum(axis=2, keepdims=True), 1)
    assert abs(np.linalg.inv(np.eye(5) + rows)).max() <= 1 + 2**-40
