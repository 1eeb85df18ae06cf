"""The tools beside which the cost module is measured, each behind one call: layer and inputs in, its one number out.

All are optional (`pip install -e '.[peers]'`). A tool is called as its documentation shows, silenced, with no rule of ours added.
Numbers are in the tool's own unit, multiplications with or without their additions: only growth and zero are compared across
tools. Several patch torch while they count and leave it patched when the layer raises, so callers give each call a process of
its own.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["BIG_O", "TOOLS", "Tool", "big_o_fit"]

Count = Callable[[nn.Module, tuple[Tensor, ...]], Any]


@dataclass(frozen=True)
class Tool:
    """A tool that counts a layer at one size; `span`, `memory`, `backward` and `line` say what else its documentation offers."""

    name: str
    package: str
    module: str
    count: Count | None
    counts: str
    memory: str = "no"
    backward: str = "no"
    line: str = "no"
    span: str = "no"

    @property
    def absent(self) -> str:
        """Why it cannot be used here, "" where it can."""
        if importlib.util.find_spec(self.module.partition(".")[0]) is None:
            return f"{self.package} is not installed; pip install -c constraints.txt -e '.[peers]'"
        return ""

    @property
    def version(self) -> str:
        return importlib.metadata.version(self.package)

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> float:
        """Its number for this layer at these inputs, without a word. Raises what it raises; ValueError where it gives none."""
        assert self.count is not None
        with open(os.devnull, "w") as nowhere, contextlib.ExitStack() as quiet:
            quiet.enter_context(contextlib.redirect_stdout(nowhere))
            quiet.enter_context(contextlib.redirect_stderr(nowhere))
            quiet.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            quiet.enter_context(torch.no_grad())
            found = self.count(layer, inputs)
        if found is None:
            raise ValueError("gives no number")
        return float(found)


def _flop_counter(layer: nn.Module, inputs: tuple[Tensor, ...]) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        layer(*inputs)
    return counter.get_total_flops()


def _fvcore(layer: nn.Module, inputs: tuple[Tensor, ...]) -> float:
    from fvcore.nn import FlopCountAnalysis  # pyright: ignore[reportMissingImports]

    return FlopCountAnalysis(layer, inputs).unsupported_ops_warnings(False).tracer_warnings("none").total()


def _calflops(layer: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    from calflops import calculate_flops  # pyright: ignore[reportMissingImports]

    return calculate_flops(layer, args=list(inputs), print_results=False, output_as_string=False)[0]


def _thop(layer: nn.Module, inputs: tuple[Tensor, ...]) -> float:
    from thop import profile  # pyright: ignore[reportMissingImports]

    return profile(layer, inputs=inputs, verbose=False)[0]


class _Named(nn.Module):
    """The layer with its inputs named in order: ptflops hands several inputs over by name, its hooks read them by place."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, **inputs: Tensor) -> Any:
        return self.layer(*inputs.values())


def _ptflops(backend: str) -> Count:
    def count(layer: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
        from ptflops import get_model_complexity_info  # pyright: ignore[reportMissingImports]

        named = {f"x{place}": x for place, x in enumerate(inputs)}
        options = {"as_strings": False, "print_per_layer_stat": False, "backend": backend}
        return get_model_complexity_info(_Named(layer), (1,), input_constructor=lambda _: named, **options)[0]

    return count


def _torchinfo(layer: nn.Module, inputs: tuple[Tensor, ...]) -> float:
    from torchinfo import summary  # pyright: ignore[reportMissingImports]

    return summary(layer, input_data=list(inputs), verbose=0, device=inputs[0].device).total_mult_adds


TOOLS = [
    Tool(
        "FlopCounterMode",
        "torch",
        "torch.utils.flop_counter",
        _flop_counter,
        "matrix products, convolutions and fused attention, by aten operation",
        backward="yes, as it runs",
        line="no; by module and operation",
    ),
    Tool(
        "fvcore",
        "fvcore",
        "fvcore.nn",
        _fvcore,
        "matrix products, convolutions, norms, pooling in a traced graph; names what it leaves out",
        line="no; by module and operation",
    ),
    Tool(
        "calflops",
        "calflops",
        "calflops",
        _calflops,
        "calls of patched functions: linear, matmul, einsum, softmax, norms, activations",
        backward="a fixed factor",
        line="no; by module",
    ),
    Tool("thop", "thop", "thop", _thop, "modules of torch.nn that it knows: Linear, Conv, LSTM, norms", line="no"),
    Tool(
        "ptflops (pytorch)",
        "ptflops",
        "ptflops",
        _ptflops("pytorch"),
        "modules of torch.nn that it knows, and patched functions",
        line="no; by module",
    ),
    Tool(
        "ptflops (aten)",
        "ptflops",
        "ptflops",
        _ptflops("aten"),
        "mm, bmm, addmm, convolution, by aten operation",
        line="no; by module",
    ),
    Tool(
        "torchinfo",
        "torchinfo",
        "torchinfo",
        _torchinfo,
        "weights of leaf modules, times the output positions for some",
        memory="sum of module outputs",
        line="no; by module",
    ),
]

BIG_O = Tool(
    "big_O", "big-o", "big_o", None, "wall clock, fitted by one of eight classes of growth", backward="if it is called"
)


def big_o_fit(run: Callable[[int], object], most: int) -> tuple[str, Callable[[int], float]]:
    """The curve that big_O fits to the wall clock of `run(N)` at ten N up to `most`: in its words, and its seconds at an N."""
    import big_o  # pyright: ignore[reportMissingImports]

    run(most)
    best: Any = big_o.big_o(run, lambda n: int(n), min_n=most // 10, max_n=most, n_measures=10, n_timings=3)[0]
    return str(best), lambda n: float(best.compute(np.array([n]))[0])
