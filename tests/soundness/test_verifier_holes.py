"""Ways in which something false once came out as fine, each with the file that did it."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from constructions import exact_steps
from constructions.deltaformer.swap_tracking import OneHotSwaps, Token
from empirics.checks.deltaformer.swap_edits import ScaleMoved, WrappedInAByte
from empirics.checks.deltaformer.swap_tracking import every_sequence
from theory.programs import SwapProgram, SwapTree
from theory.verdict import Outcome

HEAD = """
import sys
import weightproof as wp

def claim(name, expected="confirmed", strength="exhausted"):
    return wp.Claim(id=f"hole/{name}", statement="S.", expected=expected, strength=strength, reason="r")
"""


def verify(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess:
    (folder / "hole.py").write_text(HEAD + text)
    command = [sys.executable, "-m", "empirics", "verify", "hole.py", "--json", "all.json", "--jobs", "1", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def results(folder: Path) -> dict[str, dict]:
    document = json.loads((folder / "all.json").read_text())
    return {result["claim"].removeprefix("hole/"): result for result in document["results"]}


def test_a_check_that_leaves_the_process_is_an_error_and_hides_nothing(tmp_path):
    done = verify(
        tmp_path,
        """
leaves, interrupts, wrong = claim("leaves"), claim("interrupts"), claim("wrong")
@wp.check(leaves, "exhausted")
def exits(code=0): sys.exit(code)
@wp.check(interrupts, "exhausted")
def stops(subject=0): raise KeyboardInterrupt
@wp.check(wrong, "exhausted")
def says_no(answer=False): return answer
""",
    )
    assert done.returncode == 1
    found = {name: r["outcome"] for name, r in results(tmp_path).items()}
    assert found == {"leaves": "ERROR", "interrupts": "ERROR", "wrong": "REFUTED"}


def test_what_a_file_prints_disturbs_nothing(tmp_path):
    done = verify(
        tmp_path,
        """
print("a line of the file")
wrong = claim("wrong", "refuted")
@wp.check(wrong, "exhausted")
def says_no(answer=False):
    print("a line of the check")
    return answer
wp.control(says_no, "yes", "confirmed", answer=True)
""",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a line" not in done.stdout
    assert results(tmp_path)["wrong"]["outcome"] == "REFUTED"
    (kept,) = (tmp_path / "weightproof-out").glob("*/counterexamples/*.json")
    command = [sys.executable, "-m", "empirics", "replay", str(kept)]
    elsewhere = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert elsewhere.returncode == 0, elsewhere.stdout + elsewhere.stderr


def test_an_unreplayed_refutation_and_an_open_check_do_not_hide_behind_another(tmp_path):
    done = verify(
        tmp_path,
        """
import os
unsettled, partly, alone = claim("unsettled"), claim("partly"), claim("alone")
for one in (unsettled, partly):
    @wp.check(one, "exhausted")
    def fine(answer=True): return answer
    wp.control(fine, "no", "refuted", answer=False)
    globals()["fine_" + one.id.split("/")[1]] = fine
    del fine
@wp.check(unsettled, "tested")
def fickle(subject=0): assert False, f"process {os.getpid()}"
@wp.check(partly, "tested")
def cannot_tell(why="no bound"): return wp.undecided(why)
@wp.check(alone, "exhausted")
def uncontrolled(answer=True): return answer
""",
    )
    found = results(tmp_path)
    assert {name: r["outcome"] for name, r in found.items()} == {
        "unsettled": "UNDECIDED",
        "partly": "CONFIRMED",
        "alone": "CONFIRMED",
    }
    assert done.returncode == 1
    assert found["partly"]["doubts"] == ["cannot_tell came out undecided: no bound"]
    assert found["alone"]["doubts"] == [
        "no control shows that uncontrolled can come out refuted; declare one with wp.control"
    ]
    assert "? hole/alone: no control shows" in done.stdout


def test_doubts_alone_exit_with_3(tmp_path):
    text = "alone = claim('alone')\n@wp.check(alone, 'exhausted')\ndef uncontrolled(answer=True): return answer\n"
    assert verify(tmp_path, text).returncode == 3


def test_a_strength_needs_its_evidence(tmp_path):
    verify(
        tmp_path,
        """
