"""Slot algebras: tokens counted, searches against every program, known programs, the operator, doors."""

from __future__ import annotations

import numpy as np
import pytest

from constructions.deltaformer.slot_algebra import (
    Algebra,
    Program,
    Step,
    minimal_program,
    sign_codes,
    start_and_goal,
    through_operator,
)
from theory.deltaformer.minimal_programs import ALGEBRAS, MINIMAL, Cell, cells, claimed_length, printed


def program(name, slots, *pairs):
    """A program of single codes from (key, slot written) pairs."""
    steps = (Step(key, tuple(int(j == w) for j in range(slots))) for key, w in pairs)
    return Program(Algebra(name), slots, tuple(steps))


def by_brute_force(cell, longest):
    """The least length by trying every sequence, with no state left out."""
    algebra = Algebra(cell.algebra)
    start, goal, cared = start_and_goal(cell)
    steps = algebra.steps(len(start))
    states = start[None].astype(np.int64)
    for length in range(longest + 1):
        off = (states != goal).any(axis=2)
        if cell.signs == "free":
            off &= (states != -goal).any(axis=2)
        if not off[:, :cared].any(axis=1).all():
            return length
        states = np.concatenate([algebra.apply(step, states) for step in steps])
    return None


@pytest.mark.parametrize(("name", "count"), list(zip(ALGEBRAS, (9, 21, 18, 78, 12), strict=True)))
def test_tokens_of_three_slots(name, count):
    steps = Algebra(name).steps(3)
    assert len(steps) == len(set(steps)) == count


@pytest.mark.parametrize(
    ("cell", "longest"),
    [
        (Cell("positive", 0), 6),
        (Cell("positive", 1, signs="free"), 5),
        (Cell("positive-rows", 1, signs="free"), 4),
        (Cell("positive-rows", 1, "dirty", "free"), 3),
        (Cell("signed", 0, signs="free"), 3),
        (Cell("signed-rows", 0), 3),
        (Cell("signed-rows", 1, "dirty"), 3),
        (Cell("pointer", 1, "dirty"), 4),
        (Cell("pointer", 1, "clean", "free"), 4),
    ],
    ids=str,
)
def test_the_search_finds_what_trying_everything_finds(cell, longest):
    found = minimal_program(cell, longest).program
    assert (None if found is None else len(found.steps)) == by_brute_force(cell, longest)


def test_a_program_of_eight_tokens_with_two_clean_temporaries():
    known = program("positive", 4, (0, 1), (2, 0), (0, 0), (3, 1), (0, 3), (1, 2), (2, 2), (3, 3))
    assert known.final(2).tolist() == through_operator(known, 2).tolist() == [[0, 1], [1, 0], [0, 0], [0, 0]]


def test_a_pointer_program_of_four_tokens():
    known = program("pointer", 3, (0, 0), (2, 1), (1, 0), (0, 2))
    assert known.final(3)[:2].tolist() == through_operator(known, 3)[:2].tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("name", ALGEBRAS)
def test_the_operator_does_what_the_algebra_says(name):
    draw = np.random.default_rng(0)
    steps = Algebra(name).steps(4)
    for _ in range(20):
        taken = Program(Algebra(name), 4, tuple(steps[i] for i in draw.integers(len(steps), size=5)))
        assert (through_operator(taken, 4) == taken.final(4)).all(), str(taken)


def test_states_without_end_are_not_called_closed():
    assert minimal_program(Cell("pointer", 0), 60).closed
    assert not minimal_program(Cell("positive", 0), 8).closed


def test_words_of_a_program():
    assert (
        str(Program(Algebra("signed-rows"), 3, (Step(0, (1, -1, 2)), Step(2, (0, 0, 0))))) == "(0, 0-1+2*2) (2, sink)"
    )
    assert str(Program(Algebra("positive"), 2, ())) == "no token"
    assert str(Cell("signed", 1, "dirty", "free")) == "signed, 1 temporary, dirty, signs free"


def test_codes_have_coherence_one():
    codes = sign_codes(16)
    assert (codes @ codes.T == 16 * np.eye(16) + 1).all()


def test_the_table_is_monotone_and_complete():
    assert len(MINIMAL) == 4 * len(ALGEBRAS)
    for lengths in MINIMAL.values():
        known = [float("inf") if x is None else x for x in lengths]
        assert known == sorted(known, reverse=True)
    assert claimed_length(Cell("positive", 2)) == 8
    assert len(list(cells("pointer"))) == 16
    assert "pointer        dirty temporaries, signs exact:  -, 4, 4, 4" in printed("pointer")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Algebra("negative"), "slot algebra 'negative': one of positive, positive-rows"),
        (lambda: Cell("negative", 0), "algebra = 'negative'; one of positive"),
        (lambda: Cell("signed", 1, "empty"), "start = 'empty'; one of clean, dirty"),
        (lambda: Cell("signed", 1, "clean", "any"), "signs = 'any'; one of exact, free"),
        (lambda: Cell("signed", 5), "5 temporary slots; give 0..4"),
        (lambda: minimal_program(Cell("signed", 1), 61), "longest = 61: give 0..60 tokens"),
        (lambda: sign_codes(17), "17 slots; there are 16 codes of 17 signs"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
