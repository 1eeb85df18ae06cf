"""Theorem A's weights and its torch module: exact contents, one construction for both, doors."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from constructions.deltaformer.swap_tracker import SwapTracker
from constructions.deltaformer.swap_tracking import OneHotSwaps, certificate, decode, plain, sparse_rows
from constructions.layers import deltaformer as operator
from empirics import strategies
from theory import checker
from theory.programs import SwapProgram

LONG = SwapProgram(5, [(i * i % 5, (3 * i + 1) % 5) for i in range(150)])


@given(strategies.swap_programs(most_slots=7, most_swaps=20))
def test_run_gives_the_contents(program):
    assert OneHotSwaps().run(program) == program.contents()


@given(strategies.swap_programs(most_slots=6))
def test_a_batch_is_its_programs(program):
    swaps = np.array(program.swaps, dtype=np.int64).reshape(1, -1, 2)
    batch = OneHotSwaps().compile_batch(program.n, np.concatenate([swaps, swaps[:, ::-1]]))
    read = batch.read_out(batch.first_stage())
    undone = SwapProgram(program.n, program.swaps[::-1])
    assert [decode(rows) for rows in read] == [program.contents(), undone.contents()]


@given(strategies.swap_programs(most_slots=6))
@settings(max_examples=60)
def test_certificates_are_accepted(program):
    assert checker.check_text(json.dumps(certificate(program))).accepted


def test_small_programs():
    assert OneHotSwaps().run(SwapProgram(1)) == (0,)
    assert OneHotSwaps().run(SwapProgram(1, [(0, 0)])) == (0,)
    assert OneHotSwaps().run(SwapProgram(3)) == (0, 1, 2)
    assert OneHotSwaps().run(SwapProgram(2, [(0, 1)])) == (1, 0)


def test_a_swap_of_one_slot_compiles_to_no_token():
    tokens = OneHotSwaps().compile(SwapProgram(3, [(1, 1), (0, 2), (2, 2)]))
    assert tokens.k.shape == (4, 3)
    assert tokens.k[3].tolist() == [1, 0, -1]
    assert tokens.v[3].tolist() == [0, 0, 0]
    assert OneHotSwaps().compile(SwapProgram(3)).k.tolist() == np.eye(3).tolist()


@pytest.mark.parametrize("beta", [0, 2, -1, Fraction(1, 2)])
def test_another_beta_is_refused(beta):
    with pytest.raises(ValueError, match=f"beta = {beta}: a swap token of this construction is a reflection only at"):
        OneHotSwaps(beta)


@pytest.mark.parametrize("slot", [-1, 3])
def test_a_slot_out_of_range_is_named(slot):
    swaps = np.array([[[0, 1], [1, 2]], [[0, 1], [2, slot]]])
    with pytest.raises(ValueError, match=rf"program 1, swap 1: slot {slot} is outside 0\.\.2"):
        OneHotSwaps().compile_batch(3, swaps)


def test_decode_refuses_what_is_no_content():
    assert decode(np.array([[0, 1], [1, 0]])) == (1, 0)
    for row in ([0, 0], [1, 1], [2, 0], [-1, 0]):
        with pytest.raises(ValueError, match=r"slot 1 reads \(.*\), which is no content"):
            decode(np.array([[1, 0], row]))


def tracked(program, **how):
    read = SwapTracker(program.n, **how)(torch.tensor(program.swaps, dtype=torch.int64).reshape(1, -1, 2))[0]
    return read.double().numpy()


def one_hot(program):
    return np.eye(program.n)[list(program.contents())]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_the_recurrence_is_exact_in_every_dtype(dtype):
    assert np.array_equal(tracked(LONG, form="recurrence", dtype=dtype), one_hot(LONG))


@pytest.mark.parametrize("form", operator.FORMS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_short_programs_are_exact_in_half_precision_in_every_form(form, dtype):
    program = SwapProgram(5, [(0, 1), (2, 4), (1, 4), (3, 3), (0, 2)])
    assert np.array_equal(tracked(program, form=form, chunk=3, dtype=dtype), one_hot(program))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(
    "how", [{"form": "solve"}, *({"form": "chunked", "chunk": c} for c in (1, 7, 64, 500))], ids=str
)
def test_the_other_forms_are_exact_in_single_and_double(how, dtype):
    assert np.array_equal(tracked(LONG, dtype=dtype, **how), one_hot(LONG))


@given(strategies.swap_programs(most_slots=6, most_swaps=24), st.sampled_from(operator.FORMS), st.integers(1, 30))
@settings(max_examples=40)
def test_the_module_agrees_with_run(program, form, chunk):
    assert np.array_equal(tracked(program, form=form, chunk=chunk, dtype=torch.float64), one_hot(program))


@pytest.mark.parametrize("form", operator.FORMS)
def test_no_swaps_and_no_programs(form):
    tracker = SwapTracker(3, form=form)
    assert tracker(torch.zeros(2, 0, 2, dtype=torch.int64)).equal(torch.eye(3).expand(2, 3, 3))
    assert tracker(torch.zeros(0, 4, 2, dtype=torch.int64)).shape == (0, 3, 3)


def test_contents_of_a_batch():
    swaps = torch.tensor([[[0, 1], [1, 2]], [[0, 0], [2, 0]]])
    assert SwapTracker(3).contents(swaps).tolist() == [[1, 2, 0], [2, 1, 0]]


@pytest.mark.parametrize(
    ("swaps", "words"),
    [
        (torch.zeros(1, 2), r"an integer tensor \(batch, S, 2\), got torch.float32 \(1, 2\)"),
        (torch.zeros(1, 2, 2), r"an integer tensor \(batch, S, 2\), got torch.float32"),
        (torch.zeros(1, 2, 3, dtype=torch.int64), r"got torch.int64 \(1, 2, 3\)"),
        (torch.tensor([[[0, 3]]]), r"slots must be in 0\.\.2, got 0\.\.3"),
        (torch.tensor([[[-1, 1]]]), r"slots must be in 0\.\.2, got -1\.\.1"),
    ],
)
def test_the_modules_door(swaps, words):
    with pytest.raises(ValueError, match=words):
        SwapTracker(3)(swaps)


def test_no_slots_are_refused():
    with pytest.raises(ValueError, match="n = 0 slots: at least 1"):
        SwapTracker(0)


def test_casts_keep_every_weight():
    tokens = OneHotSwaps().compile(LONG)
    for dtype in ("Q", object, np.float32, torch.bfloat16):
        cast = tokens.cast(dtype)
        for name in ("k", "w", "v", "beta", "queries"):
            found = getattr(cast, name)
            found = found.float().numpy() if isinstance(found, torch.Tensor) else found
            assert (found == getattr(tokens, name)).all(), (dtype, name)


def test_the_certificate_holds_every_weight():
    program = SwapProgram(3, [(0, 2), (1, 1), (1, 2)])
    made = certificate(program)
    data = made["data"]
    assert (made["kind"], made["claim"]) == ("swap-tracking", "deltaformer/swap-tracking/linear-kernel")
    assert (data["slots"], data["swaps"], data["key_dimension"]) == (3, [[0, 2], [1, 2]], 3)
    assert data["k"] == data["w"] == [[[0, 1]], [[1, 1]], [[2, 1]], [[0, 1], [2, -1]], [[1, 1], [2, -1]]]
    assert data["v"] == [[[0, 1]], [[1, 1]], [[2, 1]], [], []]
    assert data["beta"] == [1] * 5
    assert data["queries"] == [[[0, 1]], [[1, 1]], [[2, 1]]]


def test_numbers_in_certificates_are_in_lowest_terms():
    assert [plain(Fraction(4, 2)), plain(Fraction(-2, 4)), plain(0)] == [2, "-1/2", 0]
    assert sparse_rows(np.array([[0, Fraction(1, 2)], [0, 0]], dtype=object)) == [[[1, "1/2"]], []]


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("form", "dtype"),
    [("recurrence", torch.bfloat16), ("recurrence", torch.float16), ("chunked", torch.float32)],
)
def test_exact_on_an_accelerator(form, dtype):
    program = SwapProgram(16, [(i * i % 16, (5 * i + 3) % 16) for i in range(300)])
    swaps = torch.tensor(program.swaps, device="cuda")[None]
    read = SwapTracker(16, form=form, dtype=dtype).to("cuda")(swaps)
    assert read.dtype is dtype
    assert np.array_equal(read[0].double().cpu().numpy(), one_hot(program))
