"""The operator: every form against FLINT over Q, against its derived bound in floats; gradients; dtypes; what it refuses."""

import subprocess
import sys
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
import torch
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from constructions.arrays import IN_ORDER, batch_inner
from constructions.layers.deltaformer import (
    FORMS,
    attention,
    chunked,
    gradients,
    read,
    recurrence,
    solve,
    step,
)
from theory import exact
from theory.deltaformer.rounding import exact_first_stage, forward_bound, gradient_bounds, rational

ROUNDOFF = {"float32": Fraction(1, 2**24), "float64": Fraction(1, 2**53)}
FORM_FUNCTIONS = {"recurrence": recurrence, "solve": solve, "chunked": lambda *a: chunked(*a, chunk=3)}


def first_stage(arguments, form, chunk=3):
    k, w, v, beta = arguments
    return chunked(k, w, v, beta, chunk=chunk) if form == "chunked" else FORM_FUNCTIONS[form](k, w, v, beta)


def filled(draw, entries, shape):
    made = np.empty(int(np.prod(shape)), dtype=object)
    made[:] = draw(st.lists(entries, min_size=made.size, max_size=made.size))
    return made.reshape(shape)


RATIONALS = st.fractions(-2, 2, max_denominator=4)


@st.composite
def instances(draw, entries=RATIONALS, most_tokens=12, most_d=4):
    """(k, w, v, beta), object arrays; w or beta may be None."""
    tokens, d, m = draw(st.integers(0, most_tokens)), draw(st.integers(0, most_d)), draw(st.integers(1, 2))
    k, w, v = (filled(draw, entries, (tokens, n)) for n in (d, d, m))
    beta = filled(draw, entries, (tokens,))
    return k, w if draw(st.booleans()) else None, v, beta if draw(st.booleans()) else None


def by_flint(k, w, v, beta):
    """U as Fractions: the triangle from its definition, entry by entry, solved by FLINT."""
    w, beta, tokens = k if w is None else w, np.ones(len(k), dtype=int) if beta is None else beta, len(k)
    a = np.zeros((tokens, tokens), dtype=object)
    for t in range(tokens):
        for i in range(t):
            a[t, i] = beta[t] * sum(x * y for x, y in zip(k[i], w[t], strict=True))
    return exact.to_fractions(exact.solve_unit_lower(a, v)) if tokens else v


def same(x, y):
    return x.shape == y.shape and all(a == b for a, b in zip(x.ravel(), y.ravel(), strict=True))


# Over Q.


@given(instances(), st.integers(1, 14))
def test_every_form_is_the_inverse_over_the_rationals(instance, chunk):
    expected = by_flint(*instance)
    for form in FORMS:
        assert same(first_stage(instance, form, chunk), expected), form


@given(instances(most_tokens=7, most_d=3), st.integers(1, 9))
def test_every_form_reads_causally_and_inclusively(instance, chunk):
    k, w, v, beta = instance
    q = k[::-1] + 1
    u = by_flint(*instance)
    expected = np.zeros_like(v)
    for t in range(len(k)):
        for i in range(t + 1):
            expected[t] = expected[t] + sum(x * y for x, y in zip(k[i], q[t], strict=True)) * u[i]
    for form in FORMS:
        assert same(read(q, k, u, form=form, chunk=chunk), expected), form
        assert same(attention(q, k, w, v, beta, form=form, chunk=chunk), expected), form


@given(instances(st.integers(-1, 1), most_tokens=8))
def test_rings_agree_integers_fmpq_fractions_and_tensors(instance):
    as_integers = [None if x is None else x.astype(np.int64) for x in instance]
    as_fmpq = [None if x is None else rational(x.astype(float)) for x in instance]
    as_tensors = [None if x is None else torch.from_numpy(x) for x in as_integers]
    for form in FORMS:
        expected = first_stage(instance, form)
        assert same(first_stage(as_integers, form), expected)
        assert same(first_stage(as_fmpq, form), expected)
        assert same(first_stage(as_tensors, form).numpy(), expected)
        assert first_stage(as_integers, form).dtype == np.int64
        assert first_stage(as_tensors, form).dtype == torch.int64


