"""What a trained layer does with swaps, in terms that no change of basis alters: inner products of its unit keys, and beta.

    beta_t <k_s, k_t>       over pairs of swap tokens; the construction's are 2 on the diagonal, +-1 for swaps that share a slot, else 0
    cos(q_a - q_b, k_ab)    queries of two slots differ along the key of their swap: 1 in the construction
    <k_jx, k_jy>            keys of writes into one slot: 1 in the construction, whatever the content

A key's sign changes nothing, as k (x) k has none: `signed` chooses the signs nearest to a given matrix. Names of slots are told by the
tokens, so there are no permutations to choose. Derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from empirics.store import Values
from empirics.tasks import SwapTracking
from empirics.training.flat import Shell
from empirics.training.loop import Trained
from empirics.training.models import TokenModel
from empirics.training.plan import Plan

__all__ = ["kernels_of", "of_trained", "signed", "theorem"]


def theorem(n: int) -> Float[np.ndarray, "swaps swaps"]:
    """2 <k_s, k_t> of k_ab = (e_a - e_b) / sqrt 2, in the order of the task's tokens."""
    keys = np.array([np.eye(n)[a] - np.eye(n)[b] for a, b in SwapTracking(n).pairs])
    return keys @ keys.T


def kernels_of(task: SwapTracking, model: TokenModel | Any) -> Values:
    """beta, kernel, reads and writes as above, of a model of one layer and one head with a gate and unit keys w = k.

    ValueError for a mixer without them.
    """
    block: Any = model.blocks[0]
    mixer = block.mixer
    gate = getattr(mixer, "beta_gate", None) or getattr(mixer, "gate", None)
    if gate is None:
        raise ValueError(f"kernels_of: {type(mixer).__name__} has no beta; give a Deltaformer or the delta rule")
    most = getattr(mixer, "beta_range", None) or getattr(mixer, "most", 1)
    with torch.no_grad():
        x = block.before(model.embedding.weight)
        key, query = (nn.functional.normalize(project(x).double(), dim=-1) for project in (mixer.key, mixer.query))
        beta = most * gate(x)[:, 0].double().sigmoid()
    n, swaps = task.n, slice(task.first_swap, task.first_read)
    reads, k = query[task.first_read :], key[swaps]
    apart = torch.stack([reads[a] - reads[b] for a, b in task.pairs])
    writes = key[: task.first_swap].view(n, n, -1)
    return {
        "beta": beta[swaps].tolist(),
        "kernel": (beta[swaps, None] * (k @ k.mT)).tolist(),
        "reads": nn.functional.cosine_similarity(apart, k, dim=-1).abs().tolist(),
        "writes": float((writes @ writes.mT).min()),
    }


def of_trained(plan: Plan, seeds: Sequence[int], trained: Trained) -> list[Values]:
    """The same of every seed."""
    task, rows = plan.task, trained.weights
    if not isinstance(task, SwapTracking) or rows is None:
        raise ValueError("of_trained: give weights that were trained to track swaps")
    return [kernels_of(task, _loaded(trained.shell, row)) for row in rows]


def _loaded(shell: Shell, row: Tensor) -> Any:
    return shell.load(row)


def signed(kernel: Any, target: Float[np.ndarray, "swaps swaps"]) -> Float[np.ndarray, "swaps swaps"]:
    """The kernel with the signs of keys for which its greatest distance from the target is least; the first key keeps its own. Over
    2^(swaps - 1) choices: at most 10 swaps. ValueError for more."""
    made = np.asarray(kernel, dtype=float)
    if len(made) > 10:
        raise ValueError(f"signed: {len(made)} swaps; give at most 10")
    choices = (np.array((1, *rest)) for rest in product((1, -1), repeat=len(made) - 1))
    return min((made * np.outer(s, s) for s in choices), key=lambda found: float(abs(found - target).max()))
