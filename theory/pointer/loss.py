"""A language-model loss on tokens that nobody can predict: what it cannot fall below, and what it means when it does."""

from theory.claim import Claim
from theory.pointer.source import POINTER, POINTER_REPOSITORY

_TOKENS = "tokens independent and uniform over V values"
_SHIFTED = "the loss at position t is -log p_t(x_{t+1}), p_t a probability over V values computed from x_0..x_t"
_UNSHIFTED = "the loss at position t is -log p_t(x_t), p_t a probability over V values computed from x_0..x_t"

never_below = Claim(
    id="pointer/loss/never-below-log-v",
    statement="On independent uniform tokens no model that does not see the token it predicts has an expected loss below log V: its "
    "perplexity is at least the vocabulary's size.",
    formula="E[-log p(x)] = log V + KL(uniform | p) >= log V",
    quantifier="for all V, all models",
    hypotheses=(_TOKENS, _SHIFTED),
    source=POINTER,
    variant="cross-entropy of the next token, in nats",
    arithmetic="R",
    paper="perplexity 1.15 after a few steps (a public README)",
    expected="confirmed",
    strength="derived",
    reason="Gibbs' inequality; the past says nothing about the next token",
    argument="""
    Given the past, p is fixed and x is uniform. The function f(y) = y - 1 - log y has f(1) = 0 and f'(y) = (y - 1)/y, so it falls to 0
    at 1 and rises after: log y <= y - 1 for y > 0. With y = V p_v, averaged over the V values,
        E[log V + log p(x)] = (1/V) sum_v log(V p_v) <= (1/V) sum_v (V p_v - 1) = sum_v p_v - 1 = 0,
    where a p_v = 0 makes the loss infinite and nothing to show. So E[-log p(x)] >= log V given any past, and so on average.
    """,
)

wager = Claim(
    id="pointer/loss/wager-is-fair",
    statement="Along independent uniform tokens the product of V p_t(x_{t+1}) has mean exactly 1 for every such model, however it "
    "learns between; so, by Ville, all losses together fall log(1/alpha) nats below log V each with probability <= alpha.",
    formula="E prod_t V p_t(x_{t+1}) = 1;  P(exists n: sum_{t<n} (log V - loss_t) >= log(1/alpha)) <= alpha  (Ville)",
    quantifier="for all V, n, all models; tried: V = 2, 3, up to 4 tokens, six models",
    hypotheses=(_TOKENS, _SHIFTED, "each token is new: the model never met it before it is predicted"),
    assumptions=("Ville's inequality for non-negative martingales, cited and not checked here",),
    source=POINTER,
    variant="cross-entropy of the next token, in nats",
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="given the past the mean of V p(x) over uniform x is sum_v p_v = 1, so the product is a fair game, which by Ville's "
    "inequality reaches 1/alpha with probability <= alpha; no bound on the losses is needed",
)

unshifted = Claim(
    id="pointer/loss/unshifted-is-a-language-model-loss",
    statement="A loss that compares the output at a position with the token at that position cannot fall below log V on independent "
    "uniform tokens either.",
    formula="E[-log p_t(x_t)] >= log V",
    quantifier="for all V, all models",
    hypotheses=(_TOKENS, _UNSHIFTED),
    source=POINTER_REPOSITORY,
    variant="labels equal to the inputs, no shift, as in a public benchmark of the layer",
    arithmetic="Q",
    paper="perplexity 1.15 after a few steps (a public README)",
    expected="refuted",
    strength="exhausted",
    reason="the model that repeats its input has loss 0 there: it is told the answer",
)

detector = Claim(
    id="pointer/loss/detector",
    statement="The rule that calls a loss leaking once the losses on new uniform tokens are log(1/alpha) nats below log V each calls "
    "none of the honest models named, trained or sure of themselves, with alpha = 10^-9.",
    formula="sum (log V - loss) >= log(1/alpha)",
    quantifier="for the five models named, 32 batches",
    hypotheses=(_TOKENS, "every batch is new; a model learns from a batch only after its loss counted"),
    source=POINTER,
    variant="empirics.leaks",
    arithmetic="fp64",
    paper="(ours)",
    expected="confirmed",
    strength="tested",
    reason="by the fair wager the rule errs with probability at most 10^-9 a model",
)
