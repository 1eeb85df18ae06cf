"""Position biases as modules: forms against each other, decoding against the whole, dtypes, gradients, learned numbers."""

import warnings
from fractions import Fraction as F

import pytest
import torch
from torch import nn

from constructions.layers.position_kernels import (
    T5,
    Alibi,
    BiasedAttention,
    Fire,
    Kerple,
    Mep,
    NoPosition,
    ParameterisedMep,
    Rotary,
    Sandwich,
    biased_attention,
    flex_score_mod,
)
from theory.position_kernels.arithmetic import FLOATS
from theory.position_kernels.mixtures import three_kernels, two_kernels
from theory.position_kernels.slopes import bucket_starts, released_slopes

U = {dtype: torch.finfo(dtype).eps / 2 for dtype in (torch.float64, torch.float32, torch.bfloat16)}
HEADS, WIDTH, N = 4, 32, 37
MAKERS = {
    "alibi": lambda: Alibi(HEADS),
    "alibi learned": lambda: Alibi(HEADS, learn_slopes=True),
    "kerple": lambda: Kerple(HEADS),
    "kerple power": lambda: Kerple(HEADS, "power"),
    "t5": lambda: T5(HEADS, 8, 20),
    "sandwich": lambda: Sandwich(HEADS, count=8),
    "fire": lambda: Fire(HEADS, threshold=8.0),
    "two": lambda: Mep(HEADS, 2),
    "three": lambda: Mep(HEADS),
    "three weighted": lambda: Mep(HEADS, weights=[F(1, 2), F(1, 4), F(1, 4)]),
    "three learned": lambda: Mep(HEADS, learn_slopes=True, learn_weights=True),
    "four": lambda: ParameterisedMep(HEADS, learn_slopes=True, learn_weights=True),
    "none": lambda: NoPosition(HEADS),
    "rotary": lambda: Rotary(HEADS),
}
EACH = pytest.mark.parametrize("name", MAKERS)


def made(name):
    torch.manual_seed(0)
    return MAKERS[name]()


def attention_bound(q, k, v, mask):
    """Twice what rounding may do to softmax attention: scores are off by (d + 3) u times the sum of sizes and u times the bias, weights
    by twice as much, the output by that times the greatest value, and (N + 8) u more for the sums."""
    u, q, k, v, mask = U[q.dtype], *(x.detach() for x in (q, k, v, mask))
    size = float((q.double().abs() @ k.double().abs().mT).max()) + float(mask[mask.isfinite()].abs().max())
    return 2 * float(v.abs().max()) * (2 * (q.shape[-1] + 3) * u * size + (k.shape[-2] + 8) * u)


