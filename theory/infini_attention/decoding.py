"""How many tokens' values can be decoded from M: as many as there are independent features."""

from theory.claim import Claim
from theory.infini_attention.source import BOTH, FROM_NOTHING, INFINI, LINEAR

rank = Claim(
    id="infini-attention/decoding/rank",
    statement="The values of N tokens whose features are known can be decoded from M exactly when rank Phi = N, which needs N <= d: "
    "from d tokens with independent features all values come back, and of d + 1 tokens some other values leave the same M.",
    formula="V -> Phi^T V is injective  <=>  rank Phi = N;   rank Phi <= min(N, d)",
    quantifier="instances: moment features (1, x, ..., x^(d-1)), x = 1 .. N, d <= 6; the criterion itself is linear algebra",
    source=INFINI,
    variant=LINEAR,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="N unknown rows, d equations a column; with V = I the matrix M is Phi^T itself",
)

delta = Claim(
    id="infini-attention/decoding/delta",
    statement="By the delta rule the same values can be decoded: M = Phi^T L V with L unit lower triangular and known from "
    "the features, "
    "so neither rule holds more than d tokens, nor fewer.",
    formula="rank of V -> M is rank Phi, by either rule",
    quantifier="for all streams (of positive features)",
    source=INFINI,
    variant=BOTH,
    hypotheses=("M_0 = 0, any z_0 >= 0; phi z > 0, or the read is 0",),
    arithmetic="any field",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="a token writes its value less a combination of earlier ones with coefficients known from the features",
)

as_many = Claim(
    id="infini-attention/decoding/distinct-keys-suffice",
    statement="The values of any N <= d tokens with different keys can be decoded from M.",
    quantifier="for all N <= d, all different positive features",
    source=INFINI,
    variant=LINEAR,
    hypotheses=(FROM_NOTHING,),
    arithmetic="Q",
    paper="(a tempting reading)",
    expected="refuted",
    strength="exhausted",
    reason="features (1, 1) and (2, 2) differ and are dependent",
)
