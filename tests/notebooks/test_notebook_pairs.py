"""Each percent script has an executed .ipynb that is its own: same hash, same cells, no errors."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
pytest.importorskip("jupytext", reason="needs the extra [notebooks]")
pytest.importorskip("nbformat", reason="needs the extra [notebooks]")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("weightproof_notebooks_execute", NOTEBOOKS / "execute.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


execute = _load()


def test_there_are_notebooks():
    assert "swap_tracking" in [script.stem for script in execute.scripts()]


@pytest.mark.parametrize("script", execute.scripts(), ids=lambda script: script.stem)
def test_the_pair_is_the_script_executed(script: Path):
    assert execute.problems(script) == []


@pytest.mark.parametrize("script", execute.scripts(), ids=lambda script: script.stem)
def test_the_pair_is_small_and_holds_nothing_of_the_run(script: Path):
    text = script.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert len(text) < 1_000_000
    notebook = json.loads(text)
    assert sorted(notebook["metadata"]) == ["kernelspec", "language_info", "weightproof"]
    assert [cell["id"] for cell in notebook["cells"]] == [f"cell-{i:03d}" for i in range(len(notebook["cells"]))]
    assert any("image/png" in out.get("data", {}) for cell in notebook["cells"] for out in cell.get("outputs", []))
    assert str(NOTEBOOKS.parent) not in text, "a path of the machine it was executed on"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in ("swap_tracking.py", "swap_tracking.ipynb"):
        (tmp_path / name).write_bytes((NOTEBOOKS / name).read_bytes())
    return tmp_path / "swap_tracking.py"


def _edit(script: Path, change) -> list[str]:
    pair = script.with_suffix(".ipynb")
    notebook = json.loads(pair.read_text(encoding="utf-8"))
    change(notebook)
    pair.write_text(json.dumps(notebook), encoding="utf-8")
    return execute.problems(script)


def test_a_changed_script_is_noticed(copied: Path):
    copied.write_text(copied.read_text(encoding="utf-8") + "# one more line\n", encoding="utf-8")
    assert any("another version" in line for line in execute.problems(copied))


def test_a_changed_cell_is_noticed(copied: Path):
    def change(notebook):
        notebook["cells"][2]["source"] = "n = 6"

    assert any("the cells are not those" in line for line in _edit(copied, change))


def test_a_cell_that_raised_is_noticed(copied: Path):
    def change(notebook):
        code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        code["outputs"] = [{"output_type": "error", "ename": "AssertionError", "evalue": "no", "traceback": []}]

    assert _edit(copied, change) == ["swap_tracking.ipynb: a cell raised AssertionError: no"]


def test_a_notebook_that_was_not_executed_is_noticed(copied: Path):
    def change(notebook):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["execution_count"] = None

    assert any("not every cell was executed" in line for line in _edit(copied, change))


def test_a_missing_pair_is_noticed(copied: Path):
    copied.with_suffix(".ipynb").unlink()
    assert execute.problems(copied) == ["swap_tracking.ipynb is missing; run python notebooks/execute.py swap_tracking"]
