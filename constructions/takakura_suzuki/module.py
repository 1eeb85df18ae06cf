"""A compiled network as a torch module: sparse layers, any float format, any device, batched."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from constructions.takakura_suzuki.network import Layer, Network


class SparseAffine(nn.Module):
    """W x + b with the few weights of each row gathered: index and weight `(width, most in a row)`, bias `(width,)`.

    Every format that can multiply and add will do; sums run over a row's weights in order. A row shorter than the longest is padded
    with weight 0. O(batch * width * most in a row).
    """

    def __init__(self, layer: Layer, dtype: torch.dtype) -> None:
        super().__init__()
        most = max((len(row) for row in layer.rows), default=0)
        index = torch.zeros(len(layer.rows), most, dtype=torch.long)
        weight = torch.zeros(len(layer.rows), most, dtype=torch.float64)
        for j, row in enumerate(layer.rows):
            for place, (n, w) in enumerate(row):
                index[j, place], weight[j, place] = n, float(w)
        bias = torch.tensor([float(b) for b in layer.biases], dtype=torch.float64)
        self.register_buffer("index", index)
        self.register_buffer("weight", weight.to(dtype))
        self.register_buffer("bias", bias.to(dtype))

    def forward(self, x: Float[Tensor, "*batch inputs"]) -> Float[Tensor, "*batch width"]:
        index, weight = self.get_buffer("index"), self.get_buffer("weight")
        total = self.get_buffer("bias").expand(*x.shape[:-1], -1)
        if index.shape[0] == 1:  # a read-out of everything: one product
            return total + (x[..., index[0]] * weight[0]).sum(-1, keepdim=True)
        for place in range(index.shape[1]):
            total = total + x[..., index[:, place]] * weight[:, place]
        return total


class ReLUNetwork(nn.Module):
    """The network with the weights of its exact form, rounded to `dtype`; nothing is learned."""

    def __init__(self, network: Network, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        chosen = dtype or torch.get_default_dtype()
        self.layers = nn.ModuleList([SparseAffine(layer, chosen) for layer in network.layers])

    def forward(self, x: Float[Tensor, "*batch inputs"]) -> Float[Tensor, "*batch outputs"]:
        *hidden, last = self.layers
        for layer in hidden:
            x = layer(x).relu()
        return last(x)
