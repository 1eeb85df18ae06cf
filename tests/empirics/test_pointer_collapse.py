"""Signs of a collapse counted by hand, and on layers."""

import torch

from constructions.layers.pointer import AllPositions, PointerBlock, Window
from empirics.collapse import NO_GRADIENT, ONE_TARGET, UNIFORM, Collapse, collapse, distinct_targets, uniform_rows


def test_distinct_targets_by_hand():
    assert distinct_targets(torch.tensor([[0, 0, 0], [0, 1, 0], [2, 1, 0]])).tolist() == [1, 2, 3]


def test_uniform_rows_by_hand():
    """Rows with a choice: the second and third; the first has one candidate."""
    scores = torch.tensor([[1.0, 5, 5], [2, 2, 7], [1, 2, 2]])
    valid = torch.ones(3, 3).tril().bool()
    assert uniform_rows(scores, valid) == 0.5
    assert uniform_rows(scores) == 0
    assert uniform_rows(torch.zeros(3, 1)) == 0


def test_signs_are_those_of_the_numbers():
    assert Collapse((4, 5), 9, 0.5, 1e-9).signs == frozenset()
    assert Collapse((4, 1), 9, 1.0, 0.0).signs == {ONE_TARGET, UNIFORM, NO_GRADIENT}
    assert Collapse((1,), 1, 0.0, 1.0).signs == frozenset(), "a single position has no other target"


def test_a_layer_is_left_as_it_was():
    torch.manual_seed(0)
    layer, x = PointerBlock(4, Window(3), training="soft"), torch.randn(2, 6, 4)
    layer(x).sum().backward()
    before = [p.grad.clone() for p in layer.parameters()]
    assert collapse(layer, x).signs == frozenset()
    assert all(map(torch.equal, before, (p.grad for p in layer.parameters())))


def test_every_position_alike_is_a_collapse_of_the_scores():
    """Equal rows, no encoding: all scores of a row are equal, and softmax weights of equal rows have no gradient."""
    layer = PointerBlock(4, AllPositions(causal=False), training="soft", encode="none", dtype=torch.float64)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(p.sign())
    assert {UNIFORM, ONE_TARGET} <= collapse(layer, torch.ones(1, 4, 4, dtype=torch.float64)).signs
