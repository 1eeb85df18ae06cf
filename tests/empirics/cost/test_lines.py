"""Every operation on the line that caused it, forward and backward."""

import copy
import inspect
import os
import statistics

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from empirics.cost.counting import count

HERE = __file__


def meta(*shape):
    return torch.empty(*shape, device="meta")


def marked(function):
    """Line of every comment `# name` in a function's source, by name."""
    lines, start = inspect.getsourcelines(function)
    return {line.split("#")[1].strip(): start + i for i, line in enumerate(lines) if "# " in line}


def sites(tally):
    """Operation names by line of this file."""
    found: dict[int, set[str]] = {}
    for site in tally.work:
        assert site.file == HERE, site
        found.setdefault(site.line, set()).add(site.operation.removeprefix("aten."))
    return found


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

    def forward(self, x):
        out = torch.zeros_like(x)  # zeros
        for t in range(x.shape[0]):
            row = self.net(x[t])  # net
            out[t] = row * 2.0  # write
        return F.softmax(out, -1)  # softmax


def test_forward_and_backward_are_on_the_lines_of_the_layer():
    at = marked(Block.forward)
    forward = sites(count(Block().to("meta"), (meta(3, 4),)))
    assert forward == {
        at["zeros"]: {"zeros_like"},
        at["net"]: {"addmm", "relu"},
        at["write"]: {"mul", "copy_"},
        at["softmax"]: {"_softmax"},
    }
    step = sites(count(Block().to("meta"), (meta(3, 4),), backward=True))
    backward = {
        line: {n.removesuffix(" (backward)") for n in names if n.endswith("(backward)")} for line, names in step.items()
    }
    assert not backward.pop(at["zeros"])
    assert backward.keys() == {at["net"], at["write"], at["softmax"]}
    assert backward[at["softmax"]] == {"_softmax_backward_data"}
    assert backward[at["net"]] >= {"mm", "sum", "threshold_backward", "select_backward"}
    assert backward[at["write"]] >= {"mul"}
    assert {line: {n for n in names if "(" not in n} for line, names in step.items()} == forward


def helper(x):
    return (x @ x).exp()  # helper


def test_the_innermost_line_of_the_user_s_counts():
    def layer(x):
        return helper(x) + helper(x.T)  # layer

    found = sites(count(layer, (meta(3, 3),), backward=True))
    assert found.keys() == {marked(helper)["helper"], marked(layer)["layer"]}
    assert found[marked(helper)["helper"]] >= {"mm", "exp", "mm (backward)", "mul (backward)"}


@pytest.mark.parametrize(
    ("layer", "file"),
    [
        (lambda: nn.Linear(4, 4), "nn/modules/linear.py"),
        (lambda: nn.LSTM(4, 5), "nn/modules/rnn.py"),
        (lambda: nn.LayerNorm(4), "nn/functional.py"),
    ],
)
def test_a_layer_of_torch_s_own_is_on_lines_of_torch_nn(layer, file):
    torch_at = os.path.dirname(torch.__file__)
    for backward in (False, True):
        tally = count(layer().to("meta"), (meta(2, 3, 4),), backward=backward)
        assert {site.file for site in tally.work} == {os.path.join(torch_at, *file.split("/"))}


def test_an_operation_handed_in_bare_has_no_line():
    ((site, _),) = count(torch.exp, (meta(3),)).work.items()
    assert (site.file, site.line, site.operation) == ("", 0, "aten.exp")


class Cubed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3  # forward

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3.0 * g * x * x  # backward


def test_a_custom_backward_has_lines_of_its_own():
    found = sites(count(Cubed.apply, (meta(3),), backward=True))
    assert found == {
        marked(Cubed.forward)["forward"]: {"pow"},
        marked(Cubed.backward)["backward"]: {"mul (backward)"},
    }


@pytest.mark.parametrize("reentrant", [False, True])
def test_what_a_checkpoint_computes_again_is_on_its_line_and_of_the_backward_pass(reentrant):
    def inner(x):
        return x.exp().tanh()  # inner

    def layer(x):
        return checkpoint(inner, x * 2.0, use_reentrant=reentrant)  # layer

    found = sites(count(layer, (meta(3),), backward=True))
    assert found[marked(inner)["inner"]] >= {
        "exp",
        "tanh",
        "exp (backward)",
        "tanh_backward (backward)",
        "mul (backward)",
    }
    assert found[marked(layer)["layer"]] == {"mul", "mul (backward)"}


def test_attention_in_the_fused_reading_is_on_its_line_in_both_passes():
    def layer(x):
        x = x * 1.0  # first
        return F.scaled_dot_product_attention(x, x, x)  # attention

    tally = count(layer, (meta(1, 2, 6, 4),), backward=True)
    found = sites(tally)
    at = marked(layer)
    assert found[at["attention"]] >= {"bmm", "_safe_softmax", "bmm (backward)", "_softmax_backward_data (backward)"}
    assert found[at["first"]] == {"mul", "mul (backward)"}
    assert {site.line for site in tally.peak} <= set(at.values())
    assert all(site.file == HERE for part in (tally.peak, tally.saved, tally.span, tally.moved) for site in part)


def test_views_written_in_place_keep_their_lines():
    def layer(x):
        y = x.clone()  # clone
        y[1:].mul_(2.0)  # scale
        y[0] += y[1]  # add
        return y.sum()  # sum

    found = sites(count(layer, (meta(3, 4),), backward=True))
    assert found.keys() == set(marked(layer).values())
    assert found[marked(layer)["scale"]] >= {"mul_", "mul (backward)"}


def test_code_of_python_s_library_and_code_without_a_file():
    def layer(x):
        return copy.deepcopy(x.detach()) + statistics.fmean([1.0])  # layer

    assert sites(count(layer, (meta(3),))).keys() == {marked(layer)["layer"]}
    space = {}
    exec("def made(x):\n    return x.exp()", space)
    ((site, _),) = count(space["made"], (meta(3),)).work.items()
    assert (site.file, site.line) == ("<string>", 2)


def test_memory_is_on_the_lines_that_allocate():
    def layer(x):
        y = x.exp()  # exp
        return y.tanh()  # tanh

    tally = count(layer, (meta(10),), saved=True)
    at = marked(layer)
    assert {site.line: size for site, size in tally.peak.items()} == {at["exp"]: 40, at["tanh"]: 40}
    assert {site.line: size for site, size in tally.saved.items()} == {at["exp"]: 40, at["tanh"]: 40}
