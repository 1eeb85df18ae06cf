"""Checks and controls for the claims in `theory.deltaformer`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from constructions.deltaformer import reachability, swap_tracking
from constructions.deltaformer.lane_filling import lane_filling_program
from constructions.deltaformer.reachability import NodeTokens
from constructions.deltaformer.swap_tracking import OneHotSwaps, Token
from constructions.layers import deltaformer as operator
from empirics import strategies
from empirics.checking import Evidence, Run, assume, check, control, fails, holds
from theory import deltaformer as claims
from theory import formats, summation
from theory.accumulators import certified_swaps
from theory.programs import Dag, SwapProgram, SwapTree

# ---------------------------------------------------------------------------------------------------------------------
# The operator's three forms
# ---------------------------------------------------------------------------------------------------------------------


def _every_chunk(tokens: int) -> range:
    return range(1, tokens + 2)


def _no_solve(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    """Chunked form that forgets the inverse inside the chunk: a falsified neighbour."""
    blocks = []
    for start in range(0, k.shape[0], chunk):
        stop = min(start + chunk, k.shape[0])
        past = np.concatenate([*blocks, v[:0]])
        blocks.append(v[start:stop] - beta[start:stop, None] * (w[start:stop] @ (k[:start].T @ past)))
    return np.concatenate([*blocks, v[:0]])


def _chunked(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    return operator.chunked(k, w, v, beta, chunk=chunk)


def _shifted_mask(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    """Chunked form whose keys are one token late: the mask off by one."""
    return operator.chunked(np.concatenate([k[:1] * 0, k[:-1]]), w, v, beta, chunk=chunk)


def _negated(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    return operator.chunked(-k, -w, v, beta, chunk=chunk)


def _without_beta(k: Any, w: Any, v: Any, beta: Any, chunk: int) -> Any:
    return operator.chunked(k, w, v, beta * 0 + 1, chunk=chunk)


@dataclass(frozen=True)
class Size:
    """Tokens, key dimension and value dimension of a generic instance."""

    tokens: int
    d: int
    m: int


def _generic_sizes(run: Run) -> dict[str, Any]:
    most = run.pick(4, 5)
    return {"size": [Size(t, d, m) for t in range(most + 1) for d in range(3) for m in (1,)]}


@check(
    claims.forms_agree,
    "exhausted",
    given=_generic_sizes,
    scope={"sizes": "T <= 4, d <= 2, every chunk, all entries", "method": "entries are indeterminates over Z"},
)
def forms_agree_identically(size: Size, other: Any = _chunked) -> Evidence:
    """With indeterminates for entries the three forms are the same polynomials, so they agree over every ring."""
    k, w, v, beta = _indeterminates(size)
    first = operator.recurrence(k, w, v, beta)
    for name, found in _all_forms(k, w, v, beta, other):
        if not _same(first, found):
            return fails(f"{size}: {name} differs from the recurrence", _polynomials(first), _polynomials(found))
    return holds(cases=size.tokens + 3)


def _indeterminates(size: Size) -> tuple[np.ndarray, ...]:
    from flint import Ordering, fmpz_mpoly_ctx

    shapes = {"k": (size.tokens, size.d), "w": (size.tokens, size.d), "v": (size.tokens, size.m), "b": (size.tokens,)}
    names = [f"{name}_{'_'.join(map(str, index))}" for name, shape in shapes.items() for index in np.ndindex(*shape)]
    context = fmpz_mpoly_ctx.get(names or ["unused"], Ordering.lex)
    variables = iter(context.gens())
    made = []
    for shape in shapes.values():
        array = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            array[index] = next(variables)
        made.append(array)
    return tuple(made)


def _all_forms(k: Any, w: Any, v: Any, beta: Any, other: Any) -> Iterator[tuple[str, Any]]:
    yield "the triangular solve", operator.solve(k, w, v, beta)
    for chunk in _every_chunk(k.shape[0]):
        yield f"the chunked form with chunk {chunk}", other(k, w, v, beta, chunk)


def _same(a: Any, b: Any) -> bool:
    return a.shape == b.shape and all(x == y for x, y in zip(a.ravel(), b.ravel(), strict=True))


def _polynomials(u: Any) -> str:
    return "; ".join(str(x) for x in u.ravel())


@check(
    claims.forms_agree,
    "tested",
    given={"inputs": strategies.keys_and_queries(most_tokens=12, most_dimension=4)},
    scope={"sizes": "T <= 12, d <= 4, every chunk", "arithmetic": "Q"},
    examples=(60, 1500),
)
def forms_agree_on_rationals(inputs: dict[str, Any], other: Any = _chunked) -> Evidence:
    """Random rational inputs: the solve and every chunk length give the recurrence's U."""
    k, w, v, beta = (inputs[name] for name in ("k", "w", "v", "beta"))
    first = operator.recurrence(k, w, v, beta)
    for name, found in _all_forms(k, w, v, beta, other):
        if not _same(first, found):
            return fails(f"T = {len(k)}, d = {k.shape[1]}: {name} differs from the recurrence", first, found)
    return holds()


