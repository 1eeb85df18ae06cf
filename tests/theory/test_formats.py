"""Formats against ml_dtypes and numpy on all their values, their midpoints and pairs, and against sorted lists."""

import bisect
import math
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.formats import (
    BF16,
    FORMATS,
    FP8_E4M3FN,
    FP8_E5M2,
    FP16,
    FP32,
    FP64,
    TF32,
    Format,
    Q,
    check_underflow,
    named,
)

DTYPES = {
    "bf16": np.dtype(ml_dtypes.bfloat16),
    "fp16": np.dtype(np.float16),
    "fp8_e4m3fn": np.dtype(ml_dtypes.float8_e4m3fn),
    "fp8_e5m2": np.dtype(ml_dtypes.float8_e5m2),
}
SMALL = pytest.mark.parametrize("name", DTYPES)
ROUNDED = [f for f in FORMATS.values() if not f.exact]


def finite_values(name: str) -> np.ndarray:
    """All finite values of the peer's dtype, from its bit patterns, as float64; both zeros."""
    dtype = DTYPES[name]
    bits = np.arange(2 ** (8 * dtype.itemsize)).astype(f"uint{8 * dtype.itemsize}")
    with np.errstate(invalid="ignore"):
        values = bits.view(dtype).astype(np.float64)
    return values[np.isfinite(values)]


def converted(x: np.ndarray, name: str) -> np.ndarray:
    """The peer's conversion from float32. (From float64 it rounds twice: see test_double_rounding_is_avoided.)"""
    with np.errstate(all="ignore"):
        return x.astype(np.float32).astype(DTYPES[name]).astype(np.float64)


