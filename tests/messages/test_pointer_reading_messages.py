"""What a reading says when it is given what does not fit: what, where, the value, and what to do."""

import sys

import numpy as np
import pytest
import torch

from constructions.layers.pointer import PointerModel
from empirics.pointer_training import train
from empirics.reading import count, draw, read, read_model, sample

P = np.zeros((1, 2, 1, 3), dtype=int)


def pointing(at, target):
    found = P.copy()
    found[at] = target
    return found


class Odd(torch.nn.Module):
    """A model whose parameter nobody can draw anew."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(2))

    def follow(self, tokens):
        return tokens


REFUSALS = {
    "three axes": (
        lambda: count(P[0]),
        "read: pointers has shape (2, 1, 3) and dtype int64; give integers (layers, batch, heads, N), no axis empty",
    ),
    "no sequence": (lambda: count(P[:, :0]), "read: pointers has shape (1, 0, 1, 3) and dtype int64; give integers"),
    "floats": (lambda: count(P * 1.0), "read: pointers has shape (1, 2, 1, 3) and dtype float64; give integers"),
    "outside": (
        lambda: count(pointing((0, 1, 0, 2), 3)),
        "read: pointers: layer 0, sequence 1, head 0: position 2 points at 3, outside a sequence of 3; give 0..2",
    ),
    "before": (lambda: count(torch.from_numpy(P - 1)), "position 0 points at -1, outside a sequence of 3; give 0..2"),
    "ahead": (
        lambda: count(pointing((0, 1, 0, 1), 2)),
        "read: pointers: layer 0, sequence 1, head 0: position 1 points at 2, ahead; give causal=False if that is meant",
    ),
    "level": (lambda: count(P, level=1), "read: level = 1; give a probability between 0 and 1"),
    "long": (lambda: count(P, long=0), "read: long = 0; give a positive integer"),
    "bins": (lambda: count(P, bins=0), "read: bins = 0; give a positive integer"),
    "permutations": (lambda: count(P, permutations=0), "read: permutations = 0; give a positive integer"),
    "untrained elsewhere": (
        lambda: read(P, pointing((0, 0, 0, 0), 1)),
        "read: untrained: layer 0, sequence 0, head 0: position 0 points at 1, ahead",
    ),
    "untrained of another shape": (
        lambda: read(P, P[:, :1]),
        "read: untrained has shape (1, 1, 1, 3), the pointers (1, 2, 1, 3); give those of the same layers",
    ),
    "no follow": (
        lambda: read_model(torch.nn.Linear(2, 2), torch.zeros(1, 2)),
        "read: Linear has no follow(tokens); give its pointers to read() instead",
    ),
    "no way to draw anew": (
        lambda: read_model(Odd(), torch.zeros(1, 2)),
        "read: the model (Odd) has no reset_parameters(); give fresh=, a function that makes an untrained model",
    ),
    "unknown null": (lambda: sample("normal", (1, 1, 1, 3)), "sample: null = 'normal'; give one of uniform_causal, "),
    "head": (lambda: draw(read(P, P), head=1), "draw: head = 1; 1 were read, give 0..0"),
    "sequence": (lambda: draw(read(P, P), sequence=-1), "draw: sequence = -1; 2 were read, give 0..1"),
    "training": (
        lambda: train(training="gumbel"),
        "train: training = 'gumbel'; give one of 'straight-through', 'soft', ",
    ),
    "distance": (
        lambda: train(distance=24),
        "train: distance = 24; give one from 1 to 23, or two, the smaller first",
    ),
    "distances": (
        lambda: train(distance=(5, 3)),
        "train: distance = (5, 3); give one from 1 to 23, or two, the smaller",
    ),
    "steps": (lambda: train(steps=0), "train: steps = 0; give a positive integer"),
    "words": (
        lambda: read_model(PointerModel(3, 4, 1), torch.zeros(1, 2)),
        "PointerModel: tokens is (1, 2) torch.float32",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_says_what_where_and_what_to_do(call, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        call()
    assert message in str(refused.value)


def test_figures_without_matplotlib_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"draw needs matplotlib: pip install 'weightproof\[notebooks\]'"):
        draw(read(P, P))
