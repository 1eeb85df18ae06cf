"""The ledger: all claims by id, chosen by globs in which `*` crosses `/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from theory.claim import Claim


class UnknownClaim(LookupError):
    """No claim has that id, or none matches that glob; the message names the nearest ones."""


class Ledger:
    """Claims in the order they were written down, by id."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._claims: dict[str, Claim] = {}
        for claim in claims:
            if self._claims.setdefault(claim.id, claim) is not claim:
                raise ValueError(f"two claims have the id {claim.id!r}; give one of them another")

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._claims.values())

    def __len__(self) -> int:
        return len(self._claims)

    def __contains__(self, claim_id: object) -> bool:
        return claim_id in self._claims

    def __getitem__(self, claim_id: str) -> Claim:
        if claim_id not in self._claims:
            raise UnknownClaim(f"no claim {claim_id!r}{self._nearest(claim_id)}")
        return self._claims[claim_id]

    def select(self, globs: Sequence[str] = ("*",)) -> list[Claim]:
        """The claims that match any of the globs, each once, in ledger order.

        Raises UnknownClaim when a glob matches nothing.
        """
        chosen: set[str] = set()
        for glob in globs:
            matching = {claim_id for claim_id in self._claims if fnmatchcase(claim_id, glob)}
            if not matching:
                raise UnknownClaim(f"no claim matches {glob!r}{self._nearest(glob)}")
            chosen |= matching
        return [claim for claim in self if claim.id in chosen]

    def _nearest(self, text: str) -> str:
        names = list(self._claims)
        near = (
            get_close_matches(text, names, n=3, cutoff=0.4)
            or [n for n in names if text.strip("*/") and text.strip("*/") in n][:3]
        )
        return f"; did you mean {' or '.join(near)}?" if near else "; `weightproof list` prints them all"
