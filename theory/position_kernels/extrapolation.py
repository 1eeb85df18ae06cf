"""What training has to say: cited, and not decided here."""

from theory.claim import Claim
from theory.position_kernels.source import MEP_TOLD

extrapolation = Claim(
    id="position-kernels/extrapolation/longer-than-trained",
    statement="A model trained at one length with a mixture of kernels loses less on longer texts than one with ALiBi's single kernel.",
    quantifier="for the models and texts of the paper",
    hypotheses=("the comparison does not hold the effective window fixed, see windows/against-alibi",),
    source=MEP_TOLD,
    variant="trained language models",
    arithmetic="floating point",
    paper="mixtures extrapolate better than one kernel",
    expected="undecided",
    strength="cited",
    reason="a statement about trained models; no model is trained here",
)
