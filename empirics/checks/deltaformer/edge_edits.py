"""Edge constructions falsified by one edit, and true neighbours: the subjects of the controls."""

from __future__ import annotations

from typing import Any

from constructions.deltaformer.edge_tokens import OneHotCodes, SignCodes
from constructions.layers.kernels import Kernel, Rounded


class EndsExchanged(OneHotCodes):
    """k = r_x and w = -r_y: the edges turned round."""

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return r(x), -r(y)


class SignDropped(OneHotCodes):
    """w = +r_x."""

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return r(y), r(x)


class BothNegated(OneHotCodes):
    """k = -r_y and w = +r_x."""

    def edge(self, r: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return -r(y), r(x)


class OddKernel(SignCodes):
    """ceil(log2 n) sign coordinates with the odd kernel."""

    def kernel(self, n: int) -> Kernel:
        return Rounded(2 * self.length(n) - 1)


class CoordinateShort(SignCodes):
    """One sign coordinate fewer than the nodes need."""

    def length(self, n: int) -> int:
        return max(1, super().length(n) - 1)


class CodesComplemented(SignCodes):
    """Every sign turned."""

    def table(self, n: int) -> Any:
        return -super().table(n)
