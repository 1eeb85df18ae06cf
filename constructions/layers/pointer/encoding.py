"""The previous layer's pointer, encoded into the state: Encode(p_i).

    sinusoidal   g * sin(p_i w + phase) in the head's coordinates, g learned: of the position p_i itself, so that the first layer,
                 where p_i = i, encodes each position
    offset       g_{min(i - p_i, reach)}, a learned table of rows: of the distance, all at least `reach` alike, ahead like itself
    none         nothing

Source: the frequencies are those of Vaswani et al., arXiv 1706.03762; which encoding the paper has is not known to us.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.layers.shapes import check_positive, choose

__all__ = ["ENCODINGS", "PointerEncoding", "sinusoid"]

ENCODINGS = ("sinusoidal", "offset", "none")


def sinusoid(positions: Tensor, width: int, dtype: torch.dtype) -> Float[Tensor, "*batch width"]:
    """sin(p w_c + phase_c) of integers `(*batch)`, w_c = 10000^(-c / width), phase 0 and pi/2 in turn; in float32 at least, then
    rounded to the dtype. Work 3 n width + n + 5 width for n positions, n width more where it is rounded."""
    wide = torch.float32 if dtype.itemsize < 4 else dtype
    c = torch.arange(width, device=positions.device, dtype=wide)
    frequency, phase = (c * (-math.log(10000) / width)).exp(), (c % 2) * (math.pi / 2)
    return (positions.to(wide)[..., None] * frequency + phase).sin().to(dtype)


class PointerEncoding(nn.Module):
    """Encode for heads: pointers `(batch, heads, S)` of the positions `times (S,)` -> `(batch, heads, S, head_dim)`.

    Parameters: sinusoidal heads head_dim; offset heads head_dim (reach + 1). ValueError for another form or a reach that is not
    positive.
    """

    def __init__(
        self, heads: int, head_dim: int, form: str, reach: int, *, device: Any = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        self.form = choose("PointerBlock", "encode", form, ENCODINGS)
        check_positive("PointerBlock", reach=reach)
        self.reach, self.head_dim = reach, head_dim
        rows = {
            "sinusoidal": (heads, 1, head_dim),
            "offset": (heads, reach + 1, head_dim),
            "none": (heads, 0, head_dim),
        }
        self.gate = nn.Parameter(torch.empty(rows[form], device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Ones; a table of offsets gaussian, of variance 1 / head_dim."""
        nn.init.ones_(self.gate)
        if self.form == "offset":
            nn.init.normal_(self.gate, std=1 / math.sqrt(self.head_dim))

    def forward(self, pointers: Tensor, times: Tensor) -> Float[Tensor, "batch heads S head_dim"]:
        """Not for the form "none"."""
        if self.form == "sinusoidal":
            return self.gate * sinusoid(pointers, self.head_dim, self.gate.dtype)
        away = (times - pointers).clamp(0, self.reach)
        table = self.gate.expand(len(pointers), *self.gate.shape)
        return table.gather(-2, away[..., None].expand(*away.shape, self.head_dim))
