"""What a Pointer layer says when it is given what does not fit: what, where, the value, and what to do."""

import pytest
import torch

from constructions.layers.pointer import (
    AllPositions,
    Buckets,
    Listed,
    PointerBlock,
    PointerModel,
    PreviousPointers,
    Strides,
    Window,
    powers_of_two,
    select,
    shifted_loss,
)
from constructions.layers.pointer.buckets import bucket
from constructions.layers.pointer.running import running_argmax, tiled_argmax
from empirics.collapse import collapse

X = torch.zeros(2, 5, 4)
BLOCK = PointerBlock(4, heads=2)
HOPS = PointerBlock(4, PreviousPointers(4), heads=2)
AT = torch.arange(3)


def pointing(*numbers, shape=(2, 2, 5)):
    return torch.tensor(numbers * (torch.Size(shape).numel() // len(numbers))).reshape(shape)


REFUSALS = {
    "window of none": (lambda: Window(0), "Window: size = 0; give a positive integer"),
    "no candidate": (lambda: Buckets(0, 1), "Buckets: count = 0; give a positive integer"),
    "no bit": (lambda: Buckets(2, 0), "Buckets: bits = 0; give a positive integer"),
    "more bits than coordinates": (
        lambda: PointerBlock(4, Buckets(2, 3), heads=2),
        "PointerBlock: buckets of 3 bits from keys of 2 coordinates a head; give at most as many bits, or fewer heads",
    ),
    "bits of keys": (lambda: bucket(X, 5), "Buckets: bits = 5 of keys of 4 coordinates; give at most as many bits"),
    "no hop": (lambda: PreviousPointers(0), "PreviousPointers: count = 0; give a positive integer"),
    "endless window": (lambda: Window(10**20), f"Window: size = {10**20}; give a positive integer below 2^63"),
    "endless buckets": (lambda: Buckets(2**63, 1), f"Buckets: count = {2**63}; give a positive integer below 2^63"),
    "stride beyond 64 bits": (
        lambda: Strides((2**63,)),
        f"Strides: a stride is {2**63}; give positive integers below 2^63",
    ),
    "strides as a number": (
        lambda: Strides(3),
        "Strides: strides = 3; give a tuple of positive integers, powers_of_two(4) for example",
    ),
    "lists as a number": (
        lambda: Listed(3),
        "Listed: lists is of type int; give a tuple of tuples of positions, one a position",
    ),
    "a list as a number": (
        lambda: Listed(((0,), 1)),
        "Listed: candidates of position 1 are of type int; give a tuple of positions",
    ),
    "half a candidate": (
        lambda: Listed(((0.5,),)),
        "Listed: position 0 has the candidate 0.5, no integer; give 0..0",
    ),
    "a candidate as an answer": (
        lambda: Listed(((0,), (True,))),
        "Listed: position 1 has the candidate True, no integer; give 0..1",
    ),
    "step pointing ahead": (
        lambda: HOPS.step(X[:, 0], HOPS.init_state(2), torch.full((2, 2), 999)),
        "PointerBlock.step: previous points at 999, outside the sequence; give 0..0",
    ),
    "step pointing ahead, encoded alone": (
        lambda: BLOCK.step(X[:, 1], BLOCK.step(X[:, 0], BLOCK.init_state(2))[1], torch.tensor([[0, 1], [1, 2]])),
        "PointerBlock.step: previous points at 2, outside the sequence; give 0..1",
    ),
    "colder than fp32": (
        lambda: PointerBlock(4, temperature=1e-45),
        "PointerBlock: temperature = 1e-45; give a positive number, 1e-38 to 1e38",
    ),
    "no stride": (lambda: Strides(()), "Strides: strides is empty; give at least one positive integer"),
    "stride zero": (lambda: Strides((1, 0)), "Strides: a stride is 0; give positive integers"),
    "stride back": (lambda: Strides((-2,)), "Strides: a stride is -2; give positive integers"),
    "no power": (lambda: powers_of_two(0), "powers_of_two: count = 0; give a positive integer"),
    "outside the sequence": (
        lambda: Listed(((0,), (2,))),
        "Listed: position 1 has the candidate 2, outside a sequence of 2; give 0..1",
    ),
    "uneven lists": (
        lambda: Listed(((0,), (0, 1))),
        "Listed: position 1 has 2 candidates, position 0 has 1; give each position as many, at least one",
    ),
    "lists of another length": (
        lambda: PointerBlock(4, Listed(((0,), (1,))))(X),
        "Listed: candidates of 2 positions for a sequence of 5; give one list a position",
    ),
    "unknown ties": (
        lambda: PointerBlock(4, ties="random"),
        "PointerBlock: ties = 'random'; give one of 'first', 'last'",
    ),
    "ties of a selection": (
        lambda: select(torch.zeros(1, 3), AT, ties="any"),
        "select: ties = 'any'; give one of 'first', 'last'",
    ),
    "ties of a running maximum": (
        lambda: running_argmax(torch.zeros(3), ties="any"),
        "running_argmax: ties = 'any'; give one of 'first', 'last'",
    ),
    "tile": (lambda: tiled_argmax(torch.matmul, X, X, 0), "tiled_argmax: tile = 0; give a positive integer"),
    "unknown training": (
        lambda: select(torch.zeros(1, 3), AT, training="gumbel"),
        "select: training = 'gumbel'; give one of 'hard', 'straight-through', 'soft'",
    ),
    "no temperature": (
        lambda: PointerBlock(4, temperature=0),
        "PointerBlock: temperature = 0; give a positive number",
    ),
    "temperature of a selection": (
        lambda: select(torch.zeros(1, 3), AT, temperature=float("nan")),
        "select: temperature = nan; give a positive number",
    ),
    "no rule": (
        lambda: PointerBlock(4, 16),
        "PointerBlock: candidates is of type int; give a rule, Window(16) for example",
    ),
    "heads": (
        lambda: PointerBlock(4, heads=3),
        "PointerBlock: width 4 is not divisible by 3 heads; give heads that divide 4",
    ),
    "rounds": (
        lambda: PointerBlock(4, rounds=-1),
        "PointerBlock: rounds = -1; give a non-negative integer, 0 for none",
    ),
    "encode": (
        lambda: PointerBlock(4, encode="rotary"),
        "PointerBlock: encode = 'rotary'; give one of 'sinusoidal', 'offset', 'none'",
    ),
    "gate": (lambda: PointerBlock(4, gate="relu"), "gate = 'relu'; give one of 'sigmoid', 'linear', 'none'"),
    "tiles of a window": (
        lambda: PointerBlock(4, Window(2), form="tiled"),
        "PointerBlock: form = 'tiled' is for all positions, not for Window(size=2, causal=True); give form='written-out'",
    ),
    "tiles that train": (
        lambda: PointerBlock(4, form="tiled", training="soft"),
        "PointerBlock: form = 'tiled' keeps no scores, which training = 'soft' needs; give form='written-out' or training='hard'",
    ),
    "running over pairs": (
        lambda: PointerBlock(4, form="running"),
        "PointerBlock: form = 'running' needs targets that do not depend on the query, score = 'pairwise'; give "
        "score='additive' or form='tiled'",
    ),
    "tokens": (lambda: BLOCK(X[0]), "PointerBlock: x has shape (5, 4); expected (batch, time, 4)"),
    "dtype": (lambda: BLOCK(X.double()), "PointerBlock: x has dtype torch.float64, the weights torch.float32; give"),
    "pointers of another shape": (
        lambda: BLOCK(X, pointing(0, shape=(2, 5))),
        "PointerBlock: previous is (2, 5); give pointers (batch, heads, time) = (2, 2, 5)",
    ),
    "pointers as numbers": (
        lambda: BLOCK(X, pointing(0.0)),
        "PointerBlock: previous has dtype torch.float32 on cpu; give torch.int64 on cpu",
    ),
    "pointers ahead of the sequence": (
        lambda: BLOCK(X, pointing(0, 1, 2, 3, 5)),
        "PointerBlock: previous points at 5, outside the sequence; give 0..4",
    ),
    "pointers before the sequence": (
        lambda: BLOCK(X, pointing(-1)),
        "PointerBlock: previous points at -1, outside the sequence; give 0..4",
    ),
    "step both ways": (
        lambda: PointerBlock(4, AllPositions(causal=False)).init_state(1),
        "PointerBlock.init_state: the candidates are not causal, so there is no step; give causal=True",
    ),
    "another batch": (
        lambda: BLOCK.step(X[:, 0], BLOCK.init_state(3)),
        "PointerBlock.step: the state is for batch and heads (3, 2), the token for (2, 2); make it with init_state(2)",
    ),
    "no state": (
        lambda: BLOCK.step(X[:, 0], ()),
        "PointerBlock.step: state is of type tuple; make it with init_state(batch)",
    ),
    "words": (
        lambda: PointerModel(3, 4, 1)(torch.zeros(2, 5)),
        "PointerModel: tokens is (2, 5) torch.float32; give integers (batch, time), torch.int64 or torch.int32",
    ),
    "unknown word": (lambda: PointerModel(3, 4, 1)(torch.tensor([[0, 3]])), "PointerModel: a token is 3; give 0..2"),
    "no layer": (lambda: PointerModel(3, 4, 0), "PointerModel: layers = 0; give a positive integer"),
    "loss of one token": (
        lambda: shifted_loss(torch.zeros(2, 1, 3), torch.zeros(2, 1, dtype=torch.long)),
        "shifted_loss: 1 tokens a sequence have no next one; give at least 2",
    ),
    "loss of other tokens": (
        lambda: shifted_loss(torch.zeros(2, 4, 3), torch.zeros(2, 5, dtype=torch.long)),
        "shifted_loss: the shapes do not fit together: logits (2, 4, 3), tokens (2, 5); expected",
    ),
    "collapse of nothing": (
        lambda: collapse(BLOCK, X[:, :0]),
        "collapse: x has shape (2, 0, 4); give at least one token",
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusals_say_what_where_and_what_to_do(call, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        call()
    assert message in str(refused.value)
