"""Selection of pointers: tables of scores and what must be read of them, structured scores, chunks of keys, doors."""

import itertools
import random

import pytest
import torch

from constructions.layers.pointer.running import running_argmax
from constructions.pointer.chunk_selection import BoxSelection, alternating_keys, compositions, mean_choice, split
from constructions.pointer.plane_scores import Comparisons, Hull, plane_pointers
from constructions.pointer.score_reading import Reader, ReadsContested, depth, sensitive_cells
from constructions.pointer.score_tables import Shape, Table, best, cells, contested, pointers, tables
from constructions.pointer.structured_scores import RankOnePointer, rank_one_pointers

UP_TO, ALL = Shape("up-to"), Shape("all")


def test_pointers_by_hand():
    table = Table(UP_TO, ((5,), (1, 1), (0, 2, 2)))
    assert pointers(table, "first") == (0, 0, 1)
    assert pointers(table, "last") == (0, 1, 2)
    assert pointers(Table(Shape("before"), ((), (7,))), "first") == (None, 0)
    assert best((), "last") is None
    assert pointers(Table(Shape("window", 2), ((0,), (3, 1), (1, 4))), "first") == (0, 0, 2)


def test_cells_and_tables():
    assert cells(UP_TO, 2) == [(0, 0), (1, 0), (1, 1)]
    assert contested(UP_TO, 2) == [(1, 0), (1, 1)]
    assert len(set(tables(UP_TO, 2, 3))) == 27
    assert Table(UP_TO, ((0,), (1, 2))).replaced((1, 0), 9).score((1, 0)) == 9


@pytest.mark.parametrize("tie", ["first", "last"])
def test_reading_what_is_contested_is_right_and_nothing_more_is_read(tie):
    for table in tables(UP_TO, 3, 2):
        read = Reader(table)
        assert ReadsContested(tie)(read) == pointers(table, tie)
        assert read.read == set(contested(UP_TO, 3))


def _depth_by_recursion(shape, n, values, tie, known=()):
    """The decision tree by its definition, partial table after partial table."""
    listed, known = cells(shape, n), dict(known)
    whole = [t for t in tables(shape, n, values) if all(t.score(c) == v for c, v in known.items())]
    if len({pointers(t, tie) for t in whole}) == 1:
        return 0
    return 1 + min(
        max(_depth_by_recursion(shape, n, values, tie, (*known.items(), (cell, v))) for v in range(values))
        for cell in listed
        if cell not in known
    )


@pytest.mark.parametrize("tie", ["first", "last"])
@pytest.mark.parametrize(("shape", "n"), [(ALL, 2), (UP_TO, 2), (Shape("before"), 3), (Shape("window", 1), 3)])
def test_depth_is_that_of_the_definition(shape, n, tie):
    assert depth(shape, n, 2, tie) == _depth_by_recursion(shape, n, 2, tie)


def test_sensitive_cells_by_hand():
    table = Table(UP_TO, ((0,), (2, 0)))
    assert sensitive_cells(table, "first", (0, 1, 2)) == set()  # with ties to the first nothing beats a 2 but a 3
    assert sensitive_cells(table, "last", (0, 1, 2)) == {(1, 0), (1, 1)}
    assert sensitive_cells(table, "first", (-1, 3)) == {(1, 0), (1, 1)}


@pytest.mark.parametrize("ties", ["first", "last"])
def test_rank_one_by_hand(ties):
    q, k = torch.tensor([1.0, 2, -1, 0]), torch.tensor([1.0, 3, 3, 1])
    found = rank_one_pointers(q, k, ties=ties).tolist()
    assert found == ([0, 1, 0, 0] if ties == "first" else [0, 1, 0, 3])
    everywhere = rank_one_pointers(q, k, causal=False, ties=ties).tolist()
    assert everywhere == ([1, 1, 0, 0] if ties == "first" else [2, 2, 3, 3])


