"""The count as a whole: hand-derived formulas, torch's flop counter, and everything a layer may do."""

import contextlib
import gc
import itertools
import random
import time
from fractions import Fraction
from inspect import signature
from math import ceil

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from empirics.cost.counting import DataDependent, Opaque, Unsupported, count
from empirics.subjects import SUBJECTS, formulas
from theory.cost.amounts import value


def meta(*shape, **options):
    return torch.empty(*shape, device="meta", **options)


def work(tally):
    return sum(map(value, tally.work.values()))


def span(tally):
    return sum(map(value, tally.span.values()))


def matrix_work(tally):
    return sum(tally.matrix_work.values())


def same(a, b):
    """Two tallies but for where things are written."""
    return all(
        (work(a), span(a), matrix_work(a), sum(x.values())) == (work(b), span(b), matrix_work(b), sum(y.values()))
        for x, y in ((a.moved, b.moved), (a.peak, b.peak), (a.saved, b.saved))
    )


# hand-derived formulas

SIZES = {
    **{"N": (1, 2, 3, 5, 8, 13, 16), "d": (1, 2, 3, 8), "W": (1, 2, 5, 11), "C": (1, 3, 4, 7)},
    **{"K": (1, 2, 5, 9), "E": (1, 2, 5), "h": (1, 3)},
}
EACH = pytest.mark.parametrize("name", SUBJECTS)


def evaluated(formula, sizes):
    log2 = lambda n: max(int(n) - 1, 0).bit_length()  # noqa: E731
    return eval(
        formula, {"L": log2, "ceiling": ceil, "Min": min, "Max": max, **{s: Fraction(n) for s, n in sizes.items()}}
    )


def some_sizes(name, most):
    symbols = list(signature(SUBJECTS[name]).parameters)
    grid = list(itertools.product(*(SIZES[s] for s in symbols)))
    random.Random(1).shuffle(grid)
    where = formulas(SUBJECTS[name]).where
    told = (dict(zip(symbols, sizes, strict=True)) for sizes in grid)
    return list(itertools.islice((s for s in told if not where or evaluated(where, s)), most))


def built(name, sizes):
    with torch.device("meta"), torch.no_grad():
        return SUBJECTS[name](**sizes)


@EACH
def test_the_reference_layers_cost_what_was_derived_by_hand(name):
    told = formulas(SUBJECTS[name])
    for sizes in some_sizes(name, 8):
        tally = count(*built(name, sizes))
        assert work(tally) == evaluated(told.work, sizes), sizes
        assert told.span is None or span(tally) == evaluated(told.span, sizes), sizes
        assert not tally.opaque


@EACH
def test_a_training_step_of_a_reference_layer_is_counted_and_costs_more(name):
    layer, inputs = built(name, some_sizes(name, 1)[0])
    step, forward = count(layer, inputs, backward=True), count(layer, inputs)
    assert not step.opaque
    assert work(step) > work(forward)
    assert span(step) >= span(forward)
    assert (
        step.moved.keys() > count(layer, inputs, saved=True).moved.keys()
    )  # with gradients some layers write less in place


@EACH
def test_a_second_count_gives_the_same(name):
    layer, inputs = built(name, some_sizes(name, 2)[1])
    assert count(layer, inputs, backward=True) == count(layer, inputs, backward=True)


# torch's flop counter

