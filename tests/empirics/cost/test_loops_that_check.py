"""A loop that checks powers of two against a bound that none can pass is no condition; one that can be passed is."""

import torch
from torch import nn

from empirics.cost.bounds import judge
from empirics.cost.cost import derive


class Strided(nn.Module):
    def __init__(self, K, least, most=None):
        super().__init__()
        self.strides = [2**b for b in range(int(K))]
        for stride in self.strides:
            if stride < least or (most is not None and stride > most):
                raise ValueError("stride")

    def forward(self, x):
        return sum(x * s for s in range(len(self.strides)))


def strided(least, most=None):
    def subject(N, K):
        return Strided(K, least, most), (torch.empty(1, N),)

    return subject


def test_the_least_of_a_loop_decides():
    cost = derive(strided(1))
    assert cost.quantity("work").untried == ()
    assert not judge(cost, "work", "N*K").conditional


def test_one_that_the_greatest_can_pass_is_told():
    assert derive(strided(1, 2**300)).quantity("work").untried