for _check in (forms_agree_identically, forms_agree_on_rationals):
    control(
        _check, "inverse-forgotten", "refuted", other=_no_solve, reason="tokens of one chunk no longer see each other"
    )
    control(_check, "mask-off-by-one", "refuted", other=_shifted_mask, reason="a token reads the key before its own")
    control(_check, "beta-dropped", "refuted", other=_without_beta, reason="beta scales what is read")
    control(
        _check,
        "keys-and-writes-negated",
        "confirmed",
        other=_negated,
        symmetry="<-k, -w> = <k, w>, and U does not contain k",
    )


@dataclass(frozen=True)
class Dual:
    """a + b eps with eps^2 = 0 over Q: the b part of a polynomial's value is its directional derivative."""

    a: Fraction
    b: Fraction = Fraction(0)

    def __add__(self, other: Any) -> Dual:
        other = _dual(other)
        return Dual(self.a + other.a, self.b + other.b)

    def __sub__(self, other: Any) -> Dual:
        return self + _dual(other) * -1

    def __mul__(self, other: Any) -> Dual:
        other = _dual(other)
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    def __rsub__(self, other: Any) -> Dual:
        return _dual(other) - self

    def __neg__(self) -> Dual:
        return self * -1

    __radd__ = __add__
    __rmul__ = __mul__


def _dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(Fraction(x))


_duals = np.frompyfunc(Dual, 2, 1)


def _adjoint(*args: Any, **how: Any) -> Any:
    return operator.gradients(*args, **how)


def _adjoint_of_transposed_order(k: Any, w: Any, v: Any, beta: Any, grad_u: Any, **how: Any) -> Any:
    """Keys and writes exchanged: the adjoint of another operator."""
    found = operator.gradients(w, k, v, beta, grad_u, **how)
    return found._replace(k=found.w, w=found.k)


def _adjoint_without_beta(*args: Any, **how: Any) -> Any:
    found = operator.gradients(*args, **how)
    return found._replace(beta=np.zeros_like(found.beta))


@check(
    claims.gradients_agree,
    "tested",
    given={
        "inputs": strategies.keys_and_queries(most_tokens=6, most_dimension=3),
        "direction": strategies.keys_and_queries(most_tokens=6, most_dimension=3),
    },
    scope={"sizes": "T <= 6, d <= 3, every chunk", "oracle": "dual numbers through the recurrence"},
    covers=False,
    examples=(60, 1500),
)
def gradients_are_the_derivative(
    inputs: dict[str, Any], direction: dict[str, Any], adjoint: Any = _adjoint
) -> Evidence:
    """<G, derivative along a direction> equals <gradient, direction> exactly, for every form and chunk."""
    arguments = [inputs[name] for name in ("k", "w", "v", "beta")]
    along = [_fitted(direction[name], x.shape) for name, x in zip(("k", "w", "v", "beta"), arguments, strict=True)]
    u = operator.recurrence(*(_duals(x, y) if x.size else x for x, y in zip(arguments, along, strict=True)))
    grad_u = _fitted(direction["v"] + 1, u.shape)
    derivative = sum((_dual(x).b * g for x, g in zip(u.ravel(), grad_u.ravel(), strict=True)), Fraction(0))
    for form in operator.FORMS:
        for chunk in _every_chunk(len(u)) if form == "chunked" else (1,):
            found = adjoint(*arguments, grad_u, form=form, chunk=chunk)
            pairs = zip((found.k, found.w, found.v, found.beta), along, strict=True)
            value = sum((a * b for x, y in pairs for a, b in zip(x.ravel(), y.ravel(), strict=True)), Fraction(0))
            if value != derivative:
                return fails(
                    f"T = {len(u)}: the {form} adjoint (chunk {chunk}) is not the derivative", derivative, value
                )
    return holds()


