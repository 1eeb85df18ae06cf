"""The layer: decoding, prefilling, padding, groups and gates against the full forward and against heads one by one."""

import copy
import pickle

import pytest
import torch
import torch.utils.checkpoint

from constructions.layers.deltaformer import Deltaformer, attention
from constructions.layers.kernels import Exponential, Softmax

VARIANTS = {
    "flash-linear-attention's": {},
    "linear, unit keys, beta in (0, 2)": {"kernel": "linear", "write": "key", "beta": 2},
    "own writes, grouped, alpha": {"kernel": "exponential", "write": "own", "groups": 2, "alpha": True, "value_dim": 5},
    "query writes, grouped": {"groups": 2, "beta": None},
    "linear writes, softmax reads, one group": {
        "kernel": "linear",
        "read_kernel": "softmax",
        "groups": 1,
        "write": "key",
    },
    "rounded": {"kernel": "rounded", "bias": True},
    "solve": {"form": "solve"},
    "recurrence": {"form": "recurrence", "kernel": "hardmax"},
}
CLOSE = {"rtol": 1e-11, "atol": 1e-12}


@pytest.fixture(params=VARIANTS)
def layer(request):
    torch.manual_seed(0)
    return Deltaformer(24, 4, dtype=torch.float64, chunk=4, **VARIANTS[request.param])


def tokens(time=11, batch=3):
    return torch.randn(batch, time, 24, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_steps_are_the_forward(layer):
    x = tokens()
    state, rows = layer.init_state(3), []
    for t in range(11):
        y, state = layer.step(x[:, t], state)
        rows.append(y)
    assert torch.allclose(torch.stack(rows, 1), layer(x), **CLOSE)


@pytest.mark.parametrize("left", [0, 3])
def test_prefilling_then_steps_are_the_forward(layer, left):
    """Also from a prompt padded on the left."""
    x = tokens()
    padded = torch.nn.functional.pad(x, (0, 0, left, 0), value=7.0)
    valid = torch.nn.functional.pad(torch.ones(3, 11, dtype=torch.bool), (left, 0)) if left else None
    y, state = layer.prefill(padded[:, : left + 6], None if valid is None else valid[:, : left + 6])
    assert torch.allclose(y[:, left:], layer(x)[:, :6], **CLOSE)
    for t in range(6, 11):
        y, state = layer.step(x[:, t], state)
        assert torch.allclose(y, layer(x)[:, t], **CLOSE)


def test_steps_have_the_gradients_of_the_forward(layer):
    x, state, rows = tokens(), layer.init_state(3), []
    for t in range(11):
        y, state = layer.step(x[:, t], state)
        rows.append(y)
    found, right = (
        torch.autograd.grad(y.sin().sum(), list(layer.parameters()), allow_unused=True)
        for y in (torch.stack(rows, 1), layer(x))
    )
    for a, b in zip(
        found, right, strict=True
    ):  # what a flat kernel leaves out is None on one side and zero on the other
        assert torch.allclose(*(torch.zeros(()).double() if g is None else g for g in (a, b)), **CLOSE)


@pytest.mark.parametrize("time", [0, 1])
def test_no_token_and_one(layer, time):
    x = tokens(time).requires_grad_()
    layer(x).sum().backward()
    assert x.grad.shape == x.shape
    y, state = layer.prefill(tokens(time))
    assert y.shape == (3, time, 24)
    after = torch.cat([tokens(time), tokens(1)], 1)
    assert torch.allclose(layer.step(tokens(1)[:, 0], state)[0], layer(after)[:, -1], **CLOSE)


def test_nothing_in_padding_reaches_outputs_or_gradients(layer):
    """Not even NaN; also for a sequence that is padding alone, which then decodes as from the beginning."""
    x = tokens()
    valid = torch.tensor([[True, False, True, True] + [False] * 7, [True] * 11, [False] * 11])
    spoilt = x.masked_fill(~valid[..., None], torch.nan)
    runs = [torch.autograd.grad(layer(a, valid)[valid].sum(), list(layer.parameters())) for a in (x, spoilt)]
    assert all(torch.equal(a, b) for a, b in zip(*runs, strict=True))
    _, state = layer.prefill(spoilt, valid)
    fresh = layer.step(x[:, 0], layer.init_state(3))[0]
    assert torch.allclose(layer.step(x[:, 0], state)[0][2], fresh[2], **CLOSE)


def test_a_module_like_any_other(layer):
    """Copied, pickled, saved and loaded, in a sequence, in both modes, without gradients, under checkpointing."""
    x, right = tokens(), layer(tokens())
    other = copy.deepcopy(layer)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1)
    other.load_state_dict(layer.state_dict())
    runs = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), other, torch.nn.Sequential(layer), layer.eval()]
    assert all(torch.equal(run(x), right) for run in runs)
    layer.train()
    for context in (torch.no_grad(), torch.inference_mode()):
        with context:
            assert torch.equal(layer(x), right)
    kept = torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False)
    pairs = [torch.autograd.grad(y.sum(), layer.out.weight)[0] for y in (kept, right)]
    assert torch.equal(*pairs)