sampled, bare, foreign = claim("sampled"), claim("bare", strength="certified"), claim("foreign", strength="certified")
below = {"weightproof": 1, "kind": "inequality", "claim": "hole/bare", "data": {"left": 0, "relation": "<", "right": 1}}
@wp.check(sampled, "exhausted", {"n": wp.strategies.sizes(0, 10**9)})
def drawn(n, most=10**9): return n <= most
@wp.check(bare, "certified", {"n": [0, 1, 2]})
def one_for_three(n, subject=0): return wp.holds(certificates=[below] if n == 0 else [])
@wp.check(foreign, "certified")
def another_claims(certificate=below): return wp.holds(certificates=[certificate])
""",
    )
    found = results(tmp_path)
    assert {name: r["outcome"] for name, r in found.items()} == dict.fromkeys(("sampled", "bare", "foreign"), "ERROR")
    assert "samples strategies" in found["sampled"]["problems"][0]
    assert "handed over no certificate" in found["bare"]["problems"][0]
    assert "certificate of 'hole/bare'" in found["foreign"]["problems"][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@wp.check(c, 'proved')\ndef f(s=0): ...", "cannot produce proved evidence"),
        ("@wp.check(c, 'cited')\ndef f(s=0): ...", "cannot produce cited evidence"),
        (
            "@wp.check(c, 'tested')\ndef f(s=0): ...\n@wp.check(c, 'tested')\ndef f(s=1): ...",
            "has a check of that name already",
        ),
        ("from theory.deltaformer.swap_tracking import linear_kernel\ndel c", "defines no claim of its own"),
        (
            "c = wp.Claim(id='deltaformer/swap-tracking/linear-kernel', statement='S', expected='confirmed', "
            "strength='tested', reason='r')",
            "is taken by a claim of this project",
        ),
    ],
)
def test_a_file_is_refused_at_the_door(text, words, tmp_path):
    done = verify(tmp_path, f"c = claim('c')\n{text}\n")
    assert done.returncode == 2
    assert words in done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"hole.py", "__pycache__"}


def test_fractional_weights_are_not_cut_to_whole_numbers():
    class ThreeHalves(OneHotSwaps):
        def swap(self, e, a, b):
            return Token(e(a) - e(b), e(a) - e(b), Fraction(3, 2))

    tree = SwapTree.complete(2, 2)
    assert every_sequence(tree, ThreeHalves()).outcome is Outcome.REFUTED
    assert every_sequence(SwapTree.complete(3, 3), ScaleMoved()).outcome is Outcome.CONFIRMED
    assert ScaleMoved().run(SwapProgram(3, [(0, 1), (1, 2)])) == (1, 2, 0)


def test_whole_numbers_do_not_wrap():
    assert every_sequence(SwapTree.complete(2, 1), WrappedInAByte()).outcome is Outcome.REFUTED

    class Beta257(OneHotSwaps):
        def swap(self, e, a, b):
            return Token(e(a) - e(b), e(a) - e(b), 257)

    assert every_sequence(SwapTree.complete(2, 1), Beta257()).outcome is Outcome.REFUTED


def test_steps_and_products_widen_when_they_must():
    draw = np.random.default_rng(0)
    for scale in (1, 40, 10**6, 10**12):
        state, k, w, v = (draw.integers(-scale, scale + 1, shape) for shape in ((3, 4, 2), (3, 4), (3, 4), (3, 2)))
        beta = draw.integers(-scale, scale + 1, 3)
        exact = [x.astype(object) for x in (state, k, w, v, beta)]
        s, kk, ww, vv, bb = exact
        u = vv - bb[:, None] * np.array([ww[i] @ s[i] for i in range(3)])
        narrow = np.int8 if scale == 1 else np.int64
        new_state, found = exact_steps.step(state.astype(narrow), k, w, v, beta)
        assert found.tolist() == u.tolist()
        assert new_state.tolist() == (s + kk[:, :, None] * u[:, None, :]).tolist()
        a = draw.integers(-scale, scale + 1, (2, 4))
        wanted = [(a.astype(object) @ s[i]).tolist() for i in range(3)]
        assert exact_steps.product(a, state.astype(narrow)).tolist() == wanted
