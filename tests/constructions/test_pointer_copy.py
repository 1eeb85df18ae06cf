"""Exact copy in named arithmetics: the emulator against the machine's own formats, frontiers by other means, torch."""

import re
from fractions import Fraction
from itertools import product

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from constructions.pointer.copy_arithmetic import PATHS, TIES, Arithmetic, odd_sum, toy
from constructions.pointer.copy_codes import Digits, Parabola, Residues, Signs, table
from constructions.pointer.copy_frontier import best_centre, frontier, frontier_table, near, wrong_position
from constructions.pointer.copy_number_codes import Alternating, Floats, positive_numbers
from constructions.pointer.copying import TORCH_PATHS, copy, copy_pointers
from constructions.pointer.one_coordinate import orders_pointing_back
from theory import formats
from theory.pointer import copy_laws as laws

TYPES = {
    "fp8_e5m2": ml_dtypes.float8_e5m2,
    "fp8_e4m3fn": ml_dtypes.float8_e4m3fn,
    "bf16": ml_dtypes.bfloat16,
    "fp16": np.float16,
    "fp32": np.float32,
    "fp64": np.float64,
}
TORCH = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
PLACE = Parabola(squares_first=True)


def arithmetic(name, path="separate", tie="first"):
    return Arithmetic(formats.named(name), path, tie)


@pytest.mark.parametrize("name", TYPES)
def test_separate_roundings_are_the_machines(name):
    kind, index = TYPES[name], np.arange(60)
    q, k = (table(part).astype(np.float64).astype(kind) for part in (PLACE.query(index), PLACE.key(index)))
    with np.errstate(over="ignore", invalid="ignore"):
        products = [q[:, None, c] * k[None, :, c] for c in range(2)]
        wanted = (products[0] + products[1]).astype(np.float64)
    found = arithmetic(name).scores(table(PLACE.query(index))[:, None], table(PLACE.key(index))[None])
    assert np.array_equal(found, wanted, equal_nan=True)


@pytest.mark.parametrize("name", [*TYPES, "tf32"])
@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_rounding_of_fractions(name, path):
    made, fmt = arithmetic(name, path), formats.named(name)
    near_end = 2 ** (made.precision // 2)
    index = np.array([0, 1, near_end - 1, near_end, near_end + 1, near_end + 2, near_end + 3])
    index = index[index**2 <= float(fmt.max_finite) / 4]
    found = made.scores(table(PLACE.query(index))[:, None], table(PLACE.key(index))[None])
    for (a, m), (b, j) in product(enumerate(index.tolist()), repeat=2):
        q, k = ([fmt.round(Fraction(x)) for x in part] for part in (PLACE.query(m), PLACE.key(j)))
        products = [x * y for x, y in zip(q, k, strict=True)]
        if path == "separate":
            wanted = fmt.round(sum(map(fmt.round, products)))
        else:
            wanted = sum(products)
            wanted = fmt.round(wanted) if path in ("fused", "returned") else wanted
        assert Fraction(int(found[a, b])) == wanted


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.sampled_from([toy(8), formats.FP32, formats.FP16]))
def test_a_sum_rounded_to_odd_keeps_what_a_format_needs(a, b, fmt):
    if fmt.overflows(a):
        return
    a = float(fmt.round(a))
    exact = Fraction(a) + Fraction(b)
    if fmt.overflows(exact):
        return
    assert fmt.round_array(odd_sum(np.array([a]), np.array([b])))[0] == float(fmt.round(exact))


def test_a_sum_rounded_to_odd_where_float64_rounds_twice():
    one = np.array([(1 + 2.0**-4) ** 2])
    assert toy(8).round_array(one + 2.0**-60) != toy(8).round_array(odd_sum(one, np.array([2.0**-60])))
    assert odd_sum(np.array([np.inf]), np.array([1.0])) == np.inf


@pytest.mark.parametrize("precision", [7, 8, 11])  # below, rows to 2^(p/2) + 16 see no key that is out of reach
@pytest.mark.parametrize("tie", TIES)
def test_the_nearby_search_finds_what_all_pairs_find(precision, tie, monkeypatch):
    for path in PATHS:
        made = Arithmetic(toy(precision), path, tie)
        whole = {d: frontier(PLACE, made, d) for d in (1, 40)}, best_centre(PLACE, made, 1)
        monkeypatch.setattr("constructions.pointer.copy_frontier.NARROW", 2)
        assert whole == ({d: frontier(PLACE, made, d) for d in (1, 40)}, best_centre(PLACE, made, 1))
        monkeypatch.undo()


@pytest.mark.parametrize("precision", [12, 13])
def test_the_law_goes_on_beyond_what_the_claim_runs(precision):
    for path in PATHS:
        for tie in TIES:
            made = Arithmetic(toy(precision), path, tie)
            assert frontier(PLACE, made, 3).n == 3 + laws.parabola(precision, path, tie)


@pytest.mark.parametrize("tie", TIES)
def test_no_centre_at_all_does_better(tie):
    for precision in (3, 4, 5, 8):
        made = Arithmetic(toy(precision), "wide", tie)
        every = [frontier(Parabola(c, squares_first=True), made, 1).n for c in range(48)]
        assert max(every) == best_centre(PLACE, made, 1)[1].n == 1 + laws.centred(precision, "wide", tie)