@pytest.mark.parametrize("pads", [(3, 0), (0, 3)], ids=["left", "right"])
def test_padding_changes_nothing(layer, pads):
    x = tokens()
    padded = torch.nn.functional.pad(x, (0, 0, *pads), value=1e3)
    valid = torch.nn.functional.pad(torch.ones(3, 11, dtype=torch.bool), pads)
    y = layer(padded, valid)
    assert torch.allclose(y[valid].reshape(3, 11, 24), layer(x), **CLOSE)
    silent = torch.zeros(()) if layer.out.bias is None else layer.out.bias
    assert torch.allclose(y[~valid], silent.double().expand(9, 24))


def test_every_parameter_learns(layer):
    layer(tokens()).square().sum().backward()
    flat = type(layer.kernel).__name__ in ("Rounded", "Hardmax")
    for name, parameter in layer.named_parameters():
        assert parameter.grad is not None
        assert (flat and name.split(".")[0] in ("query", "key")) or float(parameter.grad.abs().max()) > 0, name


def test_float32_autocast_and_narrow_weights(layer):
    x, right = tokens(), layer(tokens())
    scale = float(right.detach().abs().max())
    smooth = type(layer.kernel).__name__ not in ("Rounded", "Hardmax")
    layer.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = layer(x.float())
        y.float().sum().backward()
        state = layer.prefill(x[:, :5].float())[1]
        assert layer.step(x[:, 5].float(), state)[0].dtype == torch.bfloat16
    assert y.dtype == torch.bfloat16
    if smooth:  # a flat kernel jumps when a key rounds
        assert float((y - right).detach().abs().max()) < 0.2 * scale
    layer.bfloat16()
    y, state = layer.prefill(x.bfloat16())
    held = state if isinstance(state, torch.Tensor) else state.written
    assert (y.dtype, held.dtype) == (torch.bfloat16, torch.float32)
    assert layer.step(x[:, 0].bfloat16(), state)[0].dtype == torch.bfloat16


