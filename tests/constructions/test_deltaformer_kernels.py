"""The operator with every kernel in floats: autograd, batches, padding, decoding, formats, memory, a peer, refusals."""

import numpy as np
import pytest
import torch

from constructions.layers import deltaformer as operator
from constructions.layers.deltaformer import Cache, attention, chunked, decode, differentiable, init_cache, read, solve
from constructions.layers.deltaformer.doors import check_kernel
from constructions.layers.kernels import LINEAR, Exponential, Hardmax, Rounded, Softmax
from empirics.peers import WHY_ABSENT, fla_naive
from theory.deltaformer.rounding_kernels import kernel_bound
from theory.formats import FP32, FP64

KERNELS = [LINEAR, Rounded(2), Exponential(0.7), Softmax(0.5), Hardmax()]
SMOOTH = [LINEAR, Exponential(0.7), Softmax(0.5)]
FORMS = [("recurrence", 1), ("solve", 1), ("chunked", 1), ("chunked", 3), ("chunked", 64)]
CLOSE = {"rtol": 1e-11, "atol": 1e-11}


def made(*batch, time=7, d=3, m=2, seed=0, dtype=torch.float64):
    """q, k, w, v, beta, alpha."""
    draw = torch.Generator().manual_seed(seed)
    shapes = [(*batch, time, d)] * 3 + [(*batch, time, m)] + [(*batch, time)] * 2
    return [(torch.randn(s, generator=draw, dtype=torch.float64) / 2).to(dtype) for s in shapes]


def run(arguments, kernel, form="chunked", chunk=3, **how):
    *rest, alpha = arguments
    return attention(*rest, alpha=alpha, kernel=kernel, form=form, chunk=chunk, **how)


@pytest.mark.parametrize("kernel", SMOOTH, ids=str)
@pytest.mark.parametrize(("form", "chunk"), [("recurrence", 1), ("chunked", 2)])
def test_gradcheck(kernel, form, chunk):
    arguments = [x.requires_grad_() for x in made(time=3)]
    assert torch.autograd.gradcheck(lambda *a: run(a, kernel, form, chunk), arguments)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_forms_and_gradients_agree_and_parts_do_not_matter(kernel, monkeypatch):
    """Keys shared by two heads, values by a batch of three, beta by all; one entry at a time, or all at once."""
    q, k, w, v, beta, alpha = made(3, 2)
    arguments = [x.clone().requires_grad_() for x in (q, k[:, :1], w, v[:1], beta[0, 0], alpha)]
    results = []
    for entries in (1, 2**19):
        monkeypatch.setitem(differentiable.ENTRIES, "cpu", entries)
        for form, chunk in FORMS:
            o = run(arguments, kernel, form, chunk)
            grads = torch.autograd.grad(o.sin().sum(), arguments, allow_unused=True)
            results.append(
                [o, *(torch.zeros_like(a) if g is None else g for a, g in zip(arguments, grads, strict=True))]
            )
    for result in results[1:]:
        assert all(torch.allclose(a, b, **CLOSE) for a, b in zip(result, results[0], strict=True))


@pytest.mark.parametrize("kernel", [Rounded(0.125), Hardmax()], ids=str)
def test_flat_kernels_send_nothing_to_their_keys(kernel):
    arguments = [x.requires_grad_() for x in made(2)]
    run(arguments, kernel).sum().backward()
    assert all(float(x.grad.abs().max()) == 0 for x in arguments[:3])
    assert all(float(x.grad.abs().max()) > 0 for x in arguments[3:])


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_decoding_is_the_full_forward_and_leaves_its_cache_alone(kernel):
    arguments = made(2)
    *tokens, alpha = arguments
    full = run(arguments, kernel)
    state = init_cache(tokens[1][:, 0], tokens[3][:, 0], kernel=kernel)
    for t in range(7):
        now = [x[:, t] for x in tokens]
        other, _ = decode(state, *(-x for x in now), alpha=alpha[:, t], kernel=kernel)  # another continuation
        o, state = decode(state, *now, alpha=alpha[:, t], kernel=kernel)
        assert torch.allclose(o, full[:, t], **CLOSE)
        assert other.shape == o.shape


