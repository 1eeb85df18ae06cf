"""A layer in which every position points at one other and reads its row.

    h_i := h_i + Encode(p_i)                       p the previous layer's pointers; p_i = i where there is none
    s_ij = score(W_q h_i, W_k x_j),  p_i := argmax over the candidates j of i      x the state as it came in
    z_i = h_{p_i} * Gate(h_i),  Gate(h) = sigmoid(W_g h)
    y = LN(h + z),  H' = y + FFN(y)

The paper's equations as a summary prints them leave open what the query sees, what FFN is applied to and which candidates there are;
this is our reading. Switches turn every part off. Source: Zixi Li, arXiv 2508.02631, from a summary; costs derived here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from constructions.layers.pointer import options
from constructions.layers.pointer.candidates import AllPositions, Candidates
from constructions.layers.pointer.decoding import PointerState, append, farther, first_cached
from constructions.layers.pointer.encoding import PointerEncoding
from constructions.layers.pointer.hierarchical import all_but_one, combined, jump_tables
from constructions.layers.pointer.running import running_argmax, tiled_argmax
from constructions.layers.pointer.scoring import Scored, all_scores, of_listed
from constructions.layers.pointer.selection import Selected, read, select, take
from constructions.layers.shapes import check_token, check_tokens

__all__ = ["Pointed", "PointerBlock"]


class Pointed(NamedTuple):
    """A layer's output `(batch, N, width)` and its pointers `(batch, heads, N)`."""

    output: Tensor
    pointers: Tensor


