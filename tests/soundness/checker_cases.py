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


def form(vector: Any, *sequence: Any) -> dict[str, Any]:
    return wrap("negative-form", {"vector": vector, "sequence": list(sequence)})


def symbol(factor: Any, rest: Any, *sequence: Any) -> dict[str, Any]:
    return wrap("positive-symbol", {"sequence": list(sequence), "rest": rest, "factor": factor})


def growth(
    count: Any, constant: Any, bound: Any, proof: Any, start: int = 1, where: Any = (), sizes: Any = ("N", "d")
) -> Any:
    data = {"sizes": list(sizes), "start": start, "where": list(where), "count": count, "constant": constant}
    return wrap("growth", {**data, "bound": bound, "proof": proof})


def times(*factors: Any) -> list[Any]:
    return ["*", *factors]


def steps(*listed: Any) -> list[Any]:
    return ["steps", list(listed)]


FROM_ONE = [["size", "N", 1, 1], ["size", "d", 1, 1]]
ATTENTION = ["+", times(4, ["pow", "N", 2], "d"), times(8, "N", ["pow", "d", 2]), times(7, ["pow", "N", 2])]
LAYER = ["+", times(["pow", "N", 2], "d"), times("N", ["pow", "d", 2])]
SQUARES = ["+", ["pow", "N", 2], ["pow", "d", 2]]
CHUNKS = ["floor", ["+", "N", "d", -1], "d"]
SPAN = ["+", times(2, ["L", "N"]), 3]
SPAN_PROOF = [
    "at",
    "N",
    [steps(), steps(["log2>=low", 3]), steps()],
    steps(["log2>=", "N"], ["L>=", "N"]),
]
WIDTH = ["L", ["+", "N", "d"]]
PRODUCT = ["L", times("N", "d")]
TOP = ["up2", "N"]
ONE: dict[str, Any] = {"sizes": ("N",)}

GROWTH: dict[str, Any] = {
    "growth": growth(ATTENTION, 11, LAYER, steps(*FROM_ONE)),
    "growth-cases": growth(SPAN, 5, ["log2", "N"], SPAN_PROOF, 2, **ONE),
    "growth-log-squared": growth(
        ["pow", ["L", "N"], 2], 2, "N", ["at", "N", [steps()] * 8, steps(["over", "N", 2], ["L>=", "N"])], **ONE
    ),
    "growth-order": growth(
        times("N", "d"),
        "1/2",
        SQUARES,
        ["order", "N", "d", steps(["under", "d", 0, 1], *FROM_ONE), steps(["under", "N", 0, 1], *FROM_ONE)],
    ),
    "growth-chunks": growth(
        times(CHUNKS, "d"),
        2,
        "N",
        steps(["floor<=", ["+", "N", "d", -1], "d"], ["under", "N", 0, 1], FROM_ONE[1]),
        where=[["d", "N"]],
    ),
    "growth-padding": growth(["+", TOP, times(-1, "N")], 1, "N", steps(["up2<=", "N"]), **ONE),
    "growth-padding-below": growth(["+", times(3, "N"), times(-1, TOP)], 2, "N", steps(["up2>=", "N"]), **ONE),
    "growth-floor-below": growth(times(-1, ["floor", "N", 2]), 0, 1, steps(["floor>=", "N", 2], FROM_ONE[0]), **ONE),
    "growth-floor-squared": growth(
        ["pow", ["floor", "N", 2], 2], "1/4", ["pow", "N", 2], steps(["floor<=", "N", 2]), **ONE
    ),
    "growth-sum-in-log": growth(
        WIDTH,
        2,
        ["+", ["L", "N"], 1],
        steps(["L<=", ["+", "N", "d"], times(2, "N"), [["under", "N", 0, 1]]]),
        where=[["d", "N"]],
    ),
    "growth-product-in-log": growth(
        PRODUCT,
        2,
        ["+", ["log2", times("N", "d")], 1],
        steps(["L<=", times("N", "d"), times("N", "d"), []], ["log2>=half", "N"], ["log2>=half", "d"]),
        2,
    ),
    "growth-root": growth("N", 1, ["pow", "N", "3/2"], steps(["size", "N", 1, 2]), **ONE),
    "growth-root-of-product": growth(
        ["min", "N", "d"],
        1,
        ["pow", times("N", "d"), "1/2"],
        ["each", ["min", "N", "d"], [steps(["under", "d", 0, 2]), steps(["under", "N", 0, 2])]],
    ),
    "growth-max": growth(["max", "N", "d"], 1, ["+", "N", "d"], ["each", ["max", "N", "d"], [steps(), steps()]]),
    "growth-min": growth(["min", "N", "d"], 1, "d", steps(["part", ["min", "N", "d"], 1])),
    "growth-in-max": growth("N", 1, ["max", "N", "d"], steps(["part", ["max", "N", "d"], 0])),
    "growth-logs": growth(["log2", "N"], 1, ["L", "N"], steps(["log2<=", "N"]), **ONE),
    "growth-void": growth("d", 2, 1, ["at", "d", [steps(), steps()], ["void", 0]], where=[["d", 2]]),
    "growth-quotient": growth(["*", "N", ["pow", "d", -1]], 1, "N", steps(*FROM_ONE)),
    "growth-numbers": growth(
        ["+", ["up2", 5], ["floor", 7, 2], ["min", 1], ["min", 2, 1], ["max", 1, 2], ["L", "9/2"], ["log2", 8]],
        21,
        1,
        steps(),
    ),
    "growth-nothing": growth(0, 0, 1, steps(), sizes=()),
}


