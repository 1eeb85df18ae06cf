"""Repeated tokens: equal scores where they are promised, decoding against the whole; cold temperatures and scores that are NaN."""

import pytest
import torch

from constructions.layers.pointer import (
    AllPositions,
    Buckets,
    Listed,
    PointerBlock,
    PreviousPointers,
    Strides,
    Window,
    select,
)
from constructions.layers.pointer.running import running_argmax, tiled_argmax
from constructions.layers.pointer.scoring import of_listed

TOKENS = 40
RULES = (
    AllPositions(),
    Window(7),
    Strides((1, 2, 4, 8)),
    Buckets(5, 2),
    PreviousPointers(6),
    Listed(tuple((max(i - 5, 0), max(i - 1, 0), i) for i in range(TOKENS))),
)


@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_decoding_is_the_whole_where_sums_are_exact(rule, ties, width):
    """Three tokens over and over, entries -1, 0, 1: keys at most 64, rows and scores far below 2^24, exact in fp32 in any order."""
    draw = torch.Generator().manual_seed(width)
    how = {"heads": 2, "ties": ties, "encode": "none", "gate": "none", "norm": "none", "expansion": 0, "rounds": 0}
    layer = PointerBlock(width, rule, **how)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randint(-1, 2, p.shape, generator=draw))
    x = torch.randint(-1, 2, (3, width), generator=draw).float()[torch.randint(3, (2, TOKENS), generator=draw)]
    hops = torch.stack([torch.randint(t + 1, (2, 2), generator=draw) for t in range(TOKENS)], -1)
    whole, state = layer.point(x, hops), layer.init_state(2)
    repeated = 0
    for t in range(TOKENS):
        (row, pointers), state = layer.step_point(x[:, t], state, hops[..., t])
        assert torch.equal(pointers, whole.pointers[..., t])
        assert torch.equal(row, whole.output[:, t])
        chosen = x.gather(1, pointers[:, :1, None].expand(-1, -1, width).reshape(2, 1, width))
        repeated += int((x[:, : t + 1] == chosen).all(-1).sum(1).max() > 1)
    assert repeated > TOKENS // 2  # ties there were


@pytest.mark.parametrize("scaled", ["pairwise", "scaled"])
@pytest.mark.parametrize("width", [31, 32, 100])
def test_equal_listed_keys_tie_in_every_order_and_shape(width, scaled):
    draw = torch.Generator().manual_seed(0)
    few = torch.randn(2, 3, width, generator=draw)
    which = torch.randint(3, (20,), generator=draw)
    q, k = torch.randn(2, 9, width, generator=draw), few[:, which]
    index = torch.stack([torch.randperm(20, generator=draw) for _ in range(9)])
    found = of_listed(scaled, q, k, index, None).scores
    apart = of_listed(scaled, q, few, torch.arange(3).expand(9, 3), None).scores
    assert torch.equal(found, apart.gather(-1, which[index].expand(2, 9, 20)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("temperature", [1e-38, 1e-5, 1.0, 1e38])
@pytest.mark.parametrize("training", ["soft", "straight-through"])
def test_weights_are_finite_at_every_temperature(dtype, temperature, training):
    scores = torch.tensor([[3.0, 30000.0, -30000.0, 30000.0, 7.0]], dtype=dtype, requires_grad=True)
    valid = torch.tensor([[True, True, True, True, False]])
    weights = select(scores, torch.arange(5), valid, training=training, temperature=temperature).weights
    assert weights[0, 4] == 0
    assert weights[0, 1] == weights[0, 3]
    cold = [0, 0.5, 0, 0.5, 0] if temperature < 1e30 else [0.25] * 4 + [0]
    assert torch.equal(weights, torch.tensor([cold], dtype=dtype))
    if 1 / temperature > torch.finfo(dtype).max / 4:
        return  # of equal scores the derivative is as large as that, rightly
    (weights * torch.arange(5.0).to(dtype)).sum().backward()
    assert scores.grad.isfinite().all()


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("causal", [True, False])
def test_a_score_that_is_nan_points_inside_and_leaves_other_rows_alone(causal, ties):
    """Key 3 of 8 has no score: which candidate a row that sees it has is open, and that it is one is not."""
    score = torch.tensor([0.0, 1, 2, float("nan"), 4, 0, 5, 5])
    clean, at = score.nan_to_num(0.0), torch.arange(8)
    every = score.expand(8, 8), at, (at <= at[:, None]) if causal else None
    found = [select(*every, ties=ties).pointers, running_argmax(score, causal=causal, ties=ties)]
    ones = torch.ones(8, 1)
    found += [
        tiled_argmax(lambda q, k: q @ k.mT, ones, score[:, None], c, causal=causal, ties=ties) for c in (1, 2, 3, 8)
    ]
    wanted = running_argmax(clean, causal=causal, ties=ties)
    for pointers in found:
        assert (pointers >= 0).all()
        assert (pointers <= (at if causal else 7)).all()
        if causal:
            assert torch.equal(pointers[:3], wanted[:3])
