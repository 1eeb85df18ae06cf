"""The whole torch layer, gate, norm and feed-forward included: the support of its Jacobian, by autograd, against the tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from constructions.pointer.tables import CHAIN, RESIDUAL, AllTables, path_counts, table_at
from empirics.checking import Evidence, Run, check, control, fails, holds
from empirics.checks.pointer.table_batches import Tables, listed
from theory.pointer import gate, reach

WIDTH = 4
_SCOPE = {"evaluation": "torch module, fp64, gate, norm, feed-forward and encoding; random weights and inputs"}


def _support(targets: np.ndarray, found: np.ndarray, wanted: np.ndarray, what: str) -> Evidence:
    wrong = np.argwhere((found != wanted).any(axis=-1))
    if wrong.size:
        b, i = (int(x) for x in wrong[0])
        words = f"{table_at(targets, b)}: by {what} output {i} depends on {listed(found[b, i])}, by the table on {listed(wanted[b, i])}"
        return fails(words, listed(wanted[b, i]), listed(found[b, i]))
    return holds(cases=len(targets))


def _tables(run: Run) -> dict[str, Any]:
    small = [AllTables(1, 1), AllTables(2, 1), AllTables(3, 1), AllTables(2, 2), AllTables(3, 2)]
    return {"tables": small + run.pick([], [AllTables(4, 1), AllTables(2, 4), AllTables(2, 2, 2)])}


def _differentiated(tables: Tables, switches: dict[str, Any], run: Run) -> Any:
    import torch

    from constructions.pointer.fixed_pointers import drawn, fixed_stack, reached_by

    targets = tables.targets
    blocks = drawn(fixed_stack(targets, WIDTH, expansion=2, device=run.device, **switches), run.seed)
    shape = (len(targets), targets.shape[-1], WIDTH)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(run.seed + 1), dtype=torch.float64)
    return reached_by(blocks, x.to(run.device), run.seed + 2).cpu().numpy()


@check(
    reach.residual,
    "tested",
    given=_tables,
    scope={"sizes": "all pointing tables with N <= 3, L <= 2", **_SCOPE},
)
def jacobian_of_the_layer(tables: Tables, gate: str = "sigmoid", residual: bool = True, run: Run = Run()) -> Evidence:
    """Derivatives of outputs by inputs are non-zero exactly where the table has a path, and zero, not small, elsewhere."""
    found = _differentiated(tables, {"gate": gate, "residual": residual}, run)
    return _support(tables.targets, found, path_counts(tables.targets, RESIDUAL) > 0, "differentiation")


control(
    jacobian_of_the_layer,
    "no-residual-no-gate",
    "refuted",
    residual=False,
    gate="none",
    reason="the own row is not read",
)
control(
    jacobian_of_the_layer,
    "no-residual",
    "confirmed",
    residual=False,
    reason="the gate reads the own row: with a gate there is no pure chain",
)
control(jacobian_of_the_layer, "linear-gate", "confirmed", gate="linear", reason="any gate of the own row")


@check(
    reach.chain,
    "tested",
    given=_tables,
    scope={"sizes": "all pointing tables with N <= 3, L <= 2", **_SCOPE},
)
def jacobian_of_a_chain(
    tables: Tables, gate: str = "none", residual: bool = False, norm: str = "layer", run: Run = Run()
) -> Evidence:
    """Without residual and gate, derivatives are non-zero exactly at the one input where the chain ends."""
    found = _differentiated(tables, {"gate": gate, "residual": residual, "norm": norm}, run)
    return _support(tables.targets, found, path_counts(tables.targets, CHAIN) > 0, "differentiation")


control(jacobian_of_a_chain, "with-the-residual", "refuted", residual=True, reason="the own row is read")
control(jacobian_of_a_chain, "with-a-gate", "refuted", gate="sigmoid", reason="the gate reads the own row")
control(jacobian_of_a_chain, "no-norm", "confirmed", norm="none", reason="the norm is of the gathered row alone")


@check(
    gate.no_larger,
    "tested",
    given=lambda run: {"positions": [2, 3, 6], "layers": [1, 2, 3]},
    scope={"sizes": "N <= 6, L <= 3, 8 random inputs each, pointers selected by the layer", **_SCOPE},
)
def jacobian_with_selected_pointers(
    positions: int, layers: int, training: str = "hard", ties: str = "first", run: Run = Run()
) -> Evidence:
    """Pointers selected among all positions by hard argmax: the derivative's support is that of the table they make."""
    import torch

    from constructions.layers.pointer import AllPositions, PointerBlock
    from constructions.pointer.fixed_pointers import drawn, reached_by, run_stack

    made = [
        PointerBlock(
            WIDTH,
            AllPositions(causal=False),
            training=training,
            ties=ties,
            expansion=2,
            dtype=torch.float64,
            device=run.device,
        )
        for _ in range(layers)
    ]
    blocks = drawn(torch.nn.ModuleList(made), run.seed)
    x = torch.randn(
        (8, positions, WIDTH), generator=torch.Generator().manual_seed(run.seed + 1), dtype=torch.float64
    ).to(run.device)
    targets = torch.stack(run_stack(blocks, x)[1], dim=1).cpu().numpy()
    found = reached_by(blocks, x, run.seed + 2).cpu().numpy()
    return _support(targets, found, path_counts(targets) > 0, "differentiation")


control(
    jacobian_with_selected_pointers,
    "straight-through",
    "refuted",
    training="straight-through",
    reason="gradients pass through the scores",
)
control(jacobian_with_selected_pointers, "soft", "refuted", training="soft", reason="every row is weighed")
control(jacobian_with_selected_pointers, "last-of-ties", "confirmed", ties="last", reason="random scores have no ties")