def assert_same(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_array_equal(ours, theirs)
    numbers = ~np.isnan(theirs)
    np.testing.assert_array_equal(np.signbit(ours)[numbers], np.signbit(theirs)[numbers])


@SMALL
def test_every_value_is_held_and_kept(name: str) -> None:
    values, fmt = finite_values(name), FORMATS[name]
    assert_same(fmt.round_array(values), values)
    sample = values if len(values) < 300 else values[:: len(values) // 300]
    assert all(fmt.holds(float(v)) and fmt.round(float(v)) == Fraction(float(v)) for v in sample)


@SMALL
def test_ties_neighbours_of_ties_and_overflow_as_the_peer(name: str) -> None:
    values = np.unique(finite_values(name))
    top = values[-1] + (values[-1] - values[-2]) * np.array([0.25, 0.5, 0.75, 1, 2, 100])
    with np.errstate(over="ignore"):
        middle = np.concatenate([(values[1:] + values[:-1]) / 2, top, -top]).astype(np.float32)
        up, down = np.nextafter(middle, np.float32(np.inf)), np.nextafter(middle, np.float32(-np.inf))
    infinite = np.array([np.inf, -np.inf, np.nan], dtype=np.float32)
    for x in (middle, up, down, infinite):
        assert_same(FORMATS[name].round_array(x), converted(x, name))


@SMALL
@pytest.mark.parametrize("operation", [np.add, np.subtract, np.multiply])
def test_operations_as_the_peer(name: str, operation: np.ufunc) -> None:
    values, dtype = finite_values(name), DTYPES[name]
    if dtype.itemsize == 1:
        a, b = np.repeat(values, len(values)), np.tile(values, len(values))
    else:
        rng = np.random.default_rng(20250519)
        a, b = rng.choice(values, (2, 2**17))
        near = rng.integers(-9, 10, a.size // 2)  # half of the pairs with exponents close together
        b[: a.size // 2] = converted(np.ldexp(a[: a.size // 2], near) * rng.uniform(-2, 2, near.size), name)
        a, b = a[np.isfinite(b)], b[np.isfinite(b)]
    with np.errstate(all="ignore"):
        theirs = operation(a.astype(dtype), b.astype(dtype)).astype(np.float64)
    assert_same(FORMATS[name].round_array(operation(a, b)), theirs)


@pytest.mark.parametrize("operation", [np.add, np.subtract, np.multiply])
def test_fp32_emulation_as_the_machine(operation: np.ufunc) -> None:
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, 2**32, (2, 2**17), dtype=np.uint32).view(np.float32)
    with np.errstate(all="ignore"):  # half of the pairs: exponents up to 50 apart, few bits or many
        b[::2] = np.ldexp(a[::2], rng.integers(-50, 3, b[::2].size)) * rng.choice([1, -1, 1.5, 3], b[::2].size)
    keep = np.isfinite(a) & np.isfinite(b)
    a, b = a[keep], b[keep]
    with np.errstate(all="ignore"):
        theirs = operation(a, b).astype(np.float64)
    assert_same(FP32.round_array(operation(a.astype(np.float64), b.astype(np.float64))), theirs)


@pytest.mark.parametrize("fmt", [FP32, TF32, BF16, FP16, FP8_E4M3FN, FP8_E5M2], ids=lambda f: f.name)
@given(data=st.data())
def test_array_rounding_is_scalar_rounding(fmt: Format, data: st.DataObject) -> None:
    # float64 numbers at, and one float64 spacing beside, midpoints of the format; from below its range to beyond it
    assert fmt.precision is not None
    assert fmt.emin is not None
    assert fmt.emax is not None
    significand = data.draw(st.integers(0, 2 ** (fmt.precision + 1)))
    exponent = data.draw(st.integers(fmt.emin - fmt.precision - 2, fmt.emax - fmt.precision + 1))
    x = math.ldexp(significand, exponent)
    for near in (x, math.nextafter(x, math.inf), -math.nextafter(x, 0.0)):
        for underflow in ("gradual", "flush"):
            got = float(fmt.round_array(np.array(near), underflow))
            if fmt.overflows(near):
                assert not math.isfinite(got)
                with pytest.raises(OverflowError, match=fmt.name):
                    fmt.round(near, underflow)
            else:
                assert Fraction(got) == fmt.round(near, underflow)


@pytest.mark.parametrize("fmt", [FP32, TF32, BF16, FP16, FP8_E4M3FN, FP8_E5M2], ids=lambda f: f.name)
@given(data=st.data())
def test_emulated_operations_are_correctly_rounded(fmt: Format, data: st.DataObject) -> None:
    # the theorem of the module's docstring, against integer arithmetic; exponents from equal to far apart
    assert fmt.precision is not None
    assert fmt.emin is not None
    assert fmt.emax is not None
    lowest, highest = fmt.emin - fmt.precision + 1, fmt.emax - fmt.precision
    top = 2**fmt.precision - 1
    significand = st.one_of(st.integers(-top, top), st.sampled_from([1, top, top // 2 + 1, -1, -top, top // 2 + 2]))
    a = math.ldexp(data.draw(significand), data.draw(st.integers(lowest, highest)))
    b = math.ldexp(data.draw(significand), data.draw(st.integers(lowest, highest)))
    for carried, exact in ((a + b, Fraction(a) + Fraction(b)), (a * b, Fraction(a) * Fraction(b))):
        got = float(fmt.round_array(np.array(carried)))
        if fmt.overflows(exact):
            assert not math.isfinite(got)
        else:
            assert Fraction(got) == fmt.round(exact)


@pytest.mark.parametrize("name", ["fp8_e4m3fn", "fp8_e5m2"])
@settings(max_examples=300)
@given(x=st.fractions(-500, 500, max_denominator=2**20))
def test_round_is_the_nearest_of_the_sorted_list(name: str, x: Fraction) -> None:
    values = sorted({Fraction(float(v)) for v in finite_values(name) if v >= 0})
    fmt, size = FORMATS[name], abs(x)
    at = bisect.bisect_left(values, size)
    if at == len(values):
        assert fmt.overflows(x) == (size > Fraction(464))
        return
    below, above = values[max(at - 1, 0)], values[at]
    if size - below == above - size:
        nearest = values[at if at % 2 == 0 else at - 1]  # positions are bit patterns: even position, even significand
    else:
        nearest = min(below, above, key=lambda v: abs(v - size))
    assert fmt.round(x) == math.copysign(1, x) * nearest


def test_double_rounding_is_avoided() -> None:
    beyond_tie = 1 + 2.0**-8 + 2.0**-40
    assert float(BF16.round_array(np.array(beyond_tie))) == 1 + 2.0**-7 == BF16.round(beyond_tie)
    assert float(np.array(beyond_tie).astype(np.float32).astype(ml_dtypes.bfloat16)) == 1  # what two roundings give


def test_fused_multiply_add_needs_more_than_float64() -> None:
    exact = Fraction(17, 16) ** 2 + Fraction(1, 2**60)
    assert BF16.round(exact) != Fraction(float(BF16.round_array(np.array((17 / 16) ** 2 + 2.0**-60))))


@SMALL
def test_limits_as_the_peer(name: str) -> None:
    fmt, info = FORMATS[name], ml_dtypes.finfo(DTYPES[name])
    assert fmt.max_finite == Fraction(float(info.max))
    assert fmt.min_normal == Fraction(float(info.smallest_normal))
    assert fmt.min_subnormal == Fraction(float(info.smallest_subnormal))
    assert 2 * fmt.unit_roundoff == Fraction(float(info.eps))


@pytest.mark.parametrize(("fmt", "dtype"), [(FP32, np.float32), (FP64, np.float64)])
def test_limits_as_numpy(fmt: Format, dtype: type) -> None:
    info = np.finfo(dtype)
    limits = (fmt.max_finite, fmt.min_normal, fmt.min_subnormal, 2 * fmt.unit_roundoff)
    theirs = (info.max, info.smallest_normal, info.smallest_subnormal, info.eps)
    assert limits == tuple(Fraction(float(x)) for x in theirs)


TINY = [
    Format("short", 5, -2, 2, Fraction(7), "infinity"),  # ends below 2**5
    Format("halved", 4, -1, 1, Fraction(7, 2), "nan"),  # ends between integers
    Format("coarse", 3, 3, 9, Fraction(7, 4) * 2**9, "infinity"),  # spacing 2 at zero
    Format("even", 3, 2, 9, Fraction(7, 4) * 2**9, "infinity"),  # spacing 1 at zero
]


@pytest.mark.parametrize("fmt", [TF32, BF16, FP16, FP8_E4M3FN, FP8_E5M2, *TINY], ids=lambda f: f.name)
def test_consecutive_integers_by_counting(fmt: Format) -> None:
    largest = next(n for n in range(2**12) if not fmt.holds(n + 1))
    assert fmt.consecutive_integers == largest
    assert all(fmt.holds(-n) for n in range(largest + 1))


def test_consecutive_integers_of_the_wide_formats() -> None:
    for fmt in (FP32, FP64):
        n = fmt.consecutive_integers
        assert fmt.holds(n)
        assert fmt.holds(-n)
        assert fmt.holds(n - 1)
        assert not fmt.holds(n + 1)
    assert Q.consecutive_integers == math.inf


def test_q_is_exact() -> None:
    third = Fraction(1, 3)
    assert Q.round(third) == third
    assert Q.holds(third)
    assert Q.unit_roundoff == Q.min_normal == Q.min_subnormal == 0
    assert not Q.overflows(10**400)
    np.testing.assert_array_equal(Q.round_array(np.array([0.1, -3.0])), [0.1, -3.0])


@pytest.mark.parametrize("fmt", ROUNDED, ids=lambda f: f.name)
def test_flush_to_zero_takes_exactly_the_subnormals(fmt: Format) -> None:
    least, below = fmt.min_normal, fmt.min_normal - fmt.min_subnormal
    assert fmt.round(least, "flush") == least
    assert fmt.round(below, "flush") == 0
    assert fmt.round(below) == below
    got = fmt.round_array(np.array([float(least), float(below), -float(below), 0.0]), "flush")
    np.testing.assert_array_equal(got, [float(least), 0, 0, 0])
    assert np.signbit(got[2])


def test_nan_instead_of_infinity() -> None:
    x = np.array([464.0, math.nextafter(464, 465), -1e30, math.inf])
    np.testing.assert_array_equal(FP8_E4M3FN.round_array(x), [448, np.nan, np.nan, np.nan])
    assert FP8_E4M3FN.round(464) == 448
    assert FP8_E5M2.round_array(np.array([-1e30]))[0] == -np.inf
    assert not FP8_E4M3FN.holds(math.inf)


def test_round_array_accepts_what_float64_holds() -> None:
    np.testing.assert_array_equal(FP8_E4M3FN.round_array(np.arange(20)), FP8_E4M3FN.round_array(np.arange(20.0)))
    assert FP32.round_array(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert FP32.round_array(np.array(1.5)).shape == ()
    assert FP32.round_array(np.arange(12.0).reshape(3, 4).T).tolist() == np.arange(12.0).reshape(3, 4).T.tolist()


def test_named() -> None:
    assert all(named(name) is fmt and fmt.name == name for name, fmt in FORMATS.items())
    with pytest.raises(ValueError, match="'fp8': did you mean fp8_e4m3fn or fp8_e5m2"):
        named("fp8")
    with pytest.raises(ValueError, match="did you mean bf16"):
        named("BFLOAT16"[:2] + "16")
    with pytest.raises(ValueError, match=r"The formats are Q, fp64"):
        named("posit")


def test_errors_at_the_door() -> None:
    with pytest.raises(ValueError, match=r"inf cannot be rounded to bf16"):
        BF16.round(math.inf)
    with pytest.raises(ValueError, match="underflow is 'zero'"):
        check_underflow("zero")
    with pytest.raises(OverflowError, match=r"500 overflows fp8_e4m3fn to nan: its greatest number is 448"):
        FP8_E4M3FN.round(500)
    with pytest.raises(ValueError, match=r"beyond 2\*\*53"):
        FP32.round_array(np.array([2**53 + 1]))
    with pytest.raises(ValueError, match="dtype object"):
        FP32.round_array(np.array([Fraction(1, 3)]))
    with pytest.raises(ValueError, match="no float64 emulation"):
        Format("wide", 30, -10, 10, Fraction(2**10), "infinity").round_array(np.ones(1))
    with pytest.raises(ValueError, match="binade of emax"):
        Format("odd", 3, -2, 2, Fraction(9), "infinity")
    with pytest.raises(ValueError, match="precision of at least 2"):
        Format("odd", 1, -2, 2, Fraction(4), "infinity")
