"""Formulas of layers, against ones derived by hand from the cost model."""

from __future__ import annotations

import random

import pytest
import sympy
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from empirics.cost import Undecided, derive
from theory.cost.formulas import L, evaluate, symbol

N, d, h, c, o, H, W = map(symbol, ("N", "d", "h", "c", "o", "H", "W"))


LITTLE = 10_000
"""Effort that suffices for a loop over tokens in two sizes."""


def of(layer):
    """A subject that gives a layer or a function x of shape (1, N, d)."""

    def subject(N, d):
        return layer(d) if isinstance(layer, type) else layer, (torch.empty(1, N, d),)

    return subject


def work(layer):
    return derive(of(layer)).work


def same(found, wanted):
    assert sympy.expand(found - wanted) == 0, found


def test_convolutions():
    """A kernel of k is a product over k c numbers and one bias for each output: 2 N k c o + N o, of span 1 + L(k c) + 1."""

    def one(N, c, o):
        return nn.Conv1d(c, o, 3, padding=1), (torch.empty(1, c, N),)

    def two(H, W, c):
        return nn.Conv2d(c, 2, (3, 5), padding=(1, 2), bias=False), (torch.empty(1, c, H, W),)

    cost = derive(one)
    same(cost.work, 6 * N * c * o + N * o)
    same(cost.span, L(3 * c) + 2)
    same(cost.parameters, 3 * c * o + o)
    same(derive(two).work, 2 * 15 * 2 * H * W * c)


def test_multihead_attention_with_its_averaged_weights():
    """Four projections 8 N d^2; scores and mixing 4 N^2 d; softmax 5 and the sum over heads 1 a weight, and the mean's division N^2."""

    def attention(N, d, H):
        x = torch.empty(1, N, d)
        return nn.MultiheadAttention(d, H, batch_first=True, bias=False), (x, x, x)

    cost = derive(attention)
    left = sympy.expand(cost.work - (8 * N * d**2 + 4 * N**2 * d + 6 * H * N**2 + N**2))
    assert left.free_symbols == {N, d}
    assert sympy.Poly(left, N, d).monoms() == [(1, 1)]  # copies and the scale, some N d
    assert "d % H == 0" in cost.quantity("work").conditions


@pytest.mark.parametrize("bias", [1, 0])
def test_a_linear_layer(bias):
    def subject(N, d, h):
        return nn.Linear(d, h, bias=bool(bias)), (torch.empty(N, d),)

    cost = derive(subject)
    same(cost.work, 2 * N * d * h + bias * N * h)
    same(cost.span, 1 + L(d) + bias)
    same(cost.parameters, d * h + bias * h)
    same(cost.memory, 4 * N * h)
    same(derive(subject, model="v1-threshold").span, sympy.Integer(1 + bias))


class Slices(nn.Module):
    def forward(self, x):
        y = torch.zeros_like(x)
        y[:, 1:] += x[:, :-1]
        y[:, 0] = 1
        return y.mul_(2)


class Tied(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.first, self.second = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x))


class Cached(nn.Module):
    mask = None

    def forward(self, x):
        if self.mask is None:
            self.mask = torch.ones(x.shape[1], x.shape[1])
        return x + self.mask[:, :1]


MASKS: dict[int, torch.Tensor] = {}


class CachedInTheModule(nn.Module):
    def forward(self, x):
        n = x.shape[1]
        if n not in MASKS:
            MASKS[n] = torch.ones(n, n)
        return x + MASKS[n][:, :1]


def test_an_lstm():
    """A token: two products 2 (3 + h) 4 h, two biases and their sum 12 h, four gates 4 h, the cell 3 h, the output 2 h, its copy h;
    once, zeros and copies of two states 4 h."""

    def subject(N, h):
        return nn.LSTM(3, h, batch_first=True), (torch.empty(1, N, 3),)

    cost = derive(subject, effort=LITTLE)
    same(cost.work, N * (8 * (3 + h) * h + 22 * h) + 4 * h)
    same(cost.parameters, 4 * h * (3 + h + 2))


def test_a_gru():
    """A token: two products 2 (3 + h) 3 h, two biases 6 h, two gates 4 h, the candidate 3 h, the mixture 3 h, its copy h; once 2 h."""

    def subject(N, h):
        return nn.GRU(3, h, batch_first=True), (torch.empty(1, N, 3),)

    same(derive(subject, effort=LITTLE).work, N * (6 * (3 + h) * h + 17 * h) + 2 * h)


