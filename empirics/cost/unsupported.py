"""What counting cannot go past, with the line: the layer does something that has no result on meta tensors."""

from __future__ import annotations

from empirics.cost.tally import Site

__all__ = ["DataDependent", "Opaque", "Unsupported"]


class Unsupported(Exception):
    """Counting cannot go on: the layer does something at `site` that has no result on meta tensors; `what` says what."""

    def __init__(self, site: Site, what: str) -> None:
        super().__init__(site, what)
        self.site, self.what = site, what

    def __str__(self) -> str:
        where = f"{self.site.file}:{self.site.line}" if self.site.file else "the layer"
        return f"{where}: {self.site.operation}: {self.what}"


class DataDependent(Unsupported):
    """What the layer does there depends on values, and there are none on meta tensors."""


class Opaque(Unsupported):
    """The operation has no rule, no decomposition and no shape on meta tensors."""
