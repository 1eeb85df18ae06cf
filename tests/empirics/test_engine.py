"""One check on one subject: every outcome, the order of inputs, seeds, shrinking, certificates."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import strategies as st

import weightproof as wp
from constructions.deltaformer.reachability import certificate
from empirics.checking import Run
from empirics.engine import replay, run_check
from theory.programs import Dag
from theory.verdict import Outcome, Strength


def toy(name: str = "toy/claim", expected: str = "confirmed", strength: str = "tested", **more):
    return wp.Claim(id=name, statement="A statement.", expected=expected, strength=strength, reason="because", **more)


def outcome_of(function, strength="tested", given=None, control=None, run=None, **more):
    check = wp.check(toy(argument="an argument"), strength, given, **more)(function)
    return run_check(check, control, run or Run())


def test_returning_none_or_true_confirms():
    for answer in (None, True):
        result = outcome_of(lambda subject=answer: subject, "exhausted")
        assert (result.outcome, result.message, result.counterexample) == (Outcome.CONFIRMED, "", None)


def test_holds_confirms_with_its_scope_and_cases():
    result = outcome_of(lambda subject=0: wp.holds(cases=7, sizes="n <= 7"), "exhausted", scope={"sizes": "overridden"})
    assert result.outcome is Outcome.CONFIRMED
    assert result.scope == {"sizes": "n <= 7", "cases": 7}


def test_returning_false_refutes_and_names_the_inputs():
    result = outcome_of(lambda n, subject=3: n < subject, "exhausted", {"n": range(10)})
    assert result.outcome is Outcome.REFUTED
    assert (result.counterexample.words, result.counterexample.inputs) == ("n = 3", {"n": 3})
    assert result.scope["sizes"] == "n = 3"
    assert result.covers


def test_a_failed_assertion_refutes_in_its_first_line():
    def breaks(n, subject=3):
        assert n < subject, f"n = {n} is too large\nsecond line"

    result = outcome_of(breaks, "exhausted", {"n": range(10)})
    assert result.outcome is Outcome.REFUTED
    assert result.message == "n = 3 is too large"


def test_fails_may_narrow_the_inputs():
    def batch(numbers, subject=3):
        wrong = [n for n in numbers if n >= subject]
        return wp.fails(f"{wrong[0]}", subject, wrong[0], {"numbers": wrong[:1]}) if wrong else wp.holds(len(numbers))

    result = outcome_of(batch, "exhausted", {"numbers": [[0, 1], [2, 3, 4]]})
    assert result.counterexample.inputs == {"numbers": [3]}
    assert (result.counterexample.expected, result.counterexample.got) == ("3", "3")


@pytest.mark.parametrize(("given", "strength"), [({"n": range(5)}, "exhausted"), ({"n": st.integers(0, 4)}, "tested")])
def test_no_input_that_meets_the_hypotheses_is_vacuous(given, strength):
    result = outcome_of(lambda n, subject=10: wp.assume(n > subject), strength, given)
    assert result.outcome is Outcome.VACUOUS
    assert result.message == "no input met the hypotheses"


def test_an_empty_domain_is_vacuous():
    assert outcome_of(lambda n, subject=0: True, "exhausted", {"n": []}).outcome is Outcome.VACUOUS


@pytest.mark.parametrize(("given", "strength"), [({"n": range(5)}, "exhausted"), ({"n": st.integers(0, 9)}, "tested")])
def test_one_input_that_meets_the_hypotheses_is_enough(given, strength):
    assert outcome_of(lambda n, subject=3: wp.assume(n > subject), strength, given).outcome is Outcome.CONFIRMED


@pytest.mark.parametrize(("given", "strength"), [({"n": range(5)}, "exhausted"), ({"n": st.integers(0, 9)}, "tested")])
def test_whatever_a_check_raises_is_an_error_with_its_place(given, strength):
    def breaks(n, subject=0):
        raise KeyError("no such thing")

    result = outcome_of(breaks, strength, given)
    assert result.outcome is Outcome.ERROR
    assert result.message.startswith("KeyError: 'no such thing' (test_engine.py:")


def test_undecided_and_skipped_carry_their_reason():
    for answer, outcome in ((wp.undecided("no bound"), Outcome.UNDECIDED), (wp.skipped("no gpu"), Outcome.SKIPPED)):
        result = outcome_of(lambda subject=answer: subject, "exhausted")
        assert (result.outcome, result.message) == (outcome, answer.words)


def test_one_undecided_input_keeps_the_others_from_confirming():
    result = outcome_of(lambda n, subject=2: wp.undecided("?") if n == subject else True, "exhausted", {"n": range(5)})
    assert result.outcome is Outcome.UNDECIDED


def test_a_refutation_stands_before_an_undecided_input():
    def mixed(n, subject=2):
        return wp.undecided("?") if n < subject else n == subject

    assert outcome_of(mixed, "exhausted", {"n": range(5)}).outcome is Outcome.REFUTED


@pytest.mark.parametrize("answer", [0, 1, "yes", [], Outcome.CONFIRMED])
def test_any_other_return_is_an_error_that_lists_the_choices(answer):
    result = outcome_of(lambda subject=answer: subject, "exhausted")
    assert result.outcome is Outcome.ERROR
    assert "return None, True, False, holds(...), fails(...) or undecided(...)" in result.message


def test_strategies_and_iterables_do_not_mix():
    result = outcome_of(lambda n, m, subject=0: True, given={"n": range(3), "m": st.integers()})
    assert result.outcome is Outcome.ERROR
    assert "given mixes strategies and iterables; use one kind" in result.message


@pytest.mark.parametrize("seed", range(5))
def test_hypothesis_shrinks_to_the_minimal_failure(seed):
    given = {"n": st.integers(0, 1000), "items": st.lists(st.integers(0, 9), max_size=20)}
    result = outcome_of(lambda n, items, subject=17: n < subject or len(items) < 3, given=given, run=Run(seed))
    assert result.counterexample.inputs == {"n": 17, "items": [0, 0, 0]}


def test_the_same_seed_gives_the_same_inputs_and_another_seed_others():
    seen: list[list[int]] = []

    def look(n, subject=0):
        seen[-1].append(n)

    for seed in (1, 1, 2):
        seen.append([])
        outcome_of(look, given={"n": st.integers(0, 10**9)}, run=Run(seed))
    assert seen[0] == seen[1] != seen[2]


def test_the_same_seed_gives_the_same_result():
    def run(seed):
        result = outcome_of(lambda n, subject=99: n % 100 != subject, given={"n": st.integers(0, 10**6)}, run=Run(seed))
        return result.outcome, result.counterexample, result.scope

    assert run(5) == run(5)
    assert run(5)[2]["seed"] == 5


def test_iterables_are_walked_as_a_product_in_order_and_the_first_failure_stops():
    seen = []

    def look(a, b, subject=(1, 2)):
        seen.append((a, b))
        return (a, b) != subject

    result = outcome_of(look, "exhausted", {"a": range(3), "b": range(4)})
    assert seen == list(itertools.takewhile(lambda pair: pair <= (1, 2), itertools.product(range(3), range(4))))
    assert result.counterexample.inputs == {"a": 1, "b": 2}


def test_a_generator_is_not_read_further_than_needed():
    result = outcome_of(lambda n, subject=5: n < subject, "exhausted", {"n": itertools.count()})
    assert result.counterexample.inputs == {"n": 5}


def test_first_inputs_come_before_the_domain():
    seen = []
    outcome_of(lambda n, subject=0: seen.append(n), "exhausted", {"n": range(2)}, first=({"n": 7}, {"n": 8}))
    assert seen == [7, 8, 0, 1]


def test_the_budget_chooses_domain_and_examples():
    counted = {}
    for budget in ("quick", "full"):
        result = outcome_of(
            lambda n, subject=0: True, given={"n": st.integers()}, run=Run(0, budget), examples=(20, 60)
        )
        counted[budget] = result.scope["cases"]
    assert counted == {"quick": 20, "full": 60}
    result = outcome_of(
        lambda n, subject=0: True, "exhausted", lambda run: {"n": range(run.pick(3, 9))}, run=Run(0, "full")
    )
    assert result.scope["cases"] == 9


def test_a_check_with_an_argument_run_receives_it_and_can_be_called_without():
    received = []

    def look(run, subject=0):
        received.append(run)

    wanted = Run(seed=3, budget="full", device="cuda")
    result = outcome_of(look, "exhausted", run=wanted)
    assert received == [wanted]
    assert result.scope["device"] == "cuda"


def test_a_control_runs_on_its_own_subject_and_only_that_is_replaced():
    def sums(a=1, b=2, total=3):
        assert a + b == total, f"{a} + {b} is not {total}"

    made = wp.check(toy(), "tested")(sums)
    wp.control(made, "other-total", "refuted", total=4)
    wp.control(made, "other-terms", "confirmed", a=0, b=3)
    assert run_check(made, None, Run()).outcome is Outcome.CONFIRMED
    wrong = run_check(made, "other-total", Run())
    assert (wrong.outcome, wrong.message, wrong.control) == (Outcome.REFUTED, "1 + 2 is not 4", "other-total")
    assert run_check(made, "other-terms", Run()).outcome is Outcome.CONFIRMED
    with pytest.raises(LookupError, match="check sums of toy/claim has no control 'absent'"):
        run_check(made, "absent", Run())


def test_an_input_that_cannot_be_written_down_is_an_error():
    result = outcome_of(lambda n, subject=0: False, "exhausted", {"n": [object()]})
    assert result.outcome is Outcome.ERROR
    assert "cannot write a builtins.object into a counterexample" in result.message


def test_certified_without_a_certificate_is_an_error():
    result = outcome_of(lambda subject=0: True, "certified")
    assert result.outcome is Outcome.ERROR
    assert "declared certified and handed over no certificate" in result.message


def test_an_accepted_certificate_confirms_and_is_kept(tmp_path):
    made = certificate(Dag(2, [(0, 1)]), claim="toy/claim")
    result = run_check(
        wp.check(toy(), "certified")(lambda subject=0: wp.holds(certificates=[made])), None, Run(), tmp_path
    )
    assert result.outcome is Outcome.CONFIRMED
    assert [json.loads(Path(path).read_text()) for path in result.certificates] == [made]


def test_a_false_certificate_refutes_and_leaves_no_file(tmp_path):
    def made(edges, subject=1):
        document = certificate(Dag(2, edges), claim="toy/claim")
        document["data"]["counts"][1] = [[0, subject + 1], [1, 1]]
        return wp.holds(certificates=[document])

    check = wp.check(toy(), "certified", {"edges": [[(0, 1)]]})(made)
    result = run_check(check, None, Run(), tmp_path)
    assert result.outcome is Outcome.REFUTED
    assert list(tmp_path.iterdir()) == []
    assert replay(check, None, Run(), result.counterexample, {})


def test_a_certificate_the_checker_cannot_read_is_an_error():
    result = outcome_of(lambda subject=0: wp.holds(certificates=[{"kind": "none", "claim": "toy/claim"}]), "certified")
    assert result.outcome is Outcome.ERROR
    assert "the checker could not use" in result.message


def test_assumptions_and_the_claims_scope_are_in_every_scope():
    claim = toy(variant="linear", arithmetic="Q", assumptions=("no overflow",))
    result = run_check(wp.check(claim, "exhausted", covers=True)(lambda subject=0: True), None, Run())
    assert result.scope == {"variant": "linear", "arithmetic": "Q", "assumptions": ["no overflow"], "sizes": "1 case"}
    assert result.covers
    assert result.strength is Strength.EXHAUSTED


@dataclass(frozen=True)
class Pair:
    a: Fraction
    b: tuple[int, ...]


def test_replay_asks_for_the_same_words():
    words = ["first"]

    def wrong(pair, subject=0):
        return wp.fails(words[0], 1, 2)

    check = wp.check(toy(), "exhausted", {"pair": [Pair(Fraction(1, 3), (1, 2))]})(wrong)
    found = run_check(check, None, Run()).counterexample
    assert replay(check, None, Run(), found, {})
    words[0] = "second"
    assert not replay(check, None, Run(), found, {})