@pytest.mark.parametrize("kernel", [Exponential(0.7), Softmax(0.5)], ids=str)
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_stays_within_the_bounds(kernel, side, dtype):
    """Both runs, padded with NaN and not, are within the derived bound of the exact u of the same floats."""
    fmt = FP32 if dtype is torch.float32 else FP64
    _, k, w, v, beta, _ = made(dtype=dtype, time=6)
    pads = (3, 0) if side == "left" else (0, 3)

    def padded(x):
        return torch.nn.functional.pad(x, (0, 0) * (x.ndim - 1) + pads, value=torch.nan)

    valid = torch.nn.functional.pad(torch.ones(6, dtype=torch.bool), pads)
    rate, softmax = (kernel.scale, True) if isinstance(kernel, Softmax) else (kernel.temperature, False)
    exact = [x.double().numpy() for x in (k, w, v, beta)]
    for form, chunk in FORMS:
        how = {"chunk": chunk} if form == "chunked" else {}
        u = getattr(operator, form)(
            *(padded(x) for x in (k, w, v, beta)), kernel=kernel, valid=valid, check_finite=False, **how
        )
        assert (u[~valid] == 0).all()
        plain = getattr(operator, form)(k, w, v, beta, kernel=kernel, **how)
        for found in (u[valid], plain):
            found = found.double().numpy()
            assert kernel_bound(*exact, found, fmt, rate=rate, softmax=softmax).worst(found)[0], form


def test_padding_of_one_sequence_of_a_batch():
    arguments = made(2)
    valid = torch.tensor([[False, False, True, True, True, True, True], [True] * 7])
    for kernel in KERNELS:
        both = run(arguments, kernel, valid=valid)
        assert torch.allclose(both[0, 2:], run([x[0, 2:] for x in arguments], kernel), **CLOSE)
        assert torch.allclose(both[1], run([x[1] for x in arguments], kernel), **CLOSE)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_formats_are_rounded_once(kernel, dtype):
    arguments = made(2, dtype=dtype)
    for form, chunk in FORMS[1:]:
        wide = run([x.float() for x in arguments], kernel, form, chunk)
        found = run(arguments, kernel, form, chunk)
        assert found.dtype == dtype
        assert torch.equal(found, wide.to(dtype))


@pytest.mark.parametrize("kernel", SMOOTH, ids=str)
def test_autocast_does_not_reach_in(kernel):
    """The backward pass outside of it, as torch asks."""
    arguments = [x.requires_grad_() for x in made(2, dtype=torch.float32)]
    plain = run(arguments, kernel)
    grads = torch.autograd.grad(plain.sum(), arguments)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = run(arguments, kernel)
    assert torch.equal(found, plain)
    assert all(torch.equal(a, b) for a, b in zip(torch.autograd.grad(found.sum(), arguments), grads, strict=True))


@pytest.mark.gpu
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_on_a_gpu(kernel):
    arguments = made(2)
    for form, chunk in FORMS:
        found = run([x.cuda() for x in arguments], kernel, form, chunk)
        assert torch.allclose(found.cpu(), run(arguments, kernel, form, chunk), **CLOSE)


@pytest.mark.parametrize("with_beta", [False, True])
def test_flash_linear_attention_is_this_variant(with_beta):
    """Both kernels softmax of scale d ** -0.5, w = q: theirs in fp32 against ours in fp64, a bound per unit of u."""
    naive = fla_naive()
    if naive is None:
        pytest.skip(WHY_ABSENT)
    q, k, _, v, beta, _ = made(2, 3, time=20, d=4, m=4, dtype=torch.float32)
    theirs = naive(q, k, v, beta if with_beta else None)
    ours = [x.double() for x in (q, k, q, v)]
    right = attention(*ours, beta.double() if with_beta else None, kernel=Softmax(4**-0.5), chunk=8)
    unit = 20 * 20 * torch.finfo(torch.float32).eps * float(right.abs().max())
    assert float((theirs.double() - right).abs().max()) < unit