def test_the_module_points_as_the_function_says():
    torch.manual_seed(0)
    module, x = RankOnePointer(3), torch.randn(2, 7, 3)
    with torch.no_grad():
        q, k, found = module.query(x)[..., 0], module.key(x)[..., 0], module(x)
    for b, i in itertools.product(range(2), range(7)):
        scores = (q[b, i] * k[b, : i + 1]).tolist()
        assert torch.equal(found[b, i], x[b, scores.index(max(scores))])


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("ties", ["first", "last"])
def test_rank_one_on_an_accelerator(dtype, ties):
    """Whole numbers below 2^7 are in both formats, and keys are compared, never multiplied: the pointers are those of fp64."""
    draw = torch.Generator().manual_seed(0)
    q, k = (torch.randint(-100, 100, (4, 257), generator=draw).double() for _ in range(2))
    for causal in (False, True):
        found = rank_one_pointers(q.to("cuda", dtype), k.to("cuda", dtype), causal=causal, ties=ties)
        assert torch.equal(found.cpu(), rank_one_pointers(q, k, causal=causal, ties=ties))


def test_plane_pointers_on_small_cases():
    points = list(itertools.product((-1, 0, 1), repeat=2))
    draw = random.Random(0)
    for n in (1, 2, 3, 5):
        for _ in range(40):
            keys, queries = ([draw.choice(points) for _ in range(n)] for _ in range(2))
            for causal in (False, True):
                score = [[q[0] * k[0] + q[1] * k[1] for k in keys] for q in queries]
                wanted = [max(range(i + 1 if causal else n), key=lambda j, i=i: (score[i][j], -j)) for i in range(n)]
                assert plane_pointers(queries, keys, causal) == wanted


def test_ties_along_an_edge_go_to_the_first():
    keys = [(2, 0), (0, 0), (1, 0), (1, 1)]
    assert Hull(list(zip(keys, range(4), strict=True))).best((0, -1)) == 0
    assert plane_pointers([(0, -1)] * 4, [(1, 1), (2, 0), (1, 0), (0, 0)]) == [1] * 4
    assert plane_pointers([], []) == []
    assert Comparisons().cross((1, 0), (0, 1)) == 1


def test_a_wrong_number_of_queries_is_refused():
    with pytest.raises(ValueError, match="1 queries and 2 keys"):
        plane_pointers([(0, 0)], [(0, 0), (1, 1)])


def test_chunks_by_hand():
    assert [list(c) for c in split(5, 2)] == [[0, 1], [2, 3], [4]]
    assert sorted(compositions(3)) == [(1, 1, 1), (1, 2), (2, 1), (3,)]
    assert mean_choice((2, 0, 3), (1, 2)) == 2
    assert mean_choice((2, 0, 4), (1, 2)) == 4  # the means tie, and either chunk may be chosen
    assert BoxSelection(2)((1, 1), alternating_keys(6)).keys == 6
    found = BoxSelection(2)((1,), [(0,), (1,), (5,), (4,), (2,)])
    assert (found.pointer, found.keys, found.bounds) == (2, 2, 3)


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_boxes_are_exact_on_drawn_keys(chunk, ties):
    draw = random.Random(chunk)
    for _ in range(60):
        n, d = draw.randint(1, 9), draw.randint(1, 3)
        keys = [tuple(draw.randint(-2, 2) for _ in range(d)) for _ in range(n)]
        query = tuple(draw.randint(-2, 2) for _ in range(d))
        scores = tuple(sum(q * x for q, x in zip(query, key, strict=True)) for key in keys)
        assert BoxSelection(chunk, ties)(query, keys).pointer == best(scores, ties)


def test_the_layers_running_maximum_is_the_additive_selection():
    b = torch.tensor([1.0, 3, 3, 2])
    assert running_argmax(b, ties="first").tolist() == [0, 1, 1, 1]
    assert running_argmax(b, ties="last").tolist() == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Shape("some"), "shape 'some'"),
        (lambda: Shape("window"), "window with a width"),
        (lambda: Table(UP_TO, ((0, 1),)), "row 0 has 2 scores"),
        (lambda: depth(ALL, 4, 2, "first"), "16 cells"),
        (lambda: BoxSelection(2)((1,), []), "no keys"),
    ],
)
def test_doors(make, words):
    with pytest.raises(ValueError, match=words):
        make()
