"""The Deltaformer operator with linear kernels, once for exact numbers and for floating-point tensors.

One head, T tokens, keys k_t, writes w_t and queries q_t in d dimensions, values v_t in m dimensions, scalars beta_t:

    u_t = v_t - beta_t * sum_{i<t} <k_i, w_t> u_i          first stage, the sum is over strictly earlier tokens
    o_t =            sum_{i<=t} <k_i, q_t> u_i             second stage

With A_ti = beta_t <k_i, w_t> for i < t and 0 elsewhere, U = (I + A)^{-1} V, and I + A is unit lower triangular, hence
always invertible. Three forms of the first stage, equal over every commutative ring:

    recurrence   S_t = S_{t-1} + k_t (x) u_t,  u_t = v_t - beta_t w_t S_{t-1}:      work T d m,         span T log d
    solve        forward substitution with the whole of A:                          work T^2 (d + m),   span T log T
    chunked      the solve inside a chunk of C tokens, a running state before it:   work T C (d + m) + T d m,  span T

Shapes everywhere: k, w, q `(*batch, T, d)`, v `(*batch, T, m)`, beta `(*batch, T)` or None for 1; `w=None` means w =
k. Batch axes broadcast. T, d and m may be 0. Arrays are those of `constructions.arrays`: all arguments of a call of
one dtype and on one device, and so is the result. Nothing is downcast: float64 stays float64, rationals stay
rationals. Integers wrap modulo 2**bits, so a result is right whenever it fits.

Formats narrower than float32 (float16, bfloat16, those of ml_dtypes): the recurrence rounds every operation to the
format, in time order and in the order of the head dimension. `solve` and `chunked` have no such definition of their
own: they widen to float32, compute there, and round the result once.

Gradients of tensors come from autograd. `gradients` is the adjoint written out, by three algorithms of its own, over
the same arrays, rationals included.

Source of the operator: Zhong, Xu, Ao, Shi, arXiv 2505.19488. The kernels here are linear and w is free, which is not
the variant of flash-linear-attention. The forms, the adjoint and their costs are derived here.
"""

from __future__ import annotations

import difflib
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from jaxtyping import Shaped

from constructions.arrays import (
    Array,
    cast_like,
    contract,
    first_non_finite,
    flip_time,
    is_array,
    is_tensor,
    join_time,
    lower,
    outer,
    product,
    solve_unit_lower,
    stack_time,
    strict_lower,
    widen,
    zeros,
)
from constructions.layers.kernels import LINEAR, Kernel

__all__ = ["FORMS", "Form", "Gradients", "attention", "chunked", "gradients", "read", "recurrence", "solve", "step"]

Form = Literal["chunked", "recurrence", "solve"]
FORMS: tuple[Form, ...] = ("chunked", "recurrence", "solve")

# The doors take any array and check it themselves, so their annotations bind no sizes; the functions behind them bind
# every size.
_Keys = Shaped[Any, "*#batch time d"]
_Values = Shaped[Any, "*#batch time m"]
_Scales = Shaped[Any, "*#batch time"] | None
_State = Shaped[Any, "*#batch d m"]


class Gradients(NamedTuple):
    """The gradient of a scalar with respect to each argument of the first stage, in the shape of that argument.

    `w` and `beta` are None where that argument was None; with `w=None` the two uses of a key add up in `k`.
    """

    k: Array
    w: Array | None
    v: Array
    beta: Array | None


def step(
    state: Array, k: Array, w: Array | None, v: Array, beta: Array | None = None, *, check_finite: bool = True
) -> tuple[Array, Array]:
    """One token: `u = v - beta * (w @ state)`, then `state + k (x) u`. Returns `(new state, u)`; the arguments are
    left alone.

    Shapes: state `(*batch, d, m)`, k and w `(*batch, d)`, v `(*batch, m)`, beta `(*batch,)`. Every operation is
    rounded to the dtype and the sum over d runs in index order when d is at most `constructions.arrays.IN_ORDER` or
    the dtype is narrower than float32.
    Work O(d m), span O(log d). For many short sequences of small integers lay the arrays out with
    `constructions.arrays.batch_inner`.

    Raises ValueError for shapes, dtypes or devices that do not fit together, and for NaN or infinities unless
    `check_finite=False`.
    """
    _door("step", {"state": state, "k": k, "w": w, "v": v, "beta": beta}, _STEP_SHAPES, check_finite)
    return _step(state, k, k if w is None else w, v, beta)


