"""Operators and constructions on small integers, in every format and on every device: equal to the exact oracle, bit for bit.

The bound is 0 and is derived: every entry, product and partial sum is an integer that each format holds (bfloat16: up to 256,
float16 and operands in tf32: up to 2048), and sums of such integers do not depend on their order.
"""

import numpy as np
import pytest
import torch

from constructions.deltaformer.edge_tokens import EdgeTokens
from constructions.deltaformer.reachability import NodeTokens
from constructions.deltaformer.swap_tracker import SwapTracker
from constructions.layers.delta_rule import delta_rule_chunked, delta_rule_loop
from constructions.layers.deltaformer import FORMS, attention
from constructions.layers.linear_attention import (
    linear_attention_chunked,
    linear_attention_cumsum,
    linear_attention_loop,
)
from constructions.layers.scan import affine, blelloch_scan, hillis_steele_scan, sequential_scan
from constructions.layers.sort_mixing import sort_mixing
from empirics.tasks import Copying, Passkey, Recall, named
from empirics.training import copiers
from empirics.training.evaluation import evaluate
from empirics.training.flat import PRECISIONS, computing
from empirics.training.hand_built import constructed
from theory.programs import Dag, SwapProgram

pytestmark = [
    pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]),
    pytest.mark.parametrize("precision", PRECISIONS),
]


def dtype_of(precision):
    return torch.float32 if precision == "tf32" else getattr(torch, precision)


def products(precision, device):
    """Products of float32 tensors in tf32 or not; tensors of half formats need no context."""
    return computing("tf32" if precision == "tf32" else "float32", device)


def drawn(*shape, low=-1, high=1, seed=0):
    return torch.randint(low, high + 1, shape, generator=torch.Generator().manual_seed(seed))


def one_hot_rows(batch, tokens, d, seed):
    return torch.nn.functional.one_hot(drawn(batch, tokens, low=0, high=d - 1, seed=seed), d)


T, D, M = 9, 4, 3
Q, V = drawn(2, T, D), drawn(2, T, M, seed=1)
KEYS, BETA = one_hot_rows(2, T, D, 2), drawn(2, T, low=0, high=2, seed=3)
"""Reads of linear attention are at most T D = 36; a delta rule's state grows by at most 4 a token at one-hot keys, reads are at
most 4 times that: 144."""
SIGNS = torch.where(drawn(2, T, D, seed=4) < 0, -1, 1)
OPERATORS = {
    "linear attention, cumsum": (linear_attention_cumsum, (Q, drawn(2, T, D, seed=5), V)),
    "linear attention, loop": (linear_attention_loop, (Q, drawn(2, T, D, seed=5), V)),
    "linear attention, chunked": (lambda *a: linear_attention_chunked(*a, 4), (Q, drawn(2, T, D, seed=5), V)),
    "delta rule, loop": (delta_rule_loop, (Q, KEYS, V, BETA)),
    "delta rule, chunked": (lambda *a: delta_rule_chunked(*a, 4), (Q, KEYS, V, BETA)),
    **{
        f"deltaformer, {form}": (
            lambda q, k, v, beta, form=form: attention(q, k, k, v, beta, form=form, chunk=4),
            (Q, KEYS, V, BETA),
        )
        for form in FORMS
    },
    **{
        f"scan, {scan.__name__}": (lambda a, b, scan=scan: scan(affine, (a, b))[1], (SIGNS, drawn(2, T, D, seed=6)))
        for scan in (hillis_steele_scan, blelloch_scan, sequential_scan)
    },
    "sort": (sort_mixing, (torch.arange(T).flip(0).repeat(2, 1), V)),
}


def by_integers(name):
    """The oracle: the same definition over whole numbers, where it does not solve; else the loop."""
    run, given = OPERATORS[name]
    if name == "delta rule, chunked":
        run = delta_rule_loop
    return run(*given)


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name, precision, device):
    run, given = OPERATORS[name]
    dtype = dtype_of(precision)
    with products(precision, device):
        found = run(*(x.to(device, dtype) for x in given))
    wanted = by_integers(name)
    assert found.dtype is dtype
    assert found.device.type == device
    assert int(wanted.abs().max()) <= 256
    assert torch.equal(found.cpu().double(), wanted.double())


@pytest.mark.parametrize("form", ["recurrence", "chunked"])
def test_swap_tracking(form, precision, device):
    program = SwapProgram(16, [(i * i % 16, (5 * i + 3) % 16) for i in range(300)])
    swaps = torch.tensor(program.swaps, device=device)[None]
    with products(precision, device):
        read = SwapTracker(16, form=form, dtype=dtype_of(precision)).to(device)(swaps)
    assert read[0].argmax(-1).tolist() == list(program.contents())
    assert torch.equal(read[0].double().cpu(), torch.nn.functional.one_hot(read[0].argmax(-1).cpu(), 16).double())


LAYERED = Dag(
    12,
    [
        (x, y)
        for layer in range(3)
        for x in range(4 * layer, 4 * layer + 4)
        for y in range(4 * layer + 4, min(4 * layer + 8, 12))
    ],
)
"""Four nodes in each of three layers, all joined: at most 16 paths between two nodes."""


@pytest.mark.parametrize("tokens", [NodeTokens(), EdgeTokens()], ids=["nodes", "edges"])
@pytest.mark.parametrize("form", FORMS)
def test_path_counts(tokens, form, precision, device):
    made = tokens.compile(LAYERED)
    wanted = made.first_stage()
    with products(precision, device):
        found = made.cast(dtype_of(precision), device).first_stage(form, 5)
    assert np.abs(wanted).max() <= 256
    assert np.array_equal(found.cpu().double().numpy(), wanted.astype(float))


COPY, RECALL, KEY = Copying(5, 5, 6), Recall(5, 4), Passkey(1, 6)
BUILT = {
    **{
        name: (named(name), lambda name=name: constructed(named(name)), 3 * named(name).shortest)
        for name in ("swaps-3", "swaps-5", "reach-chains-edges", "reach-trees-nodes")
    },
    "copy by a table": (COPY, lambda: copiers.copier(COPY, 24), 24),
    "copy by rotary positions": (COPY, lambda: copiers.turned_copier(COPY, 64), 64),
    "recall": (RECALL, lambda: copiers.recaller(RECALL, 17), 17),
    "passkey by a memory": (KEY, lambda: copiers.memory_finder(KEY), 100),
    "passkey by a pointer": (KEY, lambda: copiers.pointing_finder(KEY), 100),
}


@pytest.mark.parametrize("name", BUILT)
def test_constructed_models_answer_everything(name, precision, device):
    """Logits of right and wrong answers are further apart than any of the formats can blur."""
    task, make, length = BUILT[name]
    counts = evaluate(make().to(device), task, length, sequences=16, precision=precision)
    assert counts.right == counts.of > 0
