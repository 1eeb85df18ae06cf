"""What a claim about the cost of a reference layer says: its formulas as text, in the symbols

    N   tokens          W   window          K   scores kept        E   experts        L(n) = ceil(log2 n)
    d   width           C   chunk           h   hidden width       t   tokens decoded before

for one sequence, one head, float32 weights. `theory.cost.formulas.parse` reads them. Each is derived by hand from the layer's
equations, and the argument is part of the claim; nothing here counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from theory.claim import Claim, Source

__all__ = ["CHUNKS", "COST_MODEL", "MODEL", "PROJECTED", "ROWS", "SQUARES", "Formulas", "LayerClaim", "claimed"]

COST_MODEL = Source(
    key="weightproof_cost_model",
    authors="Weightproof",
    title="Cost model v1: exact work and span of written programs",
    year=2026,
    where="cost model v1",
    status="derived",
)

MODEL = (
    "cost model v1: unit cost a scalar operation, fan-in 2; masked entries cost in full; forward pass without gradients"
)

CHUNKS = "ceiling(N/C)"
"""n, the number of chunks."""
ROWS = f"C*{CHUNKS}"
"""P, the tokens with those that fill the last chunk."""
SQUARES = f"(({CHUNKS} - 1)*C**2 + (N - ({CHUNKS} - 1)*C)**2)"
"""Q, the sum of the squares of the chunks' lengths, the last one shorter."""

PROJECTED = (
    "Four square maps: 4 times 2 N d^2 work, of which the first and the last are on every path: 2 (1 + L(d)) span."
)


@dataclass(frozen=True)
class Formulas:
    """Exact forward work and span; the work of a step after t others and the numbers in the state before it, for layers that
    have a step; parameters; `span` None where only the work is claimed; `where`, a condition on the sizes of work and span."""

    work: str
    span: str | None
    where: str = ""
    step: str = ""
    state: str = ""
    parameters: str = "4*d**2"


@dataclass(frozen=True)
class LayerClaim(Claim):
    """A claim that a layer, by its name among the subjects, costs what the formulas say."""

    layer: str = ""
    costs: Formulas = field(default_factory=lambda: Formulas("", None))


def claimed(layer: str, what: str, argument: str, work: str, span: str | None, **others: str) -> LayerClaim:
    """The claim `cost/LAYER/work-and-span` of the layer that `what` describes, expected confirmed.

    `reason` among the others replaces the usual one, `strength` the usual "tested".
    """
    reason = others.pop(
        "reason", "each operation of the layer's equations has a rule of the model; the argument adds them up"
    )
    strength = others.pop("strength", "tested")
    costs = Formulas(work, span, **others)
    told = {"work": work, "span": span, "step": costs.step, "state": costs.state, "parameters": costs.parameters}
    return LayerClaim(
        id=f"cost/{layer.replace('_', '-')}/work-and-span",
        statement=f"The cost of {what} is exactly that of the formula{'s' if span else ''}.",
        formula=";  ".join(f"{name} = {text}" for name, text in told.items() if text),
        quantifier=f"for all sizes{' of at least 2' * (strength == 'derived')}{f' with {costs.where}' * bool(costs.where)}",
        source=COST_MODEL,
        variant=MODEL,
        arithmetic="counts, exact",
        paper="(ours)",
        expected="confirmed",
        strength=strength,
        reason=reason,
        argument=argument,
        layer=layer,
        costs=costs,
    )