SQUARED = form([1, -2, 1], 0, -1, -4)  # b = -d^2: 6 b(0) - 8 b(1) + 2 b(2) = 0
FORMS = {
    "form-steps": form([1, -2, 1], 0, 0, -1),
    "form-logs": form([1, -2, 1], ["log", 2], ["log", 3], ["log", "1/2"]),
    "form-fractions": form(["1/2", "-1/2"], 0, 1),
    "form-needs-more-bits": form([1, -1], ["exp", f"1/{10**42}"], ["+", 1, f"1/{10**42 - 1}"]),
    "symbol-linear": symbol([1], 0, 0, "-1/2", -1),
    "symbol-nothing": symbol([], 0, 0, 0),
    "symbol-gaussian": symbol([1, "-1/3"], "1/100", 0, ["neg", ["exp", "1/9"]], -2, ["-", "-29/10", ["exp", -3]]),
    "symbol-exact-rest": symbol([], ["-", ["exp", 0], "1/2"], 0, "-1/2", -1),
}
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
    "log-of-one": inequality(["log", 1], "<=", 0),
    "log-small": inequality(["log", "1/1000"], "<", "-69/10"),
    "cos": inequality(["cos", 3], "<", "-49/50"),
    "cos-zero": inequality(["cos", 0], "<=", 1),
    "equal-rationals": inequality(["+", "1/3", "2/3"], "<=", 1),
    "exp-of-zero": inequality(["exp", 0], "<=", 1),
    "power": inequality(["pow", ["-", 1, 2], 3], "<", ["neg", ["*", "1/2", "1/2"]]),
    "power-negative": inequality(["pow", 2, -3], "<=", "1/8"),
    **FORMS,
    **GROWTH,
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
LAYERS, RISING = GROWTH["growth"], {"count": "N", "constant": 1, "bound": "N"}
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
    ("sum of the vector", "sum-not-zero", form([1, -1, 1], 0, 0, 0)),
    ("empty form", "not-negative", form([])),
    ("zero form", "not-negative", SQUARED),
    ("positive form", "not-negative", form([1, -1], ["log", 3], 0)),
    ("form of another length", "shape", form([1, -1], 0)),
    ("form undecided", "undecided", form([1, -1], ["log", ["exp", "1/3"]], "1/3")),
    ("vector text", "padded-number", form(["x", -1], 0, 1)),
    ("one value", "shape", symbol([], 0, 0)),
    ("long factor", "shape", symbol([1, 1, 1], 0, 0, -1, -2)),
    ("factor too large", "not-shown", symbol([2], 0, 0, "-1/2", -1)),
    ("negative symbol", "not-shown", symbol([1], 0, 0, "1/2", 1)),
    ("rest too large", "not-shown", symbol([1], 1, 0, "-1/2", -1)),
    ("rest negative", "out-of-range", symbol([1], -1, 0, "-1/2", -1)),
    ("rest undecided", "undecided", symbol([], ["-", ["log", ["exp", "1/3"]], "1/3"], 0, "-1/2", -1)),
    ("symbol undecided", "undecided", symbol([], 0, ["log", ["exp", "1/3"]], "1/3", "1/3")),
    ("wrong value", "wrong-determinant", changed(DETERMINANT, put("data", "determinant", 1))),
    ("zero minor", "wrong-rank", changed(wrap("rank", RANK), put("data", "rows", [0, 1]))),
    ("wrong factor", "wrong-rank", changed(wrap("rank", RANK), put("data", "left", 0, [1, 1]))),
    ("size name", "out-of-range", changed(LAYERS, put("data", "sizes", ["N", "1d"]))),
    ("size twice", "out-of-range", changed(LAYERS, put("data", "sizes", ["N", "d", "d"]))),
    ("size list", "out-of-range", changed(LAYERS, put("data", "sizes", [["N"], "d"]))),
    ("size missing", "padded-number", growth("K", 1, "N", steps())),
    ("start zero", "out-of-range", changed(LAYERS, put("data", "start", 0))),
    ("growth operation", "unknown-operation", growth(["sin", "N"], 1, "N", steps())),
    ("growth no operands", "shape", growth(["+"], 1, "N", steps())),
    ("exponent in sizes", "padded-number", growth(["pow", "N", "N"], 1, "N", steps())),
    ("power of a sum", "not-shown", growth(["pow", ["+", "N", "d"], -1], 1, "N", steps())),
    ("root of a number", "not-shown", growth(["pow", 2, "1/2"], 2, 1, steps())),
    ("root of L", "not-shown", growth(["pow", ["L", "N"], "1/2"], 2, "N", steps())),
    ("inverse of zero", "not-shown", growth(["pow", 0, -1], 1, 1, steps())),
    ("high power", "not-shown", growth(["pow", "N", 65], 1, "N", steps())),
    ("log2 of a sum", "not-shown", growth("N", 1, ["log2", ["+", "N", "d"]], steps())),
    ("log2 of a half", "not-shown", growth(["log2", "1/2"], 1, 1, steps())),
    ("floor by zero", "not-shown", growth(["floor", 1, 0], 1, 1, steps())),
    ("no such proof", "unknown-operation", changed(LAYERS, put("data", "proof", ["trust", 1]))),
    ("proof text", "shape", changed(LAYERS, put("data", "proof", "trust"))),
    ("no such step", "unknown-operation", growth(**RISING, proof=steps(["trust", "N"]))),
    ("step is a number", "shape", growth(**RISING, proof=steps(1))),
    ("step arity", "shape", growth(**RISING, proof=steps(["size", "N"]))),
    ("constant too small", "not-shown", changed(LAYERS, put("data", "constant", 10))),
    ("no steps", "not-shown", growth(["pow", "N", 2], 1, ["+", ["pow", "N", 3], -1, 1], steps())),
    ("least too large", "not-shown", growth(2, 1, "N", steps(["size", "N", 2, 1]), where=[[2, "N"]])),
    ("least negative", "not-shown", growth(**RISING, proof=steps(["size", "N", -1, 1]))),
    ("least to no power", "out-of-range", growth(**RISING, proof=steps(["size", "N", 1, 0]))),
    ("step on no size", "out-of-range", growth(**RISING, proof=steps(["size", "K", 1, 1]))),
    ("step on a list", "out-of-range", growth(**RISING, proof=steps(["size", ["N"], 1, 1]))),
    ("slack as size", "out-of-range", growth(**RISING, proof=steps(["size", "#0", 1, 1]))),
    ("no condition", "out-of-range", growth(**RISING, proof=steps(["under", "N", 0, 1]))),
    ("condition on another", "not-shown", growth(**RISING, proof=steps(["under", "N", 0, 1]), where=[["N", "d"]])),
    ("condition on a sum", "not-shown", growth(**RISING, proof=steps(["under", "N", 0, 1]), where=[["d", SQUARES]])),
    (
        "square of a negative",
        "not-shown",
        growth(81, 1, "N", steps(["under", "N", 0, 1]), where=[[-9, ["pow", "N", "1/2"]], [81, "N"]]),
    ),
    ("over from one", "not-shown", growth(["L", "N"], 1, "N", steps(["over", "N", 1]))),
    ("half from one", "not-shown", growth(["L", "N"], 3, ["+", ["log2", "N"], 1], steps(["log2>=half", "N"]))),
    ("log2 of no size", "out-of-range", growth(**RISING, proof=steps(["log2>=", 2]))),
    ("log2 of zero", "out-of-range", growth(**RISING, proof=steps(["log2>=low", 0]))),
    ("L of what falls", "not-shown", growth(0, 1, ["L", times(-1, "N")], steps(["L>=", times(-1, "N")]))),
    ("L of a quotient", "not-shown", growth(0, 1, "N", steps(["L>=", ["pow", "N", -1]]))),
    ("L below a sum", "not-shown", growth(WIDTH, 2, "N", steps(["L<=", ["+", "N", "d"], ["+", "N", "d"], []]))),
    ("L below less", "not-shown", growth(WIDTH, 2, "N", steps(["L<=", ["+", "N", "d"], "N", []]))),
    ("floor of halves", "not-shown", growth(0, 1, "N", steps(["floor>=", times("1/2", "N"), 2]))),
    ("floor by a sum", "not-shown", growth(["floor", "N", ["+", "N", "d"]], 1, "N", steps())),
    ("floor by a negative", "not-shown", growth(["floor", "N", -2], 1, "N", steps())),
    (
        "floor may fall",
        "not-shown",
        growth(
            ["pow", ["floor", ["+", "N", -9], 2], 2],
            16,
            ["pow", "N", 2],
            steps(["floor<=", ["+", "N", -9], 2], FROM_ONE[0]),
        ),
    ),
    ("up2 of a half", "not-shown", growth(0, 1, "N", steps(["up2<=", "1/2"]))),
    ("up2 of a negative", "not-shown", growth(0, 1, "N", steps(["up2<=", ["+", "N", -1]]))),
    ("up2 of what falls", "not-shown", growth(0, 1, "N", steps(["up2<=", ["+", 9, times(-1, "N")]]))),
    ("part of a sum", "not-shown", growth(**RISING, proof=steps(["part", SQUARES, 0]))),
    ("no part", "out-of-range", growth(**RISING, proof=steps(["part", ["min", "N", "d"], 2]))),
    ("part above a min", "not-shown", growth("N", 1, ["min", "N", "d"], steps(["part", ["min", "N", "d"], 0]))),
    ("each of a sum", "not-shown", growth(**RISING, proof=["each", SQUARES, [steps(), steps()]])),
    ("each but one", "shape", growth(**RISING, proof=["each", ["min", "N", "d"], [steps()]])),
    ("condition may hold", "not-shown", growth("N", 1, 1, ["void", 0], where=[["N", 1]])),
    ("condition not seen to fail", "not-shown", growth("N", 1, 1, ["void", 0], where=[[times(-1, "N"), 1]])),
    ("cases of no size", "out-of-range", growth(**RISING, proof=["at", "K", [], steps()])),
    ("a case left out", "not-shown", growth(2, 1, "N", ["at", "N", [], steps(["size", "N", 2, 1])], where=[[2, "N"]])),
    ("where triple", "shape", growth(**RISING, proof=steps(), where=[["N", "d", 1]])),
    ("fails at the start", "bound-exceeded", changed(LAYERS, put("data", "constant", 9))),
    ("fails at the start under a condition", "bound-exceeded", growth("N", "1/2", "d", steps(), where=[["d", "N"]])),
]
