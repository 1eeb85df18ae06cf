"""The command line. Every command validates at the door; heavy imports happen inside the command that needs them."""

from __future__ import annotations

import json
import signal
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

OK, CONTRADICTED, WRONG_USAGE, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="weightproof",
    help="Decides formal claims about sequence models: outcome, strength and scope, with controls.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write data as JSON; - is standard output.")
]


def main() -> None:
    """Entry point of `weightproof` and of `python -m empirics`."""
    app()


def _refuse(message: object) -> NoReturn:
    typer.echo(f"weightproof: {message}", err=True)
    raise typer.Exit(WRONG_USAGE)


def _usage_errors() -> tuple[type[Exception], ...]:
    from empirics.diffing import BadVerification
    from empirics.discovery import BadFile
    from empirics.verifier import BadOutput
    from theory.ledger import UnknownClaim

    return (UnknownClaim, BadFile, BadOutput, BadVerification)


def _emit(document: Any, target: str) -> None:
    text = json.dumps(document, indent=2) + "\n"
    if target == "-":
        typer.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        _refuse(f"--json {target}: cannot be written ({error.strerror}); name another file, or - for standard output")


def _check_writable(target: str | None, option: str = "--json") -> None:
    """Refuse before hours of work what could not be written after them."""
    if target in (None, "-"):
        return
    path = Path(str(target))
    if path.is_dir() or not path.resolve().parent.is_dir():
        _refuse(f"{option} {target}: no file can be written there; name a file in a folder that exists")


@app.command("list")
def list_claims(
    glob: Annotated[str, typer.Argument(help="Which claims; * crosses /.")] = "*",
    json_to: JsonOption = None,
) -> None:
    """List claims. Example: weightproof list 'deltaformer/*'"""
    from empirics.discovery import gather, systems

    try:
        claims = gather(systems())[0].select([glob])
    except _usage_errors() as error:
        _refuse(error)
    if json_to:
        rows = [
            {
                "claim": c.id,
                "statement": c.statement,
                "expected": c.expected_outcome,
                "expected_strength": c.expected_strength,
            }
            for c in claims
        ]
        return _emit(rows, json_to)
    width = max(len(c.id) for c in claims)
    for c in claims:
        typer.echo(f"{c.id:<{width}}  {c.expected_outcome.lower()}, {c.expected_strength.lower()}: {c.statement}")


@app.command()
def show(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A claim's id, or a claim file.")],
    out: Annotated[str, typer.Option(help="Folder of the last verification.")] = "weightproof-out",
    json_to: JsonOption = None,
) -> None:
    """Show a claim whole. Example: weightproof show deltaformer/swap-tracking/linear-kernel"""
    from empirics.discovery import Origin, gather, systems
    from empirics.pages import claim_document, print_page

    try:
        from_file = claim.endswith(".py")
        ledger, where = gather([Origin(path=claim)] if from_file else systems())
        chosen = list(ledger) if from_file else [ledger[claim]]
    except _usage_errors() as error:
        _refuse(error)
    pages = [(c, [check for check in where[c.id].checks() if check.claim.id == c.id]) for c in chosen]
    if json_to:
        documents = [claim_document(c, checks, Path(out)) for c, checks in pages]
        return _emit(documents if from_file else documents[0], json_to)
    for c, checks in pages:
        print_page(c, checks, Path(out))


@app.command()
def verify(
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="[GLOB|FILE.py]...", help="Claims, or claim files.")
    ] = None,
    budget: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    seed: Annotated[int, typer.Option(help="Every random choice derives from it.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    jobs: Annotated[int | None, typer.Option(help="Worker processes; as many as cores when left out.")] = None,
    json_to: JsonOption = None,
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Where verdicts, certificates, counterexamples go.")
    ] = "weightproof-out",
) -> None:
    """Verify claims with all their controls. Example: weightproof verify 'deltaformer/*' --budget full"""
    from rich.console import Console

    from empirics import report, verifier

    _check_writable(json_to)
    try:
        plan = verifier.plan(targets or (), budget=budget, seed=seed, device=device, jobs=jobs, out=out)
    except (*_usage_errors(), ValueError) as error:
        _refuse(error)
    _require_device(device)
    console = Console(stderr=json_to == "-")
    started = time.perf_counter()
    verdicts: list = []

    def decided(verdict: Any, done: int, of: int) -> None:
        verdicts.append(verdict)
        progress.decided(verdict, done, of)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end, keep what was decided
    try:
        with _Progress() as progress:
            verifier.verify(plan, decided, progress.moved)
    except KeyboardInterrupt:
        typer.echo(f"interrupted: {len(verdicts)} of {len(plan.claims)} claims decided, kept in {out}/", err=True)
        raise typer.Exit(INTERRUPTED) from None
    by_id = {v.claim: v for v in verdicts}
    ordered = [by_id[c.id] for c in plan.claims]
    if json_to:
        _emit(report.verification_document(ordered, seed), json_to)
    report.print_table(console, {c.id: c for c in plan.claims}, ordered)
    files = {claim: origin.path for claim, origin in plan.origins.items()}
    for line in report.closing_lines(ordered, time.perf_counter() - started, files):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(report.exit_code(ordered))


def _require_device(device: str) -> None:
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            _refuse("--device cuda: torch sees no CUDA device here; leave the option out to run on the CPU")


