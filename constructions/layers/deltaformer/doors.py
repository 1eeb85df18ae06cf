"""The doors of the operator: every argument is looked at before anything is computed, and refused by name."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from typing import Any, Literal, cast

import numpy as np

from constructions.arrays import Array, finfo, first_non_finite, is_array, is_float, is_tensor, product, widen
from constructions.layers.kernels import Exponential, Kernel, Linear, Softmax

Form = Literal["chunked", "recurrence", "solve"]
FORMS: tuple[Form, ...] = ("chunked", "recurrence", "solve")

SHAPES = {
    "q": "(*batch, T, d)",
    "k": "(*batch, T, d)",
    "w": "(*batch, T, d)",
    "v": "(*batch, T, m)",
    "u": "(*batch, T, m)",
    "grad_u": "(*batch, T, m)",
    "grad_o": "(*batch, T, m)",
    "beta": "(*batch, T)",
    "alpha": "(*batch, T)",
    "valid": "(*batch, T)",
}
STEP_SHAPES = {
    "state": "(*batch, d, m)",
    "k": "(*batch, d)",
    "w": "(*batch, d)",
    "v": "(*batch, m)",
    "q": "(*batch, d)",
    "beta": "(*batch)",
    "alpha": "(*batch)",
}
CACHE_SHAPES = {**STEP_SHAPES, "keys": "(*batch, t, d)", "written": "(*batch, t, m)", "valid": "(*batch, t)"}
OPTIONAL = ("w", "beta", "alpha", "valid")


def door(where: str, named: dict[str, Any], shapes: dict[str, str], check_finite: bool) -> None:
    """ValueError unless the arrays are of one library, device and dtype, their shapes fit, and, if asked, all is finite."""
    arrays: dict[str, Any] = {name: x for name, x in named.items() if x is not None or name not in OPTIONAL}
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
    valid = arrays.pop("valid", None)
    if valid is not None and "bool" not in str(valid.dtype):
        raise ValueError(
            f"deltaformer.{where}: valid has dtype {valid.dtype}; give booleans, True where a token counts: valid != 0"
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
    batch_of(where, arrays if valid is None else {**arrays, "valid": valid}, shapes)
    if check_finite:
        for name, x in arrays.items():
            if (at := first_non_finite(x)) is not None:
                raise ValueError(
                    f"deltaformer.{where}: {name}{list(at)} is {float(x[at])}; one such entry spoils every later token, so give "
                    "finite numbers, or pass check_finite=False to compute with it"
                )


def batch_of(where: str, named: dict[str, Any], shapes: dict[str, str]) -> tuple[int, ...]:
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


def check_chunk(where: str, chunk: int | None, kernel: Any) -> int:
    """The chunk, that of the kernel for None; ValueError unless it is a positive integer."""
    if chunk is None:
        return 64 if isinstance(kernel, Linear) else 128
    if isinstance(chunk, bool) or not isinstance(chunk, (int, np.integer)) or chunk < 1:
        raise ValueError(
            f"deltaformer.{where}: chunk is {chunk!r}; give a positive number of tokens, for example chunk=64"
        )
    return int(chunk)


def check_form(where: str, form: str) -> Form:
    if form not in FORMS:
        near = difflib.get_close_matches(str(form), FORMS, n=1, cutoff=0.0)[0]
        forms = ", ".join(FORMS)
        raise ValueError(f"deltaformer.{where}: unknown form {form!r}; did you mean {near!r}? The forms are {forms}")
    return cast(Form, form)


def check_kernel(where: str, kernel: Any, like: Array) -> None:
    """ValueError unless `kernel` is a Kernel that has weights in the dtype of `like`."""
    if not isinstance(kernel, Kernel):
        raise ValueError(
            f"deltaformer.{where}: kernel is {kernel!r}; give a Kernel, for example constructions.layers.kernels.named({kernel!r}, d)"
        )
    whole = not is_float(like) and (is_tensor(like) or like.dtype != object)
    if whole and (kernel.normalised or not kernel.rational):
        raise ValueError(
            f"deltaformer.{where}: {kernel} has no integer weights; convert to a float, or in numpy to objects"
        )


def check_overflow(where: str, keys: Array, stages: Sequence[tuple[Kernel, Array, bool]], *found: Array) -> None:
    """ValueError when what was found is not finite because scores or exponentials overflowed; names the largest temperature, or
    scale of a softmax, with which they do not. A stage is its kernel, the queries of the last tokens of `keys`, and whether
    these see strictly earlier keys alone."""
    tempered = [stage for stage in stages if isinstance(stage[0], (Exponential, Softmax))]
    if not tempered or all(first_non_finite(x) is None for x in found):
        return
    wide, dtype = widen(found[0]), found[0].dtype
    remedy = "or scale keys and queries to length 1"
    grown = ""
    for kernel, *seeing in tempered:
        name = "temperature" if isinstance(kernel, Exponential) else "scale"
        rate = float(getattr(kernel, name))
        inner, size = _inner(keys, *seeing)
        largest = float(finfo(wide).max) * math.log(2) / max(size, 1.0)
        if abs(rate) > largest:
            raise ValueError(
                f"deltaformer.{where}: scores of {name} {rate:g} overflow {wide.dtype}; the largest {name} that does not is "
                f"{largest:.6g}, {remedy}"
            )
        if name == "scale" or inner <= 1:
            continue
        weight = f"exp({rate:g} * ({inner:g} - 1))"
        largest = math.log(float(finfo(found[0]).max)) / (inner - 1)
        if rate > largest:
            raise ValueError(
                f"deltaformer.{where}: {weight} overflows {dtype}; the largest temperature that does not is {largest:.6g}, "
                f"{remedy}"
            )
        grown = grown or weight
    if grown:
        raise ValueError(
            f"deltaformer.{where}: {grown} fits {dtype}, what such weights add up to over {keys.shape[-2]} tokens does not; lower "
            f"the temperature, {remedy}"
        )


def _inner(keys: Array, queries: Array, strict: bool) -> tuple[float, float]:
    """The greatest inner product of a query and a key it sees, and how large what is added up to one can become."""
    keys, queries = (widen(x.detach() if is_tensor(x) else x) for x in (keys, queries))
    inner, size = -math.inf, 0.0
    for t in range(queries.shape[-2]):
        seen = keys[..., : keys.shape[-2] - queries.shape[-2] + t + (not strict), :]
        row = queries[..., t, None, :]
        if seen.shape[-2] and keys.shape[-1]:
            inner = max(inner, float(product(row, seen.mT).max()))
            size = max(size, float(product(abs(row), abs(seen).mT).max()), float(abs(row).max()))
    return inner, size


def _a(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _odd_one(arrays: dict[str, Any]) -> str:
    """The argument to name in an example of a conversion: the first one that differs from k."""
    k = arrays["k"]
    for name, x in arrays.items():
        if x.dtype != k.dtype or getattr(x, "device", None) != getattr(k, "device", None):
            return name
    return "k"
