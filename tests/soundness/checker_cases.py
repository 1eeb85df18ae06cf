"""Accept and reject tables for every rule of the checker: each entry is a name, a reason ("" to accept) and the text."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from constructions.deltaformer import reachability, swap_tracking
from theory.programs import Dag, SwapProgram

MATRIX = {"matrix": [["1/2", 1], [3, 4]], "determinant": -1}
RANK = {
    "matrix": [[1, 2, 3], [2, 4, 6], [0, 1, 1]],
    "rank": 2,
    "rows": [0, 2],
    "columns": [0, 1],
    "left": [[1, 0], [2, 0], [0, 1]],
    "right": [[1, 2, 3], [0, 1, 1]],
}
BELOW_E = {"left": "679570457/250000000", "relation": "<", "right": ["exp", 1]}
SWAPS = swap_tracking.certificate(SwapProgram(3, [(0, 2), (1, 2), (0, 1)]))
PATHS = reachability.certificate(Dag(4, [(3, 1), (1, 0), (3, 0), (0, 2), (0, 2)]))


def wrap(kind: str, data: Any) -> dict[str, Any]:
    return {"weightproof": 1, "kind": kind, "claim": "test/case", "data": data}


def inequality(left: Any, relation: str, right: Any) -> dict[str, Any]:
    return wrap("inequality", {"left": left, "relation": relation, "right": right})


ACCEPTED: dict[str, Any] = {
    "swaps": SWAPS,
    "swaps-one-slot": swap_tracking.certificate(SwapProgram(1)),
    "swaps-none": swap_tracking.certificate(SwapProgram(4)),
    "paths": PATHS,
    "paths-no-node": reachability.certificate(Dag(0)),
    "paths-one-node": reachability.certificate(Dag(1)),
    "paths-parallel": reachability.certificate(Dag(2, [(1, 0), (1, 0)])),
    "determinant": wrap("determinant", MATRIX),
    "determinant-zero-pivot": wrap("determinant", {"matrix": [[0, 1], [1, 0]], "determinant": -1}),
    "determinant-singular": wrap("determinant", {"matrix": [[1, 2], [2, 4]], "determinant": 0}),
    "rank": wrap("rank", RANK),
    "rank-zero": wrap("rank", {"matrix": [[0, 0]], "rank": 0, "rows": [], "columns": [], "left": [[]], "right": []}),
    "exp": wrap("inequality", BELOW_E),
    "exp-negative": inequality(["exp", -40], "<", ["/", 1, ["exp", 39]]),
    "log": inequality(["log", 2], "<", "7/10"),
    "log-small": inequality(["log", "1/1000"], "<", "-69/10"),
    "cos": inequality(["cos", 3], "<", "-49/50"),
    "cos-zero": inequality(["cos", 0], "<=", 1),
    "equal-rationals": inequality(["+", "1/3", "2/3"], "<=", 1),
    "exp-of-zero": inequality(["exp", 0], "<=", 1),
    "power": inequality(["pow", ["-", 1, 2], 3], "<", ["neg", ["*", "1/2", "1/2"]]),
    "power-negative": inequality(["pow", 2, -3], "<=", "1/8"),
    "needs-more-bits": inequality(["exp", f"1/{10**42}"], "<", ["+", 1, f"1/{10**42 - 1}"]),
}


def changed(base: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    made = copy.deepcopy(base)
    change(made)
    return made


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Set what the path but its last entry leads to, to the last entry."""
    *keys, last, value = path

    def change(document: Any) -> None:
        for key in keys:
            document = document[key]
        document[last] = value

    return change


def drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    *keys, last = path

    def change(document: Any) -> None:
        for key in keys:
            document = document[key]
        del document[last]

    return change


