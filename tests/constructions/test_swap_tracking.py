"""Theorem A's construction: over Q, as tokens, as a torch module; one definition, the same answers; what it refuses."""

import numpy as np
import pytest
import torch
from hypothesis import given

from constructions.deltaformer.lane_filling import lane_filling_program
from constructions.deltaformer.swap_tracker import SwapTracker
from constructions.deltaformer.swap_tracking import OneHotSwaps, certificate, decode
from constructions.layers.deltaformer import FORMS
from empirics import strategies
from theory import checker
from theory.programs import SwapProgram

PROGRAM = SwapProgram(5, [(0, 1), (2, 4), (1, 4), (3, 3), (0, 2)])


@given(strategies.swap_programs())
def test_run_gives_the_contents(program):
    assert OneHotSwaps().run(program) == program.contents()


@pytest.mark.parametrize(
    "program", [SwapProgram(1), SwapProgram(1, [(0, 0)]), SwapProgram(4), SwapProgram(2, [(1, 1)])], ids=str
)
def test_nothing_happens(program):
    tokens = OneHotSwaps().compile(program)
    assert tokens.k.shape == (program.n, program.n)  # no token for a swap of a slot with itself
    assert OneHotSwaps().run(program) == tuple(range(program.n))


@given(strategies.swap_programs(most_slots=6))
def test_a_batch_is_its_programs(program):
    swaps = np.array(program.swaps, dtype=np.int64).reshape(1, -1, 2)
    batch = OneHotSwaps().compile_batch(program.n, np.concatenate([swaps, swaps[:, ::-1]]))
    assert decode(batch.read_out(batch.first_stage())[0]) == program.contents()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_the_module_reads_exactly(form, dtype):
    read = SwapTracker(5, form=form, chunk=3, dtype=dtype)(torch.tensor([PROGRAM.swaps, PROGRAM.swaps[::-1]]))
    assert read.dtype is dtype
    assert torch.equal(read[0], torch.eye(5, dtype=dtype)[list(PROGRAM.contents())])


def test_the_module_and_the_exact_form_use_the_same_weights():
    class Recorded(OneHotSwaps):
        def swap(self, e, a, b):
            return super().swap(e, b, a)

    exact = Recorded().compile(PROGRAM)
    module = SwapTracker(5, Recorded(), form="recurrence", dtype=torch.float64)
    u = torch.from_numpy(exact.cast(np.float64).first_stage())
    expected = torch.from_numpy(exact.queries.astype(float)) @ (torch.from_numpy(exact.k.astype(float)).mT @ u)
    assert torch.equal(module(torch.tensor([PROGRAM.proper]))[0], expected)


def test_no_swaps_in_the_module():
    assert SwapTracker(3).contents(torch.zeros(2, 0, 2, dtype=torch.int64)).tolist() == [[0, 1, 2]] * 2


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_exact_on_a_gpu_in_low_precision(dtype):
    draw = torch.Generator().manual_seed(0)
    first = torch.randint(0, 16, (8, 200), generator=draw)
    swaps = torch.stack([first, (first + torch.randint(1, 16, first.shape, generator=draw)) % 16], dim=-1)
    expected = SwapTracker(16, form="recurrence", dtype=torch.float64)(swaps)
    for form in FORMS:
        found = SwapTracker(16, form=form, dtype=dtype).to("cuda")(swaps.to("cuda"))
        assert torch.equal(found.cpu().double(), expected), form


@pytest.mark.parametrize(
    ("swaps", "message"),
    [
        (torch.zeros(1, 2), "an integer tensor"),
        (torch.zeros(1, 1, 2), "an integer tensor"),
        (torch.tensor([[[0, 3]]]), r"slots must be in 0\.\.2, got 0\.\.3"),
        (torch.tensor([[[-1, 2]]]), r"slots must be in 0\.\.2, got -1\.\.2"),
    ],
)
def test_the_module_refuses(swaps, message):
    with pytest.raises(ValueError, match=message):
        SwapTracker(3)(swaps)


def test_refusals():
    with pytest.raises(ValueError, match=r"beta = 2: a swap token .* only at beta = 1"):
        OneHotSwaps(beta=2)
    with pytest.raises(ValueError, match=r"program 0, swap 1: slot 5 is outside 0\.\.2"):
        OneHotSwaps().compile_batch(3, np.array([[[0, 1], [1, 5]]]))
    with pytest.raises(ValueError, match=r"slot 0 reads \(1, 1\), which is no content"):
        decode(np.array([[1, 1], [0, 1]]))
    with pytest.raises(ValueError, match="at least 2 lanes"):
        lane_filling_program(1, 5)


@given(strategies.swap_programs(most_slots=6))
def test_certificates_are_accepted(program):
    import json

    assert checker.check_text(json.dumps(certificate(program))).accepted
