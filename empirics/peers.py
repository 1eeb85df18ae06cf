"""The operator of flash-linear-attention, where its package is installed, beside ours: an optional peer, never copied here.

Its reference form is one file, `fla/ops/deltaformer/naive.py` of the distribution fla-core 0.4 or later (the kernels around it
need Triton, this file does not), and is loaded by its path. `pip install --no-deps fla-core` is enough.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["WHY_ABSENT", "fla_naive"]

WHY_ABSENT = "fla/ops/deltaformer/naive.py is not installed; pip install --no-deps fla-core"


@cache
def fla_naive() -> Callable[..., Any] | None:
    """flash-linear-attention's naive Deltaformer, None where it is not installed.

    f(q, k, v, beta=None), tensors `(batch, heads, T, d)`, beta `(batch, heads, T)` -> o `(batch, heads, T, d)`: both kernels
    softmax with scale d ** -0.5, w = q, computed in float32 whatever the dtype. Work O(T^2 d), memory O(T^2) a head.
    """
    found = importlib.util.find_spec("fla")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "ops" / "deltaformer" / "naive.py"
        if path.is_file():
            spec = importlib.util.spec_from_file_location("fla_deltaformer_naive", path)
            if spec is None or spec.loader is None:
                continue
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return lambda q, k, v, beta=None: _heads_second(module.naive_deltaformer_attn, q, k, v, beta)
    return None


def _heads_second(naive: Callable[..., Any], q: Any, k: Any, v: Any, beta: Any) -> Any:
    """Theirs has time before heads."""
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    return naive(q, k, v, None if beta is None else beta.transpose(1, 2)).transpose(1, 2)
