"""A false transfer: a theorem's tokens on an operator they were not made for."""

from theory.claim import Claim
from theory.deltaformer.source import DELTAFORMER

_READ = "a slot is read right when its own content has the largest share, and a positive one"


def refuted(
    name: str, statement: str, formula: str, variant: str, reason: str, arithmetic: str = "Q(z)", reading: str = _READ
) -> Claim:
    """The claim that all programs are tracked there, expected to be refuted; in Q(z) it is about some temperature log z."""
    return Claim(
        id=f"deltaformer/transfer/{name}",
        statement=statement,
        formula=formula,
        quantifier="for all n, S, all sequences" + ("; for some temperature log z > 0" if arithmetic == "Q(z)" else ""),
        hypotheses=(reading,),
        source=DELTAFORMER,
        variant=variant,
        arithmetic=arithmetic,
        paper="(a tempting reading)",
        expected="refuted",
        strength="exhausted",
        reason=reason,
    )
