"""Peak and saved bytes, against torch's own trackers where these apply and by hand where not."""

import subprocess
import sys
import weakref
from inspect import signature

import pytest
import torch
from torch import nn
from torch.distributed._tools.mem_tracker import MemTracker
from torch.nn import functional as F
from torch.utils._pytree import tree_leaves
from torch.utils.checkpoint import checkpoint

from empirics.cost.counting import count
from empirics.subjects import SUBJECTS
from theory.cost.amounts import value

SIZES = {"N": 12, "d": 4, "W": 3, "C": 4, "K": 3, "E": 3, "h": 5}


def meta(*shape, **options):
    return torch.empty(*shape, device="meta", **options)


def subject(name):
    with torch.device("meta"):
        return SUBJECTS[name](**{s: SIZES[s] for s in signature(SUBJECTS[name]).parameters})


def tracked_peak(layer, inputs, backward=False):
    """torch's MemTracker: bytes at the peak, less those of parameters, inputs and given gradients."""
    given = []
    with torch.device("meta"), torch.set_grad_enabled(backward):
        if backward:
            inputs = [x.detach().requires_grad_() for x in inputs]
            given = [torch.empty_like(x) for x in tree_leaves(layer(*inputs))]
        tracker = MemTracker()
        tracker.track_external(layer, *inputs, *given)
        with tracker:
            outputs = tree_leaves(layer(*inputs))
            if backward:
                torch.autograd.backward(outputs, given)
    (snapshot,) = tracker.get_tracker_snapshot("peak").values()
    outside = {x.untyped_storage() for x in [*inputs, *given, *layer.parameters(), *layer.buffers()]}
    layer.zero_grad()
    return snapshot["Total"] - sum(x.nbytes() for x in outside)


LAYERS = {
    "linear": lambda: (nn.Linear(3, 4), (meta(5, 3),)),
    "sequential": lambda: (nn.Sequential(nn.Linear(3, 9), nn.GELU(), nn.Linear(9, 2)), (meta(5, 3),)),
    "encoder": lambda: (nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True), (meta(2, 7, 8),)),
    "convolution": lambda: (nn.Conv1d(4, 6, 3), (meta(2, 4, 9),)),
    "lstm": lambda: (nn.LSTM(4, 5), (meta(6, 2, 4),)),
}


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", [*SUBJECTS, *LAYERS])
def test_the_peak_is_mem_tracker_s(name, backward):
    """In the written-out reading, since the tracker sees what torch runs on meta."""
    with torch.device("meta"):
        layer, inputs = LAYERS[name]() if name in LAYERS else subject(name)
    tally = count(layer, inputs, backward=backward, attention="written-out")
    assert sum(tally.peak.values()) == tracked_peak(layer, inputs, backward)


def test_the_peak_is_the_most_at_once_with_outputs():
    def layer(x):
        y = x.exp()  # 40 bytes
        z = torch.cat([y, y])  # 80
        del y
        return z.sum()  # 4 while z is still there

    peak = count(layer, (meta(10),)).peak
    assert {site.operation: size for site, size in peak.items()} == {"aten.exp": 40, "aten.cat": 80}


def test_views_aliases_and_what_was_there_take_nothing():
    assert not count(lambda x: x.view(2, 5).t(), (meta(10),)).peak
    assert sum(count(lambda x: x.add_(1.0), (meta(10),)).peak.values()) == 0
    linear = nn.Linear(4, 4, device="meta")
    assert sum(count(linear, (meta(1, 4),)).peak.values()) == 16


def test_an_expanded_result_takes_its_storage():
    assert sum(count(lambda x: x.exp().expand(1000, 10), (meta(10),)).peak.values()) == 40


def saved(layer, *inputs, **options):
    return sum(count(layer, inputs, saved=True, **options).saved.values())


ALIVE = weakref.WeakSet()


class Kept:
    """What autograd holds of one saved tensor, as long as it holds it."""

    def __init__(self, x):
        self.x = x.detach()
        ALIVE.add(self)


