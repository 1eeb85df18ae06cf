"""Runs one check on one subject and says what came of it. The verifier and the pytest plugin both end here.

Inputs are tried in this order: the check's own `first` ones, then its domain. A domain of strategies is sampled by
Hypothesis from a seed that the run's seed, the check and the control determine, and a failure is shrunk. A domain of
iterables is walked whole, smallest first. Certificates go to the trusted checker in a process of its own before they
count.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from empirics.checking import Check, Evidence, Run, Unmet
from empirics.codec import decode, encode
from theory.verdict import CheckResult, Counterexample, Outcome, Strength

CHECKER = Path(__file__).resolve().parent.parent / "theory" / "checker.py"
CHECKER_SECONDS = 120


class _Refuted(Exception):
    """Carries a refutation out of Hypothesis, which shrinks towards it."""


@dataclass
class _Tally:
    """What the inputs tried so far add up to."""

    cases: int = 0
    scope: dict[str, Any] = field(default_factory=dict)
    certificates: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    refuted: Counterexample | None = None
    other: Evidence | None = None

    def add(self, evidence: Evidence, inputs: Mapping[str, Any]) -> None:
        """Certificates are kept with the inputs they were made for, so that a rejected one replays."""
        self.cases += evidence.cases
        self.scope.update(evidence.scope)
        self.certificates.extend((inputs, certificate) for certificate in evidence.certificates)
        if evidence.outcome not in (Outcome.CONFIRMED, Outcome.REFUTED) and self.other is None:
            self.other = evidence


def run_check(check: Check, control: str | None, run: Run, out: Path | None = None) -> CheckResult:
    """Run `check` on its own subject, or on that of the named control.

    Certificates are written under `out` (a temporary folder when None). Never raises on account of what the check
    function does: whatever it raises becomes outcome ERROR with the place in the message.
    """
    started = time.perf_counter()
    subject = _subject(check, control)
    tally = _Tally()
    result = CheckResult(check.claim.id, check.name, control, check.strength, Outcome.ERROR, covers=check.covers)
    try:
        _try_inputs(check, subject, run, control, tally)
        outcome, message, paths = _conclude(check, control, tally, out)
        result = replace(result, outcome=outcome, message=message, certificates=paths)
    except (Exception, SystemExit) as error:
        result = replace(result, message=_explain(error))
    scope = {**check.claim.scope, **check.scope_of(run), **tally.scope}
    if "cases" not in scope and tally.cases > 1:
        scope["cases"] = tally.cases
    if check.strength is Strength.TESTED:
        scope["seed"] = run.seed
    if run.device != "cpu" and check.takes_run:
        scope["device"] = run.device
    if check.claim.assumptions:
        scope["assumptions"] = list(check.claim.assumptions)
    scope.setdefault("sizes", f"{tally.cases} {'case' if tally.cases == 1 else 'cases'}")
    if tally.refuted is not None:
        scope["sizes"] = tally.refuted.words
    return replace(
        result,
        scope=scope,
        covers=check.covers or tally.refuted is not None,
        counterexample=tally.refuted,
        seconds=time.perf_counter() - started,
    )


def _subject(check: Check, control: str | None) -> dict[str, Any]:
    chosen = check.control(control)
    return {**check.subject, **(chosen.subject if chosen is not None else {})}


def _try_inputs(check: Check, subject: dict, run: Run, control: str | None, tally: _Tally) -> None:
    for inputs in check.first:
        if _try(check, subject, run, inputs, tally):
            return
    domain = check.domain(run)
    if not domain:
        _try(check, subject, run, {}, tally)
    elif all(_is_strategy(source) for source in domain.values()):
        if check.strength is Strength.EXHAUSTED:
            raise TypeError(f"check {check.name} is declared exhausted and samples strategies; give finite iterables")
        _sample(check, subject, run, control, domain, tally)
    elif any(_is_strategy(source) for source in domain.values()):
        raise TypeError(f"check {check.name}: given mixes strategies and iterables; use one kind")
    else:
        for values in itertools.product(*domain.values()) if len(domain) > 1 else _single(domain):
            if _try(check, subject, run, dict(zip(domain, values, strict=True)), tally):
                return


def _single(domain: Mapping[str, Any]) -> Iterator[tuple]:
    """One-argument domains are walked without being held in memory."""
    return ((value,) for value in next(iter(domain.values())))


def _is_strategy(source: object) -> bool:
    from hypothesis.strategies import SearchStrategy

    return isinstance(source, SearchStrategy)


def _try(check: Check, subject: dict, run: Run, inputs: Mapping[str, Any], tally: _Tally) -> bool:
    """Call the function once. True when it refutes."""
    try:
        evidence = _call(check, subject, run, inputs)
    except Unmet:
        return False
    if check.strength is Strength.CERTIFIED and evidence.outcome is Outcome.CONFIRMED:
        _require_certificates(check, evidence)
    tally.add(evidence, inputs)
    if evidence.outcome is not Outcome.REFUTED:
        return False
    shown = inputs if evidence.inputs is None else evidence.inputs
    words = evidence.words or ", ".join(f"{name} = {value}" for name, value in shown.items())
    tally.refuted = Counterexample(words, {k: encode(v) for k, v in shown.items()}, evidence.expected, evidence.got)
    return True


def _require_certificates(check: Check, evidence: Evidence) -> None:
    """A certified check stands for its inputs only if each of them comes with a certificate, of this claim."""
    if not evidence.certificates:
        raise TypeError(f"check {check.name} is declared certified and handed over no certificate")
    for certificate in evidence.certificates:
        if certificate.get("claim") != check.claim.id:
            raise TypeError(
                f"check {check.name} of {check.claim.id} handed over a certificate of {certificate.get('claim')!r}"
            )


def _call(check: Check, subject: dict, run: Run, inputs: Mapping[str, Any]) -> Evidence:
    extra = {"run": run} if check.takes_run else {}
    try:
        answer = check.function(**inputs, **subject, **extra)
    except AssertionError as error:
        lines = str(error).strip().splitlines()
        return Evidence(Outcome.REFUTED, words=lines[0] if lines else "")
    if isinstance(answer, Evidence):
        return answer
    if answer is None or answer is True:
        return Evidence(Outcome.CONFIRMED)
    if answer is False:
        return Evidence(Outcome.REFUTED)
    raise TypeError(
        f"check {check.name} returned {answer!r:.60}; return None, True, False, holds(...), fails(...) or undecided(...)"
    )


def _sample(
    check: Check, subject: dict, run: Run, control: str | None, domain: Mapping[str, Any], tally: _Tally
) -> None:
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity
    from hypothesis.errors import Unsatisfiable

    _keep_hypothesis_out_of_the_users_folder()
    salt = f"{run.seed}:{check.claim.id}:{check.name}:{control}"
    examples = run.pick(*check.examples)

    @hypothesis.seed(int.from_bytes(sha256(salt.encode()).digest()[:8], "big"))
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    @hypothesis.given(**domain)
    def trial(**inputs: Any) -> None:
        attempt = _Tally()
        try:
            if _try(check, subject, run, inputs, attempt):
                tally.refuted = attempt.refuted
                raise _Refuted
        finally:
            tally.cases += attempt.cases
            tally.scope.update(attempt.scope)
            tally.certificates.extend(attempt.certificates)
            tally.other = tally.other or attempt.other
        hypothesis.assume(attempt.cases)

    try:
        trial()
    except _Refuted:
        pass
    except Unsatisfiable:
        if tally.cases:
            raise


@cache
def _keep_hypothesis_out_of_the_users_folder() -> None:
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "weightproof-hypothesis")


def _conclude(
    check: Check, control: str | None, tally: _Tally, out: Path | None
) -> tuple[Outcome, str, tuple[str, ...]]:
    if tally.refuted is not None:
        return Outcome.REFUTED, tally.refuted.words, ()
    if tally.other is not None:
        return tally.other.outcome, tally.other.words, ()
    if tally.cases == 0:
        return Outcome.VACUOUS, "no input met the hypotheses", ()
    if check.strength is not Strength.CERTIFIED:
        return Outcome.CONFIRMED, "", ()
    return _certify(check, control, tally, out)


def _certify(
    check: Check, control: str | None, tally: _Tally, out: Path | None
) -> tuple[Outcome, str, tuple[str, ...]]:
    """Write the certificates and let the trusted checker, in its own process, say whether they stand."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if out is None else out
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for number, (_, certificate) in enumerate(tally.certificates):
            name = f"{check.name}-{number}.json" if control is None else f"{check.name}-{control}-{number}.json"
            files.append(folder / name)
            files[-1].write_text(json.dumps(certificate, separators=(",", ":")) + "\n", encoding="utf-8")
        for path, answer, (inputs, _) in zip(files, checker_says(files), tally.certificates, strict=True):
            if answer["accepted"]:
                continue
            if not answer["statement_false"]:
                raise ValueError(f"the checker could not use {path.name}: {answer['reason']}: {answer['detail']}")
            told = ", ".join(str(value) for value in inputs.values())
            words = (
                f"{told}: {answer['detail']} ({answer['reason']})"
                if told
                else f"{answer['detail']} ({answer['reason']})"
            )
            encoded = {name: encode(value) for name, value in inputs.items()}
            tally.refuted = Counterexample(words, encoded, "accepted", answer["reason"])
            for written in files:
                written.unlink()
            return Outcome.REFUTED, words, ()
        return Outcome.CONFIRMED, "", tuple(str(path) for path in files) if out is not None else ()


def checker_says(files: list[Path]) -> list[dict[str, Any]]:
    """The trusted checker's answers about these files, from a process that can import nothing of ours."""
    command = [sys.executable, "-I", "-S", str(CHECKER), "--json", *map(str, files)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=CHECKER_SECONDS * max(1, len(files)), check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the checker did not run: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def _explain(error: BaseException) -> str:
    """One sentence: what was raised, where, so that a reader can go there."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f for f in frames if not f.filename.endswith(("engine.py", "checking.py")) and "site-packages" not in f.filename
    ]
    place = (ours or frames)[-1]
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''} ({Path(place.filename).name}:{place.lineno})"


def replay(
    check: Check, control: str | None, run: Run, counterexample: Counterexample, namespace: Mapping[str, Any]
) -> bool:
    """Whether the check, called once on the stored inputs, refutes again with the same words, expected and got."""
    subject = _subject(check, control)
    inputs = {name: decode(value, namespace) for name, value in counterexample.inputs.items()}
    tally = _Tally()
    if not _try(check, subject, run, inputs, tally) and check.strength is Strength.CERTIFIED and tally.certificates:
        _certify(check, control, tally, None)
    return tally.refuted == counterexample