def test_near_is_a_bound_that_all_pairs_respect():
    fmt, reach = toy(9), 40
    window = near(9, reach)
    index = np.arange(3 * reach)
    for path in PATHS:
        scores = Arithmetic(fmt, path, "first").scores(
            table(PLACE.query(index))[:, None], table(PLACE.key(index))[None]
        )
        own = np.diag(scores)
        far = np.abs(index[:, None] - index[None, :]) >= window
        assert (scores < own[:, None])[: reach + 1][far[: reach + 1]].all()
        assert (scores >= own[:, None])[: reach + 1].sum() > reach + 1  # some near key does not lose


def test_frontier_table_says_what_the_laws_say():
    rows = frontier_table()
    assert len(rows) == 6 * len(PATHS) * len(TIES)
    for row in rows:
        p = formats.named(row["format"]).precision
        assert row["parabola"] == 1 + laws.parabola(p, row["path"], row["tie"])
        assert row["centred"] == 1 + laws.centred(p, row["path"], row["tie"])
    plain = {(r["format"], r["path"], r["tie"]): r["parabola"] for r in rows}
    assert plain["bf16", "wide", "first"] == 19
    assert plain["fp64", "wide", "last"] == 94906267


@pytest.mark.parametrize("name", ["fp8_e5m2", "fp8_e4m3fn", "fp16", "bf16"])
def test_numbers_are_those_of_ml_dtypes(name):
    kind = np.dtype(TYPES[name])
    bits = np.arange(2 ** (8 * kind.itemsize), dtype=np.uint32).astype(f"u{kind.itemsize}").view(kind)
    with np.errstate(invalid="ignore"):
        every = bits.astype(np.float64)
    finite = np.unique(every[np.isfinite(every)])
    assert np.array_equal(positive_numbers(formats.named(name)), finite[finite > 0])
    assert laws.finite_numbers(formats.named(name)) == len(finite)
    with pytest.raises(ValueError, match="too many numbers"):
        positive_numbers(formats.FP32)


@pytest.mark.parametrize("name", ["fp8_e5m2", "fp8_e4m3fn", "fp16"])
def test_codes_of_numbers(name):
    fmt = formats.named(name)
    code = Floats(fmt, fmt.precision // 2)
    assert code.positions == laws.floats(fmt)
    assert (np.diff(code.numbers) > 0).all()
    assert np.array_equal(fmt.round_array(code.numbers**2), code.numbers**2)
    outward = Alternating(fmt).numbers
    assert len(outward) == laws.finite_numbers(fmt) + 1
    assert len(set(outward.tolist())) == len(outward) - 1


def test_alternating_keys_point_back_at_every_row_of_e4m3fn():
    found = frontier(Alternating(formats.FP8_E4M3FN), arithmetic("fp8_e4m3fn"), 1)
    assert (found.n, found.wrong, str(found)) == (254, None, "254, all there are")


def test_twelve_signs_copy_from_distance_2048_in_fp8_where_the_last_index_wins():
    code = Residues(Signs(12), 4096)
    keys = np.arange(4200, 4200 - 4096, -1)
    for tie, wanted in (("last", 4200 - 2048), ("first", 4200 - 2048)):
        made = arithmetic("fp8_e4m3fn", tie=tie)
        scores = made.scores(table(code.query(np.array([4200 - 2048])))[:, None], table(code.key(keys))[None])
        assert keys[made.pointers(scores)[0]] == wanted
    every = np.arange(6200)
    row = table(code.query(np.array([6199 - 2048])))[:, None]
    found = {t: arithmetic("fp8_e4m3fn", tie=t) for t in TIES}
    scores = found["last"].scores(row, table(code.key(every))[None])
    assert [int(found[t].pointers(scores)[0]) for t in TIES] == [55, 6199 - 2048]


def test_digits_and_signs_beyond_their_bounds_fail():
    assert wrong_position(Digits(3, 2), arithmetic("fp8_e4m3fn", "separate")) is not None
    assert wrong_position(Digits(2, 2), arithmetic("fp8_e4m3fn", "separate")) is None
    assert wrong_position(Signs(9), arithmetic("fp8_e5m2")) is None
    assert wrong_position(Signs(10), arithmetic("fp8_e5m2")) is not None


def test_a_nan_points_nowhere():
    made = arithmetic("fp8_e4m3fn")
    found = frontier(PLACE, made, 20)
    assert (found.n, found.pointer, str(found)) == (22, -1, "22; row 22 points nowhere (NaN)")
    assert made.pointers(np.array([[1.0, np.nan]]), np.array([[True, False]])).tolist() == [0]


@pytest.mark.parametrize("tie", TIES)
def test_one_coordinate_keys_do_point_back(tie):
    for keys in orders_pointing_back(2, 4, tie):
        for row in (2, 3):
            seen = [float(x) for x in keys[: row + 1]]
            rank = seen.index if tie == "first" else lambda v, s=seen: len(s) - 1 - s[::-1].index(v)
            choices = {rank(max(seen)), rank(min(seen)), 0 if tie == "first" else row}
            assert row - 2 in choices
    assert len(list(orders_pointing_back(0, 3, "last"))) > 0


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
