"""The operator of flash-linear-attention, where its package is installed, beside ours: an optional peer, never copied here.

Its reference form is one file, `fla/ops/deltaformer/naive.py` of the distribution fla-core 0.4 or later (the kernels around it
need Triton, this file does not), and is loaded by its path. `pip install --no-deps fla-core` is enough. Its kernels are imported
as they are, on a GPU and with Triton.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["WHY_ABSENT", "fla_first_stage", "fla_naive"]

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


@cache
def fla_first_stage() -> tuple[Callable[..., Any] | None, str]:
    """flash-linear-attention's chunked kernel of the first stage, and "", or None and the reason.

    f(q, k, v, beta) -> u, all as for `fla_naive`: kernel softmax with scale d ** -0.5, w = q, chunks of its own choice; CUDA alone.
    """
    import torch

    if not torch.cuda.is_available():
        return None, "its kernels need a GPU, and torch sees none"
    try:
        module = importlib.import_module("fla.ops.deltaformer.parallel")
        apply, chunk = module.ParallelDeltaformerFunction.apply, module.BLOCK_SIZE_C
    except (ImportError, AttributeError) as error:
        return None, f"fla.ops.deltaformer.parallel: {error}"

    def run(q: Any, k: Any, v: Any, beta: Any) -> Any:
        length = q.shape[2]
        given = [x.transpose(1, 2).contiguous() for x in (q, k, v, beta)]
        return apply(*given, min(chunk, length), None).transpose(1, 2)

    return run, ""
