"""The copy in torch: the same code, its scores in a dtype, one rounded operation at a time or by a matrix product."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Int, Shaped

from constructions.pointer.copy_arithmetic import PATHS, TIES
from constructions.pointer.copy_codes import Code

__all__ = ["copy", "copy_pointers"]


def copy_pointers(
    n: int, code: Code, distance: int, *, tie: str, dtype: torch.dtype, path: str = "separate", device: str = "cpu"
) -> Int[torch.Tensor, " N"]:
    """Where rows 0..n-1 point, keys j <= i; int64. A NaN score points at itself.

    path: "separate" rounds every product and sum to the dtype; "wide" computes scores in float32 from what the dtype
    stores, "returned" rounds those to the dtype; "matmul" is what the device's matrix product does. "fused" is no torch operation.
    Raises ValueError for an unknown tie rule or path, or more positions than the code has.
    """
    known = (*(p for p in PATHS if p != "fused"), "matmul")
    if tie not in TIES or path not in known:
        raise ValueError(f"tie = {tie!r}, path = {path!r}: give one of {', '.join(TIES)} and one of {', '.join(known)}")
    if code.positions is not None and n > code.positions:
        raise ValueError(f"n = {n}: {code} has {code.positions} positions")
    index = torch.arange(n, device=device)
    q, k = (_stored(part, dtype, device) for part in (code.query((index - distance).clamp(min=0)), code.key(index)))
    if path == "matmul":
        scores = q @ k.T
    else:
        if path != "separate":
            q, k = q.float(), k.float()
        scores = q[:, None, 0] * k[None, :, 0]
        for c in range(1, q.shape[1]):
            scores = scores + q[:, None, c] * k[None, :, c]
        if path == "returned":
            scores = scores.to(dtype)
    unseen = index[None, :] > index[:, None]
    scores = scores.masked_fill(unseen, -torch.inf)
    if tie == "first":
        return scores.argmax(dim=1)
    return n - 1 - scores.flip(1).argmax(dim=1)


def _stored(coordinates: tuple | list, dtype: torch.dtype, device: str) -> Shaped[torch.Tensor, "N d"]:
    """Coordinates of all positions, each rounded once to the dtype."""
    columns = [torch.as_tensor(np.asarray(x) if isinstance(x, np.ndarray) else x, device=device) for x in coordinates]
    return torch.stack(columns, dim=1).to(dtype)


def copy(
    values: Shaped[torch.Tensor, "N m"],
    code: Code,
    distance: int,
    *,
    tie: str,
    dtype: torch.dtype,
    path: str = "separate",
) -> Shaped[torch.Tensor, "N m"]:
    """The values gathered where the rows point: row i holds values[i - distance] where the copy is exact."""
    found = copy_pointers(len(values), code, distance, tie=tie, dtype=dtype, path=path, device=str(values.device))
    return values[found]
