"""Verification: every check and every control of the chosen claims, in parallel, each verdict written as it is decided.

One task is one check on one subject. Tasks run in worker processes with a time limit each, so that a check that
hangs, exhausts memory or kills its process harms no other. Claims come one after another; of a claim the weaker and therefore
cheaper checks go first: they are the falsifiers. When the last task of a claim is back, every counterexample found for it
is replayed by a fresh process, the verdict is decided, and the claim's folder of results is put in place in one move.

A fresh process has run nothing: it is forked, for this replay alone, from a server that has imported libraries and our
modules and called none of them.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from empirics.checking import Check, Control, Run
from empirics.discovery import Origin, gather, systems
from theory.claim import Claim
from theory.ledger import Ledger
from theory.verdict import CheckResult, ControlResult, Outcome, Strength, Verdict, decide

LOOKS = 0.2
"""Seconds after which it is looked whether the run was interrupted."""
REPLAY_SECONDS = 120
PRELOADED = ("numpy", "hypothesis", "empirics.replaying", "empirics.engine")
PRELOADED_FOR_MANY = ("flint", "sympy", "torch")
MANY = 64
"""What the server that processes are forked from imports beforehand, and from so many tasks on."""
REPLAYERS = 2
"""The most processes that replay at a time, beside those that check."""
LEFT_OUT_BY_DEFAULT = "training/"


class BadOutput(ValueError):
    """The output folder cannot be written."""


@dataclass(frozen=True)
class Plan:
    """Which claims to verify, where each comes from, and how."""

    claims: tuple[Claim, ...]
    origins: dict[str, Origin]
    run: Run
    out: Path
    jobs: int


@dataclass(frozen=True)
class _Task:
    origin: Origin
    claim: str
    check: str
    control: str | None
    run: Run
    staging: str


def plan(
    targets: Sequence[str] = (),
    *,
    budget: str = "quick",
    seed: int = 0,
    device: str = "cpu",
    jobs: int | None = None,
    out: str | Path = "weightproof-out",
) -> Plan:
    """Resolve globs and files and check every argument, before anything runs or is written.

    Raises UnknownClaim, BadFile, BadOutput or ValueError, each with what to do.
    """
    if budget not in ("quick", "full"):
        raise ValueError(f"budget {budget!r}: quick or full")
    if device not in ("cpu", "cuda"):
        raise ValueError(f"device {device!r}: cpu or cuda")
    if seed < 0:
        raise ValueError(f"seed {seed}: 0 or more")
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs {jobs}: at least 1")
    files = [t for t in targets if t.endswith(".py")]
    globs = [t for t in targets if not t.endswith(".py")]
    claims: list[Claim] = []
    origins: dict[str, Origin] = {}
    if globs or not files:
        ledger, origins = gather(systems())
        chosen = ledger.select(globs or ("*",))
        claims = [c for c in chosen if globs or not c.id.startswith(LEFT_OUT_BY_DEFAULT)]
    for path in dict.fromkeys(files):
        own, where = gather([Origin(path=path)])
        claims += list(own)
        origins |= where
    Ledger(claims)
    return Plan(tuple(claims), origins, Run(seed, budget, device), _writable(Path(out)), jobs or os.cpu_count() or 1)


def _writable(out: Path) -> Path:
    """The folder itself, once a file could be made in it; a folder made only to find out is removed again."""
    existing = next(p for p in (out, *out.resolve().parents) if p.exists())
    if out.exists() and not out.is_dir():
        raise BadOutput(f"--out {out}: a file of that name is in the way; name another folder")
    try:
        with tempfile.TemporaryFile(dir=existing):
            return out
    except OSError as error:
        raise BadOutput(f"--out {out}: cannot be written ({error.strerror}); name another folder") from None


def verify(
    plan: Plan,
    decided: Callable[[Verdict, int, int], None] = lambda verdict, done, of: None,
    progressed: Callable[[int, int], None] = lambda done, of: None,
) -> list[Verdict]:
    """Decide every claim of the plan, in the plan's order.

    decided: called with each verdict as it is written, and how many of how many are decided.
    progressed: called with the number of tasks done, of how many.

    A KeyboardInterrupt stops the workers and passes on; what was decided stays written.
    """
    from concurrent.futures import FIRST_COMPLETED, wait

    from pebble import ProcessPool

    plan.out.mkdir(parents=True, exist_ok=True)
    verdicts: dict[str, Verdict] = {}
    with (
        tempfile.TemporaryDirectory(dir=plan.out, prefix=".undecided-") as staging,
        contextlib.ExitStack() as stack,
    ):
        claims = [_Pending(claim, plan, Path(staging)) for claim in plan.claims]
        tasks = [(task, limit, pending) for pending in claims for task, limit in pending.tasks()]
        total = len(tasks) + len(claims)
        own = [name for origin in dict.fromkeys(plan.origins.values()) for name in origin.modules()]
        _start_server((*PRELOADED, *PRELOADED_FOR_MANY, *own) if len(tasks) >= MANY else PRELOADED)
        context: Any = multiprocessing.get_context("forkserver")
        pool = ProcessPool(max_workers=min(plan.jobs, max(1, len(tasks))), context=context)
        replays = ProcessPool(max_workers=min(plan.jobs, REPLAYERS), max_tasks=1, context=context)
        try:
            interrupted = stack.enter_context(_interrupts())
            running: dict[Any, tuple[_Pending, _Task | None]] = {}
            for task, seconds, pending in tasks:
                running[pool.schedule(_perform, args=(task,), timeout=seconds)] = (pending, task)
            for pending in claims:
                if pending.waiting == 0:
                    running[replays.schedule(_replay, args=([],))] = (pending, None)
            done = 0
            while running:
                finished, _ = wait(running, timeout=LOOKS, return_when=FIRST_COMPLETED)
                interrupted()
                for future in finished:
                    pending, task = running.pop(future)
                    done += 1
                    if task is None:
                        verdict = pending.settle(_replayed(future, pending.files))
                        verdicts[verdict.claim] = verdict
                        _write_verification(plan, verdicts)
                        decided(verdict, len(verdicts), len(claims))
                    elif pending.receive(task, _collect(future, task, plan.origins)):
                        pending.write_counterexamples()
                        future = replays.schedule(_replay, args=(pending.files,), timeout=REPLAY_SECONDS)
                        running[future] = (pending, None)
                    progressed(done, total)
        except BaseException:
            pool.stop()
            replays.stop()
            raise
        finally:
            for each in (pool, replays):
                each.close()
                each.join()
    return [verdicts[claim.id] for claim in plan.claims]


@contextlib.contextmanager
def _interrupts() -> Iterator[Callable[[], None]]:
    """A function that raises KeyboardInterrupt once ctrl-C was pressed.

    Raised wherever the program happens to be, it could leave a lock of the pool's taken, and stopping the pool would wait for it; the
    second time it is raised all the same. Outside the main thread, or where someone else handles the signal, nothing is changed.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: None
        return
    pressed: list[int] = []

    def press(number: int, frame: Any) -> None:
        pressed.append(number)
        if len(pressed) > 1:
            raise KeyboardInterrupt

    def interrupted() -> None:
        if pressed:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class _Pending:
    """A claim whose tasks are under way."""

    def __init__(self, claim: Claim, plan: Plan, staging: Path) -> None:
        self.claim, self.plan = claim, plan
        self.folder = staging / _folder_name(claim.id)
        self.folder.mkdir(parents=True)
        self.checks = [c for c in plan.origins[claim.id].checks() if c.claim.id == claim.id]
        self.results: dict[tuple[str, str | None], CheckResult] = {}
        self.files: list[str] = []
        self.waiting = sum(1 + len(check.controls) for check in self.checks)

    def tasks(self) -> Iterable[tuple[_Task, float]]:
        """Every task with its limit: the weaker the evidence the sooner, the claim's own subject first."""
        for check in sorted(self.checks, key=lambda check: check.strength.rank):
            for name in (None, *(c.name for c in check.controls)):
                origin = self.plan.origins[self.claim.id]
                yield _Task(origin, self.claim.id, check.name, name, self.plan.run, str(self.folder)), check.limit

    def receive(self, task: _Task, result: CheckResult) -> bool:
        """Keep a result; True when it was the last one."""
        self.results[task.check, task.control] = result
        self.waiting -= 1
        return self.waiting == 0

    def write_counterexamples(self) -> None:
        """One file for each refutation, in a fixed order."""
        self.files = [
            str(_write_json(self.folder / _counterexample_name(result), _counterexample_document(result, self.plan)))
            for _, result in sorted(self.results.items(), key=lambda item: (item[0][0], item[0][1] or ""))
            if result.counterexample is not None
        ]

    def settle(self, replayed: dict[str, str]) -> Verdict:
        """Decide, now that it is known which counterexamples replay, and move the results into place."""
        failures = {Path(path).relative_to(self.folder).as_posix(): why for path, why in replayed.items() if why}
        final = self.plan.out / _folder_name(self.claim.id)
        own = [self._after_replay(self.results[check.name, None], failures) for check in self.checks]
        controls = [
            self._control(control, self._after_replay(self.results[check.name, control.name], failures))
            for check in self.checks
            for control in check.controls
        ]
        outcome, deciding = decide(own)
        unsettled = next((r for r in own if r.outcome is Outcome.UNDECIDED and r.counterexample is not None), None)
        if unsettled is not None and outcome is not Outcome.REFUTED:
            outcome, deciding = Outcome.UNDECIDED, unsettled
        counterexample = deciding if outcome is Outcome.REFUTED else None
        problems = [f"a counterexample did not replay: {path}: {why}" for path, why in sorted(failures.items())]
        problems += [f"{r.label}: {r.message}" for r in own if r.outcome in (Outcome.ERROR, Outcome.TIMEOUT)]
        own = [
            replace(r, certificates=tuple(str(final / Path(c).relative_to(self.folder)) for c in r.certificates))
            for r in own
        ]
        verdict = Verdict(
            claim=self.claim.id,
            outcome=outcome,
            strength=deciding.strength if deciding else Strength.CITED,
            scope=dict(deciding.scope) if deciding else dict(self.claim.scope),
            covers=bool(deciding and deciding.covers and outcome in (Outcome.CONFIRMED, Outcome.REFUTED)),
            expected=self.claim.expected_outcome,
            expected_strength=self.claim.expected_strength,
            checks=tuple(own),
            controls=tuple(controls),
            certificates=tuple(c for r in own for c in r.certificates),
            counterexample=str(final / _counterexample_name(counterexample)) if counterexample else None,
            words=deciding.message if deciding else "",
            problems=tuple(problems),
            doubts=tuple(self._doubts(outcome, deciding, own)),
            seconds=sum(r.seconds for r in (*own, *controls)),
        )
        from empirics.report import verdict_document

        _write_json(self.folder / "verdict.json", verdict_document(verdict))
        if final.exists():
            shutil.rmtree(final)
        self.folder.rename(final)
        return verdict

    def _doubts(self, outcome: Outcome, deciding: CheckResult | None, own: list[CheckResult]) -> Iterable[str]:
        """Why a decision is worth less than it looks: a check that did not decide, or one not shown to come out both ways."""
        if outcome not in (Outcome.CONFIRMED, Outcome.REFUTED) or deciding is None:
            return
        for result in own:
            if result.outcome in (Outcome.UNDECIDED, Outcome.VACUOUS):
                yield f"{result.label} came out {result.outcome.lower()}: {result.message}"
        other = Outcome.REFUTED if outcome is Outcome.CONFIRMED else Outcome.CONFIRMED
        controls = next(c for c in self.checks if c.name == deciding.check).controls
        if not any(control.expected is other for control in controls):
            yield f"no control shows that {deciding.check} can come out {other.lower()}; declare one with wp.control"

    def _after_replay(self, result: CheckResult, failures: dict[str, str]) -> CheckResult:
        if result.counterexample is None or _counterexample_name(result) not in failures:
            return result
        return replace(result, outcome=Outcome.UNDECIDED, message="its counterexample does not replay")

    def _control(self, control: Control, result: CheckResult) -> ControlResult:
        path = None
        if result.counterexample is not None:
            path = str(self.plan.out / _folder_name(self.claim.id) / _counterexample_name(result))
        return ControlResult(
            name=f"{result.check}[{control.name}]",
            check=result.check,
            kind=control.kind,
            expected=control.expected,
            outcome=result.outcome,
            seconds=result.seconds,
            symmetry=control.symmetry,
            message=result.message,
            counterexample=path,
        )


