"""Number formats: binary floating point as integers times powers of two, and the rationals Q as the exact one.

A finite format of precision p and least exponent emin holds 0 and the numbers m * 2**(e - p + 1) with integers
|m| < 2**p and e >= emin, up to `max_finite`. Rounding is to nearest, ties to the even m, everywhere in this module.

Rounding of an array is done in float64. One addition, subtraction or multiplication of two numbers of a format with
p <= 24, carried out in float64 and then rounded by `Format.round_array`, is the correctly rounded operation of the
format. Proof, derived here; Figueroa, "When is double rounding innocuous?", SIGNUM Newsletter 30(3), 1995, has the
condition 53 >= 2p + 2 for normal results of + - * / sqrt.

- Product: 2p <= 48 bits, a multiple of 2**(2(emin - p + 1)), below 2**(2 emax + 2). With emin - p + 1 >= -500 and
  emax <= 500 float64 holds it exactly, so only one rounding happens; subnormal and overflowing results included.
- Sum s = a + b, |a| >= |b| > 0, where float64 does not hold s (else one rounding again). Let e_x be the exponent of
  the leading bit of x. The bits of s run from e_s down to at least e_b - p + 1, more than 53 of them, so
  e_b <= e_s - 54 + p <= e_a - 53 + p and |b| < 2**(e_a - 52 + p) <= 2**(e_a - p - 2), as 2p <= 50. The midpoints of
  the format, and its threshold of overflow, that are nearest to the number a of the format are at least
  2**(e_a - p - 1) away (half the spacing below a power of two). So s, and s rounded to 53 bits, which moves it by at
  most 2**(e_s - 53), lie strictly between the same two midpoints: both roundings give a. No subnormal result comes
  here: a sum of two numbers of the format is a multiple of its least subnormal, hence exact when it is subnormal
  (Hauser, "Handling floating-point exceptions in numeric programs", TOPLAS 18(2), 1996).

It does not hold for a fused multiply-add: in bf16 (1 + 2**-4)**2 is a midpoint, and + 2**-60, which float64 forgets,
decides. Nor for a quotient with a subnormal result. Those go through the exact `Format.round`.
"""

import math
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float, Shaped

Underflow = Literal["gradual", "flush"]
Overflow = Literal["infinity", "nan", "never"]
UNDERFLOWS: tuple[Underflow, ...] = ("gradual", "flush")


def check_underflow(underflow: str) -> None:
    """Raise ValueError unless `underflow` is "gradual" or "flush"."""
    if underflow not in UNDERFLOWS:
        raise ValueError(f"underflow is {underflow!r}; it is 'gradual' or 'flush' (results below min_normal become 0)")


