"""Replaying counterexample files: the same check, on the stored inputs, must refute again in the same words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

from empirics.checking import Run
from empirics.discovery import Origin, systems
from theory.verdict import Counterexample

LARGEST_FILE = 64 << 20
_FIELDS = {
    "weightproof-counterexample",
    "claim",
    "check",
    "control",
    "file",
    "run",
    "words",
    "expected",
    "got",
    "inputs",
}
_KINDS: dict[str, Any] = dict.fromkeys(("claim", "check", "words", "expected", "got"), str)
_KINDS |= {"control": (str, NoneType), "file": (str, NoneType), "run": dict, "inputs": dict}


@dataclass(frozen=True)
class Replay:
    """What came of one file. `detail` is the counterexample's words, or why it does not replay."""

    file: str
    replays: bool
    claim: str
    detail: str


def replay_file(path: str) -> Replay:
    """Replay one counterexample file. Never raises for what the file holds; runs the code that its claim names."""
    claim = ""
    try:
        document = _read(Path(path))
        claim = document["claim"]
        return _replay(path, document)
    except Exception as error:  # whatever a check raises on inputs that it was not given
        said = str(error.args[0] if error.args else error)
        known = isinstance(error, ValueError | LookupError)
        return Replay(path, False, str(claim), said if known else f"{type(error).__name__}: {said}")


def _read(path: Path) -> dict:
    if not path.is_file():
        raise ValueError("no such file")
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"larger than {LARGEST_FILE} bytes; not a counterexample of ours")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise ValueError(f"not a counterexample file: {error}") from None
    if not isinstance(document, dict) or set(document) != _FIELDS or document["weightproof-counterexample"] != 1:
        raise ValueError("not a counterexample file of this version; `weightproof verify` writes them")
    for name, kinds in _KINDS.items():
        if not isinstance(document[name], kinds):
            raise ValueError(f"the field {name} of a counterexample is no {type(document[name]).__name__}")
    run = document["run"]
    kinds = {"seed": int, "budget": str, "device": str}
    if set(run) != set(kinds) or not all(isinstance(run[name], kind) for name, kind in kinds.items()):
        raise ValueError("the field run of a counterexample holds a seed, a budget and a device")
    return document


def _claim_file(counterexample: str, named: str) -> str:
    """The claim file as named, from here or else from a folder above the counterexample, where the run was started."""
    above = (str(folder / named) for folder in Path(counterexample).resolve().parents)
    return next((path for path in (named, *above) if Path(path).is_file()), named)


def _replay(path: str, document: dict) -> Replay:
    from empirics.engine import replay

    stored = Counterexample(document["words"], document["inputs"], document["expected"], document["got"])
    for origin in [Origin(path=_claim_file(path, document["file"]))] if document["file"] else systems():
        for check in origin.checks():
            if (check.claim.id, check.name) == (document["claim"], document["check"]):
                run = Run(**document["run"])
                same = replay(check, document["control"], run, stored, origin.namespace)
                detail = stored.words if same else "the check no longer refutes these inputs in these words"
                return Replay(path, same, check.claim.id, detail)
    raise ValueError(f"no check {document['check']!r} of claim {document['claim']!r} is known here")
