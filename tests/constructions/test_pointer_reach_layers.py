"""The torch layer with its pointers held fixed: exact path counts in every dtype that holds them, doors, and devices."""

import numpy as np
import pytest
import torch

from constructions.layers.pointer import PointerBlock
from constructions.pointer.fixed_pointers import (
    PLAIN,
    FixedPointers,
    drawn,
    fixed_stack,
    maximum_block,
    one_hot_counts,
    reached_by,
    run_stack,
)
from constructions.pointer.shifts import widest
from constructions.pointer.tables import AllTables, path_counts

INTEGERS = {torch.float16: 11, torch.bfloat16: 8, torch.float32: 24, torch.float64: 53}
"""Every integer up to 2 to this power is a number of the dtype."""


def counts_in(dtype, device, layers):
    table = widest(2**layers, layers, edge="clamp")
    found = one_hot_counts(table.targets, dtype=dtype, device=device)
    assert found.dtype == dtype
    return found[:, 0].to("cpu", torch.float64).numpy(), path_counts(table.targets)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_doubling_pointers_reach_everything_exactly(dtype):
    found, wanted = counts_in(dtype, "cpu", 6)
    assert np.array_equal(found, wanted)
    assert (wanted[0, -1] == 1).all()
    assert wanted.max() == 2**6 <= 2 ** INTEGERS[dtype]


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", INTEGERS)
def test_doubling_pointers_on_a_device(dtype):
    found, wanted = counts_in(dtype, "cuda", 8)
    assert wanted.max() == 2**8 <= 2 ** INTEGERS[dtype]
    assert np.array_equal(found, wanted)


def test_heads_that_add_rows_multiply_paths():
    table = widest(9, 2, 2, edge="clamp")
    assert np.array_equal(one_hot_counts(table.targets)[:, 0].numpy(), path_counts(table.targets))


@pytest.mark.parametrize(("targets", "told"), [([[[0, 2]]], "a target is 2"), ([[[0, -1]]], "a target is nowhere")])
def test_targets_outside_are_refused(targets, told):
    with pytest.raises(ValueError, match=told):
        FixedPointers(torch.tensor(targets))


def test_causal_is_seen():
    assert FixedPointers(torch.tensor([[[0, 0, 1]]])).causal
    assert not FixedPointers(torch.tensor([[[1, 0, 1]]])).causal


def test_the_layer_points_where_it_is_told():
    targets = AllTables(3, 2).targets[::50]
    blocks = drawn(fixed_stack(targets, 4), 0)
    _, pointers = run_stack(blocks, torch.zeros(len(targets), 3, 4, dtype=torch.float64))
    assert np.array_equal(torch.stack(pointers, 1).numpy(), targets)


def test_parameters_come_from_the_seed():
    one, same, other = (drawn(fixed_stack(AllTables(2, 1).targets, 4), seed) for seed in (0, 0, 1))
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b, _ in pairs)
    assert any(not torch.equal(a, c) for a, _, c in pairs)


def test_the_whole_layer_reaches_no_farther_in_doubling_hops():
    table = widest(8, 3, edge="clamp")
    blocks = drawn(fixed_stack(table.targets, 6, expansion=2), 3)
    x = torch.randn(1, 8, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    assert np.array_equal(reached_by(blocks, x, 5).numpy(), np.tri(8, dtype=bool)[None])


def test_the_maximum_keeps_the_residual_if_asked():
    x = torch.tensor([[[3.0], [1.0], [5.0]]], dtype=torch.float64)
    assert maximum_block()(x).flatten().tolist() == [5, 5, 5]
    assert maximum_block(causal=True)(x).flatten().tolist() == [3, 3, 5]
    assert maximum_block(residual=True)(x).flatten().tolist() == [8, 6, 10]


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_maximum_on_a_device_in_low_precision(dtype):
    x = torch.arange(256).roll(97)[None, :, None]
    assert (maximum_block(dtype=dtype, device="cuda")(x.to("cuda", dtype)) == 255).all()


def test_straight_through_reaches_through_the_scores():
    hard, straight = (
        PointerBlock(4, training=training, dtype=torch.float64, **PLAIN) for training in ("hard", "straight-through")
    )
    x = torch.randn(1, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    sizes = [reached_by(drawn(torch.nn.ModuleList([block]), 1), x, 2)[0, -1].sum().item() for block in (hard, straight)]
    assert sizes[0] <= 2
    assert sizes[1] == 5