LAYERS = {
    "linear": lambda: (nn.Linear(3, 4), meta(5, 3)),
    "bilinear": lambda: (nn.Bilinear(3, 4, 5), meta(2, 3), meta(2, 4)),
    "conv1d": lambda: (nn.Conv1d(4, 6, 3, padding=1), meta(2, 4, 9)),
    "conv2d": lambda: (nn.Conv2d(4, 6, 3, stride=2, dilation=2), meta(2, 4, 9, 9)),
    "conv3d": lambda: (nn.Conv3d(2, 3, 2, bias=False), meta(1, 2, 4, 5, 3)),
    "conv_transpose": lambda: (nn.ConvTranspose2d(4, 6, 3, stride=2), meta(2, 4, 5, 5)),
    "lstm": lambda: (nn.LSTM(4, 5, 2, batch_first=True), meta(2, 7, 4)),
    "lstm_both_ways": lambda: (nn.LSTM(4, 5, bidirectional=True), meta(7, 2, 4)),
    "gru": lambda: (nn.GRU(4, 5), meta(7, 2, 4)),
    "rnn": lambda: (nn.RNN(4, 5), meta(7, 2, 4)),
    "lstm_cell": lambda: (nn.LSTMCell(4, 5), meta(2, 4)),
    "attention": lambda: (nn.MultiheadAttention(8, 2, batch_first=True), *(meta(2, 7, 8),) * 3),
    "encoder": lambda: (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), meta(2, 7, 8)),
    "encoder_eval": lambda: (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval(), meta(2, 7, 8)),
    "decoder": lambda: (nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), meta(2, 7, 8), meta(2, 5, 8)),
    "embedding": lambda: (nn.Embedding(11, 4), meta(3, 5, dtype=torch.long)),
    "embedding_bag": lambda: (nn.EmbeddingBag(11, 4), meta(3, 5, dtype=torch.long)),
    "batch_norm": lambda: (nn.BatchNorm1d(4), meta(3, 4, 7)),
    "batch_norm_eval": lambda: (nn.BatchNorm1d(4).eval(), meta(3, 4, 7)),
    "group_norm": lambda: (nn.GroupNorm(2, 4), meta(3, 4, 7)),
    "instance_norm": lambda: (nn.InstanceNorm1d(4, affine=True), meta(3, 4, 7)),
    "rms_norm": lambda: (nn.RMSNorm(4), meta(3, 4)),
    "max_pool": lambda: (nn.MaxPool2d(2), meta(3, 4, 6, 6)),
    "mean_pool": lambda: (nn.AvgPool2d(2), meta(3, 4, 6, 6)),
    "adaptive_pool": lambda: (nn.AdaptiveAvgPool2d(4), meta(3, 4, 6, 6)),
    "upsample": lambda: (nn.Upsample(scale_factor=2), meta(3, 4, 6, 6)),
    "weight_norm": lambda: (nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)), meta(2, 3)),
    "cross_entropy": lambda: (nn.CrossEntropyLoss(), meta(2, 4), meta(2, dtype=torch.long)),
    "unfold": lambda: (nn.Unfold(2), meta(2, 3, 4, 4)),
    "fold": lambda: (nn.Fold((4, 4), 2), meta(2, 12, 9)),
    "prelu": lambda: (nn.PReLU(), meta(2, 4)),
    "glu": lambda: (nn.GLU(), meta(2, 4)),
}


def flops(layer, inputs, backward):
    """torch's count. Through .backward(): FlopCounterMode's module hooks do not take torch.autograd.grad."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        if not backward:
            with torch.no_grad():
                layer(*inputs)
        else:
            inputs = tuple(x.detach().requires_grad_() if x.is_floating_point() else x for x in inputs)
            outputs = [x for x in torch.utils._pytree.tree_leaves(layer(*inputs)) if x.requires_grad]
            torch.autograd.backward(outputs, [torch.empty_like(x) for x in outputs])
            layer.zero_grad()
    return counter.get_total_flops()


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", [*LAYERS, *SUBJECTS])
def test_matrix_work_is_the_flop_counter_s(name, backward):
    with torch.device("meta"):
        layer, *inputs = (
            LAYERS[name]() if name in LAYERS else (lambda s: (s[0], *s[1]))(built(name, some_sizes(name, 1)[0]))
        )
    tally = count(layer, tuple(inputs), backward=backward)
    assert matrix_work(tally) == flops(layer, inputs, backward)
    assert not tally.opaque


@pytest.mark.parametrize("kind", [nn.Conv1d, nn.ConvTranspose1d])
def test_the_flop_counter_forgets_the_groups_in_a_weight_s_gradient(kind):
    """Forward and for the input it divides by the groups; for the weight's gradient, which has as many products, it does not."""
    layer, inputs, groups = kind(4, 6, 3, groups=2).to("meta"), [meta(2, 4, 9)], 2
    forward = matrix_work(count(layer, tuple(inputs)))
    assert forward == flops(layer, inputs, False)
    assert matrix_work(count(layer, tuple(inputs), backward=True)) == 3 * forward
    assert flops(layer, inputs, True) == (2 + groups) * forward


def test_the_flop_counter_sees_no_product_with_a_vector_and_we_do():
    function = lambda a, x: (a @ x, x @ x)  # noqa: E731
    tally = count(function, (meta(3, 4), meta(4)))
    assert work(tally) == 2 * 12 + 2 * 4
    assert matrix_work(tally) == 0


# what a layer may do


def test_inference_mode_counts_the_same():
    linear = nn.Linear(4, 4, device="meta")

    def layer(x):
        y = linear(x)
        y = torch.where(y > 0, y, 0.0) @ y.mT
        return F.scaled_dot_product_attention(y, y, y, is_causal=True)

    def inference(x):
        with torch.inference_mode():
            return layer(x)

    assert same(count(layer, (meta(1, 4, 4),)), count(inference, (meta(1, 4, 4),)))


def test_casts_are_pointwise_and_autocast_leaves_meta_alone():
    assert work(count(lambda x: x.half().float(), (meta(3, 4),))) == 24
    linear = nn.Linear(4, 4, device="meta")

    def layer(x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return linear(x)

    assert same(count(layer, (meta(3, 4),)), count(linear, (meta(3, 4),)))


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0] * 2.0


