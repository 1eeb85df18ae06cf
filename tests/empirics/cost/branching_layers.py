"""Layers that decide by their sizes, each in another way, as subjects."""

import math

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, width, decide, *, cap=0):
        super().__init__()
        self.width, self.decide, self.cap = width, decide, cap

    def forward(self, x):
        return x @ x.mT if self.decide(self, x) else x.cumsum(1)


def subject(decide):
    def layer(N, d):
        return Layer(d, decide, cap=50), (torch.empty(1, N, d),)

    return layer


def product_of_shape(layer, x):
    _, N, d = x.shape
    return N * d > 10**6


def by_length(layer, x):
    return len(x[0]) >= 300


def by_size(layer, x):
    return x.size(1) * x.size(dim=-1) <= 5000


def by_numel(layer, x):
    return x.numel() > 4096


def below_a_cap(layer, x):
    return x.shape[1] < layer.cap


def reversed_sides(layer, x):
    return 10**4 < x.shape[1]  # noqa: SIM300


def against_the_width(layer, x):
    return x.shape[1] > 100 * layer.width


def through_int(layer, x):
    tokens = int(x.shape[1])
    return tokens > 640


def numel_of_the_shape(layer, x):
    return x.shape.numel() > 9000


def through_a_logarithm(layer, x):
    return math.log2(x.shape[1]) > 9.5


def in_a_loop(layer, x):
    return any(t > 99 for t in range(x.shape[1]))


def half_a_float(layer, x):
    return x.shape[1] / 2 > 75


def by_remainder(layer, x):
    return x.shape[1] % 64 == 0


def over_the_width_by_min(layer, x):
    return min(x.shape[1], layer.width) > 128


def by_truth(layer, x):
    return x.shape[1] // 1000


def a_setting(layer, x):
    return layer.cap > 10


def always(layer, x):
    return x.shape[1] + 1 > 0
