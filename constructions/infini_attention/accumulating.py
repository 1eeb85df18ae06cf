"""Running sums in a number format: token by token, or a segment summed first and then added, as `memory.update` does.

numpy's `add.accumulate` adds in order, each sum rounded to the array's own dtype; with ml_dtypes that is the format's own
addition. z is such a sum of features, an entry of M such a sum of products. O(n), about 30 nanoseconds a term.
"""

from __future__ import annotations

import ml_dtypes
import numpy as np
from jaxtyping import Shaped

from theory.formats import Format, named

__all__ = ["DTYPES", "running", "segment_sums", "segmented", "token_wise"]

DTYPES: dict[str, np.dtype] = {
    "fp64": np.dtype(np.float64),
    "fp32": np.dtype(np.float32),
    "bf16": np.dtype(ml_dtypes.bfloat16),
    "fp16": np.dtype(np.float16),
    "fp8_e4m3fn": np.dtype(ml_dtypes.float8_e4m3fn),
    "fp8_e5m2": np.dtype(ml_dtypes.float8_e5m2),
}
"""numpy's dtype for each format of `theory.formats` that has one."""


def dtype_of(fmt: str | Format) -> np.dtype:
    """The dtype of a format, by its name. Raises ValueError for formats without one."""
    name = fmt if isinstance(fmt, str) else fmt.name
    if name not in DTYPES:
        raise ValueError(f"numpy has no dtype for {named(name).name}; give one of {', '.join(DTYPES)}")
    return DTYPES[name]


def running(terms: Shaped[np.ndarray, " n"], start: float, fmt: str) -> Shaped[np.ndarray, " n"]:
    """The sum after each term, from `start`, every addition rounded; dtype of the format. Overflow as the format does it."""
    held = np.concatenate([[start], terms]).astype(dtype_of(fmt))
    with np.errstate(over="ignore", invalid="ignore"):
        return np.add.accumulate(held)[1:]


def token_wise(terms: Shaped[np.ndarray, " n"], fmt: str) -> float:
    """The sum of the terms, one after the other."""
    return float(running(terms, 0.0, fmt)[-1])


def segment_sums(terms: Shaped[np.ndarray, " n"], segment: int, fmt: str) -> Shaped[np.ndarray, " segments"]:
    """The sum of each segment, its terms added in order; the last one may be shorter."""
    held = terms.astype(dtype_of(fmt))
    whole = len(held) // segment * segment
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.add.accumulate(held[:whole].reshape(-1, segment), axis=1)[:, -1]
        rest = np.add.accumulate(held[whole:])[-1:]
    return np.concatenate([sums, rest])


def segmented(terms: Shaped[np.ndarray, " n"], segment: int, fmt: str) -> float:
    """The sum of the segments' sums, one after the other."""
    return float(running(segment_sums(terms, segment, fmt).astype(np.float64), 0.0, fmt)[-1])