@EACH
@pytest.mark.parametrize("form", ["written-out", "fused"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_decoding_equals_the_whole(name, form, dtype):
    layer = BiasedAttention(WIDTH, made(name), form=form, dtype=dtype)
    x = torch.randn(2, N, WIDTH, dtype=dtype)
    whole, state, rows = layer(x), layer.init_state(2), []
    for t in range(N):
        row, state = layer.step(x[:, t], state)
        rows.append(row)
    q, k, v = (m(x) for m in (layer.query, layer.key, layer.value))
    mask = layer.position(N, N, x)
    bound = attention_bound(q, k, v, mask) + 4 * WIDTH * U[dtype] * float(v.abs().max().detach())
    assert float((torch.stack(rows, 1) - whole).abs().max().detach()) <= bound * float(
        layer.out.weight.abs().sum(1).max().detach()
    )
    assert (state.keys.shape, state.values.shape) == ((2, HEADS, N, WIDTH // HEADS),) * 2


def drawn(position, dtype):
    q, k, v = (torch.randn(2, HEADS, N, 8, dtype=dtype) for _ in range(3))
    return position.turn(q, 0), position.turn(k, 0), v


@EACH
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_fused_function_agrees(name, dtype):
    """torch's scaled_dot_product_attention with the mask, for all queries and for the last 5."""
    position = made(name)
    q, k, v = drawn(position, dtype)
    for queries in (N, 5):
        last, mask = q[..., N - queries :, :], position(queries, N, q)
        found = [biased_attention(last, k, v, mask, form=form) for form in ("written-out", "fused")]
        assert float((found[1] - found[0]).abs().max().detach()) <= 2 * attention_bound(last, k, v, mask)


@pytest.mark.parametrize("name", ["alibi", "t5", "fire", "three learned"])
@pytest.mark.parametrize("queries", [N, 5])
def test_flex_attention_agrees(name, queries):
    from torch.nn.attention.flex_attention import flex_attention

    position = made(name)
    q, k, v = drawn(position, torch.float64)
    last, mask = q[..., N - queries :, :], position(queries, N, q)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about running uncompiled and about its own tracing
        found = flex_attention(last, k, v, score_mod=flex_score_mod(position, queries, N, q))
    wanted = biased_attention(last, k, v, mask)
    assert float((found - wanted).abs().max().detach()) <= 2 * attention_bound(last, k, v, mask)


@EACH
def test_the_mask_is_causal_wide_and_where_it_is_asked_to_be(name):
    position = made(name)
    for like, dtype in (
        (None, torch.float32),
        (torch.empty((), dtype=torch.bfloat16), torch.float32),
        (torch.zeros(1).double(), torch.float64),
    ):
        mask = position(3, 5, like)
        assert (mask.shape, mask.dtype) == ((HEADS, 3, 5), dtype)
        assert torch.equal(mask.isneginf()[0], torch.ones(3, 5).triu(3).bool())
    assert position(0, 0).shape == (HEADS, 0, 0)
    assert position(0, 4).shape == (HEADS, 0, 4)
    assert position(1, 1).isfinite().all()
    assert position.to("meta")(2, 2, torch.empty((), device="meta")).device.type == "meta"


@EACH
def test_gradients_are_finite_and_right(name):
    position = made(name).double()
    like = torch.empty((), dtype=torch.float64)
    weight = torch.rand(HEADS, 6, 6, dtype=torch.float64)

    def loss(*values):
        given = dict(zip(names, values, strict=True))
        mask = torch.func.functional_call(position, given, (6, 6, like))
        return (mask.softmax(-1) * weight).sum()

    names, values = zip(*position.named_parameters(), strict=True) if list(position.parameters()) else ((), ())
    if not values:
        return
    assert torch.autograd.gradcheck(loss, values)
    far = position(1, 100_000, like).softmax(-1)[..., :9].sum()
    assert all(g.isfinite().all() for g in torch.autograd.grad(far, values))


@pytest.mark.parametrize(("kernels", "mixture"), [(2, two_kernels), (3, three_kernels)])
def test_modules_are_the_kernels(kernels, mixture):
    d = torch.arange(50)
    table = Mep(8, kernels).table(50, torch.empty((), dtype=torch.float64))
    for h, slope in enumerate(released_slopes(8)):
        wanted = torch.from_numpy(mixture(slope).log(d.numpy(), FLOATS))
        assert (table[h] - wanted).abs().max() <= 16 * U[torch.float64] * (1 + wanted.abs().max())


def test_narrow_modules_keep_exact_slopes_and_distances():
    """Fixed slopes are not rounded by .bfloat16(), and distances beyond 256 stay apart."""
    exact, narrow = Alibi(12), Alibi(12).bfloat16()
    like = torch.empty((), dtype=torch.bfloat16)
    assert torch.equal(narrow.table(600, like), exact.table(600, torch.empty(())))
    assert (narrow.table(600, like).diff() < 0).all()
    rounded = torch.arange(600).to(torch.bfloat16)
    assert (rounded.diff() == 0).any()


def test_t5_reads_the_bucket_of_the_distance():
    position = T5(2, 8, 20)
    starts = torch.tensor(bucket_starts(8, 20))
    mask = position(30, 30)
    for i, j in ((0, 0), (5, 2), (29, 0), (29, 25)):
        bucket = int((starts <= i - j).sum()) - 1
        assert torch.equal(mask[:, i, j], position.values[:, bucket])


def test_fire_shares_lie_in_the_unit_interval_and_know_the_query():
    position = Fire(1, threshold=8.0)
    far = torch.arange(20)[:, None] - torch.arange(20)
    share = position.share(far, 0, torch.empty(())).detach()
    assert (share.min(), share.max()) == (0, 1)
    assert share[19, 0] == 1  # beyond the threshold the farthest key is at share 1
    assert share[3, 0] < 1
    assert share[10, 5] > share[15, 10]  # the same distance, another share


def test_rotary_scores_see_the_difference_only():
    position = Rotary(1)
    q, k = torch.randn(2, 1, 1, 1, 16, dtype=torch.float64)
    scores = [float(position.turn(q, 40 + s) @ position.turn(k, 33 + s).mT) for s in (0, 1, 1000, 10**6)]
    size = float(q.norm() * k.norm())
    assert max(scores) - min(scores) <= 64 * 10**6 * 2.0**-52 * size  # angles of a million, each rounded once
    assert position.turn(q, 0).equal(q)


def test_learned_weights_start_at_what_is_given():
    d = torch.empty((), dtype=torch.float64)
    given = [F(1, 2), F(1, 4), F(1, 4)]
    fixed, learned = Mep(2, weights=given), Mep(2, weights=given, learn_weights=True)
    # log w is at least -log 4 and rounded once to float32; a mixture's log and its normaliser each move by no more
    most = 2 * float(torch.tensor(4.0).log()) * U[torch.float32]
    assert (fixed.table(20, d) - learned.table(20, d).detach()).abs().max() <= most
    assert fixed.table(20, d)[0, 0] == 0


def test_a_model_trains():
    torch.manual_seed(0)
    layer = BiasedAttention(16, ParameterisedMep(2, learn_slopes=True, learn_weights=True))
    optimiser = torch.optim.Adam(layer.parameters(), 1e-2)
    x = torch.randn(4, 20, 16)
    losses = []
    for _ in range(20):
        loss = nn.functional.mse_loss(layer(x)[:, 1:], x[:, :-1])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    assert all(p.grad is not None for p in layer.parameters())


@pytest.mark.gpu
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_on_an_accelerator(name, dtype):
    position = made(name).cuda()
    q, k, v = (torch.randn(2, HEADS, 64, 16, device="cuda", dtype=dtype) for _ in range(3))
    mask = position(64, 64, q)
    assert mask.is_cuda
    exact = biased_attention(
        q.double().cpu(), k.double().cpu(), v.double().cpu(), position.cpu()(64, 64, q.double().cpu())
    )
    found = biased_attention(q, k, v, mask)
    assert float((found.double().cpu() - exact).abs().max().detach()) <= 4 * attention_bound(q, k, v, mask)
