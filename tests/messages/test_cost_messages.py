"""`weightproof cost`: exit codes, the refusals in one line, and the data, whose formulas sympy reads back."""

from __future__ import annotations

import json

import pytest
import sympy
from typer.testing import CliRunner

from empirics.cli import app

SUBJECTS = """
import torch
from torch import nn


def quadratic(N, d):
    return (lambda x: x @ x.mT), (torch.empty(1, N, d),)


def hidden(N, d):
    return (lambda x: x @ x.mT if len(str(int(x.shape[1]))) > 4 else x + 1), (torch.empty(1, N, d),)


def by_value(N, d):
    return (lambda x: x if x.sum().item() > 0 else x + 1), (torch.empty(1, N, d),)


calls = []


def by_calls(N, d):
    def layer(x):
        calls.append(0)
        n = len(calls)
        return x @ x.mT if n > 10**7 else x + 1

    return layer, (torch.empty(1, N, d),)


def raises(N, d):
    raise RuntimeError(f"no {N}\\nsecond line")


def wrong(N, d):
    return nn.Linear(N, d)


def cuda(N, d):
    return nn.Linear(N, d).cuda(), (torch.empty(N),)


not_a_function = 3
"""


@pytest.fixture(autouse=True)
def _subjects(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "layers.py").write_text(SUBJECTS)


def run(*arguments):
    return CliRunner().invoke(app, ["cost", *arguments])


def refused(*arguments):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    return line.removeprefix("weightproof: ")


def test_a_true_bound_and_a_false_one():
    true, false = run("layers.py:quadratic", "--work", "N**2*d"), run("layers.py:quadratic", "--work", "N*d")
    assert true.exit_code == 0
    assert "quadratic: work is O(N**2*d)" in true.stdout
    assert "derived with the sizes as symbols" in true.stdout
    assert false.exit_code == 1
    assert "work is not O(N*d): N**2*d outgrows it" in false.stdout
    assert "layers.py:7" in false.stdout


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("hidden", "beyond a threshold that no comparison of sizes showed"),
        ("by_value", "depends on values"),
        ("by_calls", "not tried: layers.py"),
    ],
)
def test_what_is_not_known_is_3(subject, words):
    result = run(f"layers.py:{subject}", "--work", "N*d")
    assert result.exit_code == 3, result.stdout
    assert words in result.stdout


def test_the_data():
    result = run("layers.py:quadratic", "--work", "N**2*d", "--span", "log(d)", "--json", "-")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["model"] == "v1"
    assert data["symbols"] == ["N", "d"]
    assert {"work", "span", "memory", "saved", "moved", "parameters"} <= data["quantities"].keys()
    names = {x: sympy.Symbol(x, integer=True, positive=True) for x in data["symbols"]}
    for quantity in data["quantities"].values():
        assert {"formula", "level", "conditions", "terms"} <= quantity.keys()
        formula = sympy.sympify(quantity["formula"], locals=names)
        assert formula.free_symbols <= set(names.values())
        assert all({"formula", "file", "line"} <= term.keys() for term in quantity["terms"])
    work = data["quantities"]["work"]
    total = sum(sympy.sympify(term["formula"], locals=names) for term in work["terms"])
    assert sympy.expand(total - sympy.sympify(work["formula"], locals=names)) == 0
    assert [b["outcome"] for b in data["bounds"]] == ["CONFIRMED", "CONFIRMED"]
    assert all({"quantity", "bound", "outcome", "constant", "from"} <= b.keys() for b in data["bounds"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.py:f",), "nowhere.py: no such file"),
        (("layers.py:nothing",), "layers.py: has no nothing; it has by_calls, by_value"),
        (("layers.py",), "layers.py: name a function as FILE.py:FUNCTION or MODULE:FUNCTION"),
        (("no_such_module:f",), "no_such_module: does not import"),
        (("layers.py:not_a_function",), "3 is no function of sizes"),
        (("layers.py:raises",), "raises: accepts none of"),
        (("layers.py:wrong",), "wrong: must return (layer, inputs)"),
        (("layers.py:cuda",), "cuda: needs CUDA"),
        (("layers.py:quadratic", "--work", "N*q"), "'q'"),
        (("layers.py:quadratic", "--work", "N*("), "N*("),
        (("layers.py:quadratic", "--work", "N", "--where", "N"), "N"),
        (("layers.py:quadratic", "--work", "N", "--fixed", "q"), "fixed 'q' is no size; the sizes are N, d"),
        (("layers.py:quadratic", "--state", "N"), "init_state"),
        (("layers.py:quadratic", "--model", "v9"), "model 'v9' is none of v1, v1-threshold"),
        (("layers.py:quadratic", "--attention", "flash"), "neither 'fused' nor 'written-out'"),
        (("layers.py:quadratic", "--json", "/no/such/folder/x.json"), "/no/such/folder/x.json"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_refusals_are_one_line(arguments, words):
    assert words in refused(*arguments)
