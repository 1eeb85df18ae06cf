"""What changed between two verifications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_COMPARED = ("outcome", "strength", "scope", "covers", "expected", "expected_strength", "words")


class BadVerification(ValueError):
    """A file is not what `weightproof verify --json` writes."""


def load(path: str) -> dict[str, dict[str, Any]]:
    """The results of a verification by claim. Raises BadVerification with the reason."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        results = {str(result["claim"]): result for result in document["results"]}
        for result in results.values():
            _controls(result)
    except OSError as error:
        raise BadVerification(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadVerification(f"{path}: not a file that `weightproof verify --json` writes") from None
    return results


def difference(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a claim that came, went, or changed; times and file names apart. Claims in order of id."""
    changes: list[dict[str, Any]] = []
    for claim in sorted(old.keys() | new.keys()):
        if claim not in old or claim not in new:
            changes.append({"claim": claim, "change": "added" if claim in new else "removed", "fields": {}})
            continue
        fields = {
            f: [old[claim].get(f), new[claim].get(f)] for f in _COMPARED if old[claim].get(f) != new[claim].get(f)
        }
        before, after = (_controls(side[claim]) for side in (old, new))
        if before != after:
            names = sorted(n for n in before.keys() | after.keys() if before.get(n) != after.get(n))
            fields["controls"] = [{n: before.get(n) for n in names}, {n: after.get(n) for n in names}]
        if fields:
            changes.append({"claim": claim, "change": "changed", "fields": fields})
    return changes


def _controls(result: dict[str, Any]) -> dict[str, str]:
    return {name: control["outcome"] for name, control in result.get("controls", {}).items()}
