"""Depth by region against one depth an address: never too small, and right where the module says so."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from empirics.cost.counting import count
from empirics.cost.depths import Box, Depths, box_of, covers, depth, meets
from theory.cost.amounts import value


def addresses(box):
    found = {box.lo}
    for stride, size in box.dims:
        found = {a + stride * i for a in found for i in range(size)}
    return found


@st.composite
def boxes(draw):
    dims = draw(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 4)), min_size=1, max_size=3))
    dims = tuple(sorted(dims, reverse=True))
    lo = draw(st.integers(0, 20))
    return Box(lo, lo + sum(stride * (size - 1) for stride, size in dims), dims)


@given(boxes(), boxes())
def test_meeting_is_exact_and_covering_is_sound(a, b):
    assert meets(a, b) == bool(addresses(a) & addresses(b))
    if covers(a, b):
        assert addresses(b) <= addresses(a)


@st.composite
def views(draw):
    """A view of a (4, 3, 2) tensor by slices and selections, as a function."""
    steps = []
    for dim in range(3):
        size = (4, 3, 2)[dim]
        start = draw(st.integers(0, size - 1))
        steps.append(slice(start, draw(st.integers(start + 1, size)), draw(st.integers(1, 2))))
    return tuple(steps)


@given(views(), views())
def test_covering_finds_every_block_within_a_block(a, b):
    x = torch.empty(4, 3, 2, dtype=torch.int16, device="meta")
    inside = addresses(box_of(x[b])) <= addresses(box_of(x[a]))
    contiguous = all(s.step == 1 for s in a)
    if contiguous:
        assert covers(box_of(x[a]), box_of(x[b])) == inside


@given(st.lists(st.tuples(views(), st.integers(1, 9)), max_size=6), views())
def test_a_read_is_never_shallower_than_the_writes_it_shows(writes, read):
    x = torch.empty(4, 3, 2, dtype=torch.int16, device="meta")
    depths, truth = Depths(), torch.zeros(4, 3, 2, dtype=torch.long)
    for where, length in writes:
        event = depths.event([], None, ((length, ()),), ((length, ()),), (length, length))
        depths.write(0, x[where], event)
        truth[where] = length
    found: list[int] = []
    depths.read(0, x[read], found)
    seen = max((depths._depths[e][0] for e in found), default=0)
    assert seen >= int(truth[read].max())
    for one in itertools.product(range(4), range(3), range(2)):  # a single element is covered by its last write: exact
        found = []
        depths.read(0, x[one], found)
        assert max((depths._depths[e][0] for e in found), default=0) == int(truth[one])


def span(layer, *shapes):
    tally = count(layer, tuple(torch.empty(shape, device="meta") for shape in shapes))
    return sum(map(value, tally.span.values()))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_rows_written_in_a_loop_are_not_one_after_another(batch, n):
    def layer(x):
        out = torch.empty_like(x)
        for t in range(n):
            out[:, t] = x[:, t].exp()
        return out

    assert span(layer, (batch, n, 4)) == 2  # exp, copy
    assert span(lambda x: layer(x).sum(-1), (batch, n, 4)) == 4


@pytest.mark.parametrize("batch", [1, 3])
def test_rows_that_build_on_the_last_are(batch):
    def layer(x):
        out = torch.zeros_like(x)
        for t in range(1, 8):
            out[:, t] = out[:, t - 1] + x[:, t]
        return out

    assert span(layer, (batch, 8, 4)) == 1 + 2 * 7
    assert span(lambda x: layer(x)[:, 3] * 1.0, (batch, 8, 4)) == 1 + 2 * 3 + 1


def test_views_see_their_own_part_of_a_storage():
    def layer(x):
        deep = x.exp().exp().exp()
        both = torch.empty(2, 4)
        both[0], both[1] = deep, x
        return both.t()[:, 1] * 2.0

    assert span(layer, (4,)) == 2
    assert span(lambda x: torch.view_as_real(torch.complex(x.exp(), x))[:, 1] * 1.0, (4,)) == 3


def test_a_row_written_again_forgets_what_was_there():
    def layer(x):
        buffer = torch.zeros(2, 4)
        buffer[0] = x.exp().exp().exp()
        buffer[0] = x
        return buffer[0] + buffer[1]

    assert span(layer, (4,)) == 2  # the copy, the sum; the zeros of the other row are as deep as the copy


def test_an_operation_in_place_waits_for_what_it_changes_and_a_copy_does_not():
    def added(x):
        y = x.exp().exp()
        return y.add_(x)

    def copied(x):
        y = x.exp().exp()
        return y.copy_(x)

    assert span(added, (4,)) == 3
    assert span(copied, (4,)) == 1


def test_inputs_and_aliases_have_depth_zero():
    assert span(lambda x: x, (3,)) == 0
    assert span(lambda x: x.view(-1), (3,)) == 0
    assert span(lambda x, y: (x.exp(), y), (3,), (3,)) == 1


def test_the_path_adds_up_and_is_a_path():
    def layer(x):
        short = x.exp()
        deep = (x @ x).softmax(-1)
        return short + deep

    tally = count(layer, (torch.empty(5, 5, device="meta"),))
    names = {site.operation: sum(map(value, [terms])) for site, terms in tally.span.items()}
    assert names == {"aten.mm": 1 + 3, "aten._softmax": 2 * 3 + 3, "aten.add": 1}
    wide = {site.operation: value(terms) for site, terms in tally.span_threshold.items()}
    assert wide == {"aten.mm": 1, "aten._softmax": 5, "aten.add": 1}


def test_nothing_of_a_storage_s_size_is_made():
    """A tensor of 2^50 elements is written in rows."""

    def layer(x):
        out = torch.empty(2**20, 2**30)
        for t in range(8):
            out[t] = x
        return out[3] + out[5, 7]

    assert span(layer, (2**30,)) == 2


def test_a_number_of_terms():
    assert depth(((2, ()), (3, (5,)), (1, (4, 16)))) == 2 + 3 * 3 + 2 * 4