class PointerBlock(nn.Module):
    """`x (batch, N, width)` and the previous layer's pointers `(batch, heads, N)` -> the next state and this layer's pointers.

    candidates: a rule of `candidates` or `buckets`; what a position may point at, and whether the layer is causal.
    heads: each has its own pointers, from its slice of queries and keys. combine: "slices", a head reads its slice of the row,
        head_dim = width / heads wide; "sum", every head reads the full row and the rows are added up.
    score: "pairwise", "scaled", "additive"; see `scoring`. ties, training, temperature: see `selection`.
    form: of all positions; "written-out", a table of all scores; "tiled", tile by tile; "running", for additive scores. The last
        two select hard only, and score nothing that is not needed.
    rounds: hops put together, p <- p[p] so many times; see `hierarchical`. Soft weights then weigh the first hop.
    encode: "sinusoidal", "offset", "none", see `encoding`; reach: of the table of offsets.
    gate: "sigmoid", "linear", "none". norm: "layer", "none". residual: whether h is added to z. expansion: hidden width of FFN over
        width, 0 for no FFN; activation: "gelu", "relu". bias: of all maps.

    Cost, batch 1, one head, d = width, causal, defaults otherwise: `theory.cost.pointer`. About 22 N d^2 for maps, and for the
    selection 2 N^2 d over all positions, 3 N K d over K candidates. State of a decoded sequence: keys and rows of the last
    reach + 1 tokens, 2 d numbers each, of all tokens where the rule has no reach.

    Ties are of scores as computed, and over all positions equal keys can differ in their last bits: which of several equal tokens
    is pointed at may depend on the form, the batch and whether it is decoded; see `scoring`.

    Whether numbers are finite is not looked at; a row with a NaN among its scores points at some candidate, see `select`. Raises
    ValueError for sizes that are not positive or do not divide, unknown or contradictory switches; then for inputs of the wrong
    shape, dtype or device and pointers outside the sequence.
    """

    def __init__(
        self,
        width: int,
        candidates: Candidates | Any = None,
        *,
        heads: int = 1,
        combine: str = "slices",
        score: str = "pairwise",
        ties: str = "first",
        training: str = "hard",
        temperature: float | int = 1.0,
        form: str = "written-out",
        tile: int = 64,
        rounds: int = 0,
        encode: str = "sinusoidal",
        reach: int = 32,
        gate: str = "sigmoid",
        norm: str = "layer",
        residual: bool = True,
        expansion: int = 4,
        activation: str = "gelu",
        bias: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        candidates = AllPositions() if candidates is None else candidates
        options.check_sizes(width, heads, tile, rounds, expansion)
        options.check_switches(combine, score, ties, training, form, gate, norm, activation, candidates)
        self.width, self.heads, self.head_dim = width, heads, width // heads
        self.candidates, self.combine, self.score = candidates, combine, score
        self.ties, self.training_mode, self.form = ties, training, form
        self.temperature = options.check_temperature("PointerBlock", temperature)
        self.tile, self.rounds, self.residual, self.activation = tile, rounds, residual, activation
        self.gate_form = gate

        def project(out: int) -> nn.Linear:
            return nn.Linear(width, out, bias=bias, device=device, dtype=dtype)

        scored = heads if score == "additive" else width
        options.check_bits(candidates, scored // heads)
        self.query, self.key = project(scored), project(scored)
        self.encoding = PointerEncoding(heads, self.head_dim, encode, reach, device=device, dtype=dtype)
        self.gate = None if gate == "none" else project(width)
        self.norm = nn.LayerNorm(width, device=device, dtype=dtype) if norm == "layer" else None
        hidden = expansion * width
        self.inner = project(hidden) if expansion else None
        self.outer = nn.Linear(hidden, width, bias=bias, device=device, dtype=dtype) if expansion else None

    def extra_repr(self) -> str:
        return f"candidates={self.candidates}, heads={self.heads}, ties={self.ties!r}, training={self.training_mode!r}"

    def forward(self, x: Tensor, previous: Tensor | None = None) -> Float[Tensor, "batch time width"]:
        return self.point(x, previous).output

    def point(self, x: Tensor, previous: Tensor | None = None) -> Pointed:
        """The output and the pointers, behind the door."""
        check_tokens("PointerBlock", x, self.query.weight)
        options.check_pointers("PointerBlock", previous, (len(x), self.heads, x.shape[1]), x)
        return self.run(x, previous)

    def run(self, x: Tensor, previous: Tensor | None = None) -> Pointed:
        """The same, for arguments that are known to fit."""
        times = torch.arange(x.shape[1], device=x.device)
        previous = self._or_itself(previous, times, len(x))
        if x.shape[1] == 0:  # no maximum of no score
            return Pointed(x, previous)
        h = self._encoded(x, previous, times)
        q, k, rows = self._split(self.query(h)), self._split(self.key(x)), self._rows(h)
        if self.form != "written-out":
            selected, index = Selected(self._run_over(q, k), None), None
        else:
            scored = self._scored(q, k, times, previous)
            selected, index = self._select(scored), scored.positions if scored.listed else None
        pointers = selected.pointers
        if self.rounds:
            tables = jump_tables(pointers, self.rounds)
            rows = take(rows, all_but_one(tables, tables[0]))
            pointers = combined(pointers, self.rounds)
        return Pointed(self._finish(h, read(rows, selected, index, training=self.training_mode)), pointers)

    def scores(self, x: Tensor, previous: Tensor | None = None) -> Scored:
        """The scores that the selection of `point` sees, whatever the form; for looking at, not needed to run."""
        check_tokens("PointerBlock", x, self.query.weight)
        options.check_pointers("PointerBlock", previous, (len(x), self.heads, x.shape[1]), x)
        times = torch.arange(x.shape[1], device=x.device)
        previous = self._or_itself(previous, times, len(x))
        h = self._encoded(x, previous, times)
        return self._scored(self._split(self.query(h)), self._split(self.key(x)), times, previous)

    def init_state(self, batch: int) -> PointerState:
        """No token yet. ValueError unless causal: a later token would change the earlier outputs."""
        if not self.candidates.causal:
            raise ValueError(
                "PointerBlock.init_state: the candidates are not causal, so there is no step; give causal=True"
            )
        weight = self.query.weight
        readers, width = (self.heads, self.head_dim) if self.combine == "slices" else (1, self.width)
        keys = weight.new_zeros(batch, self.heads, 0, self.key.out_features // self.heads)
        pointers = weight.new_zeros(batch, self.heads, 0, dtype=torch.long)
        rows, far = (weight.new_zeros(batch, n, 0, width) for n in (readers, self.heads))
        return PointerState(
            keys, rows, pointers, pointers.new_zeros(()), far, pointers.new_zeros(self.rounds, *pointers.shape)
        )

    def step(
        self, x_t: Tensor, state: PointerState | Any, previous: Tensor | None = None
    ) -> tuple[Float[Tensor, "batch width"], PointerState]:
        """One token `(batch, width)` after those in `state`: its output, and the new state."""
        pointed, state = self.step_point(x_t, state, previous)
        return pointed.output, state

    def step_point(
        self, x_t: Tensor, state: PointerState | Any, previous: Tensor | None = None
    ) -> tuple[Pointed, PointerState]:
        """The same with the token's pointers `(batch, heads)`; `previous`, the previous layer's, of the same shape."""
        check_token("PointerBlock", x_t, self.query.weight)
        options.check_state("PointerBlock.step", state, len(x_t), self.heads)
        options.check_pointers("PointerBlock.step", previous, (len(x_t), self.heads), x_t, state.time)
        x, times = x_t[:, None], state.time[None]
        before = self._or_itself(None if previous is None else previous[..., None], times, len(x_t))
        h = self._encoded(x, before, times)
        q, k = self._split(self.query(h)), self._split(self.key(x))
        rule = self.candidates
        state = append(state, k, self._rows(h), before if rule.looks_at_pointers else None)
        start = None if rule.reach is None or self.rounds else first_cached(state)
        if isinstance(rule, AllPositions):
            every = torch.arange(state.keys.shape[-2], device=x.device)
            scored = Scored(all_scores(self.score, q, state.keys), every, None, False)
        else:
            index, valid = rule.newest(times, state.keys, state.previous)
            index = index if start is None else index - start
            scored = of_listed(self.score, q, state.keys, index, valid)
        selected = self._select(scored)
        rows, pointers, state = farther(state, selected.pointers)
        z = read(rows, selected, scored.positions if scored.listed else None, training=self.training_mode)
        pointers = pointers if start is None else pointers + start
        kept = state if start is None or rule.reach is None else state.last(rule.reach)
        return Pointed(self._finish(h, z)[:, 0], pointers[..., 0]), kept

    def _or_itself(self, previous: Tensor | None, times: Tensor, batch: int) -> Int[Tensor, "batch heads S"]:
        return times.expand(batch, self.heads, -1) if previous is None else previous

    def _split(self, x: Tensor) -> Float[Tensor, "batch heads S head_dim"]:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _rows(self, h: Tensor) -> Float[Tensor, "batch readers S m"]:
        return self._split(h) if self.combine == "slices" else h[:, None]

    def _encoded(self, x: Tensor, previous: Tensor, times: Tensor) -> Tensor:
        if self.encoding.form == "none":
            return x
        return x + self.encoding(previous, times).transpose(1, 2).flatten(2)

    def _scored(self, q: Tensor, k: Tensor, times: Tensor, previous: Tensor) -> Scored:
        rule = self.candidates
        if isinstance(rule, AllPositions):
            valid = times <= times[:, None] if rule.causal else None
            return Scored(all_scores(self.score, q, k), times, valid, False)
        index, valid = rule.among(times, len(times), k, previous)
        return of_listed(self.score, q, k, index, valid)

    def _select(self, scored: Scored) -> Selected:
        how = {"ties": self.ties, "training": self.training_mode, "temperature": self.temperature}
        return select(scored.scores, scored.positions, scored.valid, **how)

    def _run_over(self, q: Tensor, k: Tensor) -> Tensor:
        causal = self.candidates.causal
        if self.form == "running":
            return running_argmax(k[..., 0], causal=causal, ties=self.ties)
        return tiled_argmax(lambda a, b: all_scores(self.score, a, b), q, k, self.tile, causal=causal, ties=self.ties)

    def _finish(self, h: Tensor, z: Tensor) -> Tensor:
        z = z.transpose(1, 2).flatten(2) if self.combine == "slices" else z.sum(1)
        if self.gate is not None:
            gate = self.gate(h)
            z = z * (gate.sigmoid() if self.gate_form == "sigmoid" else gate)
        y = h + z if self.residual else z
        y = y if self.norm is None else self.norm(y)
        if self.inner is None or self.outer is None:
            return y
        hidden = self.inner(y)
        return y + self.outer(hidden.relu() if self.activation == "relu" else nn.functional.gelu(hidden))
