"""The torch layer, stripped to adding rows, against the table calculus: path counts, heads, hops and the maximum, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.pointer.jumping import hops
from constructions.pointer.tables import AllTables, path_counts, table_at
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.table_batches import Tables
from theory.pointer import distances, heads, reach
from theory.pointer.tables import PointerTable

_ONE = [AllTables(n, layers) for n, layers in ((1, 0), (1, 1), (2, 1), (3, 1), (2, 2), (2, 3), (3, 2), (4, 1))]
_MANY = [AllTables(2, 1, 2), AllTables(2, 2, 2), AllTables(3, 1, 2), AllTables(2, 1, 3)]
_FP64 = {"evaluation": "torch module, fp64; whole numbers, nothing is rounded"}


def _differs(tables: Tables, found: Any, wanted: Any) -> Evidence:
    """found and wanted: (batch, N, N) numbers."""
    wrong = np.argwhere((found != wanted).any(axis=-1))
    if wrong.size:
        b, i = (int(x) for x in wrong[0])
        table = table_at(tables.targets, b)
        words = f"{table}: the layer makes {found[b, i].tolist()} of one-hot inputs at {i}, the table {wanted[b, i].tolist()}"
        return fails(words, wanted[b, i].tolist(), found[b, i].tolist(), {"tables": table})
    return holds(cases=len(found))


@check(
    reach.residual,
    "exhausted",
    given=lambda run: {"tables": _ONE + run.pick([], [AllTables(3, 3), AllTables(4, 2)])},
    scope={"sizes": "all pointing tables with N <= 2, L <= 3; N = 3, L <= 2; N = 4, L = 1", **_FP64},
)
def layer_counts_paths(
    tables: Tables,
    residual: bool = True,
    gate: str = "none",
    combine: str = "sum",
    training: str = "hard",
    run: Run = Run(),
) -> Evidence:
    """Every table: one-hot rows through the layers come out as path counts."""
    from constructions.pointer.fixed_pointers import one_hot_counts

    switches = {"residual": residual, "gate": gate, "combine": combine, "training": training, "device": run.device}
    return _differs(tables, one_hot_counts(tables.targets, **switches)[:, 0].cpu().numpy(), path_counts(tables.targets))


control(layer_counts_paths, "no-residual", "refuted", residual=False, reason="one path, not two")
control(layer_counts_paths, "sigmoid-gate", "refuted", gate="sigmoid", reason="a half open gate does not count")
control(layer_counts_paths, "soft", "confirmed", training="soft", reason="the only candidate has all the weight")
control(layer_counts_paths, "slices-of-one-head", "confirmed", combine="slices", symmetry="one head's slice is the row")


@check(
    heads.mixed,
    "exhausted",
    given=lambda run: {"tables": _MANY + run.pick([], [AllTables(3, 2, 2)])},
    scope={"sizes": "all pointing tables with N = 2, H L <= 4; N = 3, H = 2, L = 1", **_FP64},
)
def layer_counts_paths_of_heads(
    tables: Tables, residual: bool = True, combine: str = "sum", run: Run = Run()
) -> Evidence:
    """Every table: one-hot rows through layers whose heads add full rows come out as path counts."""
    from constructions.pointer.fixed_pointers import one_hot_counts

    found = one_hot_counts(tables.targets, combine=combine, residual=residual, device=run.device)[:, 0].cpu().numpy()
    return _differs(tables, found, path_counts(tables.targets))


control(layer_counts_paths_of_heads, "no-residual", "refuted", residual=False, reason="H rows, not H + 1")
control(layer_counts_paths_of_heads, "first-slice", "refuted", combine="slices", reason="the slice of head 1 alone")


@check(
    heads.slices,
    "exhausted",
    given={"tables": _MANY},
    scope={"sizes": "all pointing tables with N = 2, H L <= 4; N = 3, H = 2, L = 1", **_FP64},
)
def layer_keeps_slices_apart(
    tables: Tables, combine: str = "slices", training: str = "hard", run: Run = Run()
) -> Evidence:
    """Every table: slice h of the output has the path counts of head h alone."""
    from constructions.pointer.fixed_pointers import one_hot_counts

    found = one_hot_counts(tables.targets, combine=combine, training=training, device=run.device).cpu().numpy()
    for h in range(tables.targets.shape[2]):
        alone = _differs(tables, found[:, min(h, found.shape[1] - 1)], path_counts(tables.targets[:, :, h : h + 1]))
        if alone.words:
            return alone
    return holds(cases=len(found))


control(layer_keeps_slices_apart, "soft", "confirmed", training="soft", reason="the only candidate has all the weight")
control(layer_keeps_slices_apart, "added", "refuted", combine="sum", reason="each head reads the whole row")


@check(
    distances.jumping,
    "exhausted",
    given=lambda run: {"tables": [AllTables(n, 1) for n in range(1, run.pick(5, 6))]},
    scope={"sizes": "all tables with N <= 4, l <= 3", **_FP64},
)
def layer_jumps(tables: Tables, fewer: int = 0, training: str = "hard", run: Run = Run()) -> Evidence:
    """Every table: the layer's pointers after l = 0..3 rounds (`fewer`), and the rows it reads, are 2^l hops away."""
    import torch

    from constructions.pointer.fixed_pointers import PLAIN, fixed_stack, run_stack

    first = tables.targets[:, 0, 0]
    start = torch.eye(tables.n, dtype=torch.float64, device=run.device).expand(len(first), -1, -1)
    for count in range(4):
        switches = {
            **PLAIN,
            "residual": False,
            "rounds": max(count - fewer, 0),
            "training": training,
            "device": run.device,
        }
        out, pointers = run_stack(fixed_stack(tables.targets, tables.n, **switches), start)
        found, wanted = pointers[0][:, 0].cpu().numpy(), hops(first, 2**count)
        read = out.detach().argmax(-1).cpu().numpy()
        for name, reached in (("points at", found), ("reads", read)):
            wrong = np.argwhere(reached != wanted)
            if wrong.size:
                b, i = (int(x) for x in wrong[0])
                table = PointerTable(tables.n, [[first[b].tolist()]])
                words = (
                    f"{table}: after {count} rounds {i} {name} {reached[b, i]}, {2**count} hops lead to {wanted[b, i]}"
                )
                return fails(words, wanted[b, i], reached[b, i], {"tables": table})
    return holds(cases=4 * len(first))


