"""Operators of other libraries, found without importing their packages (which may need devices that are not here)."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["library_deltaformer"]


@cache
def library_deltaformer() -> Callable[..., Any] | None:
    """flash-linear-attention's naive Deltaformer attention, (q, k, v, beta) `(batch, time, heads, d)` -> the same shape.

    It computes in float32 whatever it is given. None when the library is not installed or holds no such file.
    """
    package = importlib.util.find_spec("fla")
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / "ops" / "deltaformer" / "naive.py"
        if not path.is_file():
            continue
        spec = importlib.util.spec_from_file_location("weightproof_peer_naive_deltaformer", path)
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ImportError:
            continue
        return getattr(module, "naive_deltaformer_attn", None)
    return None