LONG = [["pow", f"{10**3000 + 1}/{10**3000 + 7}", 25], ["pow", f"{10**3000 + 3}/{10**3000 + 9}", 25]]
ANSWERED = swap_tracking.certificate(SwapProgram(3, [(0, 2)]))
ANSWERED["data"] |= {"queries": [[[2, 1]], [[1, 1]], [[0, 1]]]}
ANSWERED["data"]["k"][3] = ANSWERED["data"]["w"][3] = []
DETERMINANT = wrap("determinant", MATRIX)
REJECTED: list[tuple[str, str, Any]] = [
    ("empty", "not-json", ""),
    ("trailing", "not-json", json.dumps(SWAPS) + " x"),
    ("truncated", "not-json", json.dumps(SWAPS)[:-1]),
    ("huge nesting", "too-deep", "[" * 10**6),
    ("nested objects", "too-deep", '{"a":' * 100 + "1" + "}" * 100),
    ("same key", "duplicate-key", '{"weightproof": 1, "weightproof": 1, "kind": "rank", "claim": "a", "data": {}}'),
    ("point", "float", json.dumps(DETERMINANT).replace("-1", "-1.0")),
    ("exponent", "float", json.dumps(DETERMINANT).replace("-1", "-1e0")),
    ("nan", "float", json.dumps(DETERMINANT).replace("-1", "NaN")),
    ("infinity", "float", json.dumps(DETERMINANT).replace("-1", "-Infinity")),
    ("true number", "boolean", changed(DETERMINANT, put("data", "determinant", True))),
    ("null number", "boolean", changed(DETERMINANT, put("data", "determinant", None))),
    ("false index", "boolean", changed(SWAPS, put("data", "swaps", 0, [False, 1]))),
    ("null list", "boolean", changed(SWAPS, put("data", "swaps", None))),
    ("true version", "unknown-version", changed(DETERMINANT, put("weightproof", True))),
    ("long integer", "too-many-digits", '{"weightproof": 1' + "0" * 5000 + "}"),
    ("long fraction", "too-many-digits", changed(DETERMINANT, put("data", "determinant", "1" * 5000 + "/7"))),
    ("minus zero", "padded-number", json.dumps(DETERMINANT).replace("-1", "-0")),
    ("leading zero", "padded-number", changed(DETERMINANT, put("data", "determinant", "01/2"))),
    ("plus sign", "padded-number", changed(DETERMINANT, put("data", "determinant", "+1/2"))),
    ("space", "padded-number", changed(DETERMINANT, put("data", "determinant", " 1/2"))),
    ("newline", "padded-number", changed(DETERMINANT, put("data", "determinant", "1/2\n"))),
    ("not lowest", "padded-number", changed(DETERMINANT, put("data", "determinant", "2/4"))),
    ("over one", "padded-number", changed(DETERMINANT, put("data", "determinant", "2/1"))),
    ("over zero", "padded-number", changed(DETERMINANT, put("data", "determinant", "1/0"))),
    ("arabic digits", "padded-number", changed(DETERMINANT, put("data", "determinant", "\u0661/\u0662"))),
    ("integer text", "padded-number", changed(DETERMINANT, put("data", "determinant", "1"))),
    ("list number", "not-a-number", changed(DETERMINANT, put("data", "determinant", [1]))),
    ("text index", "not-a-number", changed(SWAPS, put("data", "swaps", 0, ["0", 1]))),
    ("no data", "missing-field", changed(DETERMINANT, drop("data"))),
    ("no matrix", "missing-field", changed(DETERMINANT, drop("data", "matrix"))),
    ("more", "unknown-field", changed(DETERMINANT, put("note", "x"))),
    ("more data", "unknown-field", changed(DETERMINANT, put("data", "note", 1))),
    ("version 2", "unknown-version", changed(DETERMINANT, put("weightproof", 2))),
    ("text version", "unknown-version", changed(DETERMINANT, put("weightproof", "1"))),
    ("kind", "unknown-kind", changed(DETERMINANT, put("kind", "magic"))),
    ("list kind", "unknown-kind", changed(DETERMINANT, put("kind", []))),
    ("label", "bad-claim", changed(DETERMINANT, put("claim", "A B"))),
    ("long label", "bad-claim", changed(DETERMINANT, put("claim", "a" * 201))),
    ("label newline", "bad-claim", changed(DETERMINANT, put("claim", "a\n"))),
    ("list", "shape", "[]"),
    ("not square", "shape", changed(DETERMINANT, put("data", "matrix", [[1, 2]]))),
    ("ragged", "shape", changed(DETERMINANT, put("data", "matrix", [[1, 2], [3]]))),
    ("no rows", "shape", changed(DETERMINANT, put("data", "matrix", []))),
    ("no columns", "shape", changed(wrap("rank", RANK), put("data", "matrix", [[]]))),
    ("missing token", "shape", changed(SWAPS, drop("data", "k", 0))),
    ("three in a pair", "shape", changed(SWAPS, put("data", "k", 0, [[0, 1, 1]]))),
    ("operands", "shape", inequality(["exp", 1, 2], "<", 3)),
    ("no operands", "shape", inequality(["neg"], "<", 3)),
    ("slot", "out-of-range", changed(SWAPS, put("data", "swaps", 0, [0, 3]))),
    ("negative slot", "out-of-range", changed(SWAPS, put("data", "swaps", 0, [0, -1]))),
    ("coordinate", "out-of-range", changed(SWAPS, put("data", "k", 0, [[3, 1]]))),
    ("no slot", "out-of-range", changed(SWAPS, put("data", "slots", 0))),
    ("large rank", "out-of-range", changed(wrap("rank", RANK), put("data", "rank", 4))),
    ("unsorted", "unsorted-row", changed(SWAPS, put("data", "k", 3, [[2, -1], [0, 1]]))),
    ("index twice", "unsorted-row", changed(SWAPS, put("data", "k", 0, [[0, 1], [0, 1]]))),
    ("explicit zero", "unsorted-row", changed(SWAPS, put("data", "k", 0, [[0, 1], [1, 0]]))),
    ("self-swap", "improper-swap", changed(SWAPS, put("data", "swaps", 0, [1, 1]))),
    ("write", "not-a-write", changed(SWAPS, put("data", "v", 0, [[1, 1]]))),
    ("scaled write", "not-a-write", changed(SWAPS, put("data", "v", 0, [[0, 2]]))),
    ("smuggled", "token-carries-value", changed(SWAPS, put("data", "v", 4, [[0, 1]]))),
    ("order", "not-topological", changed(PATHS, put("data", "order", [0, 1, 2, 3]))),
    ("node twice", "not-topological", changed(PATHS, put("data", "order", [3, 3, 0, 2]))),
    ("cycle", "not-topological", changed(PATHS, put("data", "edges", 0, [0, 3]))),
    ("loop", "not-topological", changed(PATHS, put("data", "edges", 0, [1, 1]))),
    ("operation", "unknown-operation", inequality(["sin", 1], "<", 3)),
    ("operation list", "unknown-operation", inequality([["exp"]], "<", 3)),
    ("empty expression", "unknown-operation", inequality([], "<", 3)),
    ("relation", "unknown-operation", inequality(1, ">", 0)),
    ("list relation", "unknown-operation", wrap("inequality", {"left": 1, "relation": [], "right": 2})),
    ("log of zero", "domain", inequality(["log", 0], "<", 3)),
    ("log of negative", "domain", inequality(["log", ["-", 1, 2]], "<", 3)),
    ("over zero expression", "domain", inequality(["/", 1, ["-", 1, 1]], "<", 3)),
    ("zero to a negative", "domain", inequality(["pow", 0, -1], "<", 3)),
    ("true but equal", "undecided", inequality(["log", ["exp", "1/3"]], "<=", "1/3")),
    ("exp of much", "time-limit", inequality(["exp", 10**6], "<", 3)),
    ("cos of much", "time-limit", inequality(["cos", 10**6], "<", 3)),
    ("long fractions", "time-limit", inequality(["+", *[["log", ["+", *LONG]]] * 30], "<", 3)),
    ("power tower", "memory-limit", inequality(["pow", ["pow", ["pow", 3, 4000], 4000], 4000], "<", 3)),
    ("product of powers", "memory-limit", inequality(["*", *[["pow", ["pow", 3, 4000], 100]] * 2], "<", 3)),
    ("content", "wrong-readout", changed(SWAPS, put("data", "swaps", 0, [0, 1]))),
    ("sign", "wrong-readout", changed(SWAPS, put("data", "k", 3, [[0, 1], [2, 1]]))),
    ("beta", "wrong-readout", changed(SWAPS, put("data", "beta", 3, "1/2"))),
    ("query", "wrong-readout", changed(SWAPS, put("data", "queries", 0, [[1, 1]]))),
    ("answer in the queries", "wrong-readout", changed(ANSWERED, put("claim", "test/answered"))),
    ("no query", "wrong-readout", changed(SWAPS, put("data", "queries", 0, []))),
    ("count", "wrong-count", changed(PATHS, put("data", "counts", 0, [[0, 1], [1, 2], [3, 2]]))),
    ("weight", "wrong-count", changed(PATHS, put("data", "w", 1, [[0, 1]]))),
    ("edge dropped", "wrong-count", changed(PATHS, drop("data", "edges", 4))),
    ("false", "false-inequality", inequality(["exp", 1], "<", "679570457/250000000")),
    ("equal", "false-inequality", inequality(["exp", 0], "<", 1)),
    ("wrong value", "wrong-determinant", changed(DETERMINANT, put("data", "determinant", 1))),
    ("zero minor", "wrong-rank", changed(wrap("rank", RANK), put("data", "rows", [0, 1]))),
    ("wrong factor", "wrong-rank", changed(wrap("rank", RANK), put("data", "left", 0, [1, 1]))),
]
