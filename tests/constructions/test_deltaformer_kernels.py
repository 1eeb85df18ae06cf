"""The operator with every kernel in floats: autograd, batches, padding, decoding, formats, edges, a peer."""

import pytest
import torch

from constructions.layers import deltaformer as operator
from constructions.layers.deltaformer import attention, decode, differentiable, init_cache
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


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize(("form", "chunk"), FORMS[::2])
def test_no_tokens_and_gradients_of_their_shape(kernel, form, chunk):
    """No dimension likewise."""
    for time, d in ((0, 3), (3, 0), (0, 0)):
        arguments = [x.requires_grad_() for x in made(2, time=time, d=d)]
        o = run(arguments, kernel, form, chunk)
        o.sum().backward()
        assert o.shape == (2, time, 2)
        assert all(x.grad is not None and x.grad.shape == x.shape for x in arguments)


@pytest.mark.parametrize("kernel", SMOOTH, ids=str)
@pytest.mark.parametrize("valid", [(1, 0, 1, 1), (0, 1, 1, 0), (0, 0, 0, 0)], ids=str)
def test_gradcheck_around_padding(kernel, valid):
    """Not even where nothing counts is a gradient anything but a number."""
    arguments = [x.requires_grad_() for x in made(time=4)]
    mask = torch.tensor(valid, dtype=torch.bool)
    for form, chunk in FORMS[:4]:
        assert torch.autograd.gradcheck(lambda *a, f=form, c=chunk: run(a, kernel, f, c, valid=mask), arguments)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_layout_in_memory_does_not_matter(kernel):
    """Transposed in memory, and with a batch axis that is the same entry twice."""
    plain = [x.requires_grad_() for x in made(2)]
    turned = [x.detach().clone().mT.contiguous().mT.requires_grad_() for x in plain[:4]]
    turned += [x.detach().clone().mT.contiguous().mT.requires_grad_() for x in plain[4:]]
    one = [x.detach()[:1].clone().requires_grad_() for x in plain]
    twice = [x.detach()[:1].expand(2, *x.shape[1:]).requires_grad_() for x in plain]
    for form, chunk in FORMS[:4]:
        for a, b, copies in ((plain, turned, 2), (one, twice, 1)):
            right, found = (run(x, kernel, form, chunk) for x in (a, b))
            assert torch.allclose(right.expand_as(found), found, **CLOSE)
            pairs = [torch.autograd.grad(o.sin().sum(), x, allow_unused=True) for o, x in ((right, a), (found, b))]
            for x, y in zip(*pairs, strict=True):
                assert (x is None) == (y is None)
                assert x is None or torch.allclose(x, y[:copies], **CLOSE)


@pytest.mark.parametrize("kernel", SMOOTH, ids=str)
def test_second_derivatives_are_right_or_refused(kernel):
    """Through `solve`, and through the state of linear kernels; the row blocks say that they have none, and where there are."""
    arguments = [x.requires_grad_() for x in made(time=3)]
    assert torch.autograd.gradgradcheck(lambda *a: run(a, kernel, "solve"), arguments)
    for form in ("recurrence", "chunked"):
        if kernel is LINEAR:
            assert torch.autograd.gradgradcheck(lambda *a, f=form: run(a, kernel, f, 2), arguments)
            continue
        grads = torch.autograd.grad(run(arguments, kernel, form).square().sum(), arguments, create_graph=True)
        right = torch.autograd.grad(run(arguments, kernel, "solve").square().sum(), arguments)
        assert all(torch.allclose(a, b, **CLOSE) for a, b in zip(grads, right, strict=True))
        text = (
            r"^deltaformer: the gradient of the row blocks is not followed by autograd; .* give form='solve', which is$"
        )
        with pytest.raises(RuntimeError, match=text):
            sum(x.sum() for x in grads).backward()


@pytest.mark.parametrize("kernel", SMOOTH, ids=str)
def test_functional_gradients(kernel):
    """torch.func.grad and torch.func.functional_call, as meta-learning uses them."""
    arguments = [x.requires_grad_() for x in made(time=4)]
    right = torch.autograd.grad(run(arguments, kernel).square().sum(), arguments)
    found = torch.func.grad(lambda *a: run(a, kernel).square().sum(), argnums=tuple(range(6)))(
        *(x.detach() for x in arguments)
    )
    assert all(torch.allclose(a, b, **CLOSE) for a, b in zip(found, right, strict=True))


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
