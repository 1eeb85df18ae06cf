"""Results on disk as JSON lines, appended the moment they are there: a run that was killed goes on, to the same bytes.

A line is {"key": configuration and seed, "values": what was found}, and for some {"about": time, device, versions}, what another run
would find different. A last line without its end is what a killed run left: it is passed over, and cut off before the next is
written. Floats are written with all their digits,
so what is read back is what was computed. Nothing is ever changed or removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Entry", "Progress", "Store", "Values"]

Progress = Callable[[int, int, str], None]
"""Called with (done, of how many, what) after every piece of work."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One result."""

    key: Mapping[str, Any]
    values: Values
    about: Mapping[str, Any] = field(default_factory=dict)


class Store:
    """Results by key, in a file, or in memory when `path` is None. One writer at a time.

    ValueError for a file with a line that is no result, naming the line.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._held: dict[str, Entry] = {}
        self._cut: int | None = None
        if self.path is not None and self.path.exists():
            self._read(self.path)

    def _read(self, path: Path) -> None:
        text = path.read_bytes()
        whole = text.rfind(b"\n") + 1
        for number, line in enumerate(text[:whole].splitlines(), start=1):
            try:
                entry = Entry(**json.loads(line))
                self._held[_name(entry.key)] = entry
            except (ValueError, TypeError):
                raise ValueError(f"{path}, line {number}: no result of a run; move the file away") from None
        if whole < len(text):
            self._cut = whole

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Entry]:
        """The results, the oldest first."""
        return iter(self._held.values())

    def __contains__(self, key: Mapping[str, Any]) -> bool:
        return _name(key) in self._held

    def __getitem__(self, key: Mapping[str, Any]) -> Entry:
        """The result of a key. KeyError where there is none."""
        return self._held[_name(key)]

    def get(self, key: Mapping[str, Any], compute: Callable[[], Values]) -> Values:
        """The values of a key; computed, written and flushed to the disk where they are not there yet."""
        return self[key].values if key in self else self.put(key, compute()).values

    def put(self, key: Mapping[str, Any], values: Values, about: Mapping[str, Any] | None = None) -> Entry:
        """Write a result and flush it to the disk. ValueError for a key that has one: results are not changed."""
        name = _name(key)
        if name in self._held:
            raise ValueError(f"Store: there is a result for {name}; a store is only appended to")
        told = {"key": json.loads(name), "values": values} | ({"about": about} if about else {})
        line = json.dumps(told, sort_keys=True) + "\n"
        if self.path is not None:
            if self._cut is not None:  # by who writes, never by who reads what another is writing
                os.truncate(self.path, self._cut)
                self._cut = None
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        self._held[name] = Entry(**json.loads(line))
        return self._held[name]

    def select(self, **parts: Any) -> list[Entry]:
        """The results whose keys hold these parts, the oldest first; a part that is a dictionary holds in its turn."""
        return [entry for entry in self if _holds(entry.key, parts)]


def _holds(whole: Any, part: Any) -> bool:
    if isinstance(whole, Mapping) and isinstance(part, Mapping):
        return all(name in whole and _holds(whole[name], value) for name, value in part.items())
    return whole == part


def _name(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)
