"""Claims about the law of the input: what separated importances cost, and what a bounded density allows."""

from theory.claim import Claim
from theory.takakura_suzuki.source import DERIVED

gaps = Claim(
    id="takakura-suzuki/input-laws/separated-importances",
    statement="In a window of W independent scores, uniform on [0, 1], the sorted scores keep distances of at least g_1, ..., "
    "g_{W-1} with "
    "probability (1 - sum g_j)^W; so conditioning on it multiplies a density by up to (1 - sum g_j)^(-W), exponential in W.",
    formula="P(u_(j+1) - u_(j) >= g_j for all j) = (1 - g_1 - ... - g_{W-1})^W",
    quantifier="for all W >= 1, g_j >= 0 with sum at most 1",
    source=DERIVED,
    variant="independent uniform scores of one window",
    arithmetic="Q",
    paper="well separated importances assumed",
    expected="confirmed",
    strength="exhausted",
    reason="subtracting the gaps maps the event onto sorted scores in a shorter interval",
    argument="y_j = u_(j) - g_1 - ... - g_{j-1} keeps volumes and maps the event onto 0 <= y_1 <= ... <= y_W <= 1 - sum g; volume "
    "(1 - sum g)^W / W!.",
)

product_law = Claim(
    id="takakura-suzuki/input-laws/bounded-density",
    statement="A shift-invariant law of the tokens with a density, bounded or not, with respect to a product law of equal factors "
    "is that "
    "product law itself: shift-invariance and bounded density together admit no dependent tokens.",
    formula="nu = rho mu, nu and mu shift-invariant on the integers, mu ergodic: rho = 1",
    quantifier="for all shift-invariant laws; tried on stationary two-state chains, whose density on n tokens must stay bounded "
    "by 4",
    hypotheses=("tokens indexed by all integers", "one density for the whole sequence"),
    source=DERIVED,
    variant="only the bound on the density of each finite window is needed; that one may grow",
    arithmetic="Q",
    paper="bounded density and shift-equivariance",
    expected="confirmed",
    strength="exhausted",
    reason="a product law is ergodic under the shift, and an invariant density is constant",
    argument="""
    rho composed with the shift is a density of the same law, so rho is invariant almost surely. Every invariant event of a product
    law has probability 0 or 1 (Kolmogorov), so rho is constant, 1. For a chain with P(x'|x) other than its stationary law the
    greatest density on n tokens grows as (max cycle mean)^n, above every bound.
    """,
)
