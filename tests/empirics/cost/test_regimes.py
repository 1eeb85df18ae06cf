"""Formulas that are no polynomials: chunks, paddings, minima, regimes on the two sides of a cap, special sizes."""

import pytest
import torch
from torch import nn

from empirics.cost import derive, judge
from empirics.subjects import SUBJECTS
from theory.cost.formulas import parse
from theory.verdict import Outcome

LITTLE = 30_000
"""Effort after which the search for one form of all sizes ends."""


class Padded(nn.Module):
    """Attention within blocks of 64 tokens, zeros appended."""

    def forward(self, x):
        n = x.shape[1]
        blocks = nn.functional.pad(x, (0, 0, 0, -n % 64)).view(1, -1, 64, x.shape[2])
        return (blocks @ blocks.mT @ blocks).flatten(1, 2)[:, :n]


def padded(N, d):
    return Padded(), (torch.empty(1, N, d),)


def test_a_chunk_that_the_layer_holds_as_a_number():
    """Fill 64 d ceiling(N/64) by padding; two products of 2 * 64 * 64 * d each per block."""
    cost = derive(padded)
    assert cost.work == parse("64*d*ceiling(N/64) + 2*2*64*64*d*ceiling(N/64)")


class Capped(nn.Module):
    """Products with at most 2000 tokens."""

    def forward(self, x):
        if x.shape[1] > 2000:
            x = x[:, :2000]
        return x @ x.mT @ x


def capped(N, d):
    return Capped(), (torch.empty(1, N, d),)


def test_both_sides_of_a_cap():
    regimes = {r.conditions: (r.formula, r.open_end) for r in derive(capped).quantity("work").regimes}
    assert regimes == {
        ("N <= 2000",): (parse("4*N**2*d"), False),
        ("N > 2000",): (parse("4*2000**2*d"), True),
    }


def capped_at(cap):
    class Layer(nn.Module):
        def forward(self, x):
            return x @ x.mT @ x if x.shape[1] <= cap else x * 2

    return lambda N, d: (Layer(), (torch.empty(1, N, d),))


@pytest.mark.parametrize("cap", [16, 64, 256, 2048])
def test_what_is_quadratic_below_a_cap_only_is_not_refuted(cap):
    verdict = judge(derive(capped_at(cap)), "work", "N*d")
    assert verdict.outcome is not Outcome.REFUTED
    assert judge(derive(capped_at(cap)), "work", "N*d**(1/2)").outcome is not Outcome.CONFIRMED


class Heads(nn.Module):
    """Width must be a multiple of the heads."""

    def __init__(self, width, heads):
        super().__init__()
        if width % heads:
            raise ValueError("heads must divide the width")
        self.heads = heads

    def forward(self, x):
        rows = x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return rows @ rows.mT


def heads(N, d, H):
    return Heads(d, H), (torch.empty(1, N, d),)


def test_a_divisibility_is_found_and_written_back():
    """H products of (N, d/H) with (d/H, N); both operands are first laid out one head after another, N d each."""
    cost = derive(heads)
    work, span = cost.quantity("work"), cost.quantity("span")
    assert "d % H == 0" in work.conditions
    assert cost.work.coeff(parse("N**2*d")) == 2
    assert cost.matrix_work == parse("2*N**2*d")
    assert span.formula.has(parse("L(d/H)"))


def test_a_minimum_of_two_sizes():
    assert derive(SUBJECTS["topk_attention"]).work.has(parse("Min(K, N)"))


def test_peaks_are_the_largest_of_several_moments():
    """Scores and their mask against scores, mask and weights: of softmax attention, in bytes."""
    memory = derive(SUBJECTS["softmax_attention_bidirectional"]).memory
    assert memory == parse("8*N**2 + 16*N*d")


def test_what_holds_for_powers_of_two_only_says_so():
    work = derive(SUBJECTS["scan_blelloch"], effort=LITTLE).quantity("work")
    assert [r.special for r in work.regimes] == [True]
    assert work.formula == parse("6*N*d**2 + 19*N*d - 3*d*L(N) - 16*d")
