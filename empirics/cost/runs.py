"""Counted runs of a subject: forward, with saved tensors, a training step, or a decoded token, each at given sizes and once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

from empirics.cost.comparisons import Comparison
from empirics.cost.counting import Unsupported, count, surroundings
from empirics.cost.errors import BadSubject
from empirics.cost.recorder import Recorder
from empirics.cost.subject import Subject, seeded, told
from empirics.cost.tally import Site, Tally
from theory.cost.recovery.sums import Parts, total

__all__ = ["MAXIMA", "PHASES", "Phase", "Rejected", "Run", "Runner"]

Phase = Literal["forward", "saving", "training", "decoding"]
PHASES: dict[str, tuple[str, ...]] = {
    "forward": ("work", "span", "span_threshold", "memory", "moved", "matrix_work", "parameters"),
    "saving": ("saved",),
    "training": ("work", "span", "span_threshold", "memory", "moved", "matrix_work", "saved"),
    "decoding": ("work", "span", "span_threshold", "memory", "moved", "state"),
}
"""What each phase counts."""
MAXIMA = frozenset({"span", "span_threshold", "memory"})
"""Quantities that are the largest of several sums; the others are sums over all sites."""


@dataclass(frozen=True)
class Run:
    """One counted run: what each site contributes to each quantity, the comparisons of sizes it made, and the lines where it wrote
    sizes as text."""

    sizes: Mapping[str, int]
    parts: Mapping[str, Parts[Site]]
    comparisons: tuple[Comparison, ...]
    texts: tuple[str, ...]
    opaque: tuple[tuple[Site, str], ...]
    upper: frozenset[str]
    attention: str
    calls: int

    @cached_property
    def totals(self) -> dict[str, int]:
        """The number that all sites add up to, for each quantity."""
        return {quantity: total(parts) for quantity, parts in self.parts.items()}


HANDING_ON = frozenset({"_dispatched", "_free", "_decomposed", "_operation"})
"""Functions of the counting mode that call torch's own for the subject."""
TORCH_SAYS = (RuntimeError, IndexError, ValueError)


class Rejected(Exception):
    """The subject's own code raised at these sizes."""

    def __init__(self, sizes: Mapping[str, int], error: BaseException) -> None:
        super().__init__(sizes, error)
        self.sizes, self.error = dict(sizes), error

    @property
    def message(self) -> str:
        first = next(iter(str(self.error).strip().splitlines()), "")
        return f"at {told(self.sizes)} it raises {type(self.error).__name__}: {first[:200]}"


class Runner:
    """Runs a subject's phase at sizes, each once, with generators seeded from the sizes. `warm`: every count after an uncounted run."""

    def __init__(self, subject: Subject, phase: Phase, attention: Literal["fused", "written-out"] = "fused") -> None:
        self.subject, self.phase = subject, phase
        self.attention: Literal["fused", "written-out"] = attention
        self.symbols = (*subject.symbols, "t") if phase == "decoding" else subject.symbols
        self._runs: dict[tuple[int, ...], Run | Rejected] = {}
        self._decoders: dict[tuple[int, ...], _Decoder] = {}
        self._compared: dict[tuple[int, ...], tuple[Comparison, ...]] = {}
        self.warm = self._ready = False

    def run(self, sizes: Mapping[str, int]) -> Run:
        """The run at these sizes. Raises Rejected when the subject's code raises, BadSubject and Unsupported."""
        key = tuple(sizes[x] for x in self.symbols)
        if key not in self._runs:
            try:
                self._runs[key] = self.again(sizes, sum(key))
            except Rejected as rejection:
                self._runs[key] = rejection
        found = self._runs[key]
        if isinstance(found, Rejected):
            raise found
        return found

    def compared(self, sizes: Mapping[str, int]) -> tuple[Comparison, ...]:
        """All comparisons of numbers in a run at these sizes, those of plain numbers too; found by tracing, and nothing is counted.

        A decoded token is not traced: its comparisons are those of sizes. Raises Rejected.
        """
        if self.phase == "decoding":
            return self.run(sizes).comparisons
        key = tuple(sizes[x] for x in self.symbols)
        if key not in self._compared:
            gradients = self.phase != "forward"
            try:
                with seeded(sum(key)), Recorder() as recorder, surroundings(gradients):
                    layer, inputs = self.subject.build(recorder.sizes(**sizes))
                    layer(*inputs)
            except Exception as error:
                raise Rejected(sizes, error) from None
            self._compared[key] = recorder.comparisons
        return self._compared[key]

    def once_more(self, run: Run) -> bool:
        """Whether a second run at the same sizes, from the same seed, contributes the same everywhere."""
        return self.again(run.sizes, sum(run.sizes.values())).parts == run.parts

    def forget(self) -> None:
        """All runs so far."""
        self._runs.clear()

    def again(self, sizes: Mapping[str, int], seed: int) -> Run:
        """A fresh run from this seed. Raises Rejected, BadSubject and Unsupported."""
        try:
            with seeded(seed), self.subject.leaves_alone():
                if self.warm or not self._ready:  # the first run of a layer fills caches of torch's own too
                    self._fresh(sizes)
                    self._ready = True
                return self._fresh(sizes)
        except (BadSubject, Unsupported):
            raise
        except Exception as error:
            if _ours(error):
                raise
            raise Rejected(sizes, error) from None

    def _fresh(self, sizes: Mapping[str, int]) -> Run:
        if self.phase == "decoding":
            return self._decoded(sizes)
        with Recorder(plain=False) as recorder:
            layer, inputs = self.subject.build(recorder.sizes(**sizes))
            tally = count(
                layer, inputs, backward=self.phase == "training", saved=self.phase == "saving", attention=self.attention
            )
        parts = _parts(tally)
        if self.phase == "forward":
            parts["parameters"] = _parameters(layer)
        return self._told(sizes, tally, parts, recorder)

    def _decoded(self, sizes: Mapping[str, int]) -> Run:
        key = tuple(sizes[x] for x in self.subject.symbols)
        if key not in self._decoders:
            self._decoders[key] = _Decoder(self.subject, {x: sizes[x] for x in self.subject.symbols})
        tally, state, recorder = self._decoders[key].at(sizes["t"])
        return self._told(sizes, tally, {**_parts(tally), "state": {_site("state"): {(): state}}}, recorder)

    def _told(
        self,
        sizes: Mapping[str, int],
        tally: Tally,
        parts: Mapping[str, Parts[Site]],
        recorder: Recorder,
    ) -> Run:
        kept = {name: parts[name] for name in PHASES[self.phase]}
        return Run(
            {x: int(sizes[x]) for x in self.symbols},
            kept,
            recorder.comparisons,
            recorder.texts,
            tally.opaque,
            tally.upper,
            tally.attention,
            tally.calls,
        )