def recurrence(k: Array, w: Array | None, v: Array, beta: Array | None = None, *, check_finite: bool = True) -> Array:
    """The first stage token by token; returns u `(*batch, T, m)`. Work O(T d m), span O(T log d), state d m.

    Raises ValueError for shapes, dtypes or devices that do not fit together, and for NaN or infinities unless
    `check_finite=False`.
    """
    _door("recurrence", {"k": k, "w": w, "v": v, "beta": beta}, _SHAPES, check_finite)
    return _first_stage(k, k if w is None else w, v, beta, "recurrence", 1)


def solve(
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    kernel: Kernel = LINEAR,
    check_finite: bool = True,
) -> Array:
    """The first stage as one unit triangular solve; returns u `(*batch, T, m)`. Work O(T^2 (d + m)), memory O(T^2).

    `kernel` gives the weights of earlier keys, A_ti = beta_t kappa(k_i, w_t) for i < t.

    Formats narrower than float32 are widened to float32 and the result is rounded once.
    Raises ValueError for shapes, dtypes or devices that do not fit together, and for NaN or infinities unless
    `check_finite=False`.
    """
    _door("solve", {"k": k, "w": w, "v": v, "beta": beta}, _SHAPES, check_finite)
    return _first_stage(k, k if w is None else w, v, beta, "solve", 1, kernel)


def chunked(
    k: Array, w: Array | None, v: Array, beta: Array | None = None, *, chunk: int = 64, check_finite: bool = True
) -> Array:
    """The first stage a chunk at a time; returns u `(*batch, T, m)`. Work O(T C (d + m) + T d m), memory O(C^2 + d m)
    besides u.

    With S the sum of k_i (x) u_i over all earlier chunks, U_c = (I + A_cc)^{-1} (V_c - beta_c W_c S). T need not be a
    multiple of `chunk`. Formats narrower than float32 are widened to float32, the state too, and the result is
    rounded once.
    Raises ValueError as `solve` does, and for a chunk that is not a positive integer.
    """
    _door("chunked", {"k": k, "w": w, "v": v, "beta": beta}, _SHAPES, check_finite)
    _check_chunk("chunked", chunk)
    return _first_stage(k, k if w is None else w, v, beta, "chunked", chunk)


def read(
    q: Array,
    k: Array,
    u: Array,
    *,
    form: Form | str = "chunked",
    chunk: int = 64,
    kernel: Kernel = LINEAR,
    check_finite: bool = True,
) -> Array:
    """The second stage: o_t = sum_{i<=t} kappa(k_i, q_t) u_i, `(*batch, T, m)`. Work as for the first stage in the same
    form. Kernels other than `LINEAR` in the form "solve" only.

    The recurrence rounds every operation to the dtype, in time order; the other forms widen formats narrower than
    float32.
    Raises ValueError as `chunked` does, and for an unknown form.
    """
    _door("read", {"q": q, "k": k, "u": u}, _SHAPES, check_finite)
    form = _check_form("read", form)
    _check_chunk("read", chunk)
    return _read(q, k, u, form, chunk, kernel=kernel)


def attention(
    q: Array,
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    form: Form | str = "chunked",
    chunk: int = 64,
    check_finite: bool = True,
) -> Array:
    """Both stages in one form; returns o `(*batch, T, m)`.

    `chunk` is used by the chunked form only. In a format narrower than float32 u is rounded to it between the stages.
    Raises ValueError as `chunked` does, and for an unknown form.
    """
    _door("attention", {"q": q, "k": k, "w": w, "v": v, "beta": beta}, _SHAPES, check_finite)
    form = _check_form("attention", form)
    _check_chunk("attention", chunk)
    u = _first_stage(k, k if w is None else w, v, beta, form, chunk)
    return _read(q, k, u, form, chunk)