def test_grouped_heads_are_heads_with_the_keys_of_their_group():
    torch.manual_seed(0)
    layer = Deltaformer(24, 4, groups=2, write="query", dtype=torch.float64)
    x = tokens()
    q, k, v = (
        layer.query(x).unflatten(-1, (4, 6)),
        layer.key(x).unflatten(-1, (2, 6)),
        layer.value(x).unflatten(-1, (2, 6)),
    )
    beta = layer.beta_gate(x).sigmoid()
    heads = [
        attention(q[:, :, h], k[:, :, h // 2], q[:, :, h], v[:, :, h // 2], beta[..., h], kernel=Softmax(6**-0.5))
        for h in range(4)
    ]
    assert torch.allclose(layer(x), layer.out(torch.cat(heads, -1)), **CLOSE)


def test_sizes_of_caches():
    """Keys a group; u a group, or a head when the query writes; a state for linear kernels, whatever the length."""
    x = tokens()
    grouped = Deltaformer(24, 4, groups=2, write="key", dtype=torch.float64).prefill(x)[1]
    assert (grouped.keys.shape, grouped.written.shape) == ((3, 2, 1, 11, 6), (3, 2, 1, 11, 6))
    queried = Deltaformer(24, 4, groups=2, dtype=torch.float64).prefill(x)[1]
    assert queried.written.shape == (3, 2, 2, 11, 6)
    linear = Deltaformer(24, 4, groups=2, kernel="linear", write="key", dtype=torch.float64)
    assert linear.prefill(x)[1].shape == linear.init_state(3).shape == (3, 2, 1, 6, 6)


def test_it_says_what_it_is():
    text = repr(Deltaformer(24, 4, kernel=Exponential(2.0), write="key", beta=2))
    assert "kernel=Exponential(temperature=2.0)" in text
    assert "write='key', beta=2, unit=True" in text


REFUSED = [
    ({"groups": 3}, r"^Deltaformer: 4 heads are not divisible by 3 groups; give a number of groups that divides 4$"),
    ({"heads": 5}, r"^Deltaformer: width 24 is not divisible by 5 heads; give head_dim, or heads that divide 24$"),
    ({"heads": 0}, r"^Deltaformer: heads = 0; give a positive integer$"),
    ({"groups": -1}, r"^Deltaformer: groups = -1; give a positive integer$"),
    ({"head_dim": 0}, r"^Deltaformer: head_dim = 0; give a positive integer$"),
    ({"value_dim": 0}, r"^Deltaformer: value_dim = 0; give a positive integer$"),
    ({"dtype": torch.int64}, r"^Deltaformer: dtype = torch\.int64; give a floating-point format of at least 16 bits$"),
    ({"write": "value"}, r"^Deltaformer: write = 'value'; give 'key', 'query' or 'own'$"),
    ({"beta": 3}, r"^Deltaformer: beta = 3; give 1 or 2, the end of the gate's range, or None for beta = 1$"),
    ({"kernel": "gauss"}, r"^unknown kernel 'gauss'; did you mean "),
    ({"form": "chunk"}, r"^deltaformer\.Deltaformer: unknown form 'chunk'; did you mean 'chunked'\?"),
    ({"chunk": 0}, r"^deltaformer\.Deltaformer: chunk is 0"),
]


@pytest.mark.parametrize(("changed", "message"), REFUSED, ids=[str(changed) for changed, _ in REFUSED])
def test_messages_when_made(changed, message):
    with pytest.raises(ValueError, match=message):
        Deltaformer(**{"width": 24, "heads": 4, **changed})


def test_messages_when_run():
    layer = Deltaformer(24, 4, dtype=torch.float64)
    x = tokens()
    with pytest.raises(ValueError, match=r"^Deltaformer: x has shape \(11, 24\); expected \(batch, time, 24\)$"):
        layer(x[0])
    with pytest.raises(
        ValueError,
        match=r"valid is torch\.bool of shape \(3, 10\) on cpu; expected torch\.bool of shape \(3, 11\) on cpu, True where",
    ):
        layer(x, torch.ones(3, 10, dtype=torch.bool))
    with pytest.raises(
        ValueError, match=r"^Deltaformer: valid is torch\.float32 of shape \(3, 11\) on cpu; expected torch\.bool"
    ):
        layer.prefill(x, torch.ones(3, 11))
    with pytest.raises(ValueError, match=r"^Deltaformer\.step: x_t has shape \(3, 11, 24\); expected \(batch, 24\)$"):
        layer.step(x, layer.init_state(3))
    with pytest.raises(ValueError, match=r"do not fit together: keys \(2, 4, 1, 0, 6\), .* k \(3, 4, 1, 6\)"):
        layer.step(x[:, 0], layer.init_state(2))
    with pytest.raises(
        ValueError, match=r"^Deltaformer: x has dtype torch\.float32, the weights torch\.float64; give x\.to"
    ):
        layer(x.float())
    with pytest.raises(
        ValueError, match=r"^Deltaformer\.step: x_t has dtype torch\.int64, the weights torch\.float64; give"
    ):
        layer.step(x[:, 0].long(), layer.init_state(3))
    with pytest.raises(ValueError, match=r"^Deltaformer: x is on meta, the weights on cpu; move one to the other$"):
        layer(x.to("meta"))
    with pytest.raises(ValueError, match=r"^Deltaformer\.init_state: batch = -1; give how many sequences are decoded$"):
        layer.init_state(-1)
    linear = Deltaformer(24, 4, kernel="linear", dtype=torch.float64)
    with pytest.raises(
        ValueError, match=r"the state is for tokens of batch shape \(1, 4, 1\), this token has \(3, 4, 1\)"
    ):
        linear.step(x[:, 0], linear.init_state(1))
    state = layer.init_state(3)
    with pytest.raises(
        ValueError, match=r"^deltaformer\.decode: keys has dtype torch\.float64, .*k has dtype torch\.float32"
    ):
        layer.float().step(x[:, 0].float(), state)
