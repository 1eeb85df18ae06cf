"""Exact cost of a torch layer: `derive` gives the formulas, each with its conditions, its level and the lines behind its terms.

    cost = derive(softmax_attention)      # def softmax_attention(N, d): return SoftmaxAttention(d), (torch.empty(1, N, d),)
    cost.work                             # 4*N**2*d + 7*N**2 + 8*N*d**2 + N*d + N, a sympy expression in N and d
    cost.backward.memory                  # of a training step
    print(cost)                           # all of it, with the lines

Forward quantities are those of inference (no gradients recorded); `saved` is what a forward pass that records them keeps for the
backward pass; `backward` is a training step, forward and gradients. Memory, traffic, saved and state are in bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar

import sympy
from torch import nn

from empirics.cost.branches import beyond_branches
from empirics.cost.confirming import confirmed
from empirics.cost.coordinates import Coordinates, discover
from empirics.cost.counting import DataDependent, Unsupported
from empirics.cost.derivation import recover_all
from empirics.cost.errors import BadSubject, Undecided
from empirics.cost.formulate import quantity_of
from empirics.cost.quantities import Quantity, Term
from empirics.cost.runs import PHASES, Phase, Rejected, Runner
from empirics.cost.sampling import Sampler, first_error
from empirics.cost.subject import Subject
from empirics.cost.tally import Site
from empirics.cost.unseen import unseen

__all__ = ["MODELS", "UNITS", "Cost", "derive"]

T = TypeVar("T")
Model = Literal["v1", "v1-threshold"]
Attention = Literal["fused", "written-out"]
NOWHERE = Site("", 0, "")
LARGEST_CHUNK = 4096
MODELS = ("v1", "v1-threshold")
UNITS = {
    "work": "scalar operations",
    "span": "depth",
    "memory": "bytes",
    "saved": "bytes",
    "moved": "bytes",
    "state": "bytes",
    "parameters": "numbers",
    "matrix_work": "scalar operations",
}
"""The quantities in the order of a report."""


EFFORT = 150_000
"""Operations counted in one phase, at most."""
SEEDS = (1, 2, 3)
REPEATED = 6
"""So many of the first runs, spread over all, are made twice."""


@dataclass
class _Session:
    """What the phases of one derivation share. `blocked`: why nothing can be derived, with the site, once that is known."""

    subject: Subject
    model: Model
    attention: Attention
    effort: int
    symbolic: bool
    blocked: tuple[str, Site] | None = None

    @cached_property
    def forward(self) -> Runner:
        return Runner(self.subject, "forward", self.attention)

    @cached_property
    def coordinates(self) -> Coordinates:
        """Raises BadSubject when the subject accepts no sizes that were tried."""
        rejected: list[Rejected] = []

        def accepts(sizes: dict[str, int]) -> bool:
            try:
                self.forward.run(sizes)
            except Rejected as rejection:
                rejected.append(rejection)
                return False
            return True

        found = discover(self.subject.symbols, accepts)
        if found is None:
            raise first_error(rejected, self.subject.name)
        return found

    @cached_property
    def unseen(self) -> tuple[str, ...]:
        """What counted runs of the layer cannot show."""
        return unseen(self.subject, self.coordinates.sizes(self.base))

    @property
    def base(self) -> dict[str, int]:
        return Sampler(self.forward, self.coordinates, self.effort).base

    def stopped(self, what: Callable[[], T]) -> T | None:
        """What it returns; None, with `blocked` set, when the layer does what cannot be counted."""
        try:
            return what()
        except Unsupported as stop:
            kind = "depends on values" if isinstance(stop, DataDependent) else "cannot be counted"
            remedy = "give a reference in plain operations (reference=...)"
            remedy += ", or make the number it decides a size" if isinstance(stop, DataDependent) else ""
            self.blocked = (f"{stop.site.operation} {kind} ({stop.what}); {remedy}", stop.site)
            return None

    def sampler(self, phase: Phase) -> Sampler:
        """A sampler of the phase whose runs do not depend on chance or on earlier runs; else `blocked` is set.

        What a subject keeps between runs, such as masks in a cache of its module, is filled by a run that is not counted.
        """
        coordinates = self.coordinates
        if phase == "decoding":
            coordinates = Coordinates((*coordinates.symbols, "t"), coordinates.demands, coordinates.order)
        runner = self.forward if phase == "forward" else Runner(self.subject, phase, self.attention)
        runner.warm = self.forward.warm
        sampler = Sampler(runner, coordinates, self.effort)
        if phase == "decoding" or self.blocked:
            return sampler
        if not self._repeats(sampler):
            runner.forget()
            runner.warm = True
            sampler = Sampler(runner, coordinates, self.effort)
            if not self._repeats(sampler):
                self.blocked = ("every run costs something else: it keeps a state between runs", NOWHERE)
        sizes = coordinates.sizes(sampler.base)
        if any(runner.again(sizes, seed).parts != runner.run(sizes).parts for seed in SEEDS):
            self.blocked = (
                "random numbers steer what it does: the cost differs from seed to seed; derive a reference that does not draw",
                NOWHERE,
            )
        return sampler

    @staticmethod
    def _repeats(sampler: Sampler) -> bool:
        """Whether runs at the first points cost the same a second time."""
        first = sampler.gather(sampler.stage(0))
        return all(sampler.runner.once_more(s.run) for s in first[:: len(first) // REPEATED + 1])

    def chunks(self, sampler: Sampler) -> tuple[int, ...]:
        """Whole numbers that the layer keeps: chunk lengths among them."""
        sizes = sampler.coordinates.sizes(sampler.base)
        layer, _ = self.subject.build({x: sizes[x] for x in self.subject.symbols})
        modules = layer.modules() if isinstance(layer, nn.Module) else ()
        kept = {v for m in modules for v in vars(m).values() if type(v) is int and 2 <= v <= LARGEST_CHUNK}
        return tuple(sorted(kept))


class Cost:
    """The cost of a subject as formulas in its sizes, derived when they are first asked for.

    Attributes `work`, `span`, `memory` (peak), `saved`, `moved`, `matrix_work` and `parameters` are sympy expressions; `state` and
    `step` (a Cost in the sizes and in t, the number of tokens decoded before) exist for a layer with `init_state` and `step`;
    `backward` holds the same quantities for a training step. An attribute that could not be recovered raises Undecided with the reason;
    `quantity(name)` never does.
    """

    def __init__(self, session: _Session, phase: Phase = "forward") -> None:
        self._session = session
        self.phase: Phase = phase
        self.subject, self.model = session.subject, session.model
        self._quantities: dict[str, Quantity] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """The sizes; with t last for a decoded token."""
        return (*self.subject.symbols, "t") if self.phase == "decoding" else self.subject.symbols

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The quantities there are."""
        own = {*PHASES[self.phase]}
        if self.phase == "forward":
            own |= {"saved"} | ({"state"} if self.decodes else set())
        return tuple(name for name in UNITS if name in own)

    @cached_property
    def decodes(self) -> bool:
        """Whether the layer has a step."""
        session = self._session
        if session.stopped(lambda: session.coordinates) is None:
            return False
        layer, _ = self.subject.build(session.coordinates.sizes(session.base))
        return callable(getattr(layer, "init_state", None)) and callable(getattr(layer, "step", None))

    @cached_property
    def backward(self) -> Cost:
        """Forward and backward together: a training step."""
        return Cost(self._session, "training")

    @cached_property
    def step(self) -> Cost:
        """A decoded token after t others. Raises BadSubject for a layer without `init_state` and `step`."""
        if not self.decodes:
            raise BadSubject(
                f"{self.subject.name}: its layer has no init_state(batch) and step(x_t, state), so it has no state to speak of"
            )
        return Cost(self._session, "decoding")

    @cached_property
    def _saving(self) -> Cost:
        return Cost(self._session, "saving")

    def quantity(self, name: str) -> Quantity:
        """One quantity with its conditions, level and terms. KeyError for a name that is none; BadSubject."""
        if self.phase == "forward" and name == "saved":
            return self._saving.quantity(name)
        if self.phase == "forward" and name == "state":
            return self.step.quantity(name)
        if name not in PHASES[self.phase]:
            raise KeyError(f"{name}: not a quantity of this pass; it has {', '.join(self.names)}")
        if name == "span" and self.model == "v1-threshold":
            name = "span_threshold"
        for group in ([n for n in PHASES[self.phase] if n != "memory"], ["memory"]):
            if name not in self._quantities:
                self._quantities.update(self._derived(group))
        return self._quantities[name]

    def _derived(self, names: Sequence[str]) -> dict[str, Quantity]:
        """These quantities. Memory comes last, from more runs than all others take: so they do not depend on what is asked."""
        session = self._session
        found = session.stopped(lambda: self._recovered(names))
        if found is not None:
            return found
        assert session.blocked is not None
        reason, site = session.blocked
        blame = Term(sympy.Integer(0), site.file, site.line, (site.operation,))
        return {name: Quantity(name, _unit(name), reason=reason, blame=blame) for name in names}

    @cached_property
    def _sampler(self) -> Sampler | None:
        """Of which every derivation takes a fresh copy, that finds the runs made before; None where nothing can be derived."""
        sampler = self._session.sampler(self.phase)
        return None if self._session.blocked else sampler

    def _recovered(self, names: Sequence[str]) -> dict[str, Quantity] | None:
        if self._sampler is None:
            return None
        sampler = self._sampler.afresh()
        chunks = self._session.chunks(sampler)
        found = recover_all(sampler, names, chunks)
        self._sampler.reached = sampler.reached
        found, untried = beyond_branches(sampler, found, chunks)
        untried = (*untried, *self._session.unseen)
        opaque = tuple(dict.fromkeys(what for s in sampler.all for _, what in s.run.opaque))
        readings = {s.run.attention for s in sampler.all} - {""}
        scope = {
            "conventions": tuple(sorted({name for s in sampler.all for name in s.run.upper})),
            **({"attention": next(iter(readings))} if readings else {}),
            **({"first call": "not counted: it fills a cache"} if sampler.runner.warm else {}),
            **({"reference": self.subject.reference} if self.subject.reference else {}),
        }
        made = {
            name: quantity_of(
                name,
                _unit(name),
                r,
                sampler.coordinates,
                scope,
                untried=untried,
                opaque=() if name in ("parameters", "state") else opaque,
            )
            for name, r in found.items()
        }
        return confirmed(made, self.subject, sampler) if self._session.symbolic and self.phase == "forward" else made

    def __getattr__(self, name: str) -> sympy.Expr:
        if name not in UNITS:
            raise AttributeError(f"a Cost has no {name!r}; its quantities are {', '.join(UNITS)}")
        quantity = self.quantity(name)
        if quantity.formula is None:
            raise Undecided(f"{self.subject.name}: {name} has no formula: {quantity.reason}")
        return quantity.formula

    def __str__(self) -> str:
        from empirics.cost.report import described

        return described(self)


