"""ReLU networks as lists of sparse layers, compiled from gadgets, which run on numbers just as well.

A gadget is a generator: it yields the numbers that the next layer is to rectify and is sent their positive parts; what it returns is
its output, an affine function of the last ones sent. One definition therefore does three things:

    run(square(x, 8))              on a Fraction, exactly, or a float
    run(together([...]))           several gadgets side by side, layer by layer
    compiled(gadget, inputs=2)     on affine forms: explicit weights, a `Network`, which `module.ReLUNetwork` makes a torch module

Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

Gadget = Generator[list[Any], list[Any], Any]
Row = tuple[tuple[int, Fraction], ...]


class Affine:
    """sum of weight * neuron + constant, over the neurons of one layer; exact. Sums, differences, and products with numbers."""

    __slots__ = ("constant", "terms")

    def __init__(self, terms: Mapping[int, Fraction], constant: Fraction = Fraction(0)) -> None:
        self.terms, self.constant = terms, constant

    def __add__(self, other: Affine | Fraction | int) -> Affine:
        if not isinstance(other, Affine):
            return Affine(self.terms, self.constant + other)
        terms = dict(self.terms)
        for neuron, weight in other.terms.items():
            terms[neuron] = terms.get(neuron, Fraction(0)) + weight
        return Affine(terms, self.constant + other.constant)

    __radd__ = __add__

    def __mul__(self, factor: Fraction | int) -> Affine:
        factor = Fraction(factor)
        return Affine({n: w * factor for n, w in self.terms.items()}, self.constant * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Fraction | int) -> Affine:
        return self * (1 / Fraction(divisor))

    def __neg__(self) -> Affine:
        return self * -1

    def __sub__(self, other: Affine | Fraction | int) -> Affine:
        return self + -other

    def __rsub__(self, other: Fraction | int) -> Affine:
        return -self + other

    @property
    def row(self) -> Row:
        """The weights that are not zero, by neuron."""
        return tuple((n, w) for n, w in sorted(self.terms.items()) if w)


@dataclass(frozen=True)
class Layer:
    """rows[j]: the weights of output j that are not zero, as (input, weight) in order; biases[j]. `inputs`: how many there are."""

    inputs: int
    rows: tuple[Row, ...]
    biases: tuple[Fraction, ...]

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """W x + b on Fractions or floats."""
        return [sum((w * values[n] for n, w in row), b) for row, b in zip(self.rows, self.biases, strict=True)]

    @property
    def weights(self) -> Iterable[Fraction]:
        """All weights and biases that are not zero."""
        return [x for row, bias in zip(self.rows, self.biases, strict=True) for x in (*(w for _, w in row), bias) if x]


@dataclass(frozen=True)
class Network:
    """Sparse layers, a ReLU after each but the last."""

    layers: tuple[Layer, ...]

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def depth(self) -> int:
        """Hidden layers."""
        return len(self.layers) - 1

    @property
    def width(self) -> int:
        """The greatest number of neurons of a hidden layer; 0 without hidden layers."""
        return max((len(layer.rows) for layer in self.layers[:-1]), default=0)

    @property
    def nonzeros(self) -> int:
        """Weights and biases that are not zero."""
        return sum(len(list(layer.weights)) for layer in self.layers)

    @property
    def largest_inner(self) -> Fraction:
        """The largest absolute value of a weight or bias of a hidden layer."""
        return max((abs(w) for layer in self.layers[:-1] for w in layer.weights), default=Fraction(0))

    @property
    def largest_last(self) -> Fraction:
        """The largest absolute value of a weight or bias of the last layer."""
        return max((abs(w) for w in self.layers[-1].weights), default=Fraction(0))

    def __call__(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs on Fractions, exactly, or floats. ValueError for another number of inputs."""
        values = list(inputs)
        if len(values) != self.inputs:
            raise ValueError(f"{len(values)} inputs: this network has {self.inputs}")
        for layer in self.layers[:-1]:
            values = [positive_part(v) for v in layer(values)]
        return self.layers[-1](values)

    def read_out(self, coefficients: Sequence[Fraction], constant: Fraction = Fraction(0)) -> Network:
        """The network whose only output is constant + sum of coefficient * output, merged into the last layer."""
        last = self.layers[-1]
        if len(coefficients) != len(last.rows):
            raise ValueError(f"{len(coefficients)} coefficients: this network has {len(last.rows)} outputs")
        total = Affine({}, constant)
        for c, row, bias in zip(coefficients, last.rows, last.biases, strict=True):
            if c:
                total = total + Affine(dict(row), bias) * c
        return Network((*self.layers[:-1], Layer(last.inputs, (total.row,), (total.constant,))))


def positive_part(x: Any) -> Any:
    """max(x, 0) for ordered numbers."""
    return x if x > 0 else x * 0


def run(gadget: Gadget) -> Any:
    """The gadget's output on the numbers it was given."""
    try:
        wanted = next(gadget)
        while True:
            wanted = gadget.send([positive_part(x) for x in wanted])
    except StopIteration as finished:
        return finished.value


def together(gadgets: Iterable[Gadget]) -> Gadget:
    """Gadgets of one depth side by side; the list of their outputs. Raises ValueError where depths differ."""
    running, outputs = list(gadgets), []
    sent: list[list[Any] | None] = [None] * len(running)
    while True:
        wanted = []
        for gadget, values in zip(running, sent, strict=True):
            try:
                wanted.append(next(gadget) if values is None else gadget.send(values))
            except StopIteration as finished:
                outputs.append(finished.value)
        if not wanted:
            return outputs
        if outputs:
            raise ValueError(f"{len(outputs)} of {len(running)} gadgets end before the others: give them one depth")
        positive = yield [x for part in wanted for x in part]
        ends = [0]
        for part in wanted:
            ends.append(ends[-1] + len(part))
        sent = [positive[a:b] for a, b in pairwise(ends)]


def compiled(gadget: Callable[[list[Any]], Gadget], inputs: int) -> Network:
    """The network that computes the gadget, whose output is one number or a list, from `inputs` inputs."""
    layers: list[Layer] = []
    width = inputs

    def unit_forms() -> list[Any]:
        return [Affine({n: Fraction(1)}) for n in range(width)]

    def add(forms: Sequence[Affine]) -> None:
        nonlocal width
        layers.append(Layer(width, tuple(f.row for f in forms), tuple(f.constant for f in forms)))
        width = len(forms)

    running = gadget(unit_forms())
    try:
        wanted = next(running)
        while True:
            add(wanted)
            wanted = running.send(unit_forms())
    except StopIteration as finished:
        add(finished.value if isinstance(finished.value, list) else [finished.value])
    return Network(tuple(layers))