def _ours(error: Exception) -> bool:
    """Whether it arose in the code of this package, where it is a mistake of ours and no word of the subject's."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or Path(last.tb_frame.f_code.co_filename).parent != Path(__file__).parent:
        return False
    within = last.tb_frame.f_code.co_name
    handed_on = within == "__torch_function__" or (within in HANDING_ON and isinstance(error, TORCH_SAYS))
    return not handed_on  # torch itself, called from there in the subject's name, refused what it was given


class _Decoder:
    """A layer decoding from an empty state; the count of the step after t others, for t = 0, 1, 2, ... in turn."""

    def __init__(self, subject: Subject, sizes: Mapping[str, int]) -> None:
        self.counts: list[tuple[Tally, Fraction, Recorder]] = []
        with Recorder(plain=False) as recorder:
            layer, inputs = subject.build(recorder.sizes(**sizes))
        self.layer = layer
        self.token = tree_map(lambda x: x[:, 0] if isinstance(x, Tensor) else x, inputs)
        batch = subject.tensors((layer, inputs))[0].shape[0]
        with torch.device("meta"), torch.no_grad():
            self.state = layer.init_state(batch)

    def at(self, t: int) -> tuple[Tally, Fraction, Recorder]:
        while len(self.counts) <= t:
            size = Fraction(sum(nbytes for nbytes in _storages(self.state).values()))
            kept: list[Any] = []

            def step(*inputs: Any, kept: list[Any] = kept) -> Any:
                kept.append(self.layer.step(*inputs))
                return kept[-1]

            with Recorder(plain=False) as recorder, torch.device("meta"):
                tally = count(step, (*self.token, self.state))
            self.counts.append((tally, size, recorder))
            output = kept[-1]
            if not isinstance(output, tuple) or len(output) != 2:
                raise BadSubject("layer.step(x_t, state) must return (y_t, state)")
            self.state = output[1]
        return self.counts[t]


def _storages(tree: Any) -> dict[int, int]:
    tensors = [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]
    return {t.untyped_storage()._cdata: t.untyped_storage().nbytes() for t in tensors}


def _site(operation: str) -> Site:
    return Site("", 0, operation)


def _parts(tally: Tally) -> dict[str, Parts[Site]]:
    def plain(numbers: Mapping[Site, int]) -> Parts[Site]:
        return {site: {(): Fraction(n)} for site, n in numbers.items()}

    return {
        "work": tally.work,
        "span": tally.span,
        "span_threshold": tally.span_threshold,
        "memory": plain(tally.peak),
        "moved": plain(tally.moved),
        "saved": plain(tally.saved),
        "matrix_work": plain(tally.matrix_work),
    }


def _parameters(layer: Any) -> Parts[Site]:
    """The number of parameters, tied ones once, by the class of the module that holds them."""
    numbers: dict[Site, Fraction] = {}
    seen: set[int] = set()
    for _, module in layer.named_modules() if isinstance(layer, nn.Module) else ():
        for parameter in module.parameters(recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                site = _site(type(module).__name__)
                numbers[site] = numbers.get(site, Fraction(0)) + parameter.numel()
    return {site: {(): n} for site, n in numbers.items()}
