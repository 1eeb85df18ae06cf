"""Inputs of checks as JSON and back, exactly: what a counterexample file holds.

Integers, strings, lists and dictionaries stand for themselves. Everything else is an object with one key that names
its kind: a fraction, a tuple, a float (in hexadecimal, so that every bit survives), an array, or a dataclass of this
project or of the user's own claim file. A dataclass is rebuilt by calling it, so its own checks at the door apply.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any


class NotEncodable(TypeError):
    """A value has no exact form in JSON here."""


def encode(value: Any) -> Any:
    """The JSON form of a check's input. Raises NotEncodable naming the type."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, Mapping):
        return {"map": [[encode(k), encode(v)] for k, v in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
        return {"object": f"{type(value).__module__}:{type(value).__qualname__}", "fields": fields}
    if type(value).__name__ in ("fmpq", "fmpz"):
        return {"fraction": str(value)}
    if hasattr(value, "__array__") and hasattr(value, "dtype"):
        return _encode_array(value)
    raise NotEncodable(
        f"cannot write a {type(value).__module__}.{type(value).__qualname__} into a counterexample; give the check "
        "numbers, fractions, strings, lists, tuples, arrays or frozen dataclasses of them"
    )


def _encode_array(value: Any) -> Any:
    import numpy as np

    if not isinstance(value, np.ndarray):  # a tensor
        return {"tensor": _encode_array(value.detach().cpu().numpy())}
    data = [encode(item) for item in value.ravel().tolist()]
    return {"array": value.dtype.name, "shape": list(value.shape), "data": data}


def decode(value: Any, namespace: Mapping[str, Any] | None = None) -> Any:
    """The value that `encode` was given. `namespace` holds the user's own dataclasses by name.

    Raises ValueError for anything `encode` does not write.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list):
        return [decode(item, namespace) for item in value]
    match value:
        case {"float": str(text)}:
            return float.fromhex(text)
        case {"fraction": str(text)}:
            return Fraction(text)
        case {"tuple": list(items)}:
            return tuple(decode(item, namespace) for item in items)
        case {"map": list(pairs)}:
            return {decode(k, namespace): decode(v, namespace) for k, v in pairs}
        case {"array": str(dtype), "shape": list(shape), "data": list(data)}:
            import numpy as np

            return np.array([decode(item, namespace) for item in data], dtype=dtype).reshape(shape)
        case {"tensor": inner}:
            import torch

            return torch.from_numpy(decode(inner, namespace))
        case {"object": str(name), "fields": dict(fields)}:
            return _class(name, namespace or {})(**{k: decode(v, namespace) for k, v in fields.items()})
    raise ValueError(f"not an encoded input: {value!r:.80}")


def _class(name: str, namespace: Mapping[str, Any]) -> Any:
    module, _, qualname = name.partition(":")
    own = module.partition(".")[0] in ("theory", "constructions", "empirics")
    found: Any = None
    if own:
        import importlib

        found = importlib.import_module(module)
        for part in qualname.split("."):
            found = getattr(found, part, None)
    elif qualname in namespace:
        found = namespace[qualname]
    elif module in sys.modules:
        found = getattr(sys.modules[module], qualname, None)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ValueError(f"no dataclass {name!r} is known here")
    return found