def hooked(layer, *inputs):
    """Bytes of the unique storages held for the backward pass, less parameters and inputs, by hooks of torch's own."""
    inputs = [x.detach().requires_grad_() for x in inputs]
    before = {x.untyped_storage()._cdata for x in [*inputs, *getattr(layer, "parameters", list)()]}
    with torch.device("meta"), torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.x):
        out = layer(*inputs)
    storages = {kept.x.untyped_storage()._cdata: kept.x for kept in ALIVE}
    del out
    return sum(x.untyped_storage().nbytes() for key, x in storages.items() if key not in before)


@pytest.mark.parametrize("name", [*SUBJECTS, *LAYERS])
def test_saved_is_what_autograd_holds(name):
    with torch.device("meta"):
        layer, inputs = LAYERS[name]() if name in LAYERS else subject(name)
    assert saved(layer, *inputs, attention="written-out") == hooked(layer, *inputs)


def test_saved_by_hand():
    assert saved(lambda x: x * 2.0, meta(10)) == 0
    assert saved(lambda x: x.exp(), meta(10)) == 40  # its own result
    assert saved(lambda x: x.exp().exp(), meta(10)) == 80
    assert saved(lambda x: x * x, meta(10)) == 0  # an input
    assert saved(lambda x: x.sum(), meta(10)) == 0