def test_custom_functions_forward_and_backward():
    assert work(count(Squared.apply, (meta(5),))) == 5
    assert work(count(Squared.apply, (meta(5),), backward=True)) == 15


def test_gradients_of_parameters_and_inputs_tied_ones_once():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.up = self.down = nn.Linear(4, 4, bias=False)

        def forward(self, x):
            return self.down(self.up(x))

    tally = count(Tied().to("meta"), (meta(3, 4),), backward=True)
    product = 2 * 3 * 4 * 4
    assert work(tally) == 2 * product + 4 * product + 16  # the weight's two gradients are added
    frozen = nn.Linear(4, 4, bias=False, device="meta").requires_grad_(False)
    assert work(count(frozen, (meta(3, 4),), backward=True)) == 2 * product


def test_a_layer_without_parameters_several_outputs_integer_inputs_and_one_token():
    assert work(count(nn.Identity(), (meta(1),), backward=True)) == 0
    tally = count(lambda x: {"a": (x.exp(), x), "b": [x.sum()]}, (meta(8),), backward=True)
    assert span(tally) == 3  # the sum; exp and its gradient, added to the others
    assert work(count(nn.Embedding(7, 4, device="meta"), (meta(1, dtype=torch.long),))) == 4
    assert work(count(lambda i: i + 1, (meta(3, dtype=torch.long),), backward=True)) == 3
    assert span(count(lambda x: x.softmax(-1), (meta(1, 1),))) == 3


def test_outputs_that_alias_inputs_and_inputs_given_twice():
    x = meta(3, 3)
    assert work(count(lambda x: x.T, (x,), backward=True)) == 0
    tally = count(lambda x, y: x @ y, (x, x), backward=True)
    assert work(tally) == 3 * 2 * 27 + 9  # one input: its two gradients are added


def test_a_layer_may_write_to_its_input_in_either_pass():
    def layer(x):
        x += 1.0
        return x.mul_(2.0)

    x = meta(3)
    assert work(count(layer, (x,))) == 6
    tally = count(layer, (x,), backward=True, saved=True)
    assert work(tally) == 9
    assert not tally.saved
    assert sum(tally.peak.values()) == 12  # the gradient
    assert work(count(lambda x: x * 2.0, (meta(1, 3).expand(4, 3),), backward=True)) == 24


def test_gradients_of_complex_outputs():
    tally = count(torch.fft.fft, (meta(8),), backward=True)
    assert work(tally) > work(count(torch.fft.fft, (meta(8),)))


def test_given_gradients_and_gradients_kept_by_the_layer_are_left_alone():
    linear = nn.Linear(2, 2, device="meta")
    linear.weight.grad = kept = meta(2, 2)
    count(linear, (meta(1, 2),), backward=True)
    assert linear.weight.grad is kept
    assert linear.bias.grad is None


def test_constants_of_the_program_are_factories():
    assert work(count(lambda x: x + torch.tensor([1.0, 2.0, 3.0]), (meta(3),))) == 6
    assert work(count(lambda x: x + 1.0, (meta(3),))) == 3