def gradients(
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None,
    grad_u: Array,
    *,
    form: Form | str = "chunked",
    chunk: int = 64,
    check_finite: bool = True,
) -> Gradients:
    """The gradient of <grad_u, u> in each argument of the first stage, `grad_u` `(*batch, T, m)` of the full,
    broadcast shape of u.

    With Y = (I + A)^{-T} grad_u:  dv = Y,  dA = -Y U^T strictly below the diagonal, so with z_t = -sum_{i<t} <u_i,
    y_t> k_i

        dw_t = beta_t z_t,   dbeta_t = <w_t, z_t>,   dk_i = -sum_{t>i} <u_i, y_t> beta_t w_t.

    Y is this operator again with time reversed, beta_t w_t for keys and k_t for writes; the two sums are strictly
    causal reads, forwards and backwards in time. So `recurrence` (adjoint state, nothing stored but u and Y) and
    `chunked` are algorithms of their own; `solve` forms A and dA. Arguments that were broadcast along the batch get
    the sum over it.

    Cost: a small multiple of the form's own. Works over every kind of array, rationals included. Formats narrower
    than float32: as the form itself, u and Y rounded to the format by the recurrence only.
    Raises ValueError as `chunked` does, and for an unknown form.
    """
    _door("gradients", {"k": k, "w": w, "v": v, "beta": beta, "grad_u": grad_u}, _SHAPES, check_finite)
    form = _check_form("gradients", form)
    _check_chunk("gradients", chunk)
    full = (*_batch_of("gradients", {"k": k, "w": w, "v": v, "beta": beta}, _SHAPES), *v.shape[-2:])
    if tuple(grad_u.shape) != full:
        raise ValueError(
            f"deltaformer.gradients: grad_u has shape {tuple(grad_u.shape)}, u has {full}; expand grad_u to it"
        )
    narrow = form != "recurrence"
    wide = {"k": k, "w": k if w is None else w, "v": v, "beta": beta, "grad_u": grad_u}
    wide = {name: widen(x) if narrow and x is not None else x for name, x in wide.items()}
    whole = _dense_adjoint(**wide) if form == "solve" else _reversed_adjoint(**wide, form=form, chunk=chunk)
    grad_k, grad_w, grad_v, grad_beta = whole
    grad_k, grad_w = _sum_to(grad_k, k.shape), _sum_to(grad_w, (k if w is None else w).shape)
    if w is None:
        grad_k, grad_w = grad_k + grad_w, None
    return Gradients(
        cast_like(grad_k, k),
        None if grad_w is None else cast_like(grad_w, k),
        cast_like(_sum_to(grad_v, v.shape), k),
        None if beta is None or grad_beta is None else cast_like(_sum_to(grad_beta, beta.shape), k),
    )


# The forms, behind the doors.


def _step(
    state: _State,
    k: Shaped[Any, "*#batch d"],
    w: Shaped[Any, "*#batch d"],
    v: Shaped[Any, "*#batch m"],
    beta: Array | None,
) -> tuple[Array, Array]:
    erased = contract(w, state)
    u = v - (erased if beta is None else beta[..., None] * erased)
    return state + outer(k, u), u


def _first_stage(
    k: _Keys, w: _Keys, v: _Values, beta: _Scales, form: Form, chunk: int, kernel: Kernel = LINEAR
) -> Array:
    batch = np.broadcast_shapes(
        *(tuple(x.shape[:-2]) for x in (k, w, v)), () if beta is None else tuple(beta.shape[:-1])
    )
    (time, d), m = k.shape[-2:], v.shape[-1]
    if time == 0:
        return zeros((*batch, 0, m), like=v)
    if form == "recurrence":
        state = zeros((*batch, d, m), like=v)
        rows = []
        for t in range(time):
            state, u = _step(state, k[..., t, :], w[..., t, :], v[..., t, :], None if beta is None else beta[..., t])
            rows.append(u)
        return stack_time(rows)
    like = v
    k, w, v, beta = widen(k), widen(w), widen(v), None if beta is None else widen(beta)
    if form == "solve":
        return cast_like(solve_unit_lower(_system(k, w, beta, kernel), v), like)
    state = zeros((*batch, d, m), like=v)
    blocks = []
    for start in range(0, time, chunk):
        now = slice(start, start + chunk)
        beta_now = None if beta is None else beta[..., now]
        erased = product(w[..., now, :], state)
        rest = v[..., now, :] - (erased if beta_now is None else beta_now[..., None] * erased)
        u = solve_unit_lower(_system(k[..., now, :], w[..., now, :], beta_now), rest)
        blocks.append(u)
        if start + chunk < time:
            state = state + product(k[..., now, :].mT, u)
    return cast_like(join_time(blocks), like)


