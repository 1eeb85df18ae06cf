"""Exact copy in named arithmetics: the emulator against the machine's own formats, frontiers by other means, torch."""

from fractions import Fraction
from itertools import product

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructions.pointer.copy_arithmetic import PATHS, TIES, Arithmetic, odd_sum, toy
from constructions.pointer.copy_codes import Digits, Parabola, Residues, Signs, table
from constructions.pointer.copy_frontier import best_centre, code_table, frontier, frontier_table, near, wrong_position
from constructions.pointer.copy_number_codes import Alternating, Floats, positive_numbers
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


def test_code_table_runs_every_code():
    rows = {row["code"]: row for row in code_table(arithmetic("fp8_e4m3fn", "wide"))}
    counts = {name: (row["coordinates"], row["positions"], row["distance"]) for name, row in rows.items()}
    assert counts == {
        "parabola": (2, 7, 1),
        "parabola, centre 4": (2, 11, 1),
        "alternating": (1, 254, 1),
        "floats": (2, 31, None),
        "two digits": (4, 25, None),
        "signs": (10, 1024, None),
    }