def test_the_layer_runs_under_meta_in_the_backward_pass_too():
    class Ones(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1.0

        @staticmethod
        def backward(ctx, g):
            return g * torch.ones(5)

    assert work(count(Ones.apply, (meta(5),), backward=True)) == 15


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_code_runs_as_written():
    plain = nn.Sequential(nn.Linear(4, 4, device="meta"), nn.ReLU())
    expected = count(plain, (meta(3, 4),), backward=True)
    assert count(torch.compile(plain), (meta(3, 4),), backward=True) == expected
    nested = nn.Sequential(torch.compile(plain[0]), plain[1])
    assert same(count(nested, (meta(3, 4),), backward=True), expected)
    function = torch.compile(lambda x: x.softmax(-1))
    assert work(count(function, (meta(3, 4),))) == 60


def test_a_gradient_within_the_layer_is_part_of_it():
    def layer(x):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (g,) = torch.autograd.grad(x.exp().sum(), x)
        return g

    tally = count(layer, (meta(4),))
    assert work(tally) == 4 + 4 + 1 + 4  # exp, sum, the gradient 1 that torch makes, product
    assert all(site.file == __file__ for site in tally.work)


VALUES = {
    "item": lambda x: x.sum().item(),
    "branch": lambda x: x if x.sum() > 0 else -x,
    "float": lambda x: float(x[0, 0]),
    "list": lambda x: x.tolist(),
    "numpy": lambda x: x.numpy(),
    "cpu": lambda x: x.cpu(),
    "nonzero": lambda x: x.nonzero(),
    "mask": lambda x: x[x > 0],
    "mask_written": lambda x: x.index_put((x > 0,), x[0]),
    "select": lambda x: x.masked_select(x > 0),
    "unique": lambda x: x.unique(),
    "equal": lambda x: torch.equal(x, x),
    "allclose": lambda x: torch.allclose(x, x),
    "repeats": lambda x: x.repeat_interleave(x[:, 0].long(), 0),
    "index": lambda x: x[x.argmax()],
    "one_hot": lambda x: F.one_hot(x.long()),
    "cond": lambda x: torch.cond(x.sum() > 0, lambda y: y * 2, lambda y: y + 1, (x,)),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_depends_on_values_is_named_with_its_line(name):
    with pytest.raises(DataDependent) as caught:
        count(VALUES[name], (meta(3, 3),))
    assert caught.value.site.file == __file__
    assert caught.value.site.line == VALUES[name].__code__.co_firstlineno
    assert caught.value.what in str(caught.value)
    assert f"{__file__}:{caught.value.site.line}" in str(caught.value)


def test_values_that_exist_may_be_read():
    assert work(count(lambda x: x * torch.ones((), device="cpu").item(), (meta(3),))) == 4


def test_opaque_operations_are_named_and_the_rest_counted():
    tally = count(lambda x: torch.linalg.matrix_exp(x) + 1.0, (meta(3, 3),))
    ((site, why),) = tally.opaque
    assert site.operation == "aten.linalg_matrix_exp"
    assert site.file == __file__
    assert "reference" in why
    assert work(tally) == 9


def test_an_operation_of_somebody_s_own():
    with torch.library._scoped_library("weightproof_test", "DEF") as library:
        library.define("twice(Tensor x) -> Tensor")
        library.impl("twice", lambda x: torch.empty_like(x), "Meta")
        tally = count(lambda x: torch.ops.weightproof_test.twice(x), (meta(3),))
        assert [site.operation for site, _ in tally.opaque] == ["weightproof_test.twice"]
        library.define("shapeless(Tensor x) -> Tensor")
        with pytest.raises(Opaque, match="shapeless"):
            count(lambda x: torch.ops.weightproof_test.shapeless(x), (meta(3),))
    assert issubclass(Opaque, Unsupported)


def test_errors_of_the_layer_are_the_layer_s():
    with pytest.raises(ZeroDivisionError):
        count(lambda x: x / (1 // 0), (meta(3),))
    with pytest.raises(RuntimeError, match="shape|size|dim"):
        count(lambda x: x @ x, (meta(3, 4),))
    with pytest.raises(ValueError, match=r"shape \(3, 4\) is on cpu"):
        count(nn.Identity(), (torch.empty(3, 4),))
    with pytest.raises(ValueError, match="'fused' or 'written-out'"):
        count(nn.Identity(), (meta(3),), attention="flash")  # pyright: ignore[reportArgumentType]


def test_nothing_is_left_on_after_a_count_or_an_error():
    for layer in (nn.Identity(), VALUES["item"]):
        grad = torch.is_grad_enabled()
        with contextlib.suppress(DataDependent):
            count(layer, (meta(2, 2),))
        assert gc.isenabled()
        assert torch.is_grad_enabled() == grad
        assert torch.empty(1).device.type == "cpu"
        assert torch.utils._python_dispatch._get_current_dispatch_mode() is None


def test_a_decomposed_operation_takes_no_memory_for_its_parts():
    tally = count(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), (meta(1, 2, 6, 6),))
    assert sum(tally.peak.values()) == 4 * 2 * 144
    assert work(tally) > 2 * 144


def test_moved_is_what_each_operation_reads_and_writes():
    moved = lambda f, *x: sum(count(f, x).moved.values())  # noqa: E731
    assert moved(lambda x: x + x, meta(10)) == 3 * 40
    assert moved(lambda x: x.add_(1.0), meta(10)) == 2 * 40
    assert moved(lambda x: x.T, meta(3, 3)) == 0
    assert moved(lambda x: torch.zeros(10), meta(1)) == 40
    assert moved(torch.mm, meta(3, 4), meta(4, 5)) == 4 * (12 + 20 + 15)
    assert moved(F.embedding, meta(2, 3, dtype=torch.long), meta(1000, 4)) == 6 * 8 + 2 * 24 * 4

    def row(x):
        x[1].fill_(0.0)
        return x

    assert moved(row, meta(100, 4)) == 16


# speed


def test_the_time_does_not_depend_on_the_size():
    def layer(x, w):
        for _ in range(5):
            x = (x @ w).softmax(-1).transpose(0, 1).contiguous().transpose(0, 1)
        return x

    def seconds(n):
        inputs = (meta(n, 64), meta(64, 64))
        count(layer, inputs)
        return min(timed(layer, inputs) for _ in range(9))

    def timed(layer, inputs):
        start = time.thread_time()
        count(layer, inputs)
        return time.thread_time() - start

    small, large = seconds(64), seconds(2**40)
    assert large < 3 * small