def test_the_smallest_instances():
    """A swap of two slots, read; no token; one token; no dimension."""
    k = np.array([[1, 0], [0, 1], [1, -1]])
    v = np.array([[1, 0], [0, 1], [0, 0]])
    assert attention(k, k, None, v)[2].tolist() == [-1, 1]
    assert read(np.eye(2, dtype=int)[[0, 0, 0]], k, recurrence(k, None, v))[2].tolist() == [0, 1]
    for xp in (np, torch):
        for form in FORMS:
            assert first_stage((xp.ones((0, 2)), None, xp.ones((0, 3)), None), form).shape == (0, 3)
            assert first_stage((xp.ones((2, 0, 4)), None, xp.ones((0, 3)), xp.ones((2, 0))), form).shape == (2, 0, 3)
            one = first_stage((xp.ones((1, 2)), None, 3 * xp.ones((1, 3)), xp.ones(1)), form)
            assert one.tolist() == [[3.0, 3.0, 3.0]]
            assert first_stage((xp.ones((4, 0)), None, xp.ones((4, 1)), None), form).tolist() == [[1.0]] * 4
            assert first_stage((xp.ones((4, 2)), None, xp.ones((4, 0)), None), form).shape == (4, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_wrapped_integers_are_right_when_the_result_fits(form, library):
    """<k_1, w_2> = 100 * 100 - 100 * 99 = 100: both products leave int8, the sum and the result do not."""
    arguments = [np.array(x, dtype=np.int8) for x in ([[100, 100], [0, 0]], [[0, 0], [100, -99]], [[1], [105]])]
    if library == "torch":
        arguments = [torch.from_numpy(x) for x in arguments]
    u = first_stage((*arguments, None), form)
    assert u.tolist() == [[1], [5]]
    assert u.dtype == arguments[0].dtype


# Batches and the single step.


@given(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_batch_axes_broadcast(tokens, d, seed):
    """Keys shared by a batch, values by another, beta by neither: each entry is its own unbatched instance."""
    shapes = {"k": (2, 1, tokens, d), "w": (tokens, d), "v": (3, tokens, 1), "beta": (2, 3, tokens)}
    numbers = np.random.default_rng(seed)
    k, w, v, beta, grad_u = (numbers.integers(-3, 4, s).astype(object) for s in (*shapes.values(), (2, 3, tokens, 1)))
    parts = {}
    for a, b in np.ndindex(2, 3):
        own = (k[a, 0], w, v[b], beta[a, b])
        parts[a, b] = by_flint(*own), gradients(*own, grad_u[a, b], form="recurrence")
    for form in FORMS:
        u = first_stage((k, w, v, beta), form)
        assert u.shape == grad_u.shape
        assert all(same(u[at], part) for at, (part, _) in parts.items())
        whole = gradients(k, w, v, beta, grad_u, form=form, chunk=2)
        assert tuple(x.shape for x in whole[:4]) == tuple(shapes.values())
        assert same(whole.w, sum(part.w for _, part in parts.values()))
        assert same(whole.k[1, 0], sum(parts[1, b][1].k for b in range(3)))
        assert same(whole.v[2], sum(parts[a, 2][1].v for a in range(2)))
        assert same(whole.beta[1, 2], parts[1, 2][1].beta)


def test_steps_on_a_batch_of_small_integers_are_the_recurrence():
    draw = np.random.default_rng(0)
    k, w, v = (draw.integers(-1, 2, (500, 6, 4)).astype(np.int8) for _ in range(3))
    beta = draw.integers(0, 3, (500, 6)).astype(np.int8)
    for layout in (np.asarray, batch_inner):
        state, rows = layout(np.zeros((500, 4, 4), np.int8)), []
        for t in range(6):
            before = state.copy()
            kept, (state, u) = state, step(state, *(layout(x[:, t]) for x in (k, w, v)), beta[:, t])
            assert np.array_equal(kept, before)  # arguments are left alone
            assert state.dtype == u.dtype == np.int8
            rows.append(u)
        assert np.array_equal(np.stack(rows, 1), recurrence(k, w, v, beta))
        assert np.array_equal(state, np.einsum("btd,btm->bdm", k, np.stack(rows, 1), dtype=np.int8))
    assert np.array_equal(batch_inner(k), k)
    assert batch_inner(k).strides[0] == k.itemsize


def test_step_without_beta_and_with_writes_as_keys():
    state, u = step(np.eye(2, dtype=object), np.array([1, 2], object), None, np.array([7, 7], object))
    assert u.tolist() == [6, 5]
    assert state.tolist() == [[7, 5], [12, 11]]


# Floats.


def float_instance(tokens, d, m, dtype, seed=0):
    draw = np.random.default_rng(seed)
    k, w, v = (draw.standard_normal((tokens, n)).astype(dtype) for n in (d, d, m))
    return k / np.sqrt(d or 1).astype(dtype), w, v, draw.uniform(0, 1, tokens).astype(dtype)


SIZES = [(1, 3, 2), (2, 1, 1), (7, 3, 2), (13, 2, 1), (24, IN_ORDER + 3, 3)]


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", ROUNDOFF)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_floats_stay_within_the_bound(size, dtype, library):
    arguments = float_instance(*size, dtype)
    expected = exact_first_stage(*arguments)
    for form in FORMS:
        for chunk in (1, 3, 5, 64) if form == "chunked" else (1,):
            given_ = arguments if library == "numpy" else [torch.from_numpy(x) for x in arguments]
            found = np.asarray(first_stage(given_, form, chunk))
            assert found.dtype == dtype
            bound = forward_bound(*arguments, found, ROUNDOFF[dtype])
            assert (abs(rational(found) - expected) <= bound).all(), (form, chunk)


@pytest.mark.parametrize("dtype", ROUNDOFF)
@pytest.mark.parametrize("size", SIZES[:4], ids=str)
@pytest.mark.parametrize("tied", [False, True], ids=["w free", "w = k"])
def test_gradients_stay_within_the_bound(size, dtype, tied):
    """Both by autograd through each form and by the written adjoint, numpy and torch."""
    k, w, v, beta = float_instance(*size, dtype)
    w = None if tied else w
    grad_u = np.random.default_rng(1).standard_normal(v.shape).astype(dtype)
    full = (k, k if tied else w, v, beta)
    expected = gradients(*(None if x is None else rational(x) for x in (k, w, v, beta)), rational(grad_u), form="solve")
    for form in FORMS:
        leaves = [None if x is None else torch.tensor(x, requires_grad=True) for x in (k, w, v, beta)]
        u = first_stage(leaves, form)
        u.backward(torch.from_numpy(grad_u))
        tensors = [None if x is None else x.detach() for x in leaves]
        ways = {
            "autograd": [None if x is None else x.grad if x.grad is not None else torch.zeros_like(x) for x in leaves],
            "adjoint, torch": gradients(*tensors, torch.from_numpy(grad_u), form=form, chunk=3),
            "adjoint, numpy": gradients(k, w, v, beta, grad_u, form=form, chunk=3),
        }
        for way, found in ways.items():
            found = [None if x is None else np.asarray(x) for x in found]
            bounds = gradient_bounds(*full, grad_u, u.detach().numpy(), found[2], ROUNDOFF[dtype])
            limits = (bounds.k + bounds.w, None, bounds.v, bounds.beta) if tied else bounds
            for name, got, wanted, limit in zip(("k", "w", "v", "beta"), found[:4], expected[:4], limits, strict=True):
                assert (got is None) == (wanted is None) == (name == "w" and tied)
                if got is not None:
                    assert got.dtype == dtype
                    assert (abs(rational(got) - wanted) <= limit).all(), (form, way, name)


@pytest.mark.parametrize("form", FORMS)
def test_gradcheck(form):
    draw = torch.Generator().manual_seed(0)
    k, w, q = (torch.randn(1, 4, 2, dtype=torch.float64, generator=draw, requires_grad=True) for _ in range(3))
    v = torch.randn(2, 4, 1, dtype=torch.float64, generator=draw, requires_grad=True)
    beta = torch.rand(4, dtype=torch.float64, generator=draw, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *a: attention(*a, form=form, chunk=3), (q, k, w, v, beta))
    assert torch.autograd.gradcheck(lambda q, k, v: attention(q, k, None, v, form=form, chunk=3), (q, k, v))


DTYPES = {
    "numpy": [np.float16, np.float32, np.float64, np.longdouble, ml_dtypes.bfloat16, np.int8, np.int32, object],
    "torch": [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8, torch.int64],
}


@pytest.mark.parametrize(("library", "dtype"), [(a, b) for a, some in DTYPES.items() for b in some], ids=str)
def test_the_dtype_goes_in_and_comes_out(library, dtype):
    ones = {"numpy": lambda *shape: np.ones(shape, dtype), "torch": lambda *shape: torch.ones(shape, dtype=dtype)}
    one = ones[library]
    k, w, v, beta, q = one(3, 5, 2), one(3, 5, 2), one(3, 5, 1), one(3, 5), one(5, 2)
    for form in FORMS:
        found = [first_stage((k, w, v, beta), form), attention(q, k, w, v, beta, form=form, chunk=2)]
        found += [*gradients(k, w, v, beta, v, form=form, chunk=2)[:4], read(q, k, v, form=form, chunk=2)]
        assert [x.dtype for x in found] == [k.dtype] * 7
        # k = w = v = 1, d = 2: the state s_t = s_{t-1} + u_t with u_t = 1 - 2 s_{t-1} alternates 1, 0, 1, 0, 1.
        assert np.array_equal(found[0][0].tolist(), [[1], [-1], [1], [-1], [1]])
    assert all(x.dtype == k.dtype for x in step(one(2, 1), one(2), one(2), one(1), None))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_float64_is_float64_all_the_way(form, library):
    """1 + 2**-40 survives the key, the write, the value, beta and the query; in float32 each is 1."""
    x = 1 + 2.0**-40
    k, w, v, beta = np.array([[1.0], [1.0]]), np.array([[1.0], [x]]), np.array([[1.0], [1.0]]), np.array([1.0, 1.0])
    wrap = torch.from_numpy if library == "torch" else np.asarray
    for changed in ([k * x, k, v, beta], [k, w, v, beta], [k, k, v * [[x], [1]], beta], [k, k, v, beta * x]):
        u = first_stage([wrap(a) for a in changed], form)
        assert float(u[1, 0]) == -(2.0**-40)
    assert float(read(wrap(k * x), wrap(k), wrap(v), form=form)[1, 0]) == 2 * x


NARROW = [torch.bfloat16, torch.float16, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn]


@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_narrow_formats_do_what_is_documented(dtype):
    """The recurrence rounds each operation; the others are float32's result rounded once. An instance tells them apart.

    Adding half the spacing above 1 to 1 is a tie that goes back to 1, every time in the format and never in float32.
    """
    library = torch if isinstance(dtype, torch.dtype) else None
    half_spacing = float(torch.finfo(dtype).eps if library else ml_dtypes.finfo(dtype).eps) / 2
    v = np.array([[1.0], [half_spacing], [half_spacing], [0.0]])
    w = np.array([[0.0], [0.0], [0.0], [1.0]])

    def made(x, as_dtype):
        return torch.as_tensor(x).to(as_dtype) if library else np.asarray(x).astype(as_dtype)

    ones, single = np.ones((4, 1)), torch.float32 if library else np.float32
    narrow = [made(x, dtype) for x in (ones, w, v)]
    assert recurrence(*narrow).tolist()[3] == [-1.0]
    for form in ("solve", "chunked"):
        wide = first_stage((*(made(x, single) for x in (ones, w, v)), None), form)
        assert wide.tolist()[3] == [-1 - 2 * half_spacing]
        assert first_stage((*narrow, None), form).tolist() == made(wide, dtype).tolist()
    # The two stages likewise: the state is read in time order, in the format.
    q, k, u = narrow[0], narrow[0], narrow[2]
    assert read(q, k, u, form="recurrence").tolist() == [[1.0]] * 4
    assert float(read(q, k, u, form="solve")[3, 0]) == 1 + 2 * half_spacing


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", ROUNDOFF)
def test_on_a_gpu_within_the_bound(dtype):
    arguments = float_instance(23, 5, 3, dtype)
    integers = [torch.from_numpy(np.sign(x).astype(np.int64)) for x in arguments]
    for form in FORMS:
        found = first_stage([torch.from_numpy(x).cuda() for x in arguments], form, 5)
        assert found.device.type == "cuda"
        error = abs(rational(found.cpu().numpy()) - exact_first_stage(*arguments))
        assert (error <= forward_bound(*arguments, found.cpu().numpy(), ROUNDOFF[dtype])).all(), form
        assert torch.equal(first_stage([x.cuda() for x in integers], form).cpu(), first_stage(integers, form)), form


def test_on_the_meta_device_shapes_alone():
    k, v = torch.empty(2, 5, 3, device="meta"), torch.empty(2, 5, 4, device="meta")
    for form in FORMS:
        u = attention(k, k, None, v, form=form, chunk=2)
        assert (u.device.type, tuple(u.shape)) == ("meta", (2, 5, 4))


# Gradients over Q: dual numbers are the oracle, the operator's own forward pass at a + b eps.


class Dual:
    """value + slope * eps with eps * eps = 0."""

    def __init__(self, value, slope=0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __sub__(self, other):
        return self + (-1) * (other if isinstance(other, Dual) else Dual(other))

    __radd__, __rmul__ = __add__, __mul__


@given(instances(most_tokens=5, most_d=2), st.integers(1, 6), st.data())
def test_gradients_are_exact(instance, chunk, data):
    """<G, derivative of u along D> = <gradients, D>, for the derivative of the definition and for every adjoint."""
    along = [None if x is None else filled(data.draw, RATIONALS, x.shape) for x in instance]
    grad_u = filled(data.draw, RATIONALS, instance[2].shape)
    duals = [None if x is None else np.frompyfunc(Dual, 2, 1)(x, dx) for x, dx in zip(instance, along, strict=True)]
    u = recurrence(*duals)
    slope = sum((g * x.slope for g, x in zip(grad_u.ravel(), u.ravel(), strict=True)), Fraction(0))
    for form in FORMS:
        found = gradients(*instance, grad_u, form=form, chunk=chunk)
        pairs = [(x, dx) for x, dx in zip(found[:4], along, strict=True) if dx is not None]
        assert all(x.shape == dx.shape for x, dx in pairs)
        assert slope == sum((a * b for x, dx in pairs for a, b in zip(x.ravel(), dx.ravel(), strict=True)), Fraction(0))
        assert (found.w is None, found.beta is None) == (instance[1] is None, instance[3] is None)


def test_dual_numbers_differentiate():
    """The oracle itself: (x*x - 3) at 5 has slope 10."""
    x = Dual(Fraction(5), Fraction(1))
    y = x * x - 3
    assert (y.value, y.slope) == (22, 10)


# What it refuses.


def argument_sets(like=np.ones):
    return {"k": like((4, 3)), "w": like((4, 3)), "v": like((4, 2)), "beta": like(4)}


HERE = r"^deltaformer\.chunked: "
REFUSED = [
    (
        {"w": np.ones((5, 3))},
        r"do not fit together: k \(4, 3\), w \(5, 3\), v \(4, 2\), beta \(4,\); expected k \(\*batch, T, d\)",
    ),
    ({"w": np.ones((4, 2))}, r"w \(4, 2\).*sizes of one name equal and batch axes broadcastable$"),
    ({"v": np.ones((3, 2))}, r"v \(3, 2\)"),
    ({"v": np.ones(4)}, r"v \(4,\)"),
    ({"beta": np.ones((4, 1))}, r"beta \(4, 1\)"),
    ({"k": np.ones((2, 4, 3)), "v": np.ones((3, 4, 2))}, r"k \(2, 4, 3\), w \(4, 3\), v \(3, 4, 2\)"),
    (
        {"v": np.ones((4, 2), np.float32)},
        r"v has dtype float32, .*convert all to one, for example v\.astype\(k\.dtype\)$",
    ),
    ({"v": torch.ones(4, 2)}, r"k is numpy's, w is numpy's, v is torch's, .*by torch\.from_numpy$"),
    ({"v": np.array([[1, 1], [1, np.nan], [np.inf, 1], [1, 1]])}, r"v\[1, 1\] is nan; .*pass check_finite=False"),
    ({"beta": np.array([1, 1, -np.inf, 1])}, r"beta\[2\] is -inf; "),
    ({"chunk": 0}, r"chunk is 0; give a positive number of tokens, for example chunk=64$"),
    ({"chunk": True}, r"chunk is True; "),
    (
        argument_sets(lambda shape: np.ones(shape, bool)),
        r"dtype bool has no ring arithmetic here; convert to an integer dtype",
    ),
    (argument_sets(lambda shape: np.ones(shape, complex)), r"dtype complex128 has no ring arithmetic"),
]


@pytest.mark.parametrize(("changed", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_messages(changed, message):
    with pytest.raises(ValueError, match=HERE + ".*" + message):
        chunked(**{**argument_sets(), **changed})


def test_messages_on_tensors():
    good = argument_sets(torch.ones)
    with pytest.raises(ValueError, match=r"v has dtype torch\.float64, .*for example v\.to\(k\.dtype\)$"):
        recurrence(**{**good, "v": good["v"].double()})
    with pytest.raises(
        ValueError, match=r"^deltaformer\.solve: k is on cpu, w is on meta, .*for example w\.to\(k\.device\)$"
    ):
        solve(**{**good, "w": good["w"].to("meta")})
    with pytest.raises(ValueError, match=r"k\[0, 1\] is inf; "):
        solve(**{**good, "k": torch.tensor([[0, torch.inf, 0]]).expand(4, 3)})
    with pytest.raises(
        ValueError, match=r"dtype torch\.float8_e4m3fn has no ring arithmetic here; .* at least 16 bits"
    ):
        solve(**{name: x.to(torch.float8_e4m3fn) for name, x in good.items()})


def test_messages_of_the_other_doors():
    k, w, v, beta = argument_sets().values()
    for call, where in (
        (lambda form: read(k, k, v, form=form), "read"),
        (lambda form: attention(k, k, w, v, beta, form=form), "attention"),
        (lambda form: gradients(k, w, v, beta, v, form=form), "gradients"),
    ):
        text = rf"^deltaformer\.{where}: unknown form 'recurence'; did you mean 'recurrence'\? The forms are chunked, "
        text += "recurrence, solve$"
        with pytest.raises(ValueError, match=text):
            call("recurence")
    with pytest.raises(ValueError, match=r"^deltaformer\.read: .*q \(4, 3\), k \(4, 2\), u \(4, 2\)"):
        read(k, v, v)
    with pytest.raises(ValueError, match=r"^deltaformer\.read: chunk is -1"):
        read(k, k, v, chunk=-1)
    with pytest.raises(ValueError, match=r"^deltaformer\.attention: .*q \(5, 3\), k \(4, 3\)"):
        attention(np.ones((5, 3)), k, w, v)
    with pytest.raises(ValueError, match=r"^deltaformer\.attention: chunk is 0"):
        attention(k, k, w, v, chunk=0)
    with pytest.raises(ValueError, match=r"grad_u has shape \(4, 2\), u has \(6, 4, 2\); expand grad_u to it$"):
        gradients(np.ones((6, 4, 3)), w, v, beta, v)
    with pytest.raises(ValueError, match=r"^deltaformer\.gradients: chunk is 0"):
        gradients(k, w, v, beta, v, chunk=0)
    with pytest.raises(ValueError, match=r"^deltaformer\.step: .*state \(4, 4\), k \(3,\), w \(3,\), v \(4,\)"):
        step(np.ones((4, 4)), np.ones(3), np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match=r"^deltaformer\.recurrence: k\[0, 0\] is nan"):
        recurrence(k * np.nan, w, v, beta)


def test_unchecked_infinities_go_through_when_asked():
    k, w, v, beta = argument_sets().values()
    v = v.copy()
    v[3, 1] = np.inf
    for call in (recurrence, solve, chunked):
        assert call(k, w, v, beta, check_finite=False)[3, 1] == np.inf


def test_without_torch_and_without_type_checks():
    """In a process of its own: numpy's users do not pay for torch, and lists are refused by name."""
    program = """
import sys
import numpy as np
from constructions.layers import deltaformer as operator
x = np.ones((2, 2))
assert operator.chunked(x, None, x).tolist() == [[1, 1], [-1, -1]]
for arguments, chunk in ((([[1, 2]], None, x), 1), ((x, None, None), 1), ((x, None, x), 2.5)):
    try:
        operator.chunked(*arguments, chunk=chunk)
    except ValueError as error:
        print(error)
assert "torch" not in sys.modules
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lists, nothing, half = found.stdout.splitlines()
    end = "pass a numpy array or a torch tensor, for exact numbers numpy.array({}, dtype=object)"
    assert lists == "deltaformer.chunked: k is a list; " + end.format("k")
    assert nothing == "deltaformer.chunked: v is a NoneType; " + end.format("v")
    assert half == "deltaformer.chunked: chunk is 2.5; give a positive number of tokens, for example chunk=64"


def test_fmpq_zero_coerces():
    """What the generic code asks of a ring: elements add to and multiply with the Python integer 0."""
    assert 0 + fmpq(1, 2) == fmpq(1, 2)
    assert 0 * fmpq(1, 2) == 0