class _Progress:
    """A bar with the time left on a terminal; elsewhere one line a verdict."""

    def __enter__(self) -> _Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._started = time.perf_counter()
        self._bar = None
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("checks and controls", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def moved(self, done: int, of: int) -> None:
        self._share = done / of
        if self._bar:
            self._bar.update(self._task, completed=done, total=of)

    def decided(self, verdict: Any, done: int, of: int) -> None:
        if self._bar:
            return
        spent = time.perf_counter() - self._started
        share = getattr(self, "_share", done / of)
        left = f"about {spent / share - spent:.0f} s left" if done < of and share else "done"
        typer.echo(f"[{done}/{of}] {verdict.claim}: {verdict.plain} ({left})", err=True)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Certificates.")],
    json_to: JsonOption = None,
) -> None:
    """Re-check certificates with the trusted checker. Example: weightproof check weightproof-out/*/certificates/*.json"""
    from empirics.engine import checker_says

    answers = checker_says([Path(f) for f in files])
    if json_to:
        _emit(answers, json_to)
    for answer in answers if json_to != "-" else ():
        if answer["accepted"]:
            typer.echo(f"accepted {answer['file']}: {answer['statement']}")
        else:
            typer.echo(f"rejected {answer['file']}: {answer['reason']}: {answer['detail']}")
    raise typer.Exit(OK if all(a["accepted"] for a in answers) else CONTRADICTED)


@app.command()
def replay(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Counterexample files.")],
    json_to: JsonOption = None,
) -> None:
    """Replay counterexamples. Example: weightproof replay weightproof-out/*/counterexamples/*.json"""
    from dataclasses import asdict

    from empirics.replaying import replay_file

    with redirect_stdout(sys.stderr):  # what the replayed code prints is not our answer
        answers = [replay_file(path) for path in files]
    if json_to:
        _emit({"results": [asdict(a) for a in answers]}, json_to)
    for answer in answers if json_to != "-" else ():
        typer.echo(f"{'replays' if answer.replays else 'does not replay'} {answer.file}: {answer.detail}")
    raise typer.Exit(OK if all(a.replays for a in answers) else CONTRADICTED)


@app.command()
def new(file: Annotated[str, typer.Argument(metavar="FILE.py", help="The file to write.")]) -> None:
    """Write a commented claim file that runs. Example: weightproof new my_claims.py"""
    path = Path(file)
    if path.suffix != ".py":
        _refuse(f"{file}: name a file that ends in .py")
    if path.exists():
        _refuse(f"{file}: exists already; name another file")
    try:
        path.write_text(Path(__file__).with_name("template.py.txt").read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        _refuse(f"{file}: cannot be written ({error.strerror})")
    typer.echo(f"wrote {file}; next: weightproof verify {file}, or: pytest {file}")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD.json")],
    new: Annotated[str, typer.Argument(metavar="NEW.json")],
    json_to: JsonOption = None,
) -> None:
    """Say what changed between two verifications. Example: weightproof diff before.json after.json"""
    from empirics.diffing import difference, load

    try:
        changes = difference(load(old), load(new))
    except _usage_errors() as error:
        _refuse(error)
    if json_to:
        _emit(changes, json_to)
    for change in changes if json_to != "-" else ():
        typer.echo(f"{change['change']}: {change['claim']}")
        for name, (before, after) in change["fields"].items():
            typer.echo(f"  {name}: {before} -> {after}")
    if not changes and json_to != "-":
        typer.echo("no verdict changed")


@app.command()
def cost(
    subject: Annotated[
        str, typer.Argument(metavar="FILE.py:FUNCTION|MODULE:FUNCTION", help="A function of sizes: (layer, inputs).")
    ],
    work: Annotated[str | None, typer.Option(metavar="BOUND", help="Bound on the work, as in 'N*d**2'.")] = None,
    span: Annotated[str | None, typer.Option(metavar="BOUND", help="Bound on the span.")] = None,
    memory: Annotated[str | None, typer.Option(metavar="BOUND", help="Bound on the peak of live bytes.")] = None,
    saved: Annotated[
        str | None, typer.Option(metavar="BOUND", help="Bound on bytes kept for the backward pass.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="BOUND", help="Bound on a decoder's state after t tokens.")
    ] = None,
    backward: Annotated[bool, typer.Option("--backward", help="Ask about a training step.")] = False,
    fixed: Annotated[str, typer.Option(metavar="a,b", help="Sizes that are constants.")] = "",
    where: Annotated[list[str] | None, typer.Option(metavar="'C<=N'", help="A condition on the sizes.")] = None,
    model: Annotated[str, typer.Option(help="v1, or v1-threshold: unbounded fan-in.")] = "v1",
    attention: Annotated[str, typer.Option(help="Memory of torch's attention: fused or written-out.")] = "fused",
    json_to: JsonOption = None,
    plot: Annotated[str | None, typer.Option(metavar="FILE", help="Draw work and span beside measured time.")] = None,
) -> None:
    """Exact cost of a layer, and bounds on it. Example: weightproof cost my_layers.py:attention --work 'N**2*d + N*d**2'"""
    from empirics.cost.command import run
    from empirics.cost.errors import BadSubject
    from theory.bounds import BadBound

    for target, option in ((json_to, "--json"), (plot, "--plot")):
        _check_writable(target, option)
    asked = {"work": work, "span": span, "memory": memory, "saved": saved, "state": state}
    bounds = {name: bound for name, bound in asked.items() if bound is not None}
    try:
        answer = run(subject, bounds, backward, where or (), fixed, model, attention, bool(json_to))
        if plot:
            answer.draw(plot)
    except (BadSubject, BadBound, ValueError) as error:  # BadFile is a ValueError
        _refuse(error)
    if json_to:
        _emit(answer.document, json_to)
    if json_to != "-":
        typer.echo(answer.text)
    raise typer.Exit(answer.exit_code)


if __name__ == "__main__":
    sys.exit(main())
