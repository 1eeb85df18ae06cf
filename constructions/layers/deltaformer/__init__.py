"""The Deltaformer operator, once for exact numbers and for floating-point tensors.

One head, T tokens, keys k_t, writes w_t and queries q_t in d dimensions, values v_t in m dimensions, scalars alpha_t, beta_t:

    u_t = alpha_t v_t - beta_t * sum_{i<t} kappa1(k_i, w_t) u_i       first stage, over strictly earlier tokens
    o_t =                       sum_{i<=t} kappa2(k_i, q_t) u_i       second stage

With A_ti = beta_t kappa1(k_i, w_t) for i < t and 0 elsewhere, U = (I + A)^{-1} (alpha V), and I + A is unit lower triangular,
hence always invertible. The kernels are those of `constructions.layers.kernels`, linear unless said otherwise; w is free,
`w=None` means w = k, and w = q is w = q. A softmax over no earlier token is empty: u_1 = alpha_1 v_1. flash-linear-attention's
variant is both kernels softmax with scale d ** -0.5, w = q, beta optional, no alpha.

Three forms, equal over every commutative ring, with C the chunk:

                 linear kernel: state S, the sum of k_i (x) u_i      every other kernel
    recurrence   work T d m, memory d m, a token at a time           work T^2 (d + m), a row of weights at a time
    solve        work T^2 (d + m), memory T^2, all of A at once      the same
    chunked      work T C (d + m) + T d m, memory C^2 + d m          work T^2 (d + m), memory C T: rows of C tokens at a time

Shapes everywhere: k, w, q `(*batch, T, d)`, v, u `(*batch, T, m)`, beta, alpha `(*batch, T)` or None for 1. Batch axes
broadcast: heads and groups are batch axes, keys shared by the heads of a group have size 1 on the axis of the heads. `valid`
`(*batch, T)`, booleans, False at padding, on the left, on the right or between: such a token has u = o = 0, whatever its
arguments hold, and the others are as if it were not there. T, d and m may be 0.

Arrays are those of `constructions.arrays`: all arguments of a call of one dtype and on one device, and so is the result.
Nothing is downcast: float64 stays float64, rationals stay rationals, and `torch.autocast` does not reach in. Integers wrap
modulo 2**bits, so a result is right whenever it fits; kernels without integer weights refuse them.

Formats narrower than float32 (float16, bfloat16, those of ml_dtypes): the recurrence with linear kernels rounds every operation
to the format, in time order and in the order of the head dimension. Everything else widens to float32, computes there, both
stages of `attention` too, and rounds the result once.

Gradients of tensors come from autograd, in memory linear in T at a fixed chunk, except through `solve`, which autograd follows
operation by operation, so that it has second derivatives too; `Rounded` and `Hardmax` pass none to k, w and q. `gradients` and
`read_gradients` are the adjoints written out, over the same arrays, rationals included. `decode` takes a token at a time.
`Deltaformer` is a layer for a model.

Source of the operator: Zhong, Xu, Ao, Shi, arXiv 2505.19488. The forms, the adjoints and their costs are derived here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructions.layers.deltaformer.adjoints import Gradients, ReadGradients, gradients, read_gradients
from constructions.layers.deltaformer.decoding import Cache, decode, init_cache
from constructions.layers.deltaformer.doors import FORMS, Form
from constructions.layers.deltaformer.forms import attention, chunked, read, recurrence, solve, step

if TYPE_CHECKING:
    from constructions.layers.deltaformer.module import Deltaformer

__all__ = [
    "FORMS",
    "Cache",
    "Deltaformer",
    "Form",
    "Gradients",
    "ReadGradients",
    "attention",
    "chunked",
    "decode",
    "gradients",
    "init_cache",
    "read",
    "read_gradients",
    "recurrence",
    "solve",
    "step",
]


def __getattr__(name: str) -> Any:
    """`Deltaformer`, which needs torch, on first use."""
    if name == "Deltaformer":
        from constructions.layers.deltaformer.module import Deltaformer

        return Deltaformer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