# What it refuses.


def test_messages():
    q, k, w, v, beta, alpha = made(2)
    with pytest.raises(
        ValueError, match=r"^deltaformer\.chunked: kernel is 'softmax'; give a Kernel, for example .*named\('so"
    ):
        check_kernel("chunked", "softmax", k)
    with pytest.raises(
        ValueError, match=r"^deltaformer\.solve: Softmax\(scale=1\.0\) has no integer weights; convert to a float"
    ):
        solve(k.int(), w.int(), v.int(), kernel=Softmax())
    with pytest.raises(
        ValueError, match=r"^deltaformer\.chunked: valid has dtype torch\.float64; give booleans, .*valid != 0$"
    ):
        chunked(k, w, v, valid=beta)
    with pytest.raises(ValueError, match=r"^deltaformer\.attention: .*valid \(2, 6\).*valid \(\*batch, T\)"):
        attention(q, k, w, v, valid=beta[:, 1:] > 0)
    with pytest.raises(ValueError, match=r"^deltaformer\.chunked: the shapes .*alpha \(2, 6\)"):
        chunked(k, w, v, alpha=alpha[:, 1:])
    with pytest.raises(
        ValueError, match=r"^deltaformer\.read_gradients: grad_o has shape \(7, 2\), o has \(2, 7, 2\); expand"
    ):
        operator.read_gradients(q, k, v, v[0])


def test_a_temperature_that_overflows_names_the_largest_that_does_not():
    k = torch.full((3, 1), 2.0)
    v = torch.ones(3, 1)
    text = r"exp\(40 \* \(4 - 1\)\) overflows torch\.float32; the largest temperature that does not is 29\.574"
    for call in (
        lambda rate: chunked(k, None, v, kernel=Exponential(rate)),
        lambda rate: solve(k, None, v, kernel=Exponential(rate)),
        lambda rate: read(k, k, v, kernel=Exponential(rate)),
        lambda rate: attention(k, k, None, v, kernel=Exponential(rate)),
    ):
        with pytest.raises(ValueError, match=text):
            call(40.0)
    assert read(k, k, v * 0.1, kernel=Exponential(29.57)).isfinite().all()
    assert not chunked(k, None, v, kernel=Exponential(40.0), check_finite=False).isfinite().all()


def test_a_cache_of_other_kind_shape_or_dtype_is_refused():
    q, k, w, v, beta, _ = (x[:, 0] for x in made(2))
    cache = init_cache(k, v, kernel=Softmax())
    with pytest.raises(
        ValueError, match=r"^deltaformer\.decode: state is a Cache, these kernels need a state \(\*batch, d, m\)"
    ):
        decode(cache, q, k, w, v, beta)
    with pytest.raises(
        ValueError, match=r"^deltaformer\.decode: state is an array, these kernels need a Cache; make it with"
    ):
        decode(init_cache(k, v), q, k, w, v, beta, kernel=Softmax())
    with pytest.raises(
        ValueError, match=r"^deltaformer\.decode: .*keys has dtype torch\.float32, .*convert all to one"
    ):
        decode(Cache(*(x.float() for x in cache[:2])), q, k, w, v, beta, kernel=Softmax())
    with pytest.raises(ValueError, match=r"^deltaformer\.decode: the shapes do not fit together: keys \(2, 0, 4\)"):
        decode(init_cache(torch.ones(2, 4).double(), v, kernel=Softmax()), q, k, w, v, beta, kernel=Softmax())
    with pytest.raises(
        ValueError, match=r"keys are for tokens of batch shape \(1,\), this token has \(2,\); give tokens of one"
    ):
        decode(init_cache(k[:1], v, kernel=Softmax()), q, k, w, v, beta, kernel=Softmax())
    with pytest.raises(ValueError, match=r"^deltaformer\.decode: the shapes do not fit together: state \(2, 3, 5\)"):
        decode(torch.zeros(2, 3, 5).double(), q, k, w, v, beta)
    assert np.shape(decode(cache, q, k, w, v, beta, kernel=Softmax())[0]) == (2, 2)
