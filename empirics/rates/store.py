"""Results on disk as JSON lines, appended the moment they are there: a run that was killed goes on, to the same bytes.

A line is {"key": configuration and seed, "values": {name: numbers}}. A last line without its end is what a killed run left: it is cut
off. Floats are written with all their digits, so what is read back is what was computed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Progress = Callable[[int, int, str], None]
"""Called with (done, of how many, what) after every piece of work."""
Values = Mapping[str, list[float]]


class Store:
    """Values by key, in a file, or in memory when `path` is None. One writer at a time.

    ValueError for a file with a line that is no result, naming the line.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._held: dict[str, Values] = {}
        if self.path is not None and self.path.exists():
            self._read(self.path)

    def _read(self, path: Path) -> None:
        text = path.read_bytes()
        whole = text.rfind(b"\n") + 1
        for number, line in enumerate(text[:whole].splitlines(), start=1):
            try:
                entry = json.loads(line)
                self._held[_name(entry["key"])] = entry["values"]
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"{path}, line {number}: no result of a rate run; move the file away") from None
        if whole < len(text):
            with path.open("r+b") as file:
                file.truncate(whole)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Mapping[str, Any], compute: Callable[[], Values]) -> Values:
        """The values of a key; computed, written and flushed to the disk where they are not there yet."""
        name = _name(key)
        if name not in self._held:
            values = compute()
            line = json.dumps({"key": json.loads(name), "values": values}, sort_keys=True) + "\n"
            if self.path is not None:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
            self._held[name] = json.loads(line)["values"]
        return self._held[name]


def _name(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)
