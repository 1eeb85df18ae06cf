"""What every reference layer has in common: steps equal to forward, gradients, meta tensors, batches, refusals."""

import pytest
import torch
from layer_oracles import UNITS, U, delta_rule, gamma, softmax_bound

from constructions.layers.delta_rule import DeltaRule, delta_rule_chunked, delta_rule_loop, unit_keys
from constructions.layers.fft_mixing import FourierMixing, fft_mixing
from constructions.layers.linear_attention import LinearAttention, linear_attention_chunked, linear_attention_cumsum
from constructions.layers.mixture_of_experts import MixtureOfExperts
from constructions.layers.scan import GatedScan, affine, blelloch_scan, hillis_steele_scan, sequential_scan
from constructions.layers.shapes import check_positive
from constructions.layers.sliding_window import SlidingWindow, sliding_window_masked, sliding_window_unfolded
from constructions.layers.softmax_attention import SoftmaxAttention, softmax_attention
from constructions.layers.sort_mixing import SortMixing, sort_mixing
from constructions.layers.topk_attention import TopKAttention, topk_attention
from empirics.training.flat import computing

LAYERS = {
    "softmax": lambda d, **how: SoftmaxAttention(d, **how),
    "softmax both ways": lambda d, **how: SoftmaxAttention(d, causal=False, **how),
    "softmax fused": lambda d, **how: SoftmaxAttention(d, form="fused", **how),
    "window as mask": lambda d, **how: SlidingWindow(d, 3, form="mask", **how),
    "window unfolded": lambda d, **how: SlidingWindow(d, 3, form="unfold", **how),
    "linear cumsum": lambda d, **how: LinearAttention(d, form="cumsum", **how),
    "linear loop": lambda d, **how: LinearAttention(d, form="loop", **how),
    "linear chunked": lambda d, **how: LinearAttention(d, form="chunked", chunk=3, **how),
    "delta loop": lambda d, **how: DeltaRule(d, form="loop", **how),
    "delta chunked": lambda d, **how: DeltaRule(d, form="chunked", chunk=3, **how),
    "delta to 2": lambda d, **how: DeltaRule(d, form="chunked", chunk=3, most=2, **how),
    "top-k": lambda d, **how: TopKAttention(d, 2, **how),
    "scan hillis-steele": lambda d, **how: GatedScan(d, form="hillis-steele", **how),
    "scan blelloch": lambda d, **how: GatedScan(d, form="blelloch", **how),
    "scan sequential": lambda d, **how: GatedScan(d, form="sequential", **how),
    "sort": lambda d, **how: SortMixing(d, **how),
    "fourier": lambda d, **how: FourierMixing(),
    "experts": lambda d, **how: MixtureOfExperts(d, 2, 3, **how),
}
EACH = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
STEPPED = {
    name: make for name, make in LAYERS.items() if name not in ("softmax both ways", "sort", "fourier", "experts")
}