class Doubled(torch.autograd.Function):
    """Keeps one tensor the proper way and one as an attribute."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x * 2.0)
        ctx.also = x * 3.0
        return x * 4.0

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0] * ctx.also


def test_what_a_custom_function_keeps_is_saved_memory():
    assert saved(Doubled.apply, meta(10)) == 80


class Checkpointed(nn.Module):
    def __init__(self, reentrant):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 4))
        self.reentrant = reentrant

    def forward(self, x):
        x = x.exp()
        return self.inner(x) if self.reentrant is None else checkpoint(self.inner, x, use_reentrant=self.reentrant)


@pytest.mark.parametrize("reentrant", [False, True])
def test_a_checkpoint_saves_its_inputs_and_computes_again(reentrant):
    plain, checkpointed = Checkpointed(None).to("meta"), Checkpointed(reentrant).to("meta")
    x, first, last = meta(5, 4), 2 * 5 * 4 * 32 + 2 * 5 * 32, 2 * 5 * 32 * 4 + 5 * 4
    assert saved(plain, x) == 5 * 4 * 4 + 5 * 32 * 4  # exp's result, which the layer saves too, and tanh's
    assert saved(checkpointed, x) == 5 * 4 * 4
    more = sum_of(count(checkpointed, (x,), backward=True).work) - sum_of(count(plain, (x,), backward=True).work)
    assert more == first + (last if reentrant else 0)  # the other kind stops when all it saved is there again
    assert all(p.grad is None for p in checkpointed.parameters())


def attend(x):
    return F.scaled_dot_product_attention(x, x, x, is_causal=True)


@pytest.mark.parametrize("n", [4, 64, 4096])
def test_fused_attention_is_linear_in_memory_and_written_out_is_not(n):
    x = meta(1, 2, n, 8)
    out, rows, scores = 2 * n * 8 * 4, 2 * n * 4, 2 * n * n * 4
    fused = count(attend, (x,), saved=True)
    assert fused.attention == "fused"
    assert sum(fused.peak.values()) == out + rows
    assert sum(fused.saved.values()) == out + rows  # query, key and value are the input
    written = count(attend, (x,), saved=True, attention="written-out")
    assert written.attention == "written-out"
    assert sum(written.peak.values()) > scores
    assert sum(written.saved.values()) > scores


def test_fused_attention_s_backward_is_linear_too():
    n = 1024
    x = meta(1, 2, n, 8)
    fused = count(attend, (x,), backward=True)
    out, rows = 2 * n * 8 * 4, 2 * n * 4
    assert sum(fused.peak.values()) <= out + rows + 4 * out  # three gradients and their sum
    written = count(attend, (x,), backward=True, attention="written-out")
    assert sum(fused.matrix_work.values()) == sum(written.matrix_work.values())
    for part in ("work", "moved"):
        assert sum_of(getattr(fused, part)) == sum_of(getattr(written, part))


def sum_of(terms):
    return sum(x if isinstance(x, int) else value(x) for x in terms.values())


@pytest.mark.parametrize("backward", [False, True])
def test_both_readings_have_one_work_and_one_span(backward):
    for options in ({}, {"is_causal": True}, {"scale": 0.5}):

        def layer(q, k, v, options=options):
            return F.scaled_dot_product_attention(q, k, v, **options)

        inputs = (meta(2, 6, 4), meta(2, 9, 4), meta(2, 9, 3))
        if options.get("is_causal"):
            inputs = (meta(2, 6, 4),) * 3
        a, b = (count(layer, inputs, backward=backward, attention=r) for r in ("fused", "written-out"))
        for part in ("work", "span", "span_threshold"):
            assert sum_of(getattr(a, part)) == sum_of(getattr(b, part)), (options, part)


@pytest.mark.parametrize("reentrant", [False, True])
def test_attention_in_a_checkpoint(reentrant):
    def layer(x):
        return checkpoint(attend, x * 1.0, use_reentrant=reentrant)

    n = 256
    x = meta(1, 2, n, 8)
    a, b = (count(layer, (x,), backward=True, attention=r) for r in ("fused", "written-out"))
    assert sum_of(a.work) >= sum_of(b.work)  # the fused one has no intermediate that was saved, at which to stop early
    assert sum(a.saved.values()) == 2 * n * 8 * 4
    assert sum(a.peak.values()) < 2 * n * n * 4 < sum(b.peak.values())


def test_grouped_queries_and_masks():
    def layer(q, k, v, mask):
        return F.scaled_dot_product_attention(q, k, v, mask, enable_gqa=True)

    inputs = (meta(1, 4, 6, 8), meta(1, 2, 6, 8), meta(1, 2, 6, 8), meta(6, 6))
    for backward in (False, True):
        a, b = (count(layer, inputs, backward=backward, attention=r) for r in ("fused", "written-out"))
        assert sum_of(a.work) == sum_of(b.work)
        assert sum_of(a.span) == sum_of(b.span)


def test_a_mask_of_truth_values():
    def layer(q):
        return F.scaled_dot_product_attention(q, q, q, torch.ones(6, 6, dtype=torch.bool).tril())

    a, b = (count(layer, (meta(1, 2, 6, 4),), attention=r) for r in ("fused", "written-out"))
    assert sum_of(a.work) == sum_of(b.work)
    assert sum(a.peak.values()) < sum(b.peak.values())


def test_attention_within_torch_s_own_layers_is_met():
    layer = nn.MultiheadAttention(8, 2, batch_first=True, device="meta")
    assert count(lambda x: layer(x, x, x, need_weights=False)[0], (meta(1, 5, 8),)).attention == "fused"
    assert count(lambda x: layer(x, x, x)[0], (meta(1, 5, 8),)).attention == ""  # it writes the weights out itself


def test_attention_is_torch_s_again_after_a_count():
    x = meta(1, 2, 6, 4, requires_grad=True)
    count(attend, (x.detach(),))
    assert type(attend(x).grad_fn).__name__ != "_FusedAttentionBackward"


def test_the_first_count_of_a_process_is_as_every_other():
    """What torch loads on the first dispatch must not hold on to the tensors of that run."""
    code = (
        "from empirics.cost.counting import count; from empirics.subjects import SUBJECTS; import torch\n"
        "made = [SUBJECTS['softmax_attention_fused'](N=2, d=2) for _ in range(2) if not torch.set_default_device('meta')]\n"
        "first, second = (count(*each) for each in made)\n"
        "assert first == second, (first.peak, second.peak)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
