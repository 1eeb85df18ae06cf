"""Results made without torch are those of torch: shape, format, and strides where there are steps to take."""

import random

import pytest
import torch

from empirics.cost.calls import KEEP_SHAPE, fresh

ATEN = torch.ops.aten
FORMATS = (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool)
CALLS = {
    "add": (ATEN.add.Tensor, "tt"),
    "mul": (ATEN.mul.Tensor, "tt"),
    "scaled": (ATEN.mul.Tensor, "ts"),
    "div": (ATEN.div.Tensor, "ts"),
    "where": (ATEN.where.self, "btt"),
    "exp": (ATEN.exp.default, "t"),
    "ge": (ATEN.ge.Tensor, "tt"),
    "clamp": (ATEN.clamp.default, "ts"),
    "tril": (ATEN.tril.default, "tk"),
    "triu": (ATEN.triu.default, "tk"),
    "flip": (ATEN.flip.default, "tl"),
    "cumsum": (ATEN.cumsum.default, "tk"),
    "softmax": (ATEN._softmax.default, "tkf"),
    "log_softmax": (ATEN._log_softmax.default, "tkf"),
    "safe_softmax": (ATEN._safe_softmax.default, "tk"),
    "addmm": (ATEN.addmm.default, "mmm"),
    "layer_norm": (ATEN.native_layer_norm.default, "nvwwe"),
    "logsumexp": (ATEN.logsumexp.default, "nlk"),
}


def test_every_operation_that_keeps_a_shape_is_among_them():
    assert {func for func, _ in CALLS.values()} >= KEEP_SHAPE


def operand(rng, kind, full):
    if kind == "s":
        return rng.choice([0, 2, -1.5, 0.25])
    if kind == "k":
        return rng.randint(-4, 3)
    if kind == "l":
        return [rng.randint(-3, 2)]
    if kind == "f":
        return False
    if kind == "m":
        x = torch.empty([rng.randint(1, 2) for _ in range(rng.choice((1, 2, 2)))], device="meta")
        return x.to(rng.choice((torch.float32, torch.float64))).mT if x.dim() == 2 and rng.random() < 0.3 else x
    if kind == "e":
        return 1e-5
    if kind == "v":
        return full[-1:] if rng.random() < 0.9 else full[-2:]
    if kind == "w" and rng.random() < 0.4:
        return None
    if kind in "nw":
        dtype = torch.float32 if rng.random() < 0.8 else rng.choice(FORMATS)
        x = torch.empty(full if kind == "n" else full[-1:], dtype=dtype, device="meta")
        return x.mT if x.dim() > 1 and rng.random() < 0.2 else x
    sizes = [1 if rng.random() < 0.3 else n for n in full[rng.randint(0, len(full)) :]]
    dtype = torch.bool if kind == "b" else rng.choice(FORMATS)
    x = torch.empty(sizes, dtype=dtype, device="meta")
    return x.mT if x.dim() > 1 and rng.random() < 0.2 else x


def described(make):
    try:
        out = make()
    except (RuntimeError, TypeError, IndexError, NotImplementedError) as error:
        return type(error)
    return tuple(map(shown, out)) if isinstance(out, tuple) else shown(out)


def shown(out):
    steps = tuple(step for n, step in zip(out.shape, out.stride(), strict=True) if n > 1) if out.numel() else ()
    return tuple(out.shape), steps, out.dtype


@pytest.mark.parametrize("name", CALLS)
def test_as_torch_gives_it(name):
    func, kinds = CALLS[name]
    rng = random.Random(name)
    for _ in range(300):
        full = [rng.randint(0, 3) for _ in range(rng.randint(0, 4))]
        args = [operand(rng, kind, full) for kind in kinds]
        wanted = described(lambda args=args: func(*args))
        for _ in range(2):
            assert described(lambda args=args: fresh(func, args, {})) == wanted