def _fitted(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The values of `array`, repeated or cut, in another shape; zeros when there are none."""
    count = int(np.prod(shape, dtype=int))
    values = [array.ravel()[i % array.size] if array.size else Fraction(0) for i in range(count)]
    made = np.empty(count, dtype=object)
    made[:] = values
    return made.reshape(shape)


control(
    gradients_are_the_derivative,
    "keys-and-writes-exchanged",
    "refuted",
    adjoint=_adjoint_of_transposed_order,
    reason="<k_i, w_t> is not symmetric in the two roles",
)
control(
    gradients_are_the_derivative, "beta-dropped", "refuted", adjoint=_adjoint_without_beta, reason="U depends on beta"
)
control(
    gradients_are_the_derivative,
    "both-negated",
    "confirmed",
    adjoint=lambda k, w, v, beta, g, **how: _negate_back(operator.gradients(-k, -w, v, beta, g, **how)),
    symmetry="<-k, -w> = <k, w>: the gradients in k and w change sign with them",
)


def _negate_back(found: Any) -> Any:
    return found._replace(k=-found.k, w=-found.w)


# ---------------------------------------------------------------------------------------------------------------------
# Swap tracking: constructions falsified by one edit, and true neighbours
# ---------------------------------------------------------------------------------------------------------------------


class SignDropped(OneHotSwaps):
    """e_a + e_b in place of e_a - e_b."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) + e(b), e(a) + e(b))


class WriteReversed(OneHotSwaps):
    """w = e_b - e_a against k = e_a - e_b: the reflection becomes a stretch."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) - e(b), e(b) - e(a))


class HalfBeta(OneHotSwaps):
    """beta = 1/2: the eigenvalue -1 becomes 0, and a swap an average."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) - e(b), e(a) - e(b), Fraction(1, 2))


class DoubleBeta(OneHotSwaps):
    """beta = 2, right for DeltaNet's unit keys, wrong for keys of squared length 2."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return Token(e(a) - e(b), e(a) - e(b), 2)


class OneDimensionShort(OneHotSwaps):
    """The last slot has no coordinate."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int8)[:, : n - 1]


class PairReversed(OneHotSwaps):
    """(b a) in place of (a b)."""

    def swap(self, e: Any, a: Any, b: Any) -> Token:
        return super().swap(e, b, a)


class Relabelled(OneHotSwaps):
    """Coordinates permuted: slot j uses coordinate n-1-j."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int8)[::-1]


class SignedUnits(OneHotSwaps):
    """e_j replaced by -e_j for odd j, an orthonormal basis like any other."""

    def units(self, n: int) -> Any:
        return np.eye(n, dtype=np.int8) * (1 - 2 * (np.arange(n, dtype=np.int8) % 2))[:, None]


def _swap_controls(made: Any, *, coordinates: bool = True) -> None:
    """The controls that every check of the swap construction must get right."""
    control(made, "sign-dropped", "refuted", construction=SignDropped(), reason="I - (e_a+e_b)(e_a+e_b)^T negates")
    control(made, "write-reversed", "refuted", construction=WriteReversed(), reason="the eigenvalue is 3, not -1")
    control(made, "beta-halved", "refuted", construction=HalfBeta(), reason="det of a swap is -1, of this token 0")
    control(made, "beta-doubled", "refuted", construction=DoubleBeta(), reason="|e_a - e_b|^2 = 2 already")
    control(
        made,
        "pair-reversed",
        "confirmed",
        construction=PairReversed(),
        symmetry="k and w both change sign: <-k, -w> = <k, w>",
    )
    if coordinates:
        control(
            made, "dimension-short", "refuted", construction=OneDimensionShort(), reason="the last slot cannot be read"
        )
        control(
            made,
            "coordinates-relabelled",
            "confirmed",
            construction=Relabelled(),
            symmetry="an orthogonal change of basis",
        )
        control(made, "basis-signs", "confirmed", construction=SignedUnits(), symmetry="an orthogonal change of basis")


# ---------------------------------------------------------------------------------------------------------------------
# Theorem A
# ---------------------------------------------------------------------------------------------------------------------


@check(claims.linear_kernel, "derived", covers=True, scope={"sizes": "all n and S", "method": "patterns of equality"})
def one_step_identity(construction: Any = OneHotSwaps()) -> Evidence:
    """Write, swap and read act on an arbitrary state as the argument says, in every pattern of equality of a, b, j."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, row, unit

    a, b, j = Slot("a"), Slot("b"), Slot("j")
    content = sympy.Symbol("content")
    write, swap, query = construction.write(unit, a), construction.swap(unit, a, b), construction.read(unit, j)
    after_write = row(j) + write.k.inner(unit(j)) * (content - sympy.sympify(write.beta) * write.w.apply(row))
    after_swap = row(j) - swap.k.inner(unit(j)) * sympy.sympify(swap.beta) * swap.w.apply(row)
    decided = 0
    for pattern in patterns((a, b, j)):
        same_a, same_b = pattern[j] == pattern[a], pattern[j] == pattern[b]
        steps = (
            ("read", query.apply(row), row(j)),
            ("write", after_write, content if same_a else row(j)),
            ("swap", after_swap, row(b) if same_a else row(a) if same_b else row(j)),
        )
        for name, found, wanted in steps:
            residual = in_pattern(sympy.sympify(found - wanted), pattern)
            if residual != 0:
                got, right = in_pattern(found, pattern), in_pattern(sympy.sympify(wanted), pattern)
                return fails(f"{name}, {describe(pattern)}: row j becomes {got}, not {right}", right, got)
            decided += 1
    return holds(cases=decided)


_swap_controls(one_step_identity, coordinates=False)


def _trees(run: Run) -> dict[str, Any]:
    longest = run.pick({1: 2, 2: 40, 3: 10, 4: 7, 5: 5}, {1: 4, 2: 100, 3: 13, 4: 8, 5: 6, 6: 5})
    return {"tree": [SwapTree.complete(n, length) for n, length in longest.items()]}


def enumerate_tree(tree: SwapTree, construction: OneHotSwaps) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For every length s: the read-out `(programs, n, n)` of all programs of s swaps, and their contents `(programs, n)`.

    The operator's own `step` runs on integer states (fractions when a weight is one), once for every prefix.
    """
    n = tree.n
    writes = construction.compile_batch(n, np.zeros((1, 0, 2), dtype=np.int64))
    kind = np.asarray(construction.swap(lambda slots: construction.units(n)[slots], 0, 0).beta).dtype
    dtype: Any = np.int8 if kind != object else "Q"
    writes = writes.cast(dtype)
    state = np.zeros((1, writes.k.shape[-1], n), dtype=writes.k.dtype)
    if dtype == "Q":
        state = state.astype(object)
    for token in range(n):
        state, _ = operator.step(
            state, writes.k[:, token], writes.w[:, token], writes.v[:, token], writes.beta[:, token]
        )
    contents = np.arange(n)[None]
    yield 0, writes.queries @ state, contents
    for s, choices in enumerate(tree.choices, 1):
        swaps = np.array(choices, dtype=np.int64).reshape(-1, 1, 2)
        tokens = construction.compile_batch(n, swaps).cast(dtype)
        k, w, v, beta = (x[:, n] for x in (tokens.k, tokens.w, tokens.v, tokens.beta))
        state, _ = operator.step(state[:, None], k[None], w[None], v[None], beta[None], check_finite=False)
        state = state.reshape(-1, *state.shape[2:])
        pairs = np.tile(swaps[:, 0], (len(contents), 1))
        contents = np.repeat(contents, len(choices), axis=0)
        rows = np.arange(len(contents))
        first, second = contents[rows, pairs[:, 0]], contents[rows, pairs[:, 1]]
        contents[rows, pairs[:, 0]], contents[rows, pairs[:, 1]] = second, first
        yield s, writes.queries @ state, contents


@check(
    claims.linear_kernel,
    "exhausted",
    given=_trees,
    scope={"sizes": "n <= 5; S <= 40, 10, 7, 5 for n = 2, 3, 4, 5", "evaluation": "recurrence in integers"},
)
def every_sequence(tree: SwapTree, construction: Any = OneHotSwaps()) -> Evidence:
    """All sequences of proper swaps, through the operator's recurrence, read back after every swap."""
    decided = 0
    for s, read, contents in enumerate_tree(tree, construction):
        wanted = np.eye(tree.n, dtype=np.int8)[contents]
        wrong = np.flatnonzero((read != wanted).any(axis=(1, 2)))
        if wrong.size:
            program = tree.program(s, int(wrong[0]))
            slot = int(np.flatnonzero((read[wrong[0]] != wanted[wrong[0]]).any(axis=1))[0])
            got = ", ".join(map(str, read[wrong[0], slot].tolist()))
            last = f" at token {tree.n + s - 1}" if s else ""
            return fails(
                f"{program}: slot {slot} reads ({got}), not content {contents[wrong[0], slot]}{last}",
                contents[wrong[0]].tolist(),
                read[wrong[0]].tolist(),
                {"tree": tree.only(program)},
            )
        decided += len(contents)
    return holds(cases=decided)


_swap_controls(every_sequence)


def _module_read_out(program: SwapProgram, construction: Any, form: Any, dtype: str, device: str) -> Any:
    import torch

    from constructions.deltaformer.swap_tracker import SwapTracker

    tracker = SwapTracker(program.n, construction, form=form, chunk=5, dtype=getattr(torch, dtype)).to(device)
    swaps = torch.tensor(program.swaps, dtype=torch.int64, device=device).reshape(1, -1, 2)
    return tracker(swaps)[0]


@check(
    claims.linear_kernel,
    "tested",
    given={"program": strategies.swap_programs(most_slots=24, most_swaps=64)},
    first=({"program": SwapProgram(1)}, {"program": SwapProgram(1, [(0, 0)])}, {"program": SwapProgram(2, [(0, 1)])}),
    scope={"sizes": "n <= 24, S <= 64", "evaluation": "torch module, fp64 and fp32, all forms; int8 recurrence"},
    examples=(120, 2500),
)
def programs_in_torch(program: SwapProgram, construction: Any = OneHotSwaps(), run: Run = Run()) -> Evidence:
    """Random programs, self-swaps included, through the torch module in three forms: exactly one-hot, no tolerance."""
    wanted = np.eye(program.n)[list(program.contents())]
    for form, dtype in (("recurrence", "float64"), ("solve", "float64"), ("chunked", "float32")):
        read = _module_read_out(program, construction, form, dtype, run.device).detach().cpu().numpy()
        if not np.array_equal(read, wanted):
            return fails(f"{program}: the {form} form in {dtype} reads otherwise", wanted.tolist(), read.tolist())
    return holds()


_swap_controls(programs_in_torch)


@check(
    claims.linear_kernel,
    "certified",
    given=lambda run: {"program": _certified_programs(run)},
    scope={"sizes": "instances with n up to 128, S up to 256"},
)
def certified_instances(program: SwapProgram, construction: Any = OneHotSwaps()) -> Evidence:
    """Instances handed to the trusted checker: it recomputes U from the weights alone, for all contents by linearity."""
    return holds(certificates=[swap_tracking.certificate(program, construction, claims.linear_kernel.id)])


def _certified_programs(run: Run) -> list[SwapProgram]:
    draw = np.random.default_rng(run.seed)
    sizes = [(1, 0), (2, 1), (3, 4), (5, 24), (16, 40), (128, 256)] + run.pick([], [(64, 512), (256, 256)])
    return [SwapProgram(n, [draw.choice(n, 2, replace=False).tolist() for _ in range(s)]) for n, s in sizes]


_swap_controls(certified_instances)


# ---------------------------------------------------------------------------------------------------------------------
# Summation orders
# ---------------------------------------------------------------------------------------------------------------------


@check(claims.contiguous_orders, "derived", covers=True, scope={"sizes": "all n and S", "order": "any contiguous tree"})
def terms_telescope(construction: Any = OneHotSwaps()) -> Evidence:
    """A swap's term in a later sum is f after minus f before, in every pattern of equality; f and terms stay small."""
    import sympy

    from theory.symbolic import Slot, describe, in_pattern, patterns, unit

    s, p, q, a, b = (Slot(name) for name in "spqab")
    token, reader = construction.swap(unit, p, q), construction.swap(unit, a, b).w
    content = -sympy.sympify(token.beta) * token.w.inner(unit(s))
    decided = 0
    for pattern in patterns((s, p, q, a, b)):
        moved = q if pattern[s] == pattern[p] else p if pattern[s] == pattern[q] else s
        for name, w in (("swap", reader), ("read", construction.read(unit, a))):
            if name == "swap" and pattern[a] == pattern[b]:
                continue
            before, after = (in_pattern(sympy.sympify(w.inner(unit(x))), pattern) for x in (s, moved))
            term = in_pattern(sympy.sympify(token.k.inner(w) * content), pattern)
            if term != after - before:
                return fails(f"{name}, {describe(pattern)}: the term is {term}, f goes from {before} to {after}")
            if before not in (-1, 0, 1):
                return fails(f"{name}, {describe(pattern)}: f = {before} lies outside -1..1")
            decided += 1
    return holds(cases=decided)


_swap_controls(terms_telescope, coordinates=False)

NARROW = ("fp8_e5m2", "fp8_e4m3fn", "bf16", "fp16", "tf32")


@dataclass(frozen=True)
class Sum:
    """How a sum is taken: the accumulator's format and the order, both by name."""

    fmt: str
    order: str

    def __str__(self) -> str:
        return f"{self.fmt}, {self.order}"


def last_sums(tokens: Any, how: Sum) -> tuple[np.ndarray, np.ndarray]:
    """For a batch of programs: the last token's sum over all earlier ones, as `how` computes it, and exactly.

    Both `(batch, m)`. Earlier u are exact, by the integer recurrence: the last token is the first that could be wrong.
    """
    u = operator.recurrence(tokens.k[:, :-1], tokens.w[:, :-1], tokens.v[:, :-1], tokens.beta[:, :-1])
    weights = (tokens.k[:, :-1] * tokens.w[:, -1:]).sum(axis=-1, dtype=np.int64)
    terms = np.swapaxes(weights[..., None] * u, 1, 2)
    computed = summation.add(summation.order_named(how.order), terms.astype(np.float64), formats.named(how.fmt))
    return np.asarray(computed), terms.sum(axis=-1)


def _sums_agree(program: SwapProgram, how: Sum, construction: Any) -> Evidence | None:
    tokens = construction.compile_batch(program.n, np.array(program.swaps, dtype=np.int64).reshape(1, -1, 2))
    computed, exact = last_sums(tokens, how)
    wrong = np.flatnonzero((computed != exact)[0])
    if not wrong.size:
        return None
    x = int(wrong[0])
    return fails(
        f"{how}: {_short(program)}: the last swap sums content {x} to {computed[0, x]:g}, not {exact[0, x]}",
        exact[0].tolist(),
        computed[0].tolist(),
    )


def _short(program: SwapProgram) -> str:
    if len(set(program.swaps)) == 1 and len(program.swaps) > 2:
        a, b = program.swaps[0]
        return f"{program.n} slots, swap ({a} {b}) {len(program.swaps)} times"
    return str(program) if len(program.swaps) <= 16 else f"{program.n} slots, {len(program.swaps)} swaps"


def _short_trees(run: Run) -> dict[str, Any]:
    orders = ("time", "reverse", "blocked(3)", "pairwise")
    sums = [Sum(fmt, order) for fmt in NARROW for order in orders]
    lengths = run.pick({2: 14, 3: 5, 4: 3}, {2: 40, 3: 8, 4: 5})
    programs = [(n, s) for n, most in lengths.items() for s in range(1, most + 1)]
    return {"size": programs, "how": sums}


@check(
    claims.contiguous_orders,
    "exhausted",
    given=_short_trees,
    scope={
        "sizes": "n = 2, 3, 4; S <= 14, 5, 3",
        "order": "time, reverse, blocks of 3, pairwise",
        "evaluation": "emulated accumulators, rounded after every addition",
    },
)
def every_short_sum(size: tuple[int, int], how: Sum, construction: Any = OneHotSwaps(), lanes: int = 1) -> Evidence:
    """All programs of a size: the last token's sum, rounded after every addition in the format, is exact."""
    from theory.permutations import swap_sequences

    n, length = size
    if lanes > 1:
        how = Sum(how.fmt, f"interleaved({lanes})")
    decided = 0
    for batch in swap_sequences(n, length):
        computed, exact = last_sums(construction.compile_batch(n, batch), how)
        wrong = np.flatnonzero((computed != exact).any(axis=1))
        if wrong.size:
            found = _sums_agree(SwapProgram(n, batch[wrong[0]].tolist()), how, construction)
            assert found is not None
            return found
        decided += len(batch)
    return holds(cases=decided)


control(
    every_short_sum,
    "two-lanes",
    "refuted",
    lanes=2,
    reason="9 swaps of one pair overflow 3 bits of precision in a lane",
)
control(
    every_short_sum,
    "pair-reversed",
    "confirmed",
    construction=PairReversed(),
    symmetry="k and w both change sign: <-k, -w> = <k, w>",
)


@check(
    claims.any_order_as_stated,
    "exhausted",
    given=lambda run: {
        "program": [SwapProgram(2, [(0, 1)] * length) for length in range(1, 41)],
        "how": [Sum("fp8_e5m2", "interleaved(2)")],
    },
    scope={"sizes": "n = 2, S <= 40"},
)
def two_slots_back_and_forth(
    program: SwapProgram, how: Sum, order: str = "", construction: Any = OneHotSwaps()
) -> Evidence:
    """Two slots swapped again and again, every number of times, summed with two interleaved accumulators."""
    return _sums_agree(program, Sum(how.fmt, order or how.order), construction) or holds()


control(two_slots_back_and_forth, "time-order", "confirmed", order="time", reason="intervals of time telescope")
control(two_slots_back_and_forth, "pairwise", "confirmed", order="pairwise", reason="intervals of time telescope")
control(
    two_slots_back_and_forth, "four-lanes", "refuted", order="interleaved(4)", reason="a lane of four fills up as well"
)


@dataclass(frozen=True)
class Accumulators:
    """A format by name and the number of interleaved accumulators."""

    fmt: str
    lanes: int

    def __str__(self) -> str:
        return f"{self.fmt}, {self.lanes} accumulators"


def interleaved_law(precision: int, lanes: int) -> int:
    """The largest number of swaps for which L interleaved accumulators are exact: L (2^(p-1) - 1) + 2."""
    return lanes * (2 ** (precision - 1) - 1) + 2


def any_order_law(precision: int, lanes: int) -> int:
    """The largest number of swaps for which every order is exact: 2^p. The lanes are those of the worst order."""
    return 2**precision


def _frontier(case: Accumulators, law: Any, certified_lanes: int | None) -> Evidence:
    """Search the certified range, run a program at it and one beyond, and compare with the law."""
    precision = formats.named(case.fmt).precision
    assert precision is not None, "accumulators round; Q does not"
    claimed = law(precision, case.lanes)
    certified = certified_swaps(precision, certified_lanes)
    how = Sum(case.fmt, f"interleaved({case.lanes})")
    at = _sums_agree(lane_filling_program(case.lanes, max(claimed, 1)), how, OneHotSwaps())
    if at is not None:
        return at
    if claimed < certified:
        return fails(f"{case}: no addition rounds in any program of {certified} swaps", claimed, certified)
    beyond = _sums_agree(lane_filling_program(case.lanes, claimed + 1), how, OneHotSwaps())
    if beyond is None:
        return fails(f"{case}: the worst program known of {claimed + 1} swaps is still exact", "inexact", "exact")
    if claimed > certified:
        return fails(f"{case}: an addition can round from {certified + 1} swaps on", claimed, certified)
    return holds(frontier={})


@check(
    claims.interleaved_frontier,
    "exhausted",
    given=lambda run: {
        "case": [Accumulators(fmt, lanes) for fmt in ("fp8_e5m2", "fp8_e4m3fn") for lanes in (2, 3, 4, 8)]
        + [
            Accumulators(fmt, lanes)
            for fmt in run.pick(("bf16", "fp16"), NARROW[2:])
            for lanes in run.pick((2, 4), (2, 3, 4, 8))
        ]
    },
    scope={
        "sizes": "all n and sequences: L = 2, 3, 4, 8 in fp8; 2, 4 in bf16, fp16",
        "method": "max-plus search over all walks certifies S*; the program of S* + 1 swaps is run and fails",
    },
)
def interleaved_frontier_is_sharp(case: Accumulators, law: Any = interleaved_law) -> Evidence:
    """For each format and L: the searched certified range is the law, and one swap more fails on an explicit program."""
    return _frontier(case, law, case.lanes)


@check(
    claims.any_order_frontier,
    "exhausted",
    given={"case": [Accumulators(fmt, 2) for fmt in NARROW]},
    scope={
        "sizes": "all n, sequences and orders, each format",
        "method": "max-plus search over all sets of terms certifies S*; the program of S* + 1 swaps is run and fails",
    },
    covers=True,
)
def any_order_frontier_is_sharp(case: Accumulators, law: Any = any_order_law) -> Evidence:
    """For each format: the searched certified range over all orders is the law, and two lanes fail one swap later."""
    return _frontier(case, law, None)


for _check, _law in ((interleaved_frontier_is_sharp, interleaved_law), (any_order_frontier_is_sharp, any_order_law)):
    control(
        _check, "one-more", "refuted", law=lambda p, lanes, law=_law: law(p, lanes) + 1, reason="that program fails"
    )
    control(
        _check, "one-fewer", "refuted", law=lambda p, lanes, law=_law: law(p, lanes) - 1, reason="one more is exact"
    )
    control(
        _check, "one-bit-fewer", "refuted", law=lambda p, lanes, law=_law: law(p - 1, lanes), reason="a bit doubles S*"
    )
control(
    interleaved_frontier_is_sharp,
    "rearranged",
    "confirmed",
    law=lambda p, lanes: (2 ** (p - 1)) * lanes - lanes + 2,
    symmetry="the same polynomial written out",
)
control(
    any_order_frontier_is_sharp, "as-two-lanes", "confirmed", law=interleaved_law, reason="the two laws agree at L = 2"
)


# ---------------------------------------------------------------------------------------------------------------------
# Reachability
# ---------------------------------------------------------------------------------------------------------------------


class OneParentOnly(NodeTokens):
    """Parallel edges collapsed: w holds 0 or -1."""

    def write(self, parents: Any) -> Any:
        return self.sign * (parents != 0)


class KeyOffByOne(NodeTokens):
    """The key of the next coordinate."""

    def compile_batch(self, adjacency: Any) -> Any:
        made = super().compile_batch(adjacency)
        from dataclasses import replace

        return replace(made, k=np.roll(made.k, 1, axis=-1))


class BothNegated(NodeTokens):
    """k = -e_t and w = +sum of parents."""

    def key(self, e: Any, node: Any) -> Any:
        return -e(node)

    def write(self, parents: Any) -> Any:
        return -self.sign * parents


def _graph_batches(run: Run) -> dict[str, Any]:
    return {"nodes": list(range(run.pick(6, 7)))}


def all_adjacencies(n: int) -> np.ndarray:
    """Every simple graph on n nodes in topological order, fewest edges first: `(2^(n(n-1)/2), n, n)`, int64."""
    below = np.tril_indices(n, -1)
    count = len(below[0])
    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    bits = bits[np.argsort(bits.sum(axis=1), kind="stable")]
    made = np.zeros((2**count, n, n), dtype=np.int64)
    made[:, below[0], below[1]] = bits
    return made


def _as_graph(adjacency: np.ndarray) -> Dag:
    edges = [(i, t) for t, i in np.argwhere(adjacency).tolist() for _ in range(int(adjacency[t, i]))]
    return Dag(len(adjacency), edges)


def _powers(adjacency: np.ndarray) -> np.ndarray:
    """Path counts as I + N + N^2 + ..., without any triangular solve."""
    n = adjacency.shape[-1]
    total = power = np.broadcast_to(np.eye(n, dtype=adjacency.dtype), adjacency.shape)
    for _ in range(n - 1):
        power = adjacency @ power
        total = total + power
    return total


@check(claims.path_counts, "derived", covers=True, scope={"sizes": "all graphs", "method": "patterns of equality"})
def last_edge_identity(construction: Any = NodeTokens()) -> Evidence:
    """The coefficient of u_i in u_t is N_ti: one delta identity with t, i, c as symbols, for arbitrary multiplicities."""
    import sympy

    from theory.symbolic import Combination, Slot, describe, in_pattern, patterns, row, unit

    i, c = Slot("i"), Slot("c")
    summand = construction.write(Combination(((c, row(c)),)))
    coefficient = -construction.key(unit, i).inner(summand)
    for pattern in patterns((i, c)):
        wanted = row(c) if pattern[i] == pattern[c] else sympy.Integer(0)
        found = in_pattern(sympy.sympify(coefficient), pattern)
        if sympy.expand(found - in_pattern(sympy.sympify(wanted), pattern)) != 0:
            return fails(f"{describe(pattern)}: parent c adds {found} times u_i, not {wanted}", wanted, found)
    return holds(cases=2)


control(last_edge_identity, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="counts (-1)^length")
control(last_edge_identity, "doubled", "refuted", construction=NodeTokens(sign=-2), reason="counts 2^length")
control(last_edge_identity, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")


@check(
    claims.path_counts,
    "exhausted",
    given=_graph_batches,
    scope={"sizes": "all simple graphs with n <= 5 nodes", "oracle": "powers of the adjacency matrix"},
)
def every_small_graph(nodes: int, construction: Any = NodeTokens(), multiplicity: int = 1) -> Evidence:
    """Every graph on n ordered nodes: counts equal the powers' sum and positivity equals reachability."""
    graphs = all_adjacencies(nodes) * multiplicity
    tokens = construction.compile_batch(graphs)
    found, wanted = tokens.first_stage(), _powers(graphs)
    wrong = np.flatnonzero((found != wanted).any(axis=(1, 2)))
    if wrong.size:
        t, s = (int(x) for x in np.argwhere(found[wrong[0]] != wanted[wrong[0]])[0])
        graph = _as_graph(graphs[wrong[0]])
        words = f"{graph}: {s} to {t} gives {found[wrong[0], t, s]}, there are {wanted[wrong[0], t, s]} paths"
        return fails(words, wanted[wrong[0]].tolist(), found[wrong[0]].tolist())
    return holds(cases=len(graphs))


control(every_small_graph, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="an edge counts -1")
control(
    every_small_graph, "key-off-by-one", "refuted", construction=KeyOffByOne(), reason="a parent's key is another's"
)
control(every_small_graph, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")
control(every_small_graph, "double-edges", "confirmed", multiplicity=2, reason="parallel edges count apart: 2^length")


@check(
    claims.path_counts,
    "tested",
    given={"graph": strategies.dags(most_nodes=9, most_edges=14)},
    first=({"graph": Dag(0)}, {"graph": Dag(1)}, {"graph": Dag(2, [(1, 0), (1, 0)])}),
    scope={"sizes": "n <= 9, parallel edges, any labels", "oracle": "networkx"},
    examples=(120, 2500),
)
def against_networkx(graph: Dag, construction: Any = NodeTokens()) -> Evidence:
    """Random multigraphs under random labels against networkx: simple paths one by one, and descendants."""
    import networkx

    oracle = networkx.MultiDiGraph()
    oracle.add_nodes_from(range(graph.n))
    oracle.add_edges_from(graph.edges)
    found = construction.run(graph)
    for x in range(graph.n):
        below = networkx.descendants(oracle, x) | {x}
        for y in range(graph.n):
            paths = 1 if x == y else sum(1 for _ in networkx.all_simple_edge_paths(oracle, x, y))
            if found[y][x] != paths or (found[y][x] > 0) != (y in below):
                return fails(f"{graph}: {x} to {y} gives {found[y][x]}, networkx counts {paths}", paths, found[y][x])
    return holds()


control(against_networkx, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="an edge counts -1")
control(
    against_networkx, "one-parent-only", "refuted", construction=OneParentOnly(), reason="parallel edges count apart"
)
control(against_networkx, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")


@check(
    claims.path_counts,
    "certified",
    given=lambda run: {"graph": _certified_graphs(run)},
    scope={"sizes": "instances with n up to 40"},
)
def certified_graphs(graph: Dag, construction: Any = NodeTokens()) -> Evidence:
    """Instances handed to the trusted checker: counts recomputed from the weights and again from the edges."""
    return holds(certificates=[reachability.certificate(graph, construction, claims.path_counts.id)])


def _certified_graphs(run: Run) -> list[Dag]:
    draw = np.random.default_rng(run.seed)
    graphs = [Dag(1), Dag(3, [(0, 1), (1, 2), (0, 2)]), Dag(2, [(1, 0), (1, 0)])]
    for n in run.pick((8, 40), (8, 40, 80)):
        names = draw.permutation(n).tolist()
        ends = [sorted(draw.choice(n, 2, replace=False).tolist()) for _ in range(3 * n)]
        graphs.append(Dag(n, [(names[x], names[y]) for x, y in ends]))
    return graphs


control(certified_graphs, "sign-dropped", "refuted", construction=NodeTokens(sign=1), reason="an edge counts -1")
control(certified_graphs, "both-negated", "confirmed", construction=BothNegated(), symmetry="<-k, -w> = <k, w>")


def _reading_agrees(nodes: int, construction: Any, positive: bool) -> Evidence:
    """Whether a reading of the value equals reachability on every simple graph of that many nodes."""
    graphs = all_adjacencies(nodes)
    assume(len(graphs))
    value = construction.compile_batch(graphs).first_stage()
    reached, said = _powers(graphs) > 0, value > 0 if positive else value != 0
    wrong = np.flatnonzero((reached != said).any(axis=(1, 2)))
    if wrong.size:
        t, s = (int(x) for x in np.argwhere(reached[wrong[0]] != said[wrong[0]])[0])
        graph = _as_graph(graphs[wrong[0]])
        words = f"{graph}: {t} is reached from {s}, the value is {value[wrong[0], t, s]}"
        return fails(words, bool(reached[wrong[0], t, s]), int(value[wrong[0], t, s]))
    return holds(cases=len(graphs), sizes=f"all simple graphs with n <= {nodes} nodes")


@check(claims.unsigned_positive, "exhausted", given=_graph_batches)
def positive_without_sign(nodes: int, construction: Any = NodeTokens(sign=1)) -> Evidence:
    """Every graph, fewest nodes and edges first, until a value's sign disagrees with reachability."""
    return _reading_agrees(nodes, construction, positive=True)


@check(claims.unsigned_nonzero, "exhausted", given=_graph_batches)
def nonzero_without_sign(nodes: int, construction: Any = NodeTokens(sign=1)) -> Evidence:
    """Every graph, fewest nodes and edges first, until a value vanishes where there is a path."""
    return _reading_agrees(nodes, construction, positive=False)


for _check in (positive_without_sign, nonzero_without_sign):
    control(_check, "with-the-sign", "confirmed", construction=NodeTokens(), reason="path counts are not negative")
    control(
        _check, "with-the-sign-both-negated", "confirmed", construction=BothNegated(), reason="the same inner products"
    )
    control(_check, "key-off-by-one", "refuted", construction=KeyOffByOne(), reason="a parent's key is another's")
