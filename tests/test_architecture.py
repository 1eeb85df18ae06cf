"""Arrows go empirics -> constructions -> theory; the trusted checker stands alone; listing loads nothing heavy."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN = {
    "theory": {"constructions", "empirics", "torch", "weightproof"},
    "constructions": {"empirics", "weightproof"},
}


def imports(path):
    """Top-level names of everything a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("floor", FORBIDDEN)
def test_no_arrow_goes_back(floor):
    files = list((ROOT / floor).rglob("*.py"))
    assert files
    wrong = [(path.name, name) for path in files for name in imports(path) if name in FORBIDDEN[floor]]
    assert not wrong


def test_the_checker_imports_only_the_standard_library():
    assert set(imports(ROOT / "theory" / "checker.py")) <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("command", [["--help"], ["list"]])
def test_answering_at_once_means_loading_nothing_heavy(command):
    code = (
        "import sys\nfrom empirics.cli import app\n"
        f"try: app({command!r})\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'sympy', 'scipy', 'flint', 'networkx', 'hypothesis'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_public_face_has_what_it_names():
    import weightproof as wp

    assert all(getattr(wp, name) is not None for name in wp.__all__)
    with pytest.raises(AttributeError, match="weightproof has no 'nothing'"):
        _ = wp.nothing


def test_nothing_refers_to_a_machine_or_a_host():
    files = [
        p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".txt", ".cff"} and ".venv" not in p.parts
    ]
    # a folder at the root begins after a space or a quote; the second part of a claim's id does not
    words = [r"(?<!\w)/" + "work/", r"(?<!\w)/" + "root/", "shared" + "/", "py" + r"pi\."]
    wrong = [(str(p.relative_to(ROOT)), w) for p in files for w in words if re.search(w, p.read_text(encoding="utf-8"))]
    assert not wrong