@dataclass(frozen=True)
class Format:
    """A number format.

    precision: p, bits of the significand with the implicit one; None for Q.
    emin, emax: exponents of the least and greatest normal binade; None for Q.
    max_finite: the greatest finite number; math.inf for Q.
    overflow: what a result beyond it becomes: "infinity", "nan" (E4M3FN has no infinity), "never" (Q).
    """

    name: str
    precision: int | None
    emin: int | None
    emax: int | None
    max_finite: Fraction | float
    overflow: Overflow

    def __post_init__(self) -> None:
        if self.precision is None:
            return
        if self.emin is None or self.emax is None or self.precision < 2 or self.emin > self.emax:
            raise ValueError(
                f"format {self.name}: precision {self.precision}, exponents {self.emin}..{self.emax}; "
                "give a precision of at least 2 and emin <= emax, or None for all three (exact)"
            )
        if not Fraction(2) ** self.emax <= self.max_finite < Fraction(2) ** (self.emax + 1):
            raise ValueError(
                f"format {self.name}: max_finite {self.max_finite} is not in the binade of emax {self.emax}"
            )

    @property
    def exact(self) -> bool:
        """True for Q: no rounding, no limits."""
        return self.precision is None

    @property
    def unit_roundoff(self) -> Fraction:
        """u = 2**-p: a real x of the normal range is rounded to x + d, |d| <= u/(1+u) |x|; 0 for Q."""
        return Fraction(0) if self.precision is None else Fraction(1, 2**self.precision)

    @cached_property
    def min_normal(self) -> Fraction:
        """2**emin; 0 for Q."""
        return Fraction(0) if self.emin is None else Fraction(2) ** self.emin

    @cached_property
    def min_subnormal(self) -> Fraction:
        """2**(emin - p + 1), the spacing of the numbers below 2 * min_normal; 0 for Q."""
        return self.min_normal * 2 * self.unit_roundoff

    @property
    def consecutive_integers(self) -> int | float:
        """The largest N such that -N..N are all in the format; math.inf for Q.

        2**p + 1 needs p + 1 bits and every integer up to 2**p at most p, so N = 2**p, unless the format ends before
        (then the integer part of max_finite) or is coarser than 1 throughout (then 0).
        """
        if self.precision is None:
            return math.inf
        if self.min_subnormal > 1:
            return 0
        return min(2**self.precision, math.floor(self.max_finite))

    def _nearest(self, x: Fraction) -> Fraction:
        """The nearest multiple of the spacing at x, ties to even, exponents unbounded above."""
        if self.precision is None or self.emin is None or x == 0:
            return x
        numerator, denominator = abs(x.numerator), x.denominator
        exponent = numerator.bit_length() - denominator.bit_length()
        if (numerator << max(-exponent, 0)) < (denominator << max(exponent, 0)):  # |x| < 2**exponent
            exponent -= 1
        spacing = Fraction(2) ** (max(exponent, self.emin) - self.precision + 1)
        return round(x / spacing) * spacing

    def overflows(self, x: Fraction | int | float) -> bool:
        """Whether rounding x gives no finite number: |x| beyond max_finite by more than rounding brings back."""
        return abs(self._nearest(_rational(x, self.name))) > self.max_finite

    def holds(self, x: Fraction | int | float) -> bool:
        """Whether the format holds x exactly. Infinities and NaN are not numbers: False."""
        if isinstance(x, float) and not math.isfinite(x):
            return False
        x = _rational(x, self.name)
        return self._nearest(x) == x and abs(x) <= self.max_finite

    def round(self, x: Fraction | int | float, underflow: Underflow = "gradual") -> Fraction:
        """x rounded to nearest, ties to even, in integer arithmetic alone.

        With "flush" a result that gradual underflow would make subnormal is 0: a number that rounds up to min_normal
        stays. (Some hardware decides before rounding or with unbounded exponent; they differ below min_normal by less
        than one spacing.) Raises OverflowError where the format gives infinity or NaN: a Fraction cannot say so; ask
        `overflows` first, or use `round_array`. ValueError when x is not finite.
        """
        check_underflow(underflow)
        result = self._nearest(_rational(x, self.name))
        if abs(result) > self.max_finite:
            raise OverflowError(
                f"{float(x):.6g} overflows {self.name} to {self.overflow}: its greatest number is {self.max_finite}; "
                "scale the terms, take a wider format, or ask overflows() first"
            )
        return Fraction(0) if underflow == "flush" and abs(result) < self.min_normal else result

    def round_array(
        self, x: Shaped[np.ndarray, "*shape"], underflow: Underflow = "gradual"
    ) -> Float[np.ndarray, "*shape"]:
        """Every entry rounded to nearest even; float64 out, same shape; about ten passes over the array, seven where no
        entry is below min_normal, beyond max_finite or NaN.

        x: floats of at most 64 bits, or integers that float64 holds. Overflow gives what the format gives (infinity of
        the sign, or NaN), an infinity too; NaN stays; the sign of zero is kept. For Q and fp64 the values are kept.
        ValueError for other dtypes, and for formats that float64 cannot emulate.
        """
        check_underflow(underflow)
        array = _float64(x)
        if self.precision is None or self.emin is None or self.emax is None:
            return array.copy()
        if self.precision == 53 and self.emin == -1022:
            if underflow == "gradual":
                return array.copy()
            return np.where(np.abs(array) < float(self.min_normal), np.copysign(0.0, array), array)
        if self.precision > 24 or self.emin - self.precision + 1 < -500 or self.emax > 500:
            raise ValueError(
                f"{self.name} with precision {self.precision}, exponents {self.emin}..{self.emax} has no float64 "
                "emulation (precision at most 24, exponents within 500): use round() on Fractions"
            )
        # Normal results: add half of the last kept bit to the 64-bit pattern, less one where the kept bit is even; a
        # carry out of the significand raises the exponent, as it should.
        shift = np.uint64(53 - self.precision)
        one = np.uint64(1)
        bits = np.ascontiguousarray(array).view(np.uint64)
        bits = bits + (((bits >> shift) & one) + ((one << (shift - one)) - one))
        rounded = ((bits >> shift) << shift).view(np.float64)
        least, greatest, anchor = self._float_limits
        magnitude = np.abs(array)
        if (small := magnitude < least).any():
            with np.errstate(invalid="ignore"):
                fixed = np.copysign((magnitude + anchor) - anchor, array)
            rounded = np.where(small, fixed, rounded)
            if underflow == "flush":
                rounded = np.where(np.abs(rounded) < least, np.copysign(0.0, array), rounded)
        if (beyond := np.abs(rounded) > greatest).any():
            rounded = np.where(beyond, np.nan if self.overflow == "nan" else np.copysign(np.inf, array), rounded)
        if (missing := np.isnan(array)).any():
            rounded = np.where(missing, np.nan, rounded)
        return rounded.reshape(array.shape)

    @cached_property
    def _float_limits(self) -> tuple[float, float, float]:
        """min_normal, max_finite and the anchor of the numbers below min_normal, whose spacing is fixed: float64's spacing at
        the anchor is the same, so that a sum with it is rounded there."""
        return float(self.min_normal), float(self.max_finite), 1.5 * 2.0**52 * float(self.min_subnormal)


