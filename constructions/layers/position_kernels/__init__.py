"""Position biases as modules, and attention with them.

`Alibi`, `Kerple`, `T5`, `Sandwich`, `Fire`, `Mep` of two or three kernels, `ParameterisedMep` of four, `NoPosition`, and `Rotary` as
the baseline without a bias. Each gives the mask of `scaled_dot_product_attention`, `flex_score_mod` the function of flex_attention,
`BiasedAttention` the layer. The kernels are those of `theory.position_kernels`.
"""

from constructions.layers.position_kernels.attention import BiasedAttention, KeyValues, biased_attention
from constructions.layers.position_kernels.bias import KernelBias, NoPosition, PositionBias
from constructions.layers.position_kernels.fire import Fire
from constructions.layers.position_kernels.flex import flex_score_mod
from constructions.layers.position_kernels.methods import T5, Alibi, Kerple, Mep, ParameterisedMep, Sandwich
from constructions.layers.position_kernels.rotary import Rotary
from constructions.layers.position_kernels.tensors import Tensors, wide

__all__ = [
    "T5",
    "Alibi",
    "BiasedAttention",
    "Fire",
    "KernelBias",
    "Kerple",
    "KeyValues",
    "Mep",
    "NoPosition",
    "ParameterisedMep",
    "PositionBias",
    "Rotary",
    "Sandwich",
    "Tensors",
    "biased_attention",
    "flex_score_mod",
    "wide",
]
