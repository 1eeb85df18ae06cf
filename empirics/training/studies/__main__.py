"""Run studies and keep what they find: python -m empirics.training.studies swaps paths --budget full --folder notebooks/results

Results go to FOLDER/NAME.jsonl, one store a study, and are added to: what is there already, by the same code, is not trained again, and
a run that was killed goes on. All seven in full take about an hour and a half on one core.
"""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from empirics.training.studies import STUDIES


class Budget(StrEnum):
    """How much is trained."""

    quick = "quick"
    full = "full"


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Studies, of {', '.join(STUDIES)}; all without any.")
    ] = None,
    budget: Annotated[Budget, typer.Option(help="How much is trained.")] = Budget.quick,
    folder: Annotated[Path, typer.Option(help="Where the stores are.")] = Path("weightproof-out/studies"),
) -> None:
    """Train what the stores do not hold yet."""
    unknown = [name for name in names or () if name not in STUDIES]
    if unknown:
        raise typer.BadParameter(f"unknown study {unknown[0]!r}; the studies are {', '.join(STUDIES)}")
    from empirics.store import Store

    try:
        folder.mkdir(parents=True, exist_ok=True)
        stores = {name: Store(folder / f"{name}.jsonl") for name in names or STUDIES}
    except OSError as error:
        raise typer.BadParameter(f"--folder {folder}: {error.strerror}; name another folder") from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with Progress(TextColumn("{task.description}"), TimeElapsedColumn()) as shown:
        task = shown.add_task("")
        for name, store in stores.items():
            module = import_module(f"empirics.training.studies.{name}")
            module.fill(
                store, budget.value, lambda done, of, what: shown.update(task, description=f"{what} ({done} of {of})")
            )
            shown.console.print(f"{name}: {len(store)} results in {store.path}")


if __name__ == "__main__":
    typer.run(main)