def test_a_transformer_layer():
    """Projections 8 N d^2, attention 4 N^2 d and 5 a weight, the other half 4 N d f; then N d and N f."""

    def subject(N, d):
        return nn.TransformerEncoderLayer(d, 1, 4 * d, batch_first=True, dropout=0.0), (torch.empty(1, N, d),)

    left = sympy.expand(derive(subject).work - (8 * N * d**2 + 4 * N**2 * d + 5 * N**2 + 16 * N * d**2))
    assert sympy.Poly(left, N, d).monoms() == [(1, 1)]


def test_views_cost_nothing():
    same(work(lambda x: x.mT.expand(3, -1, -1)[:, 0]), sympy.Integer(0))


def test_in_place_and_slice_writes():
    """Zeros N d, a sum and its copy back 2 (N - 1) d at most, a row d, and a product N d."""
    found = work(lambda x: Slices()(x))
    for n, width in ((3, 4), (100, 7)):
        exact = evaluate(found, {"N": n, "d": width})
        assert n * width + (n - 1) * width + width + n * width <= exact <= 4 * n * width


def test_tied_parameters_count_once():
    cost = derive(of(Tied))
    same(cost.parameters, d**2)
    same(cost.work, 4 * N * d**2)


def test_a_cache_within_the_layer_is_in_every_count_as_each_run_has_its_own():
    first, second = derive(of(lambda x: Cached()(x))), derive(of(lambda x: Cached()(x)))
    same(first.work, N**2 + N * d)
    assert first.work == second.work


def test_a_cache_in_a_module_gives_the_same_answer_twice():
    first = derive(of(CachedInTheModule()))
    found = first.work
    same(derive(of(CachedInTheModule())).work, found)
    same(found, N * d)
    assert first.quantity("work").scope["first call"].startswith("not counted")


@pytest.mark.parametrize(
    "surroundings", [torch.inference_mode, torch.no_grad, lambda: torch.autocast("cpu", torch.bfloat16)]
)
def test_surroundings_change_no_count(surroundings):
    def layer(x):
        with surroundings():
            return x @ x.mT

    same(work(layer), 2 * N**2 * d)


def test_a_compiled_layer_is_counted_as_written():
    compiled = torch.compile(nn.Sequential(nn.Tanh(), nn.ReLU()), backend="eager")
    same(work(lambda x: compiled(x)), 2 * N * d)


def test_checkpointing_runs_forward_again_in_a_step():
    def plain(x):
        return (x @ x.mT).tanh() @ x

    once, again = derive(of(plain)), derive(of(lambda x: checkpoint(plain, x, use_reentrant=False)))
    same(once.work, again.work)
    more = sympy.expand(again.backward.work - once.backward.work)
    assert evaluate(more, {"N": 50, "d": 20}) >= 2 * 50 * 50 * 20
    assert evaluate(once.saved, {"N": 500, "d": 20}) > evaluate(again.saved, {"N": 500, "d": 20})


def test_several_outputs_and_integer_inputs():
    def subject(N, V, d):
        table = nn.Embedding(V, d)

        def layer(tokens):
            y = table(tokens)
            return {"embedded": y, "rest": (y.sum(-1), [tokens + 1])}

        return layer, (torch.zeros(N, dtype=torch.long),)

    cost = derive(subject)
    same(cost.work, 2 * N * d + N)
    assert cost.backward.quantity("work").known


def test_no_parameters_and_sizes_of_one():
    cost = derive(of(lambda x: x.softmax(-1)))
    assert cost.parameters == 0
    quantity = cost.quantity("work")
    same(quantity.formula, 5 * N * d)
    assert not [condition for condition in quantity.conditions if condition.startswith("N")]
    assert evaluate(quantity.formula, {"N": 1, "d": 1}) == 5


def test_chance_that_steers_is_undecided():
    def layer(x):
        return x @ x.mT if random.random() < 0.5 else x

    with pytest.raises(Undecided, match="random numbers steer"):
        work(layer)


def test_chance_that_steers_nothing_is_counted():
    same(work(nn.Dropout(0.1).train()), work(nn.Dropout(0.5).train()))


def test_a_loop_over_tokens_has_a_linear_span():
    def layer(x):
        state = x[:, 0]
        for t in range(1, x.shape[1]):
            state = (state + x[:, t]).tanh()
        return state

    cost = derive(of(layer))
    same(cost.work, 2 * N * d - 2 * d)
    same(cost.span, 2 * N - 2)


def test_two_derivations_agree_and_names_are_those_of_the_units():
    one, two = derive(of(Slices())), derive(of(Slices()))
    assert one.work == two.work
    assert one.names == two.names == ("work", "span", "memory", "saved", "moved", "parameters", "matrix_work")
    with pytest.raises(AttributeError, match="its quantities are"):
        one.speed  # noqa: B018
