"""Layers that are linear in what a derivation is likely to run and quadratic beyond, each hiding that in another way; as subjects."""

import bisect
import functools
import math
import operator
import sys

import torch
from torch import nn

CAP = 5000


def quadratic(x):
    return x @ x.mT


def linear(x):
    return x.cumsum(1)


class Layer(nn.Module):
    """Quadratic where `far(x)`, else linear; or the other way round."""

    def __init__(self, far, turned=False):
        super().__init__()
        self.far, self.turned = far, turned

    def forward(self, x):
        return quadratic(x) if bool(self.far(x)) != self.turned else linear(x)


def subject(far, turned=False):
    def layer(N, d):
        return Layer(far, turned), (torch.empty(1, N, d),)

    return layer


def int_of_a_size(x):
    tokens = int(x.shape[1])
    return tokens > CAP


def logarithm(x):
    return math.log(x.shape[1]) > 8.5


def whole_root(x):
    return math.isqrt(x.shape[1]) > 70


def halving(x):
    n, k = x.shape[1], 0
    while n > 0:
        n //= 2
        k += 1
    return k > 12


def bits(x):
    return bool(x.shape[1] & ~4095)


def table_of_sizes(x):
    return dict.fromkeys(range(1, CAP + 1), False).get(x.shape[1], True)


def membership(x):
    return x.shape[1] not in range(CAP)


def digits(x):
    return len(str(int(x.shape[1]))) > 4


def parts(x):
    return len(x.split(64, 1)) > 80


def caught_in_python(x):
    try:
        return [False] * CAP and ([False] * CAP)[x.shape[1]]
    except IndexError:
        return True


def caught_in_torch(x):
    try:
        x[:, CAP]
    except IndexError:
        return False
    return True


def operator_function(x):
    return operator.gt(int(x.shape[1]), CAP)


def bisection(x):
    return bisect.bisect([CAP], int(x.shape[1]))


def partial(x):
    return functools.partial(operator.lt, CAP)(int(x.shape[1]))


def rest(x):
    return x[:, CAP:].numel()


def whole_shape(x):
    return tuple(x.shape) > (1, CAP, 0)


def evaluated(x):
    return eval("n > 5000", {"n": int(x.shape[1])})


def behind_another(x):
    if x.shape[1] > CAP:
        return x.shape[1] > 2 * CAP
    return False


def multiples_only(x):
    return x.shape[1] % 7 == 0 and x.shape[1] > 700


def both_sizes(x):
    return int(x.shape[1]) > 3000 and int(x.shape[2]) > 3000


def not_while_traced(x):
    n = int(x.shape[1])
    return sys.gettrace() is None and n > CAP


def squares_only(x):
    root = math.isqrt(x.shape[1])
    return root * root == x.shape[1] and root > 20


HIDING = [
    int_of_a_size,
    logarithm,
    whole_root,
    halving,
    bits,
    table_of_sizes,
    membership,
    digits,
    parts,
    caught_in_python,
    caught_in_torch,
    operator_function,
    bisection,
    partial,
    rest,
    whole_shape,
    evaluated,
    behind_another,
    multiples_only,
    both_sizes,
    not_while_traced,
    squares_only,
]


def size_in_a_closure(N, d):
    far = int(N) > CAP
    return Layer(lambda x: far), (torch.empty(1, N, d),)


def decided_by_the_subject(N, d):
    return Layer(lambda x: min(int(N), CAP) == CAP), (torch.empty(1, N, d),)


class Counting(nn.Module):
    calls = 0

    def forward(self, x):
        Counting.calls += 1
        calls = Counting.calls
        return quadratic(x) if calls > 10**6 else linear(x)


def calls_of_the_class(N, d):
    return Counting(), (torch.empty(1, N, d),)


SUBJECTS = [size_in_a_closure, decided_by_the_subject, calls_of_the_class]
