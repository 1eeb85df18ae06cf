"""Which sizes a subject accepts, found by trying, and the free coordinates that follow."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from empirics.cost import BadSubject, derive
from empirics.cost.coordinates import Coordinates, Demand, discover, first_points
from empirics.cost.sampling import Sampler
from theory.cost.formulas import symbol

N, d, H, K = map(symbol, ("N", "d", "H", "K"))

ACCEPTED = {
    "all": (lambda s: True, set()),
    "heads divide the width": (lambda s: s["d"] % s["H"] == 0, {"d % H == 0"}),
    "a chunk of 64": (lambda s: s["N"] % 64 == 0, {"N % 64 == 0"}),
    "at most": (lambda s: s["H"] <= s["N"], {"N >= H"}),
    "a chunk and heads": (lambda s: s["N"] % 16 == 0 and s["d"] % s["H"] == 0, {"N % 16 == 0", "d % H == 0"}),
    "even": (lambda s: s["d"] % 2 == 0, {"d % 2 == 0"}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_demands_are_found(name):
    accepts, demands = ACCEPTED[name]
    found = discover(("N", "d", "H"), accepts)
    assert found is not None
    assert set(map(str, found.demands)) == demands


@pytest.mark.parametrize("accepts", [lambda s: False, lambda s: s["N"] % 11 == 5 and s["N"] > 900])
def test_no_sizes_are_none(accepts):
    assert discover(("N", "d"), accepts) is None


@settings(max_examples=50)
@given(st.fixed_dictionaries({x: st.integers(1, 50) for x in ("N", "d", "H")}))
def test_coordinates_and_sizes_are_each_other_s_inverse(point):
    order = (Demand("d", "H"), Demand("N", 64), Demand("N", "d", least=True))
    for demands in (order[:1], order[1:2], order[:2], order[2:]):
        coordinates = Coordinates(("N", "d", "H"), demands, demands)
        sizes = coordinates.sizes(point)
        assert all(demand.holds(sizes) for demand in demands)
        assert coordinates.point(sizes) == point


def test_sizes_that_break_a_demand_have_no_coordinates():
    heads = (Demand("d", "H"),)
    assert Coordinates(("d", "H"), heads, heads).point({"d": 7, "H": 2}) is None


class Heads(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        assert width % heads == 0
        self.heads = heads

    def forward(self, x):
        y = x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return y @ y.mT


def test_heads_in_a_formula():
    def layer(N, d, H):
        return Heads(d, H), (torch.empty(1, N, d),)

    quantity = derive(layer).quantity("work")
    assert quantity.formula == 2 * N**2 * d
    assert "d % H == 0" in quantity.conditions


def test_a_chunk_of_64_by_its_residues():
    """N is cut into chunks of 64 after padding: ceiling(N/64) of them, 64 rows each."""

    class Chunked(nn.Module):
        def forward(self, x):
            padded = nn.functional.pad(x, (0, 0, 0, -x.shape[1] % 64))
            chunks = padded.unflatten(1, (-1, 64))
            return chunks @ chunks.mT

    def layer(N, d):
        return Chunked(), (torch.empty(1, N, d),)

    formula = derive(layer).work
    for n, width in ((1, 3), (64, 2), (65, 7), (1000, 5), (12345, 9)):
        chunks = -(-n // 64)
        padding = 2 * 64 * chunks * width if n % 64 else 0  # a fill and a copy
        exact = chunks * 2 * 64 * 64 * width
        assert exact <= formula.subs({N: n, d: width}) <= exact + 2 * 64 * chunks * width + padding


def test_a_chunk_symbol_has_chunks_in_its_formula():
    class Chunked(nn.Module):
        def __init__(self, chunk):
            super().__init__()
            self.chunk = chunk

        def forward(self, x):
            return torch.stack([part.sum() for part in x.split(self.chunk, 1)])

    def layer(N, C):
        return Chunked(C), (torch.empty(1, N),)

    quantity = derive(layer).quantity("work")
    assert quantity.formula is not None
    assert {str(a) for a in quantity.formula.atoms() if a.is_Symbol} == {"N", "C"}
    assert quantity.formula.subs({N: 1000, symbol("C"): 7}) == 1000 + 143


def test_top_k_of_at_most_n():
    class Top(nn.Module):
        def __init__(self, k):
            super().__init__()
            self.k = k

        def forward(self, x):
            return x.topk(self.k, dim=-1).values

    def layer(N, K):
        return Top(K), (torch.empty(1, N),)

    quantity = derive(layer).quantity("work")
    assert "N >= K" in quantity.conditions
    assert quantity.formula is not None
    assert quantity.formula.subs({N: 1000, K: 17}) == 1000 * 5


def test_sizes_never_accepted_are_refused():
    def layer(N, d):
        raise ValueError(f"only multiples of 11 beyond 900, not {N}")

    with pytest.raises(
        BadSubject, match="accepts none of .* choices of sizes; at N = .* it raises ValueError: only multiples"
    ):
        derive(layer).work  # noqa: B018


def test_torch_s_own_refusal_is_the_subject_s():
    """A view that fails and storage that overflows raise inside torch, called through our modes."""

    def layer(N, d):
        return nn.Identity(), (torch.empty(1, N, d).view(1, N * d + 1),)

    with pytest.raises(BadSubject, match="accepts none of"):
        derive(layer).work  # noqa: B018


def test_a_multiple_that_is_also_at_least_a_size():
    """Coordinates begin with the first multiple of 64 that is not below K."""
    found = discover(("N", "K"), lambda s: s["N"] % 64 == 0 and s["K"] <= s["N"])
    assert found is not None
    assert set(map(str, found.demands)) == {"N % 64 == 0", "N >= K"}
    assert found.sizes({"N": 1, "K": 65}) == {"N": 128, "K": 65}
    assert found.point({"N": 192, "K": 65}) == {"N": 2, "K": 65}
    assert found.point({"N": 64, "K": 65}) is None


@pytest.mark.parametrize("symbols", [("N", "d"), ("N", "d", "H", "E")])
def test_the_points_that_coordinates_are_found_by_are_those_that_formulas_are_drawn_from(symbols):
    runner = SimpleNamespace(symbols=symbols)
    points = list(Sampler(runner, Coordinates(symbols), effort=1).stage(0))
    scattered = points[-len(symbols) * 6 :]
    assert scattered[:12] == first_points(symbols)
    assert len({tuple(p.values()) for p in scattered}) == len(scattered)