def integral(layer, seed):
    """The layer with projections of small integers and the identity as output, so that what is not the mixing is exact."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.randint(-1, 2, p.shape, generator=generator))
        layer.out.weight.copy_(torch.eye(layer.width))
    return layer


def step_bound(layer, x, u=U):
    """|forward - step| entry by entry, from the exact projections of integers; twice the bound of either."""
    d, tokens = layer.width, x.shape[1]
    if isinstance(layer, GatedScan):
        a, b = layer._maps(x)
        # The gate: an exponential, a sum, a quotient; 1 - a again; a product; then two roundings a token.
        return 2 * gamma(2 * tokens + 8 * tokens + 8, u) * sequential_scan(affine, (a, b.abs()))[1]
    q, k, v = layer.query(x), layer.key(x), layer.value(x)
    if isinstance(layer, LinearAttention):
        q, k = torch.nn.functional.elu(q) + 1, torch.nn.functional.elu(k) + 1
        weights = (q @ k.mT).tril()
        # Features good to 4 u each; numerator and denominator, all weights positive; the quotient.
        m = 2 * (tokens + 3 + d + 4 + 8) + 1
        return 2 * gamma(2 * m, u) * (weights @ v.abs()) / weights.sum(-1, keepdim=True)
    if isinstance(layer, DeltaRule):
        k, beta = unit_keys(k), layer.most * layer.gate(x).sigmoid()[..., 0]
        rows = [[p.abs().tolist() for p in (q[i], k[i], v[i], beta[i])] for i in range(len(x))]
        most = torch.tensor([delta_rule(*r, sign=1) for r in rows], dtype=torch.float64).reshape(v.shape)
        # A key is good to d + 8 roundings, a gate to 8; two keys and a gate a token, besides the rounding of either form.
        return 2 * gamma(tokens * (d + 3 + 6 + 2 * (d + 8) + 8) + 2 * d, u) * most
    window = layer.window if isinstance(layer, SlidingWindow) else tokens
    keep = layer.keep if isinstance(layer, TopKAttention) else tokens

    def allowed(t, scores):
        seen = range(max(0, t - window + 1), t + 1)
        return sorted(seen, key=lambda i: scores[i], reverse=True)[:keep]

    return 2 * torch.stack([softmax_bound(q[i], k[i], v[i], allowed, u) for i in range(len(x))])


def stepped(layer, x):
    state, rows = layer.init_state(len(x)), []
    for t in range(x.shape[1]):
        y, state = layer.step(x[:, t], state)
        rows.append(y)
    return torch.stack(rows, 1) if rows else x


def tokens_for(make, tokens):
    """Small integers; for top-k with multiples of 2^-20 added, which integer projections keep exact, so that no two scores tie."""
    x = torch.randint(-2, 3, (2, tokens, 3), generator=torch.Generator().manual_seed(3)).double()
    if make is not LAYERS["top-k"]:
        return x
    return x + torch.randint(2**20, x.shape, generator=torch.Generator().manual_seed(0)) / 2.0**20


@pytest.mark.parametrize("tokens", [0, 1, 2, 7])
@pytest.mark.parametrize("make", STEPPED.values(), ids=STEPPED.keys())
def test_steps_are_forward(make, tokens):
    layer, x = integral(make(3, dtype=torch.float64), seed=1), tokens_for(make, tokens)
    with torch.no_grad():
        y, bound = layer(x), step_bound(layer, x)
        assert y.shape == x.shape
        # The bound is itself computed, in far fewer than 100 roundings.
        assert ((y - stepped(layer, x)).abs() <= (1 + 100 * U) * bound).all()


@pytest.mark.parametrize("tokens", [0, 1, 5])
@EACH
def test_meta_tensors_suffice(make, tokens):
    """Shapes, dtypes and devices without a value: nothing is decided by data."""
    if make is LAYERS["fourier"] and tokens == 0:
        pytest.skip("no transform of length 0; refused, see below")
    x = torch.zeros(2, tokens, 4, dtype=torch.float64)
    here = make(4, dtype=torch.float64)(x)
    there = make(4, dtype=torch.float64, device="meta")(x.to("meta"))
    assert (there.shape, there.dtype, there.device.type) == (x.shape, x.dtype, "meta")
    assert (here.shape, here.dtype) == (x.shape, x.dtype)


@EACH
def test_gradients(make):
    torch.manual_seed(2)
    layer = make(2, dtype=torch.float64)
    x = torch.randn(1, 4, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))
    for p in layer.parameters():
        assert p.requires_grad

    def of_parameters(*values):
        named = dict(zip(dict(layer.named_parameters()), values, strict=True))
        return torch.func.functional_call(layer, named, (x.detach(),))

    values = tuple(p.detach().clone().requires_grad_() for p in layer.parameters())
    assert not values or torch.autograd.gradcheck(of_parameters, values)


DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


@pytest.mark.gpu
@pytest.mark.parametrize("make", STEPPED.values(), ids=STEPPED.keys())
def test_on_an_accelerator(make):
    layer, x = integral(make(3, dtype=torch.float64), seed=1), tokens_for(make, 9)
    with torch.no_grad():
        here, bound = layer(x), step_bound(layer, x)
        there = layer.cuda()(x.cuda()).cpu()
    assert ((there - here).abs() <= (1 + 100 * U) * bound).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", ["float32", "tf32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", [name for name in STEPPED if name != "top-k"])
def test_in_every_format_within_its_bound(name, precision, device):
    """Against float64, whose own error is 2^29 times smaller. Which keys are the top ones, a narrow format does not tell; and of more
    tokens than these a delta rule in bfloat16 has no bound."""
    make, x = STEPPED[name], tokens_for(STEPPED[name], 5)
    dtype = torch.float32 if precision == "tf32" else getattr(torch, precision)
    exact = integral(make(3, dtype=torch.float64), seed=1)
    layer = integral(make(3, dtype=dtype, device=device), seed=1)
    with torch.no_grad(), computing("tf32" if precision == "tf32" else "float32", device):
        wanted, bound = exact(x), step_bound(exact, x, UNITS[precision])
        found = layer(x.to(device, dtype))
        rows = stepped(layer, x.to(device, dtype)) if precision != "tf32" else found
    for y in (found, rows):
        assert y.dtype is dtype
        assert ((y.double().cpu() - wanted).abs() <= (1 + 100 * U) * bound).all()


Q, V, BETA = torch.zeros(1, 4, 2), torch.zeros(1, 4, 3), torch.zeros(1, 4)
REFUSALS = {
    "width": (lambda: SoftmaxAttention(0), "SoftmaxAttention: width = 0; give a positive integer"),
    "fraction": (lambda: check_positive("GatedScan", width=2.5), "GatedScan: width = 2.5; give a positive integer"),
    "form": (lambda: SoftmaxAttention(2, form="flash"), "form = 'flash'; give one of 'written-out', 'fused'"),
    "window": (lambda: SlidingWindow(2, 0), "SlidingWindow: window = 0; give a positive integer"),
    "chunk": (lambda: LinearAttention(2, chunk=0), "LinearAttention: chunk = 0; give a positive integer"),
    "chunk of a function": (lambda: delta_rule_chunked(Q, Q, V, BETA, 0), "delta_rule_chunked: chunk = 0"),
    "keep": (lambda: TopKAttention(2, True), "TopKAttention: keep = True; give a positive integer"),
    "capacity": (lambda: MixtureOfExperts(2, 3, 4, capacity=0), "MixtureOfExperts: capacity = 0"),
    "experts": (lambda: MixtureOfExperts(2, 0, 4), "MixtureOfExperts: experts = 0"),
    "beta": (lambda: DeltaRule(2, most=3), "DeltaRule: most = 3; give 1 or 2"),
    "tokens": (lambda: DeltaRule(3)(Q), "DeltaRule: x has shape (1, 4, 2); expected (batch, time, 3)"),
    "integers": (
        lambda: SortMixing(2)(Q.long()),
        "SortMixing: x has dtype torch.int64, the weights torch.float32; give x.to(torch.float32)",
    ),
    "one token": (
        lambda: LinearAttention(2).step(Q, LinearAttention(2).init_state(1)),
        "LinearAttention.step: x_t has shape (1, 4, 2); expected (batch, 2)",
    ),
    "step both ways": (
        lambda: SoftmaxAttention(2, causal=False).init_state(1),
        "causal = False has no step; set causal=True to decode",
    ),
    "shapes": (
        lambda: softmax_attention(Q, Q[:, 1:], V),
        "softmax_attention: the shapes do not fit together: q (1, 4, 2), k (1, 3, 2), v (1, 4, 3); expected q (*batch, T, d)",
    ),
    "gates": (
        lambda: delta_rule_loop(Q, Q, V, V),
        "beta (1, 4, 3); expected q (*batch, T, d), k (*batch, T, d), v (*batch, T, m), beta",
    ),
    "dtypes": (
        lambda: linear_attention_cumsum(Q, Q, V.double()),
        "v has dtype torch.float64; convert all to one with .to(k.dtype)",
    ),
    "devices": (
        lambda: linear_attention_chunked(Q, Q, V.to("meta"), 2),
        "v has device meta; convert all to one with .to(k.device)",
    ),
    "solve": (
        lambda: delta_rule_chunked(Q.long(), Q.long(), V.long(), BETA.long(), 2),
        "dtype torch.int64 has no triangular solve; convert to a float, or use delta_rule_loop",
    ),
    "mask shapes": (lambda: sliding_window_masked(Q, Q, V[0], 2), "sliding_window_masked: the shapes do not fit"),
    "unfold shapes": (lambda: sliding_window_unfolded(Q, Q, V[0], 2), "sliding_window_unfolded: the shapes do not fit"),
    "top-k shapes": (lambda: topk_attention(Q, Q[..., :1], V, 2), "topk_attention: the shapes do not fit"),
    "no score": (
        lambda: sort_mixing(Q, V),
        "sort_mixing: the shapes do not fit together: score (1, 4, 2), v (1, 4, 3)",
    ),
    "no token to transform": (lambda: fft_mixing(Q[:, :0]), "fft_mixing: x has shape (1, 0, 2)"),
    "half transform": (
        lambda: fft_mixing(Q.half()),
        "x has dtype torch.float16; convert to torch.float32 or torch.float64",
    ),
    "no elements": (lambda: hillis_steele_scan(affine, ()), "elements is an empty tuple"),
    "uneven elements": (
        lambda: blelloch_scan(affine, (Q, Q[:, 1:])),
        "of different sizes on axis -2; give one element a time",
    ),
    "no such axis": (lambda: sequential_scan(affine, (BETA, BETA), dim=3), "dim = 3 is no axis of tensors of shapes"),
}


@pytest.mark.parametrize(("call", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusals_say_what_where_and_what_to_do(call, message):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        call()
    assert message in str(refused.value)
