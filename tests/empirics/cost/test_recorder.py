"""A recorder changes nothing of what it watches but memory when it traces, and says so."""

import builtins
import sys
from dataclasses import replace
from types import CodeType

import pytest
import torch
from torch import nn

from empirics.cost import plain_comparisons
from empirics.cost.counting import count
from empirics.cost.recorder import Recorder
from empirics.cost.sizes import Size
from empirics.subjects import SUBJECTS

SIZES = {"N": 9, "d": 6, "W": 4, "C": 4, "K": 3, "E": 3, "h": 5}


@pytest.fixture(autouse=True, scope="module")
def _warm():
    """What torch loads on the first run of all may hold on to tensors of that run."""
    counted(SUBJECTS["softmax_attention"], N=4, d=4)


def counted(subject, **sizes):
    with torch.device("meta"):
        layer, inputs = subject(**sizes)
    return count(layer, inputs)


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_count_comes_out_as_without_a_recorder(name):
    subject = SUBJECTS[name]
    sizes = {x: SIZES[x] for x in subject.__code__.co_varnames}
    plain = counted(subject, **sizes)
    with Recorder(plain=False) as recorder:
        assert counted(subject, **recorder.sizes(**sizes)) == plain
    with Recorder() as recorder:
        assert replace(counted(subject, **recorder.sizes(**sizes)), peak={}) == replace(plain, peak={})


def test_tracing_keeps_what_variables_held_so_memory_is_not_counted_then():
    class Rebinds(nn.Module):
        def forward(self, x):
            x = x + 1
            x = x * 2 if x.shape[0] > 0 else x
            return x * 3

    def subject(N):
        return Rebinds(), (torch.empty(N),)

    def peak(**options):
        with Recorder(**options) as recorder:
            return sum(counted(subject, **recorder.sizes(N=8)).peak.values())

    assert peak(plain=False) == 2 * 32 == sum(counted(subject, N=8).peak.values())
    assert peak(plain=True) >= peak(plain=False)


def test_sizes_are_handed_out_wherever_a_tensor_tells_them():
    x = torch.empty(2, 5, 4, device="meta")
    with Recorder():
        told = [*x.shape, *x.size(), x.size(1), x.size(dim=-1), len(x), x.numel(), x.nelement(), *x.stride(), x.nbytes]
        assert {type(n) for n in [*told, torch.numel(x)]} == {Size}
        _, middle, _ = x.shape
        assert type(middle) is type(x.shape[-1]) is type(x.shape[1:][0]) is Size
        assert type(max(x.shape)) is type(min(x.shape[0], 3)) is Size
        assert type(len([1, 2])) is type(max(1, 2)) is int
        assert max([], default=3) == 3
        assert max(["aa", "b"], key=len) == "aa"
    assert type(x.shape[0]) is type(len(x)) is type(max(x.shape)) is int


def test_comparisons_of_torch_and_of_checkers_of_annotations_are_not_the_users():
    x = torch.empty(3, 4, device="meta")
    with Recorder() as recorder:
        _ = x.softmax(-1) + torch.nn.functional.layer_norm(x, (4,))
        _ = torch.broadcast_shapes(x.shape, x.shape)
        _ = {x.shape[0]: 1}[x.shape[0]]
    assert not [c for c in recorder.comparisons if c.file == __file__]


def test_everything_is_as_before_after_a_recording():
    before = (builtins.len, builtins.min, builtins.max, sys.gettrace())
    with pytest.raises(ZeroDivisionError), Recorder():
        _ = 1 // 0
    assert (builtins.len, builtins.min, builtins.max, sys.gettrace()) == before
    assert type(torch.empty(3).shape[0]) is int


def test_a_loop_fills_the_log_with_its_extremes_only():
    n = Size(5)
    with Recorder() as recorder:
        for _ in range(1000):
            n = n + 1
            if n > 600:
                n = n + 1
    found = [(c.left_value, c.result) for c in recorder.comparisons]
    assert found == [(6, False), (600, False), (601, True), (1409, True)]


BLOCKS = """
TEXT = '''
def no_function(
'''

def first(n):
    return n < 3

@decorated(
    lambda n: n < 4
)
@again
def second(n):
    if n < 5:
        return [k for k in range(n) if k < 6]

class Third:
    def method(self, n):
        while n > 7:
            n -= 1
"""


def test_tests_are_found_block_by_block_as_in_the_whole_file(tmp_path, monkeypatch):
    file = tmp_path / "blocks.py"
    file.write_text(BLOCKS)
    monkeypatch.setattr(plain_comparisons, "kind_of_file", lambda name: "user")
    whole = plain_comparisons._tests(str(file), 1, len(BLOCKS.splitlines()) + 1)
    assert [text for line in sorted(whole) for _, text, *_ in whole[line]] == [
        "n < 3",
        "n < 4",
        "n < 5",
        "k < 6",
        "n > 7",
    ]

    def codes(code):
        yield code
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from codes(constant)

    found = {}
    for code in codes(compile(BLOCKS, str(file), "exec")):
        found |= plain_comparisons._tests_in(code)
    assert {line: [text for _, text, *_ in tests] for line, tests in found.items()} == {
        line: [text for _, text, *_ in tests] for line, tests in whole.items()
    }


def test_equal_code_of_two_files_is_two_functions(tmp_path):
    """Python's code objects are equal whatever file they are of; only one of these is the user's."""
    source = "def f(n):\n    return n < 7\n"
    held = {}
    for name in ("silent.py", "user.py"):
        file = tmp_path / name
        file.write_text(source)
        namespace = {}
        exec(compile(source, str(file), "exec"), namespace)
        held[name] = namespace["f"]
    assert held["silent.py"].__code__ == held["user.py"].__code__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_comparisons, "kind_of_file", lambda file: "user" if file.endswith("user.py") else "silent")
        with Recorder() as recorder:
            held["silent.py"](5)
            held["user.py"](5)
    assert [comparison.text for comparison in recorder.comparisons] == ["n < 7"]


def test_code_without_a_first_line_is_traced():
    code = test_code_without_a_first_line_is_traced.__code__.replace(co_firstlineno=0)
    assert isinstance(plain_comparisons._tests_in(code), dict)
