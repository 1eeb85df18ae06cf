"""An altered certificate is accepted only if what it then says is true, by an independent recomputation."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter

from checker_cases import ACCEPTED
from hypothesis import given
from hypothesis import strategies as st
from judge import is_true

from theory import checker

SMALL = [name for name in ACCEPTED if name != "needs-more-bits"]


def places(value, path=()):
    """Every place in a document, as a path."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def mutate(document, draw: random.Random):
    """One alteration somewhere inside `data`: a number nudged, an element dropped, doubled, exchanged or replaced."""
    made = copy.deepcopy(document)
    path = draw.choice([p for p in places(made["data"]) if p])
    holder = made["data"]
    for key in path[:-1]:
        holder = holder[key]
    last, old = path[-1], holder[path[-1]]
    kind = draw.randrange(5)
    if isinstance(old, int) and kind < 3:
        holder[last] = old + draw.choice([-1, 1, 2, -old, -2 * old])
    elif isinstance(holder, list) and kind == 1:
        del holder[last]
    elif isinstance(holder, list) and kind == 2:
        holder.insert(last, copy.deepcopy(old))
    elif isinstance(holder, list) and kind == 3:
        other = draw.randrange(len(holder))
        holder[last], holder[other] = holder[other], holder[last]
    else:
        holder[last] = draw.choice([0, 1, -1, "1/2", [], [[0, 1]], "2/4", True, None, {}])
    return made


def judged(document) -> str:
    """How the checker and the judge see a document; fails when a false statement is accepted."""
    result = checker.check_text(json.dumps(document))
    if not result.accepted:
        return "false" if result.statement_false else "unfit"
    assert is_true(document), document
    return "accepted"


@given(name=st.sampled_from(SMALL), seed=st.integers(0, 2**32), times=st.integers(1, 3))
def test_altered_documents(name, seed, times):
    draw = random.Random(seed)
    document = ACCEPTED[name]
    for _ in range(times):
        document = mutate(document, draw)
    judged(document)


def test_thousands_of_mutants_come_out_each_way():
    draw = random.Random(0)
    seen = Counter(judged(mutate(ACCEPTED[draw.choice(SMALL)], draw)) for _ in range(4000))
    assert min(seen["accepted"], seen["false"], seen["unfit"]) > 100, seen


@given(name=st.sampled_from(SMALL), position=st.floats(0, 1), insert=st.text(max_size=3))
def test_altered_texts(name, position, insert):
    text = json.dumps(ACCEPTED[name])
    at = int(position * len(text))
    changed = text[:at] + insert + text[at + 1 :]
    if checker.check_text(changed).accepted:
        assert is_true(json.loads(changed))
