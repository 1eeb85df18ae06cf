"""The forms of both stages, behind their doors. See the package for variants, shapes, dtypes and costs."""

from __future__ import annotations

from constructions.arrays import Array, cast_like, undisturbed
from constructions.layers.deltaformer import linear
from constructions.layers.deltaformer.doors import (
    SHAPES,
    STEP_SHAPES,
    Form,
    check_chunk,
    check_form,
    check_kernel,
    check_overflow,
    door,
)
from constructions.layers.deltaformer.stages import first_stage, hidden, is_linear, second_stage, weighted, widened
from constructions.layers.kernels import LINEAR, Kernel

__all__ = ["attention", "chunked", "read", "recurrence", "solve", "step"]


def step(
    state: Array,
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    alpha: Array | None = None,
    check_finite: bool = True,
) -> tuple[Array, Array]:
    """One token with linear kernels: `u = alpha * v - beta * (w @ state)`, then `state + k (x) u`. Returns
    `(new state, u)`; the arguments are left alone.

    Shapes: state `(*batch, d, m)`, k and w `(*batch, d)`, v `(*batch, m)`, alpha and beta `(*batch,)`. Every operation is
    rounded to the dtype and the sum over d runs in index order when d is at most `constructions.arrays.IN_ORDER` or
    the dtype is narrower than float32.
    Work O(d m), span O(log d). For many short sequences of small integers lay the arrays out with
    `constructions.arrays.batch_inner`. For other kernels see `decode`.

    Raises ValueError for shapes, dtypes or devices that do not fit together, and for NaN or infinities unless
    `check_finite=False`.
    """
    door("step", {"state": state, "k": k, "w": w, "v": v, "beta": beta, "alpha": alpha}, STEP_SHAPES, check_finite)
    with undisturbed(v):
        return linear.step(state, k, k if w is None else w, weighted(alpha, v), beta)


def recurrence(
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    alpha: Array | None = None,
    kernel: Kernel = LINEAR,
    valid: Array | None = None,
    check_finite: bool = True,
) -> Array:
    """The first stage token by token; returns u `(*batch, T, m)`. Linear kernel: work O(T d m), span O(T log d), state d m;
    others: work O(T^2 (d + m)), the keys and u of all earlier tokens.

    Raises ValueError for shapes, dtypes or devices that do not fit together, a kernel without weights in the dtype, an
    exponential that overflows, and for NaN or infinities unless `check_finite=False`.
    """
    return _checked("recurrence", k, w, v, beta, alpha, kernel, valid, check_finite, "recurrence", 1)


def solve(
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    alpha: Array | None = None,
    kernel: Kernel = LINEAR,
    valid: Array | None = None,
    check_finite: bool = True,
) -> Array:
    """The first stage as one unit triangular solve; returns u `(*batch, T, m)`. Work O(T^2 (d + m)), memory O(T^2).

    Raises ValueError as `recurrence` does.
    """
    return _checked("solve", k, w, v, beta, alpha, kernel, valid, check_finite, "solve", 1)


def chunked(
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    alpha: Array | None = None,
    kernel: Kernel = LINEAR,
    valid: Array | None = None,
    chunk: int | None = None,
    check_finite: bool = True,
) -> Array:
    """The first stage a chunk at a time; returns u `(*batch, T, m)`. T need not be a multiple of `chunk`, which
    is 64 for the linear kernel and 128 for the others unless given.

    Linear kernel: with S the sum of k_i (x) u_i over all earlier chunks, U_c = (I + A_cc)^{-1} (V_c - beta_c W_c S); work
    O(T C (d + m) + T d m), memory O(C^2 + d m) besides u. Others, p all earlier tokens: U_c = (I + A_cc)^{-1} (V_c - A_cp U_p);
    work O(T^2 (d + m)), memory O(C T) besides u and the arguments.
    Raises ValueError as `recurrence` does, and for a chunk that is not a positive integer.
    """
    chunk = check_chunk("chunked", chunk, kernel)
    return _checked("chunked", k, w, v, beta, alpha, kernel, valid, check_finite, "chunked", chunk)


def read(
    q: Array,
    k: Array,
    u: Array,
    *,
    kernel: Kernel = LINEAR,
    valid: Array | None = None,
    form: Form | str = "chunked",
    chunk: int | None = None,
    check_finite: bool = True,
) -> Array:
    """The second stage: o_t = sum_{i<=t} kappa(k_i, q_t) u_i, `(*batch, T, m)`. Work and memory as for the first stage in
    the same form.

    Raises ValueError as `chunked` does, and for an unknown form.
    """
    door("read", {"q": q, "k": k, "u": u, "valid": valid}, SHAPES, check_finite)
    form = check_form("read", form)
    chunk = check_chunk("read", chunk, kernel)
    check_kernel("read", kernel, k)
    with undisturbed(k):
        q, k, u = hidden(valid, q, k, u)
        made = second_stage(q, k, u, valid, form, chunk, kernel)
    if check_finite:
        check_overflow("read", k, [(kernel, q, False)], made)
    return made


def attention(
    q: Array,
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None = None,
    *,
    alpha: Array | None = None,
    kernel: Kernel = LINEAR,
    read_kernel: Kernel | None = None,
    valid: Array | None = None,
    form: Form | str = "chunked",
    chunk: int | None = None,
    check_finite: bool = True,
) -> Array:
    """Both stages in one form; returns o `(*batch, T, m)`. `read_kernel` None is `kernel`.

    `chunk` is used by the chunked form only. Raises ValueError as `chunked` does, and for an unknown form.
    """
    named = {"q": q, "k": k, "w": w, "v": v, "beta": beta, "alpha": alpha, "valid": valid}
    door("attention", named, SHAPES, check_finite)
    form = check_form("attention", form)
    read_kernel = kernel if read_kernel is None else read_kernel
    chunks = [check_chunk("attention", chunk, each) for each in (kernel, read_kernel)]
    for each in (kernel, read_kernel):
        check_kernel("attention", each, k)
    like = v
    with undisturbed(v):
        w = k if w is None else w
        if not (form == "recurrence" and is_linear(kernel) and is_linear(read_kernel)):
            q, k, w, v, beta, alpha = widened(q, k, w, v, beta, alpha)
        q, k, w, v, beta, alpha = hidden(valid, q, k, w, v, scales=(beta, alpha))
        u = first_stage(k, w, weighted(alpha, v), beta, valid, form, chunks[0], kernel)
        made = second_stage(q, k, u, valid, form, chunks[1], read_kernel)
        made = cast_like(made, like)
    if check_finite:
        check_overflow("attention", k, [(kernel, w, True), (read_kernel, q, False)], made)
    return made


def _checked(
    where: str,
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None,
    alpha: Array | None,
    kernel: Kernel,
    valid: Array | None,
    check_finite: bool,
    form: Form,
    chunk: int,
) -> Array:
    door(where, {"k": k, "w": w, "v": v, "beta": beta, "alpha": alpha, "valid": valid}, SHAPES, check_finite)
    check_kernel(where, kernel, k)
    with undisturbed(v):
        k, w, v, beta, alpha = hidden(valid, k, k if w is None else w, v, scales=(beta, alpha))
        made = first_stage(k, w, weighted(alpha, v), beta, valid, form, chunk, kernel)
    if check_finite:
        check_overflow(where, k, [(kernel, w, True)], made)
    return made
