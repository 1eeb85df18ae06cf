"""Exact copy in torch: the emulator's pointers, on an accelerator too, and what is refused at the door."""

import re

import numpy as np
import pytest
import torch

from constructions.pointer.copy_arithmetic import PATHS, TIES, Arithmetic
from constructions.pointer.copy_codes import Digits, Parabola, Residues, Signs, table
from constructions.pointer.copy_frontier import frontier, near
from constructions.pointer.copy_number_codes import Floats
from constructions.pointer.copying import TORCH_PATHS, copy, copy_pointers
from constructions.pointer.one_coordinate import orders_pointing_back
from theory import formats

TORCH = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
PLACE = Parabola(squares_first=True)


def arithmetic(name, path="separate", tie="first"):
    return Arithmetic(formats.named(name), path, tie)


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("path", ["separate", "wide", "returned"])
@pytest.mark.parametrize("name", [*TORCH, "fp8_e4m3fn", "fp8_e5m2"])
def test_torch_points_where_the_emulator_does(name, path, tie):
    dtype = {**TORCH, "fp8_e4m3fn": torch.float8_e4m3fn, "fp8_e5m2": torch.float8_e5m2}[name]
    if name.startswith("fp8") and path == "separate":
        with pytest.raises(ValueError, match="does not multiply fp8"):
            copy_pointers(4, PLACE, 1, tie=tie, dtype=dtype, path=path)
        return
    made = arithmetic(name, path, tie)
    for code, n in ((Parabola(), 20), (Parabola(9), 20), (Digits(3, 2), 35), (Floats(made.fmt, 2), 20)):
        index = np.arange(n)
        q, k = table(code.query(np.maximum(index - 3, 0))), table(code.key(index))
        wanted = made.pointers(made.scores(q[:, None], k[None]), index <= index[:, None])
        found = copy_pointers(n, code, 3, tie=tie, dtype=dtype, path=path)
        assert np.array_equal(found.numpy(), wanted), code


def test_values_are_copied_up_to_the_frontier_and_not_beyond():
    values = torch.arange(40.0)[:, None]
    n = frontier(PLACE, arithmetic("bf16"), 7).n
    assert n == 24
    read = copy(values, PLACE, 7, tie="first", dtype=torch.bfloat16, path="separate")
    assert torch.equal(read[7:n], values[: n - 7])
    assert read[n] != values[n - 7]
    assert torch.equal(read[:7], values[:1].expand(7, 1))


@pytest.mark.gpu
@pytest.mark.parametrize(("name", "path"), [("bf16", "returned"), ("fp16", "returned"), ("fp32", "separate")])
def test_copies_on_an_accelerator(name, path):
    for tie in TIES:
        n = frontier(PLACE, arithmetic(name, path, tie), 2).n + 1
        here = copy_pointers(n, PLACE, 2, tie=tie, dtype=TORCH[name], path=path)
        there = copy_pointers(n, PLACE, 2, tie=tie, dtype=TORCH[name], path=path, device="cuda").cpu()
        assert torch.equal(here, there)
        assert torch.equal(there[2:-1], torch.arange(n - 3))
        assert there[-1] != n - 3
        if path == "returned":  # a matrix product accumulates in float32 and rounds once
            product = copy_pointers(n, PLACE, 2, tie=tie, dtype=TORCH[name], path="matmul", device="cuda").cpu()
            assert torch.equal(product, there)


REFUSALS = {
    "tie": (
        lambda: Arithmetic(formats.BF16, "wide", ""),
        "tie = '': a hard argmax is a function only with a tie rule",
    ),
    "path": (lambda: Arithmetic(formats.BF16, "", "first"), "path = '': name how products and sums are rounded"),
    "Q": (lambda: Arithmetic(formats.Q, "wide", "first"), "Q rounds nothing: there is no frontier"),
    "torch tie": (
        lambda: copy_pointers(2, PLACE, 1, tie="", dtype=torch.float16, path="wide"),
        "tie = '': a hard argmax",
    ),
    "torch path": (
        lambda: copy_pointers(2, PLACE, 1, tie="last", dtype=torch.float16, path="fused"),
        "no fused multiply-add",
    ),
    "torch fp64": (lambda: copy_pointers(2, PLACE, 1, tie="last", dtype=torch.float64, path="wide"), "nothing wider"),
    "length": (lambda: copy_pointers(9, Signs(3), 1, tie="last", dtype=torch.float16, path="wide"), "has 8 positions"),
    "order": (
        lambda: next(orders_pointing_back(1, 2, "")),
        "tie = '': a hard argmax is a function only with a tie rule",
    ),
    "distance": (lambda: frontier(PLACE, arithmetic("bf16"), -1), "distance = -1: a causal row sees no key after"),
    "endless": (lambda: frontier(Residues(Signs(1), 2), arithmetic("bf16"), 1), "has no last position: give `most`"),
    "modulus": (lambda: Residues(Signs(2), 5), "modulus = 5: give 1 to 4"),
    "wide distance": (lambda: frontier(PLACE, arithmetic("fp32"), 2**24), "beyond what the window of near keys"),
    "near": (lambda: near(3, 9), "no key within 9 is out of reach at precision 3"),
    "fp64 fractions": (
        lambda: arithmetic("fp64", "wide").scores(np.array([[0.5]]), np.array([[1.0]])),
        "give integer coordinates",
    ),
    "fp64 size": (lambda: arithmetic("fp64", "wide").scores(np.array([[2.0**40]]), np.array([[2.0**40]])), "2^62"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name):
    call, words = REFUSALS[name]
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_paths_are_named_alike():
    assert set(TORCH_PATHS) - {"matmul"} == set(PATHS) - {"fused"}