def _unit(name: str) -> str:
    return UNITS[name.removesuffix("_threshold")]


def derive(
    subject: Callable[..., Any],
    *,
    model: Model | str = "v1",
    attention: Attention | str = "fused",
    reference: Callable[..., Any] | None = None,
    symbolic: bool = False,
    effort: int = EFFORT,
) -> Cost:
    """The cost of a subject: a function of its sizes that returns (layer, inputs), built under the meta device.

    model: "v1" (fan-in 2) or "v1-threshold" (sums, maxima and matrix products of span 1). attention: how the memory of
    scaled_dot_product_attention is read. reference: another subject of the same sizes in plain operations, which is counted in place
    of one that runs custom kernels. symbolic: confirm forward formulas by a run with symbols for the sizes, where that can be done; it
    imports torch's compiler, which takes seconds. `effort` bounds the operations counted in one phase.

    Raises BadSubject for what is no subject; what cannot be recovered is said by the quantity and not raised here.
    """
    if model not in MODELS:
        raise ValueError(f"model {model!r} is none of {', '.join(MODELS)}")
    if attention not in ("fused", "written-out"):
        raise ValueError(f"attention {attention!r} is neither 'fused' nor 'written-out'")
    counted = Subject(subject)
    if reference is not None:
        counted = counted.by(Subject(reference))
    return Cost(_Session(counted, model, attention, effort, symbolic))  # pyright: ignore[reportArgumentType]
