"""Work and span of what a function dispatches, by the rules of cost model v1, for the operations of the reference layers only.

An oracle for hand-derived formulas: one number per tensor for its depth, kept per storage, so exact for code that writes no parts
of a tensor in place, one after another, and never too small. A factory such as zeros_like reads no entry of its argument, so its depth
is 1. Written from the text of the model; shares nothing with `empirics.cost`. An operation without a rule is an AssertionError.
"""

from __future__ import annotations

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def log2(n):
    """ceil(log2 n), 0 for n <= 1."""
    return max(int(n) - 1, 0).bit_length()


VIEWS = {
    *(
        "t",
        "transpose",
        "view",
        "_unsafe_view",
        "expand",
        "unsqueeze",
        "squeeze",
        "slice",
        "select",
        "unfold",
        "detach",
    ),
    *("view_as_real", "permute", "alias"),
}
POINTWISE = {
    *(
        "mul",
        "add",
        "sub",
        "div",
        "rsub",
        "lt",
        "gt",
        "ge",
        "eq",
        "bitwise_or",
        "bitwise_not",
        "masked_fill",
        "tril",
        "elu",
    ),
    *("sigmoid", "relu", "rsqrt", "where", "clamp", "clamp_min", "clone"),
    *("exp", "sin", "gelu", "pow", "remainder", "le", "ne", "bitwise_and", "_to_copy"),
    *("neg", "log1p", "maximum"),
    *("masked_fill_", "sub_", "div_", "exp2_", "copy_"),
}
COPIES = {"cat", "stack", "gather", "index"}
FACTORIES = {
    "ones",
    "zeros",
    "new_zeros",
    "new_ones",
    "new_full",
    "zeros_like",
    "full_like",
    "arange",
    "scalar_tensor",
    "full",
}


def rule(name, args, out, full):
    """(work, span) of one call; `out` the tensors it returns."""
    size = out[0].numel()

    def along():
        x, dim = args[0], full.get("dim", -1)
        return x.numel(), x.shape[dim[0] if isinstance(dim, (list, tuple)) else dim]

    match name:
        case _ if name in VIEWS or name.startswith(("empty", "new_empty")):
            return 0, 0
        case _ if name in POINTWISE | COPIES | FACTORIES:
            return size, 1
        case "mm" | "bmm":
            inner = args[0].shape[-1]
            return 2 * size * inner, 1 + log2(inner)
        case "addmm":
            inner = args[1].shape[-1]
            return 2 * size * inner + size, 2 + log2(inner)
        case "logsumexp":
            x, (dim,) = args[0], args[1]
            n = x.shape[dim]
            return 4 * x.numel() + 2 * x.numel() // n, 2 * log2(n) + 4
        case "linalg_vector_norm":
            total, n = along()
            return 2 * total + size, log2(n) + 2
        case "sum" | "max" | "amax" | "amin":
            total, n = along()
            return total, log2(n)
        case "_softmax" | "_safe_softmax":
            return 5 * size, 2 * log2(along()[1]) + 3
        case "cumsum" | "cummax":
            total, n = along()
            return 2 * total, 2 * log2(n)
        case "native_layer_norm":
            return 8 * size, 2 * log2(args[0].shape[-1]) + 4
        case "sort":
            total, n = along()
            return total * log2(n), log2(n) * (log2(n) + 1) // 2
        case "topk":
            total, n = along()
            return total * log2(args[1]), log2(n) * (log2(n) + 1) // 2
        case "scatter":
            return full["src"].numel(), 1 + log2(full["src"].numel())
        case "linalg_solve_triangular":
            n = args[0].shape[-1]
            return n * args[1].numel(), 2 * n
        case "_fft_r2c" | "_fft_c2c":
            (dim,) = full["dim"]
            return 5 * size * log2(args[0].shape[dim]), log2(args[0].shape[dim])
    raise AssertionError(f"no rule for aten.{name}; add one or write the layer without it")


class Counting(TorchDispatchMode):
    """Adds up work; `depth` of a tensor is the longest path to its storage."""

    def __init__(self):
        super().__init__()
        self.work, self.depths, self.alive = 0, {}, []

    def depth(self, x):
        return self.depths.get(x.untyped_storage()._cdata, 0)

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = function._schema.name.removeprefix("aten::")
        read = [] if name in FACTORIES else [x for x in tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor)]
        before = max((self.depth(x) for x in read), default=0)
        result = function(*args, **kwargs)
        out = [x for x in tree_leaves(result) if isinstance(x, torch.Tensor)]
        names = [a.name for a in function._schema.arguments]
        defaults = {a.name: a.default_value for a in function._schema.arguments if a.has_default_value()}
        full = {**defaults, **dict(zip(names, args, strict=False)), **kwargs}
        work, span = rule(name, args, out, full)
        self.work += work
        self.alive.append(out)
        for x in out:
            self.depths[x.untyped_storage()._cdata] = before + span
        return result


def work_and_span(subject, **sizes):
    """Forward work and span of a subject at these sizes, on meta tensors."""
    with torch.device("meta"), torch.no_grad():
        layer, inputs = subject(**sizes)
        with Counting() as counting:
            result = layer(*inputs)
    return counting.work, counting.depth(result)
