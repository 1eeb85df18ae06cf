"""Reference algorithms on nested lists of numbers that count: every operation on two numbers is one unit of work and one of depth.

An oracle for the rules: it shares nothing with `empirics.cost`, computes values (compared with torch's, so that the program
counted is the right one), and accumulates sums and maxima from zero (n operations for n numbers) at the depth of a balanced tree.
"""

from __future__ import annotations

import math


class Work:
    """Units done since the last reset."""

    done = 0


class Number:
    """A value with the depth at which it is known."""

    def __init__(self, value, depth=0):
        self.value, self.depth = value, depth

    def _with(self, other, value):
        Work.done += 1
        return Number(value, max(self.depth, getattr(other, "depth", 0)) + 1)

    def __add__(self, other):
        return self._with(other, self.value + number(other))

    def __sub__(self, other):
        return self._with(other, self.value - number(other))

    def __mul__(self, other):
        return self._with(other, self.value * number(other))

    def __truediv__(self, other):
        return self._with(other, self.value / number(other))

    def __pow__(self, other):
        return self._with(other, self.value ** number(other))

    def apply(self, function):
        return self._with(None, function(self.value))


def number(x):
    return x.value if isinstance(x, Number) else x


def numbers(x):
    """A tensor's entries as counted numbers, in nested lists."""
    return [numbers(row) for row in x] if x.dim() else Number(x.item())


def values(x):
    return [values(row) for row in x] if isinstance(x, list) else number(x)


def flat(x):
    return [y for row in x for y in flat(row)] if isinstance(x, list) else [x]


def _tree(depths):
    """Depth of a balanced tree over leaves of these depths."""
    if len(depths) <= 1:
        return depths[0] if depths else 0
    middle = (len(depths) + 1) // 2
    return max(_tree(depths[:middle]), _tree(depths[middle:])) + 1


def fold(xs, step, start):
    """From `start`, one operation a number, at the depth of the tree."""
    total = start
    for x in xs:
        total = step(total, x.value)
        Work.done += 1
    return Number(total, _tree([x.depth for x in xs]))


def total(xs):
    return fold(xs, lambda a, b: a + b, 0.0)


def largest(xs):
    return fold(xs, max, -math.inf)


def mean(xs):
    return total(xs) / len(xs)


def matmul(a, b):
    """(m, k) by (k, n)."""
    return [[total([x * row[j] for x, row in zip(line, b, strict=True)]) for j in range(len(b[0]))] for line in a]


def transposed(a):
    return [list(column) for column in zip(*a, strict=True)]


def added(a, b):
    return [[x + y for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]


def softmax(row):
    top = largest(row)
    raised = [(x - top).apply(math.exp) for x in row]
    below = total(raised)
    return [x / below for x in raised]


def log_softmax(row):
    top = largest(row)
    moved = [x - top for x in row]
    below = total([x.apply(math.exp) for x in moved]).apply(math.log)
    return [x - below for x in moved]


def softmax_gradient(y, g):
    products = [a * b for a, b in zip(y, g, strict=True)]
    along = total(products)
    return [p - a * along for a, p in zip(y, products, strict=True)]


def variance(row):
    middle = mean(row)
    gaps = [x - middle for x in row]
    return total([x * x for x in gaps]) / (len(row) - 1)


def logsumexp(row):
    top = largest(row)
    return total([(x - top).apply(math.exp) for x in row]).apply(math.log) + top


def convolution(x, weight, stride=1, groups=1):
    """One dimension: (channels, positions) by (out, channels / groups, taps); no padding but what x has."""
    taps, group = len(weight[0][0]), len(x) // groups
    per = len(weight) // groups
    return [
        [
            total([x[o // per * group + c][p + t] * weight[o][c][t] for c in range(group) for t in range(taps)])
            for p in range(0, len(x[0]) - taps + 1, stride)
        ]
        for o in range(len(weight))
    ]


def transposed_convolution(x, weight, stride=1):
    """One dimension: (channels, positions) by (channels, out, taps); products added where they fall, from zero."""
    taps, length = len(weight[0][0]), (len(x[0]) - 1) * stride + len(weight[0][0])
    fallen = [[[] for _ in range(length)] for _ in weight[0]]
    for c, line in enumerate(x):
        for p, value in enumerate(line):
            for o in range(len(weight[0])):
                for t in range(taps):
                    fallen[o][p * stride + t].append(value * weight[c][o][t])
    return [[total(place) for place in line] for line in fallen]


def solve_lower(a, b):
    """Forward substitution, one column of b at a time, sums from zero taken off: n^2 a column."""
    columns = []
    for column in transposed(b):
        found = []
        for i, line in enumerate(a):
            taken = column[i]
            for j in range(i):
                taken = taken - line[j] * found[j]
            found.append(taken / line[i])
        columns.append(found)
    return transposed(columns)


def brent_kung(xs):
    """Inclusive prefix sums by the tree of Brent and Kung; any length."""
    xs = list(xs)
    n, gap = len(xs), 1
    while gap < n:
        for i in range(2 * gap - 1, n, 2 * gap):
            xs[i] = xs[i] + xs[i - gap]
        gap *= 2
    while gap > 1:
        gap //= 2
        for i in range(3 * gap - 1, n, 2 * gap):
            xs[i] = xs[i] + xs[i - gap]
    return xs


def bitonic(xs):
    """Batcher's sorting network for a power of two; comparing and exchanging two numbers is one operation, and one of depth."""
    n, xs, size = len(xs), list(xs), 2
    while size <= n:
        gap = size // 2
        while gap:
            for i in range(n):
                j = i ^ gap
                if j > i:
                    low, high = sorted((xs[i].value, xs[j].value), reverse=bool(i & size))
                    depth = max(xs[i].depth, xs[j].depth) + 1
                    Work.done += 1
                    xs[i], xs[j] = Number(low, depth), Number(high, depth)
            gap //= 2
        size *= 2
    return xs
