"""The copy in torch: the same codes, their scores in a dtype, one rounded operation at a time or by a matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Int, Shaped

from constructions.pointer.copy_arithmetic import TIES
from constructions.pointer.copy_codes import Code, table

__all__ = ["TORCH_PATHS", "copy", "copy_pointers"]

TORCH_PATHS = ("separate", "wide", "returned", "matmul")


def copy_pointers(
    n: int, code: Code, distance: int, *, tie: str, dtype: torch.dtype, path: str, device: Any = "cpu"
) -> Int[torch.Tensor, " N"]:
    """Where rows 0..n-1 point among keys j <= i; int64. A NaN score wins, as torch's argmax has it. O(n^2 d).

    path: "separate" rounds every product and sum to the dtype; "wide" computes scores of what the dtype stores in float32 (float64
    for float32), "returned" rounds those to the dtype; "matmul" is whatever the device's matrix product does.
    Raises ValueError for a tie rule or path that is missing, unknown or not for this dtype, or more positions than the code has.
    """
    if tie not in TIES:
        raise ValueError(f"tie = {tie!r}: a hard argmax needs a tie rule; give one of {', '.join(TIES)}")
    if path not in TORCH_PATHS:
        raise ValueError(f"path = {path!r}: give one of {', '.join(TORCH_PATHS)}; torch has no fused multiply-add")
    if code.positions is not None and n > code.positions:
        raise ValueError(f"n = {n}: {code} has {code.positions} positions")
    if (dtype.itemsize == 1 and path in ("separate", "matmul")) or (
        dtype.itemsize == 8 and path in ("wide", "returned")
    ):
        raise ValueError(f"path = {path!r} in {dtype}: torch does not multiply fp8, and has nothing wider than float64")
    index = np.arange(n)
    q, k = (
        torch.from_numpy(table(part)).to(dtype).to(device)
        for part in (code.query(np.maximum(index - distance, 0)), code.key(index))
    )
    scores = q @ k.T if path == "matmul" else _scores(q, k, path)
    rows = torch.arange(n, device=device)
    scores = scores.masked_fill(rows[None, :] > rows[:, None], -torch.inf)
    return scores.argmax(dim=1) if tie == "first" else n - 1 - scores.flip(1).argmax(dim=1)


def _scores(q: Shaped[torch.Tensor, "N d"], k: Shaped[torch.Tensor, "N d"], path: str) -> Shaped[torch.Tensor, "N N"]:
    """Scores coordinate by coordinate; fp8 ones that are returned are compared in float32, which holds them."""
    dtype = q.dtype
    if path != "separate":
        wide = torch.float32 if dtype.itemsize <= 2 else torch.float64
        q, k = q.to(wide), k.to(wide)
    scores = q[:, None, 0] * k[None, :, 0]
    for c in range(1, q.shape[1]):
        scores = scores + q[:, None, c] * k[None, :, c]
    return scores.to(dtype).to(scores.dtype) if path == "returned" else scores


def copy(
    values: Shaped[torch.Tensor, "N m"], code: Code, distance: int, *, tie: str, dtype: torch.dtype, path: str
) -> Shaped[torch.Tensor, "N m"]:
    """The values gathered where the rows point: row i is values[i - distance] wherever the copy is exact."""
    where = copy_pointers(len(values), code, distance, tie=tie, dtype=dtype, path=path, device=values.device)
    return values[where]