def _rational(x: Fraction | int | float, name: str) -> Fraction:
    if isinstance(x, float) and not math.isfinite(x):
        raise ValueError(f"{x} cannot be rounded to {name}: give a finite number")
    return Fraction(x)


def _float64(x: np.ndarray) -> np.ndarray:
    """The array as float64 with the same values; ValueError if that is not possible."""
    array = np.asarray(x)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array.astype(np.float64, copy=False)
    if array.dtype.kind in "iub":
        if array.dtype.itemsize == 8 and array.size and (int(array.max()) > 2**53 or int(array.min()) < -(2**53)):
            raise ValueError(
                f"integers in {int(array.min())}..{int(array.max())} are beyond 2**53, where float64 skips some; "
                "use round() on Python integers"
            )
        return array.astype(np.float64)
    raise ValueError(
        f"array of dtype {array.dtype}: give float64, float32, float16 or integers (others: .astype(float))"
    )


def _binary(name: str, precision: int, emin: int, emax: int) -> Format:
    """An IEEE 754 style format: all significands of the last binade are finite, then infinity."""
    return Format(name, precision, emin, emax, (2 - Fraction(2) ** (1 - precision)) * Fraction(2) ** emax, "infinity")


Q = Format("Q", None, None, None, math.inf, "never")
FP64 = _binary("fp64", 53, -1022, 1023)
FP32 = _binary("fp32", 24, -126, 127)
TF32 = _binary("tf32", 11, -126, 127)
"""NVIDIA's 19-bit format as a format: rounding to nearest even. Tensor cores may truncate instead."""
BF16 = _binary("bf16", 8, -126, 127)
FP16 = _binary("fp16", 11, -14, 15)
FP8_E4M3FN = Format("fp8_e4m3fn", 4, -6, 8, Fraction(448), "nan")
"""Micikevicius et al., "FP8 formats for deep learning", arXiv 2209.05433: 480 is spent on NaN, there is no infinity.
Conversion that saturates to 448 instead is another choice, not made here."""
FP8_E5M2 = _binary("fp8_e5m2", 3, -14, 15)

FORMATS: dict[str, Format] = {f.name: f for f in (Q, FP64, FP32, TF32, BF16, FP16, FP8_E4M3FN, FP8_E5M2)}


def named(name: str) -> Format:
    """The format of that name; ValueError with the nearest names otherwise."""
    if name in FORMATS:
        return FORMATS[name]
    text = str(name).lower()
    near = [known for known in FORMATS if text and (known.startswith(text) or text.startswith(known))]
    near = near or get_close_matches(text, FORMATS, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise ValueError(f"no number format {name!r}: {hint}The formats are {', '.join(FORMATS)}")
