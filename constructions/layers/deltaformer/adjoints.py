"""The adjoints of both stages written out: for every form, kernel and kind of array, rationals included. Derived here."""

from __future__ import annotations

from typing import Any, NamedTuple

from constructions.arrays import Array, cast_like, sum_to, undisturbed
from constructions.layers.deltaformer import blocks, linear
from constructions.layers.deltaformer.doors import (
    SHAPES,
    Form,
    batch_of,
    check_chunk,
    check_form,
    check_kernel,
    check_overflow,
    door,
)
from constructions.layers.deltaformer.stages import first_stage, hidden, is_linear, weighted, widened
from constructions.layers.kernels import LINEAR, Kernel

__all__ = ["Gradients", "ReadGradients", "gradients", "read_gradients"]


class Gradients(NamedTuple):
    """The gradient of a scalar with respect to each argument of the first stage, in the shape of that argument.

    `w`, `beta` and `alpha` are None where that argument was None; with `w=None` the two uses of a key add up in `k`.
    """

    k: Array
    w: Array | None
    v: Array
    beta: Array | None
    alpha: Array | None


class ReadGradients(NamedTuple):
    """The gradient of a scalar with respect to each argument of the second stage, in the shape of that argument."""

    q: Array
    k: Array
    u: Array


def gradients(
    k: Array,
    w: Array | None,
    v: Array,
    beta: Array | None,
    grad_u: Array,
    *,
    alpha: Array | None = None,
    kernel: Kernel = LINEAR,
    valid: Array | None = None,
    form: Form | str = "chunked",
    chunk: int | None = None,
    check_finite: bool = True,
) -> Gradients:
    """The gradient of <grad_u, u> in each argument of the first stage, `grad_u` `(*batch, T, m)` of the full,
    broadcast shape of u.

    With Y = (I + A)^{-T} grad_u and P_ti = kappa(k_i, w_t) for i < t:

        dv_t = alpha_t y_t,  dalpha_t = <v_t, y_t>,  dP_ti = -beta_t <y_t, u_i>,  dbeta_t = -sum_{i<t} P_ti <y_t, u_i>

    and from dP through the kernel. For the linear kernel, with z_t = -sum_{i<t} <u_i, y_t> k_i,

        dw_t = beta_t z_t,   dbeta_t = <w_t, z_t>,   dk_i = -sum_{t>i} <u_i, y_t> beta_t w_t:

    Y is the operator again with time reversed, beta_t w_t for keys and k_t for writes; the two sums are strictly causal
    reads, forwards and backwards in time. So there `recurrence` (adjoint state, nothing stored but u and Y) and `chunked`
    are algorithms of their own; `solve` forms A and dA. Arguments that were broadcast along the batch get the sum over it.

    Cost: a small multiple of the form's own. Formats narrower than float32: as the form itself, u and Y rounded to the
    format by the recurrence with a linear kernel only.
    Raises ValueError as `chunked` does, and for an unknown form or a `grad_u` of another shape.
    """
    named = {"k": k, "w": w, "v": v, "beta": beta, "alpha": alpha, "valid": valid}
    door("gradients", {**named, "grad_u": grad_u}, SHAPES, check_finite)
    form = check_form("gradients", form)
    chunk = check_chunk("gradients", chunk, kernel)
    check_kernel("gradients", kernel, k)
    full = (*batch_of("gradients", named, SHAPES), *v.shape[-2:])
    if tuple(grad_u.shape) != full:
        raise ValueError(
            f"deltaformer.gradients: grad_u has shape {tuple(grad_u.shape)}, u has {full}; expand grad_u to it"
        )
    with undisturbed(v):
        made = _gradients(named, grad_u, form, chunk, kernel)
        found = {name: None if x is None else cast_like(sum_to(x, named[name].shape), v) for name, x in made.items()}
    if check_finite:
        keys, writes = hidden(valid, k, k if w is None else w)
        check_overflow("gradients", keys, [(kernel, writes, True)], *(x for x in found.values() if x is not None))
    return Gradients(**found)


def _gradients(named: dict[str, Any], grad_u: Array, form: Form, chunk: int, kernel: Kernel) -> dict[str, Any]:
    """The gradients by name, in the wide dtype and not yet summed over what was broadcast."""
    valid = named["valid"]
    tied = named["w"] is None
    ordered = [named["k"], named["k"] if tied else named["w"], named["v"], grad_u]
    k, w, v, grad_u, beta, alpha = hidden(valid, *ordered, scales=(named["beta"], named["alpha"]))
    if form != "recurrence" or not is_linear(kernel):
        k, w, v, grad_u, beta, alpha = widened(k, w, v, grad_u, beta, alpha)
    u = first_stage(k, w, weighted(alpha, v), beta, valid, form, chunk, kernel)
    if is_linear(kernel) and form != "solve" and k.shape[-2]:
        found = linear.adjoint(k, w, u, beta, grad_u, None if form == "recurrence" else chunk)
    else:
        rows = {"recurrence": 1, "solve": max(k.shape[-2], 1), "chunked": chunk}[form]
        found = blocks.first_stage_adjoint(k, w, beta, valid, u, grad_u, kernel, rows)
    grad_k, grad_w, y, grad_beta = found
    if tied:
        grad_k = sum_to(grad_k, k.shape) + sum_to(grad_w, k.shape)
    return {
        "k": grad_k,
        "w": None if tied else grad_w,
        "v": weighted(alpha, y),
        "beta": None if beta is None else grad_beta,
        "alpha": None if alpha is None else (v * y).sum(-1),
    }


def read_gradients(
    q: Array,
    k: Array,
    u: Array,
    grad_o: Array,
    *,
    kernel: Kernel = LINEAR,
    valid: Array | None = None,
    chunk: int | None = None,
    check_finite: bool = True,
) -> ReadGradients:
    """The gradient of <grad_o, o> in each argument of the second stage, by row blocks; `grad_o` `(*batch, T, m)` of the full,
    broadcast shape of o.

    With P_ti = kappa(k_i, q_t) for i <= t: dU = P^T grad_o, dP_ti = <grad_o_t, u_i>, and from dP through the kernel.
    Work O(T^2 (d + m)), memory O(C T) besides arguments and results.
    Raises ValueError as `read` does, and for a `grad_o` of another shape.
    """
    named = {"q": q, "k": k, "u": u, "valid": valid}
    door("read_gradients", {**named, "grad_o": grad_o}, SHAPES, check_finite)
    chunk = check_chunk("read_gradients", chunk, kernel)
    check_kernel("read_gradients", kernel, k)
    full = (*batch_of("read_gradients", named, SHAPES), *u.shape[-2:])
    if tuple(grad_o.shape) != full:
        raise ValueError(
            f"deltaformer.read_gradients: grad_o has shape {tuple(grad_o.shape)}, o has {full}; expand grad_o to it"
        )
    with undisturbed(u):
        wide_q, wide_k, wide_u, wide_grad = widened(*hidden(valid, q, k, u, grad_o))
        found = hidden(valid, *blocks.read_adjoint(wide_q, wide_k, wide_u, valid, wide_grad, kernel, chunk))
        made = ReadGradients(*(cast_like(sum_to(x, a.shape), u) for x, a in zip(found, (q, k, u), strict=True)))
    if check_finite:
        check_overflow("read_gradients", wide_k, [(kernel, wide_q, False)], *made)
    return made
