"""Memory of the chunked form: the largest array that forward and backward make."""

from __future__ import annotations

from typing import Any

from constructions.layers import deltaformer as operator
from constructions.layers.kernels import Exponential, Kernel, Softmax
from empirics.checking import Evidence, check, control, fails, holds
from theory.deltaformer import operator_kernels as claims

HEADS, D, CHUNK = 16, 4, 64


def largest_array(call: Any) -> int:
    """The most entries of any tensor that torch makes while `call()` runs, the backward pass included."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):
        most = 0

        @classmethod
        def _should_skip_dynamo(cls) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
            return False  # never compiled; asking would load the compiler

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            made = function(*args, **(kwargs or {}))
            for x in made if isinstance(made, (tuple, list)) else (made,):
                if isinstance(x, torch.Tensor):
                    self.most = max(self.most, x.untyped_storage().nbytes() // x.itemsize)
            return made

    with Watch() as watch:
        call()
    return watch.most


@check(
    claims.linear_memory,
    "tested",
    given={"tokens": (256, 1024)},
    scope={"sizes": "T = 256, 1024; 16 heads, d = 4, chunk 64", "evaluation": "torch on a CPU"},
)
def no_square_is_made(
    tokens: int, kernel: Kernel = Softmax(0.5), form: str = "chunked", chunk: int = CHUNK
) -> Evidence:
    """The largest array of both stages, forward and backward, has at most max(E, C T, H T 2 d) entries."""
    import torch

    from constructions.layers.deltaformer.differentiable import ENTRIES

    draw = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(HEADS, tokens, D, generator=draw).requires_grad_() for _ in range(3))
    beta = (torch.rand(HEADS, tokens, generator=draw) / tokens).requires_grad_()  # so small that nothing grows

    def both() -> None:
        operator.attention(q, k, q, v, beta, kernel=kernel, form=form, chunk=chunk).sum().backward()

    found, most = largest_array(both), max(ENTRIES["cpu"], CHUNK * tokens, HEADS * tokens * 2 * D)
    if found > most:
        return fails(f"T = {tokens}: an array of {found} entries", f"at most {most}", str(found))
    return holds()


control(no_square_is_made, "inverse", "refuted", form="solve", reason="all heads' T x T at once")
control(no_square_is_made, "chunk-of-all", "refuted", chunk=1024, reason="the chunk is not fixed")
control(
    no_square_is_made,
    "exponential",
    "confirmed",
    kernel=Exponential(0.5),
    reason="the blocks are those of every kernel",
)