def _system(k: _Keys, w: _Keys, beta: _Scales, kernel: Kernel = LINEAR) -> Shaped[Any, "*#batch time time"]:
    """A_ti = beta_t kappa(k_i, w_t) strictly below the diagonal."""
    weights = kernel.weights(w, k, np.tri(k.shape[-2], k=-1, dtype=bool))
    return weights if beta is None else beta[..., None] * weights


def _read(
    q: _Keys, k: _Keys, u: _Values, form: Form, chunk: int, strict: bool = False, kernel: Kernel = LINEAR
) -> Array:
    """o_t = sum over i <= t, or i < t if `strict`, of <k_i, q_t> u_i."""
    batch = np.broadcast_shapes(*(tuple(x.shape[:-2]) for x in (q, k, u)))
    (time, d), m = k.shape[-2:], u.shape[-1]
    if time == 0:
        return zeros((*batch, 0, m), like=u)
    state = zeros((*batch, d, m), like=u)
    if form == "recurrence":
        rows = []
        for t in range(time):
            before, state = state, state + outer(k[..., t, :], u[..., t, :])
            rows.append(contract(q[..., t, :], before if strict else state))
        return stack_time(rows)
    like = u
    q, k, u, state = widen(q), widen(k), widen(u), widen(state)
    if form == "solve":
        allowed = np.tri(time, k=-1 if strict else 0, dtype=bool)
        return cast_like(product(kernel.weights(q, k, allowed), u), like)
    causal = strict_lower if strict else lower
    blocks = []
    for start in range(0, time, chunk):
        now = slice(start, start + chunk)
        weights = causal(product(q[..., now, :], k[..., now, :].mT))
        blocks.append(product(weights, u[..., now, :]) + product(q[..., now, :], state))
        if start + chunk < time:
            state = state + product(k[..., now, :].mT, u[..., now, :])
    return cast_like(join_time(blocks), like)


def _dense_adjoint(
    k: _Keys, w: _Keys, v: _Values, beta: _Scales, grad_u: Shaped[Any, "*batch time m"]
) -> tuple[Array, Array, Array, Array]:
    system = _system(k, w, beta)
    u = solve_unit_lower(system, v)
    # (I + A)^T is unit lower triangular once time is reversed.
    y = flip_time(solve_unit_lower(flip_time(flip_time(system.mT), -1), flip_time(grad_u)))
    grad_system = -strict_lower(product(y, u.mT))
    z = product(grad_system, k)
    grad_w = z if beta is None else beta[..., None] * z
    grad_kernel = grad_system if beta is None else beta[..., None] * grad_system
    return product(grad_kernel.mT, w), grad_w, y, _inner(w, z)


def _reversed_adjoint(
    k: _Keys, w: _Keys, v: _Values, beta: _Scales, grad_u: Shaped[Any, "*batch time m"], form: Form, chunk: int
) -> tuple[Array, Array, Array, Array]:
    u = _first_stage(k, w, v, beta, form, chunk)
    scaled = w if beta is None else beta[..., None] * w
    y = flip_time(_first_stage(flip_time(scaled), flip_time(k), flip_time(grad_u), None, form, chunk))
    z = -_read(y, u, k, form, chunk, strict=True)
    grad_k = -flip_time(_read(flip_time(u), flip_time(y), flip_time(scaled), form, chunk, strict=True))
    return grad_k, z if beta is None else beta[..., None] * z, y, _inner(w, z)


def _inner(a: _Keys, b: _Keys) -> Shaped[Any, "*#batch time"]:
    """<a_t, b_t> for every token."""
    return contract(a, b[..., None])[..., 0]


def _sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """The adjoint of broadcasting from `shape` to the shape of `x`."""
    extra = x.ndim - len(shape)
    axes = (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1 and x.shape[extra + i] != 1))
    if axes:
        x = x.sum(axes, dtype=x.dtype)
    return x.reshape(tuple(shape))


# The doors: everything is looked at before anything is computed.

_SHAPES = {
    "q": "(*batch, T, d)",
    "k": "(*batch, T, d)",
    "w": "(*batch, T, d)",
    "v": "(*batch, T, m)",
    "u": "(*batch, T, m)",
    "grad_u": "(*batch, T, m)",
    "beta": "(*batch, T)",
}
_STEP_SHAPES = {
    "state": "(*batch, d, m)",
    "k": "(*batch, d)",
    "w": "(*batch, d)",
    "v": "(*batch, m)",
    "beta": "(*batch)",
}