def _folder_name(claim_id: str) -> str:
    return claim_id.replace("/", ".")


def _counterexample_name(result: CheckResult) -> str:
    if result.control is None:
        return f"counterexamples/{result.check}.json"
    return f"controls/{result.check}-{result.control}.json"


def _counterexample_document(result: CheckResult, plan: Plan) -> dict[str, Any]:
    found, origin = result.counterexample, plan.origins[result.claim]
    assert found is not None
    return {
        "weightproof-counterexample": 1,
        "claim": result.claim,
        "check": result.check,
        "control": result.control,
        "file": origin.path or None,
        "run": {"seed": plan.run.seed, "budget": plan.run.budget, "device": plan.run.device},
        "words": found.words,
        "expected": found.expected,
        "got": found.got,
        "inputs": found.inputs,
    }


def _write_json(path: Path, document: Any) -> Path:
    """Write at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(document, indent=2, sort_keys=False) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def _write_verification(plan: Plan, verdicts: dict[str, Verdict]) -> None:
    from empirics.report import verification_document

    ordered = [verdicts[claim.id] for claim in plan.claims if claim.id in verdicts]
    _write_json(plan.out / "verification.json", verification_document(ordered, plan.run.seed))


def _start_server(preloaded: Sequence[str]) -> None:
    """Start the server that processes are forked from, if there is none: with one thread a process, so that workers do not
    fight and float results do not depend on the number of cores."""
    from multiprocessing import forkserver

    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    multiprocessing.set_forkserver_preload(list(preloaded))
    forkserver.ensure_running()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@cache
def _checks_of(origin: Origin) -> dict[tuple[str, str], Check]:
    return {(check.claim.id, check.name): check for check in origin.checks()}


def _perform(task: _Task) -> CheckResult:
    """In a worker: one check on one subject."""
    from empirics.engine import run_check

    check = _checks_of(task.origin)[task.claim, task.check]
    out = Path(task.staging) / "certificates" if task.control is None else None
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output belongs to the reports
            return run_check(check, task.control, task.run, out)
    except KeyboardInterrupt:  # workers ignore the signal, so the check raised it itself
        raise RuntimeError(f"check {task.check} raised KeyboardInterrupt") from None


def _collect(future: Any, task: _Task, origins: dict[str, Origin]) -> CheckResult:
    """A task's result, or what became of it."""
    check = next(c for c in origins[task.claim].checks() if (c.claim.id, c.name) == (task.claim, task.check))
    lost = CheckResult(
        task.claim, task.check, task.control, check.strength, Outcome.ERROR, scope=dict(check.claim.scope)
    )
    try:
        return future.result()
    except TimeoutError:
        return replace(lost, outcome=Outcome.TIMEOUT, message=f"stopped after {check.limit:g} s", seconds=check.limit)
    except Exception as error:
        return replace(lost, message=f"the worker process ended: {error}")


def _replay(files: list[str]) -> dict[str, str]:
    """In a process of its own: replay counterexample files; for each, '' or why it did not replay."""
    from empirics.replaying import replay_file

    with contextlib.redirect_stdout(sys.stderr):
        answers = [replay_file(path) for path in files]
    return {answer.file: "" if answer.replays else answer.detail for answer in answers}


def _replayed(future: Any, files: list[str]) -> dict[str, str]:
    """What `_replay` says of the files, or what became of it."""
    try:
        return future.result()
    except TimeoutError:
        return dict.fromkeys(files, f"no answer within {REPLAY_SECONDS} s")
    except Exception as error:
        return dict.fromkeys(files, f"the replaying process ended: {error}")
