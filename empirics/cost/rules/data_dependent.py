"""Operations whose result, or its shape, depends on values: none exist on meta tensors, so no formula in sizes can follow."""

from __future__ import annotations

__all__ = ["DATA_DEPENDENT"]

DATA_DEPENDENT = {
    "_local_scalar_dense": "a number is read out of a tensor (.item(), bool(), int(), float(), or a branch on a tensor)",
    "is_nonzero": "a branch on a tensor",
    "equal": "torch.equal compares values",
    "allclose": "torch.allclose compares values",
    "nonzero": "the number of nonzero elements decides a shape",
    "nonzero_numpy": "the number of nonzero elements decides a shape",
    "masked_select": "the number of true elements decides a shape",
    "unique_dim": "the number of distinct values decides a shape",
    "unique_consecutive": "the number of distinct values decides a shape",
    "unique_dim_consecutive": "the number of distinct values decides a shape",
    "_unique": "the number of distinct values decides a shape",
    "_unique2": "the number of distinct values decides a shape",
    "bincount": "the largest value decides a shape",
    "repeat_interleave": "the repeats decide a shape",
}
"""Operation (without "aten::") and what about it depends on values."""
