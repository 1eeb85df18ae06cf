"""What the operator with every kernel refuses, and in which words: kernels, masks, temperatures, caches."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from constructions.layers import deltaformer as operator
from constructions.layers.deltaformer import Cache, attention, chunked, decode, init_cache, read, solve
from constructions.layers.deltaformer.doors import check_kernel
from constructions.layers.kernels import LINEAR, Exponential, Softmax


def made(*batch, time=7, d=3, m=2, seed=0):
    """q, k, w, v, beta, alpha."""
    draw = torch.Generator().manual_seed(seed)
    shapes = [(*batch, time, d)] * 3 + [(*batch, time, m)] + [(*batch, time)] * 2
    return [torch.randn(s, generator=draw, dtype=torch.float64) / 2 for s in shapes]


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


TWOS, ONES = np.full((4, 1), 2.0, np.float32), np.ones((4, 1), np.float32)
LARGEST = "the largest {} that does not is {}, or scale keys and queries to length 1$"
OVERFLOWS = [
    (
        Exponential(40.0),
        "float32",
        r"exp\(40 \* \(4 - 1\)\) overflows .*float32; " + LARGEST.format("temperature", 29.5743),
    ),
    (
        Exponential(4.0),
        "float16",
        r"exp\(4 \* \(4 - 1\)\) overflows .*float16; " + LARGEST.format("temperature", 3.69662),
    ),
    (
        Exponential(20.0),
        "float32",
        r"exp\(20 \* \(4 - 1\)\) fits .*float32, what such weights add up to over 4 tokens does not; lower the temperature, or",
    ),
    (
        Softmax(1e38),
        "float32",
        r"scores of scale 1e\+38 overflow .*float32; " + LARGEST.format("scale", r"5\.89664e\+37"),
    ),
    (
        Exponential(1e39),
        "float32",
        r"scores of temperature 1e\+39 overflow .*float32; " + LARGEST.format("temperature", r"5\.89664e\+37"),
    ),
]


@pytest.mark.parametrize(("kernel", "dtype", "message"), OVERFLOWS, ids=[str(k) for k, *_ in OVERFLOWS])
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_what_overflows_is_refused_in_every_call(kernel, dtype, message, library):
    k, v = (x.astype(dtype) for x in (TWOS, ONES))
    if library == "torch":
        k, v = torch.from_numpy(k), torch.from_numpy(v)
    calls = {
        "attention": lambda: attention(k, k, None, v, kernel=kernel),
        "chunked": lambda: chunked(k, None, v, kernel=kernel, chunk=2),
        "recurrence": lambda: operator.recurrence(k, None, v, kernel=kernel),
        "solve": lambda: solve(k, None, v, kernel=kernel),
        "gradients": lambda: operator.gradients(k, None, v, None, v, kernel=kernel),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=rf"^deltaformer\.{name}: {message}"):
            call()


@pytest.mark.parametrize("kernel", [Exponential(29.5), Softmax(5.89e37)], ids=str)
def test_what_is_said_not_to_overflow_does_not(kernel):
    found = read(TWOS, TWOS, ONES / 4, kernel=kernel)
    assert np.isfinite(found).all()


def test_only_keys_that_are_seen_count():
    """The second key, far too long, is read by nobody before it and by itself alone; the last one by nobody."""
    k = torch.tensor([[0.5], [0.5], [100.0]])
    v = torch.ones(3, 1)
    assert chunked(k, k.clone().clamp(max=1), v, kernel=Exponential(1.0)).isfinite().all()
    with pytest.raises(
        ValueError, match=r"^deltaformer\.attention: exp\(1 \* \(10000 - 1\)\) overflows torch\.float32"
    ):
        attention(k, k, k.clamp(max=1), v, kernel=Exponential(1.0))
    with pytest.raises(ValueError, match=r"^deltaformer\.read_gradients: exp\(1 \* \(10000 - 1\)\) overflows"):
        operator.read_gradients(k, k, v, v, kernel=Exponential(1.0))


def test_the_kernel_to_blame_is_named():
    """The write fits and the read does not."""
    k, v = torch.full((3, 1), 2.0), torch.ones(3, 1)
    with pytest.raises(ValueError, match=r"scores of scale 1e\+38 overflow torch\.float32"):
        attention(k, k, None, v, kernel=Exponential(1.0), read_kernel=Softmax(1e38))
    state = Cache(k[None], v[None])
    with pytest.raises(ValueError, match=r"^deltaformer\.decode: scores of scale 1e\+38 overflow torch\.float32"):
        decode(state, k[:1], k[:1], None, v[:1], kernel=Exponential(1.0), read_kernel=Softmax(1e38))


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
    text = r"^deltaformer\.decode: the state is for tokens of batch shape \({}\), this token has \(2,\); give tokens of one"
    for held in (init_cache(k[:1], v[:1]), init_cache(k[None].repeat(3, 1, 1), v)):
        with pytest.raises(ValueError, match=text.format("1,|3, 2")):
            decode(held, q, k, w, v, beta)
    assert np.shape(decode(cache, q, k, w, v, beta, kernel=Softmax())[0]) == (2, 2)
    assert np.shape(decode(init_cache(k, v), q, k, w, v, beta, kernel=LINEAR)[0]) == (2, 2)


def test_things_of_other_types_without_type_checks():
    """In a process of its own, as where no import hook checks the annotations."""
    program = """
import numpy as np
import torch
from constructions.layers.deltaformer import Deltaformer, decode
from constructions.layers.kernels import Rounded, Softmax, named
layer, row = Deltaformer(4, 2), torch.ones(3, 2)
for call in (
    lambda: Deltaformer(4, 2.0),
    lambda: Deltaformer(4, 2, kernel=None),
    lambda: Rounded(None),
    lambda: named(3, 4),
    lambda: layer(np.ones((1, 2, 4))),
    lambda: layer.step(torch.ones(1, 4), None),
    lambda: layer.step(torch.ones(1, 4), tuple(layer.init_state(1))),
    lambda: decode(None, row, row, row, row),
):
    try:
        call()
    except ValueError as error:
        print(error)
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names = "exponential, hardmax, linear, rounded, softmax"
    assert found.stdout.splitlines() == [
        "Deltaformer: heads = 2.0; give a positive integer",
        f"the kernel is None; give a Kernel, or one of the names {names}",
        "Rounded: norm = None is no number; give a finite one",
        f"the kernel is 3; give a Kernel, or one of the names {names}",
        "Deltaformer: x is of type ndarray; give a torch tensor (batch, time, 4)",
        "deltaformer.decode: state is of type NoneType; give a Cache, made with init_cache",
        "deltaformer.decode: state is of type tuple; give a Cache, made with init_cache",
        "deltaformer.decode: state is a NoneType; pass a numpy array or a torch tensor, for exact numbers "
        "numpy.array(state, dtype=object)",
    ]
