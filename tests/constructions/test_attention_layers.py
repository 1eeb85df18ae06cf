"""Softmax attention, windows and top-k against their definitions in 60 digits, within bounds that are nearly reached."""

import pytest
import torch
from layer_oracles import causal, largest, softmax_bound, softmax_rows, within, worst_ratio

from constructions.layers.sliding_window import sliding_window_masked, sliding_window_unfolded
from constructions.layers.softmax_attention import softmax_attention
from constructions.layers.topk_attention import topk_attention

SHAPES = [(0, 2, 1), (1, 1, 1), (2, 3, 2), (7, 2, 3), (9, 1, 2)]


def drawn(shape, seed=0, spread=1.0):
    tokens, d, m = shape
    generator = torch.Generator().manual_seed(seed)
    q, k = (spread * torch.randn(tokens, d, generator=generator, dtype=torch.float64) for _ in range(2))
    return q, k, torch.randn(tokens, m, generator=generator, dtype=torch.float64)


def fused(q, k, v, *, causal=True):
    return torch.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=causal)[0]


def right(found, q, k, v, allowed):
    return worst_ratio(found, softmax_rows(q, k, v, allowed), softmax_bound(q, k, v, allowed))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", [softmax_attention, fused])
def test_both_forms_are_softmax_attention(form, shape):
    q, k, v = drawn(shape)
    right(form(q, k, v), q, k, v, causal)
    right(form(q, k, v, causal=False), q, k, v, lambda t, _: range(len(k)))


@pytest.mark.parametrize("window", [1, 2, 5, 20])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", [sliding_window_masked, sliding_window_unfolded])
def test_both_windows_are_the_window(form, shape, window):
    q, k, v = drawn(shape)
    right(form(q, k, v, window), q, k, v, within(window))


@pytest.mark.parametrize("keep", [1, 2, 5, 20])
@pytest.mark.parametrize("shape", SHAPES)
def test_topk_reads_the_largest_scores(shape, keep):
    q, k, v = drawn(shape)
    right(topk_attention(q, k, v, keep), q, k, v, largest(keep))


def test_the_bound_is_nearly_reached():
    """Large scores that nearly cancel: the rounded scale is a relative error of the products, which the difference does not
    share. Found by drawing; a looser bound would not reach a fortieth."""
    best = 0.0
    for seed in range(40):
        q, k, v = drawn((4, 2, 1), seed, spread=12.0)
        best = max(best, right(softmax_attention(q, k, v), q, k, v, causal))
    assert best >= 1 / 40, best


def test_windows_and_topk_at_their_ends_are_full_attention():
    q, k, v = drawn((6, 2, 3))
    everything = softmax_bound(q, k, v, causal)
    full = softmax_attention(q, k, v)
    for same in (sliding_window_masked(q, k, v, 6), sliding_window_unfolded(q, k, v, 6), topk_attention(q, k, v, 6)):
        assert ((same - full).abs() <= 2 * everything).all()
    for itself in (sliding_window_masked(q, k, v, 1), sliding_window_unfolded(q, k, v, 1)):
        assert torch.equal(itself, v)


def test_one_value_for_all_is_read_back_by_powers_of_two():
    """Equal scores over 2^j keys: weights 2^-j, exact sums of small integers."""
    v = torch.arange(8, dtype=torch.float64)[:, None]
    q = k = torch.zeros(8, 2, dtype=torch.float64)
    assert softmax_attention(q, k, v)[[0, 1, 3, 7], 0].tolist() == [0, 0.5, 1.5, 3.5]
    assert sliding_window_unfolded(q, k, v, 4)[:, 0].tolist()[3:] == [1.5, 2.5, 3.5, 4.5, 5.5]
    assert torch.equal(sliding_window_masked(q, k, v, 2), sliding_window_unfolded(q, k, v, 2))