def _door(where: str, named: dict[str, Array | None], shapes: dict[str, str], check_finite: bool) -> None:
    arrays: dict[str, Any] = {name: x for name, x in named.items() if x is not None or name not in ("w", "beta")}
    for name, x in arrays.items():
        if not is_array(x):
            raise ValueError(
                f"deltaformer.{where}: {name} is {_a(type(x).__name__)}; pass a numpy array or a torch tensor, "
                f"for exact numbers numpy.array({name}, dtype=object)"
            )
    kinds = {name: "torch" if is_tensor(x) else "numpy" for name, x in arrays.items()}
    if len(set(kinds.values())) > 1:
        told = ", ".join(f"{name} is {kind}'s" for name, kind in kinds.items())
        raise ValueError(f"deltaformer.{where}: {told}; give all of one library, for example by torch.from_numpy")
    if kinds["k"] == "torch" and len({x.device for x in arrays.values()}) > 1:
        told = ", ".join(f"{name} is on {x.device}" for name, x in arrays.items())
        raise ValueError(
            f"deltaformer.{where}: {told}; move all to one device, for example {_odd_one(arrays)}.to(k.device)"
        )
    if len({x.dtype for x in arrays.values()}) > 1:
        told = ", ".join(f"{name} has dtype {x.dtype}" for name, x in arrays.items())
        convert = "to" if kinds["k"] == "torch" else "astype"
        raise ValueError(
            f"deltaformer.{where}: {told}; convert all to one, for example {_odd_one(arrays)}.{convert}(k.dtype)"
        )
    dtype = str(arrays["k"].dtype)
    if "bool" in dtype or "complex" in dtype or (kinds["k"] == "torch" and "float8" in dtype):
        raise ValueError(
            f"deltaformer.{where}: dtype {dtype} has no ring arithmetic here; convert to an integer dtype, to a float of "
            "at least 16 bits or, in numpy, to a format of ml_dtypes"
        )
    _batch_of(where, arrays, shapes)
    if check_finite:
        for name, x in arrays.items():
            if (at := first_non_finite(x)) is not None:
                raise ValueError(
                    f"deltaformer.{where}: {name}{list(at)} is {float(x[at])}; one such entry spoils every later token, so give "
                    "finite numbers, or pass check_finite=False to compute with it"
                )


def _batch_of(where: str, named: dict[str, Array | None], shapes: dict[str, str]) -> tuple[int, ...]:
    """The broadcast batch shape; ValueError unless every named axis has one size and the batch axes broadcast."""
    arrays = {name: x for name, x in named.items() if x is not None}
    sizes: dict[str, int] = {}
    batches = []
    fits = True
    for name, x in arrays.items():
        axes = shapes[name].strip("()").split(", ")[1:]
        if x.ndim < len(axes):
            fits = False
            break
        batches.append(tuple(x.shape[: x.ndim - len(axes)]))
        for axis, size in zip(axes, x.shape[x.ndim - len(axes) :], strict=True):
            fits = fits and sizes.setdefault(axis, size) == size
    if fits:
        try:
            return np.broadcast_shapes(*batches)
        except ValueError:
            pass
    told = ", ".join(f"{name} {tuple(x.shape)}" for name, x in arrays.items())
    wanted = ", ".join(f"{name} {shapes[name]}" for name in arrays)
    raise ValueError(
        f"deltaformer.{where}: the shapes do not fit together: {told}; expected {wanted}, "
        "sizes of one name equal and batch axes broadcastable"
    )


def _check_chunk(where: str, chunk: int) -> None:
    if isinstance(chunk, bool) or not isinstance(chunk, (int, np.integer)) or chunk < 1:
        raise ValueError(
            f"deltaformer.{where}: chunk is {chunk!r}; give a positive number of tokens, for example chunk=64"
        )


def _check_form(where: str, form: str) -> Form:
    if form not in FORMS:
        near = difflib.get_close_matches(str(form), FORMS, n=1, cutoff=0.0)[0]
        forms = ", ".join(FORMS)
        raise ValueError(f"deltaformer.{where}: unknown form {form!r}; did you mean {near!r}? The forms are {forms}")
    return cast(Form, form)


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _odd_one(arrays: dict[str, Any]) -> str:
    """The argument to name in an example of a conversion: the first one that differs from k."""
    k = arrays["k"]
    for name, x in arrays.items():
        if x.dtype != k.dtype or getattr(x, "device", None) != getattr(k, "device", None):
            return name
    return "k"
