"""Execute the notebooks: each percent script into the .ipynb beside it, its outputs included.

    python notebooks/execute.py                    execute all scripts here and write their pairs
    python notebooks/execute.py swap_tracking      only this one
    python notebooks/execute.py --quick            small sizes (WEIGHTPROOF_QUICK=1), assertions included; writes nothing
    python notebooks/execute.py --check            execute nothing; say which pairs are missing, stale or hold errors

The script is the source of truth. A pair stores the sha256 of its script in its metadata, `weightproof.source_sha256`,
and nothing that changes from run to run: no times, no random cell ids, no version of the interpreter, no text in images.
Exit code 1 when a cell raises or, with --check, when a pair does not match; 2 when no script has a name that was given.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import struct
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SECONDS_PER_CELL = 600


def scripts() -> list[Path]:
    """The percent scripts of this folder, in order of name."""
    return [path for path in sorted(HERE.glob("*.py")) if path.name != Path(__file__).name]


def digest(script: Path) -> str:
    """sha256 of the script's text, line ends as \\n whatever the checkout made of them."""
    return hashlib.sha256(script.read_text(encoding="utf-8").replace("\r\n", "\n").encode()).hexdigest()


def execute(script: Path, quick: bool = False) -> Any:
    """The executed notebook. Raises nbclient's CellExecutionError when a cell raises."""
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.read(script, fmt="py:percent")
    before = {name: os.environ.get(name) for name in ("MPLBACKEND", "WEIGHTPROOF_QUICK", "PYTHONHASHSEED")}
    os.environ |= {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "WEIGHTPROOF_QUICK": "1" if quick else "",
        "PYTHONHASHSEED": "0",
    }
    try:
        NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=SECONDS_PER_CELL,
            resources={"metadata": {"path": str(HERE)}},
            record_timing=False,
            coalesce_streams=True,
        ).execute()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return _settled(notebook, digest(script))


def _settled(notebook: Any, source_sha256: str) -> Any:
    """The notebook without what differs from run to run, and with its source's hash."""
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index:03d}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = base64.b64encode(_pixels_only(base64.b64decode(data["image/png"]))).decode()
                data.pop("text/plain", None)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "weightproof": {"source_sha256": source_sha256},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _pixels_only(png: bytes) -> bytes:
    """A PNG without its chunks of text and time."""
    kept, at = [png[:8]], 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        chunk, kind = png[at : at + 12 + size], png[at + 4 : at + 8]
        if kind not in (b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            kept.append(chunk)
        at += len(chunk)
    return b"".join(kept)


def problems(script: Path) -> list[str]:
    """What is wrong with the script's pair, in words; nothing when it is the script's, executed without an error."""
    import jupytext
    import nbformat

    pair, again = script.with_suffix(".ipynb"), f"run python notebooks/execute.py {script.stem}"
    if not pair.exists():
        return [f"{pair.name} is missing; {again}"]
    found: Any = nbformat.read(pair, as_version=4)
    wanted: Any = jupytext.read(script, fmt="py:percent")
    told = []
    if found.metadata.get("weightproof", {}).get("source_sha256") != digest(script):
        told.append(f"{pair.name} was made from another version of {script.name}; {again}")
    if [(c.cell_type, c.source) for c in found.cells] != [(c.cell_type, c.source) for c in wanted.cells]:
        told.append(f"{pair.name}: the cells are not those of {script.name}; {again}")
    code = [cell for cell in found.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        told.append(f"{pair.name}: not every cell was executed once, in order; {again}")
    for cell in code:
        for output in cell.outputs:
            if output.output_type == "error":
                told.append(f"{pair.name}: a cell raised {output.ename}: {output.evalue}")
    return told


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Execute the notebooks of this folder.")
    parser.add_argument("names", nargs="*", help="names of scripts, with or without .py; all when none is given")
    parser.add_argument("--quick", action="store_true", help="small sizes; assertions run, nothing is written")
    parser.add_argument("--check", action="store_true", help="execute nothing, compare the pairs with their scripts")
    given = parser.parse_args(arguments)
    chosen = [path for path in scripts() if not given.names or path.stem in {Path(name).stem for name in given.names}]
    if unknown := sorted({Path(name).stem for name in given.names} - {path.stem for path in chosen}):
        known = ", ".join(path.stem for path in scripts())
        parser.error(f"no notebook {', '.join(unknown)}; the notebooks are {known}")
    if given.check:
        told = [line for path in chosen for line in problems(path)]
        print("\n".join(told) if told else f"{len(chosen)} notebooks match their scripts")
        return 1 if told else 0

    import nbformat
    from nbclient.exceptions import CellExecutionError

    failed = 0
    for path in chosen:
        try:
            made = execute(path, quick=given.quick)
        except CellExecutionError as error:
            print(f"{path.name}: a cell failed\n{error}", file=sys.stderr)
            failed = 1
            continue
        if given.quick:
            print(f"{path.name}: executed in quick mode, all assertions hold")
        else:
            nbformat.write(made, path.with_suffix(".ipynb"))
            print(f"{path.name}: executed, {path.with_suffix('.ipynb').stat().st_size // 1024} KiB written")
    return failed


if __name__ == "__main__":
    sys.exit(main())