control(layer_jumps, "one-round-fewer", "refuted", fewer=1, reason="half as many hops")
control(layer_jumps, "soft", "confirmed", training="soft", reason="the only candidate has all the weight")


@check(
    reach.maximum,
    "exhausted",
    given=lambda run: {"case": [(n, causal) for n in range(1, run.pick(7, 10)) for causal in (False, True)]},
    scope={"sizes": "all x in {0, 1}^N, N <= 6, causal or not", **_FP64},
)
def layer_returns_the_maximum(
    case: tuple[int, bool], sign: float = 1.0, training: str = "hard", run: Run = Run()
) -> Evidence:
    """The block with scores s_ij = x_j returns the maximum of what each position may see."""
    import torch

    from constructions.pointer.fixed_pointers import maximum_block

    n, causal = case
    x = np.stack(np.unravel_index(np.arange(2**n), (2,) * n), axis=-1)
    wanted = np.maximum.accumulate(x, axis=1) if causal else np.broadcast_to(x.max(axis=1, keepdims=True), x.shape)
    block = maximum_block(sign, causal=causal, training=training, device=run.device)
    found = block(torch.tensor(x[..., None], dtype=torch.float64, device=run.device))[..., 0].detach().cpu().numpy()
    wrong = np.argwhere(found != wanted)
    if wrong.size:
        b, i = (int(v) for v in wrong[0])
        words = f"{n} positions{', causal' if causal else ''}, x = {x[b].tolist()}: the layer returns {found[b, i]:g} at {i}"
        return fails(words, wanted[b, i], found[b, i])
    return holds(cases=2**n)


control(layer_returns_the_maximum, "least-value", "refuted", sign=-1.0, reason="the minimum is read")
control(layer_returns_the_maximum, "soft", "refuted", training="soft", reason="a mean with softmax weights")
control(layer_returns_the_maximum, "scores-doubled", "confirmed", sign=2.0, symmetry="argmax of 2 x is argmax of x")
