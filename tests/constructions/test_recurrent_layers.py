"""Linear attention, the delta rule and scans: equal forms, exactly over the integers, within derived bounds in floats."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_oracles import U, delta_rule, gamma, linear_attention

from constructions.layers.delta_rule import delta_rule_chunked, delta_rule_loop, unit_keys
from constructions.layers.linear_attention import (
    linear_attention_chunked,
    linear_attention_cumsum,
    linear_attention_loop,
)
from constructions.layers.scan import affine, blelloch_scan, hillis_steele_scan, sequential_scan

SCANS = [sequential_scan, hillis_steele_scan, blelloch_scan]


@st.composite
def integers(draw, most_tokens=9):
    """(q, k, v, beta) as nested lists and a chunk."""
    tokens, d, m = draw(st.integers(0, most_tokens)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    row = st.integers(-2, 2)
    q, k, v = (
        draw(st.lists(st.lists(row, min_size=n, max_size=n), min_size=tokens, max_size=tokens)) for n in (d, d, m)
    )
    beta = draw(st.lists(st.integers(-1, 2), min_size=tokens, max_size=tokens))
    return (q, k, v, beta), (d, m), draw(st.integers(1, most_tokens + 2))


def tensors(lists, sizes, dtype):
    q, k, v, beta = lists
    d, m = sizes
    shapes = ((len(q), d), (len(q), d), (len(q), m), (len(q),))
    return [torch.tensor(x, dtype=dtype).reshape(shape) for x, shape in zip((q, k, v, beta), shapes, strict=True)]


@given(integers())
def test_linear_attention_over_the_integers(drawn):
    lists, sizes, chunk = drawn
    q, k, v, _ = tensors(lists, sizes, torch.int64)
    expected = torch.tensor(linear_attention(*lists[:3]), dtype=torch.int64).reshape(v.shape)
    assert torch.equal(linear_attention_cumsum(q, k, v), expected)
    assert torch.equal(linear_attention_loop(q, k, v), expected)
    assert torch.equal(linear_attention_chunked(q, k, v, chunk), expected)


@given(integers(most_tokens=7))
def test_delta_rule_over_the_integers(drawn):
    """float64 holds every integer on the way: chains of at most 7 keys of length^2 at most 12, beta at most 2."""
    lists, sizes, chunk = drawn
    expected = torch.tensor(delta_rule(*lists), dtype=torch.int64).reshape(len(lists[0]), sizes[1])
    assert torch.equal(delta_rule_loop(*tensors(lists, sizes, torch.int64)), expected)
    assert torch.equal(delta_rule_chunked(*tensors(lists, sizes, torch.float64), chunk), expected.double())


def floats(tokens, d, m, seed=0):
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(2, tokens, n, generator=generator, dtype=torch.float64) for n in (d, d, m))
    return q, unit_keys(k), v, torch.rand(2, tokens, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("tokens", "d", "m", "chunk"), [(1, 1, 1, 4), (10, 3, 2, 4), (33, 5, 4, 8), (40, 4, 4, 64)])
def test_forms_of_linear_attention_agree_in_floats(tokens, d, m, chunk):
    """A monomial q k v meets 2 products, d - 1 sums over width, and at most N + chunk sums over tokens in any form."""
    q, k, v, _ = floats(tokens, d, m)
    bound = 2 * gamma(tokens + chunk + d + 4) * linear_attention_loop(q.abs(), k.abs(), v.abs())
    forms = (
        linear_attention_cumsum(q, k, v),
        linear_attention_loop(q, k, v),
        linear_attention_chunked(q, k, v, chunk),
    )
    for form in forms[1:]:
        assert ((form - forms[0]).abs() <= bound).all()


def lost_terms(tokens):
    """1 and then halves of its last place, each lost to the tie: the computed sum stays 1."""
    v = torch.full((tokens, 1), U, dtype=torch.float64)
    v[0] = 1
    return v


def test_the_bound_of_linear_attention_is_nearly_reached():
    tokens, one = 200, torch.ones(200, 1, dtype=torch.float64)
    v = lost_terms(tokens)
    exact = 1 + (tokens - 1) * Fraction(U)
    error = exact - Fraction(linear_attention_loop(one, one, v)[-1].item())
    assert Fraction(1, 2) <= error / Fraction(gamma(tokens + 1 + 4)) <= 1


def majorant(q, k, v, beta):
    q, k, v, beta = (x.abs().tolist() for x in (q, k, v, beta))
    return torch.tensor([delta_rule(*rows, sign=1) for rows in zip(q, k, v, beta, strict=True)], dtype=torch.float64)


@pytest.mark.parametrize(("tokens", "d", "m", "chunk"), [(1, 1, 1, 4), (10, 3, 2, 4), (13, 2, 4, 5), (12, 4, 4, 64)])
def test_forms_of_the_delta_rule_agree_in_floats(tokens, d, m, chunk):
    """A monomial passes at most N keys and meets at most d + 4 roundings at each in the loop, d + chunk + 6 in the chunked form:
    <k, k>, its beta, the sums of the solve and of the chunk."""
    q, k, v, beta = floats(tokens, d, m)
    bound = (gamma(tokens * (d + 4) + d) + gamma(tokens * (d + chunk + 6) + d)) * majorant(q, k, v, beta)
    loop, chunked = delta_rule_loop(q, k, v, beta), delta_rule_chunked(q, k, v, beta, chunk)
    assert ((loop - chunked).abs() <= bound).all()


def test_the_bound_of_the_delta_rule_is_nearly_reached():
    """A memory of 1 that forgets a quarter of its last place each token, and every time rounds back to 1."""
    tokens = 60
    k = torch.full((tokens, 1), 2.0**-27, dtype=torch.float64)
    v = torch.zeros(tokens, 1, dtype=torch.float64)
    k[0], v[0] = 1, 1
    one = torch.ones(tokens, 1, dtype=torch.float64)
    found = delta_rule_loop(one, k, v, one[:, 0])
    exact = (1 - Fraction(1, 2**54)) ** (tokens - 1)
    error = abs(exact - Fraction(found[-1].item()))
    assert found[-1].item() == 1.0
    assert Fraction(1, 12) <= error / Fraction(gamma(tokens * 5 + 1)) <= 1


def test_unit_keys_have_length_one_and_zero_stays_zero():
    """Roundings: d products and sums, the small number, square root and quotient (2 each at most), the product; half of those
    inside the square root count."""
    k = torch.randn(50, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert ((unit_keys(k).pow(2).sum(-1) - 1).abs() <= gamma(2 * 6 + 14)).all()
    zero = torch.zeros(1, 3, dtype=torch.float32, requires_grad=True)
    unit_keys(zero).sum().backward()
    assert zero.grad is not None
    assert zero.grad.isfinite().all()
    assert torch.equal(unit_keys(zero), torch.zeros(1, 3))


# Scans.


@settings(max_examples=30)
@given(st.integers(0, 20), st.integers(0, 10**6))
def test_scans_of_matrices_modulo_a_prime(tokens, seed):
    """Matrices of 3 rows do not commute."""
    x = torch.randint(0, 97, (tokens, 3, 3), generator=torch.Generator().manual_seed(seed))
    expected, product = [], torch.eye(3, dtype=torch.int64)
    for row in x:
        product = product @ row % 97
        expected.append(product)
    for scan in SCANS:
        (found,) = scan(lambda a, b: (a[0] @ b[0] % 97,), (x,), dim=0)
        assert torch.equal(found, torch.stack(expected) if expected else x), scan


@given(st.integers(1, 17), st.integers(0, 10**6))
def test_scans_of_affine_maps_over_the_integers_along_any_axis(tokens, seed):
    a, b = torch.randint(-2, 3, (2, 2, tokens), generator=torch.Generator().manual_seed(seed))
    h, expected = torch.zeros(2, dtype=torch.int64), []
    for t in range(tokens):
        h = a[:, t] * h + b[:, t]
        expected.append(h)
    for scan in SCANS:
        assert torch.equal(scan(affine, (a, b), dim=-1)[1], torch.stack(expected, -1)), scan


@pytest.mark.parametrize("tokens", [1, 2, 7, 64])
def test_scans_agree_in_floats(tokens):
    """A monomial b_i a_{i+1} .. a_t meets two roundings at each of at most t products."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(tokens, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    first = sequential_scan(affine, (a, b))[1]
    bound = 2 * gamma(2 * tokens) * sequential_scan(affine, (a.abs(), b.abs()))[1]
    for scan in SCANS[1:]:
        assert ((scan(affine, (a, b))[1] - first).abs() <= (1 + gamma(2 * tokens)) * bound).all()


def test_the_bound_of_scans_is_nearly_reached():
    tokens = 200
    b = lost_terms(tokens)
    error = 1 + (tokens - 1) * Fraction(U) - Fraction(sequential_scan(affine, (torch.ones_like(b), b))[1][-1].item())
    assert Fraction(2, 5) <= error / Fraction(gamma(2 * tokens)) <= 1


@pytest.mark.parametrize("scan", SCANS)
def test_scans_count_their_combinations(scan):
    """In single elements: s - 1; s L(s) - 2^L(s) + 1; 2 s - 2 - L(s) for powers of two."""
    for power in range(6):
        s, combined = 2**power, []

        def count(earlier, later, combined=combined):
            combined.append(len(later[0]))
            return (earlier[0] + later[0],)

        scan(count, (torch.ones(s),), dim=0)
        wanted = {sequential_scan: s - 1, hillis_steele_scan: s * power - s + 1, blelloch_scan: 2 * s - 2 - power}
        assert sum(combined) == wanted[scan]
