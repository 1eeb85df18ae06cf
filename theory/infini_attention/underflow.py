"""Where ELU + 1 is exactly 0 in a number format, the 0 / 0 that follows, and the form without it."""

from theory.claim import Claim
from theory.infini_attention.source import FROM_NOTHING, INFINI, LINEAR

_ELU = "sigma(x) = ELU(x) + 1"
_FORMATS = "fp64, fp32, tf32, bf16, fp16, fp8 E4M3FN and E5M2"

rounded_once = Claim(
    id="infini-attention/underflow/rounded-once",
    statement="Correctly rounded as a whole, sigma(x) is 0 exactly below log T, T half the least positive number: -103.97 in "
    "fp32, -92.88 in "
    "bf16, -17.33 in fp16, and sooner where results below the least normal number are flushed.",
    formula="e^x rounds to 0  <=>  x < log T",
    quantifier="for every format with a precision, both underflows: the number of the format before and the one after",
    source=INFINI,
    variant=_ELU,
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="a positive number is rounded to 0 when it is nearer to 0 than to the least one; e^x is monotone and no tie",
)

rounded_twice = Claim(
    id="infini-attention/underflow/rounded-twice",
    statement="Computed as ELU, correctly rounded, plus 1, sigma(x) is 0 exactly below -(p + 1) log 2: -37.43 in fp64, -17.33 "
    "in fp32, -8.32 "
    "in fp16, -6.24 in bf16, and there are no features between 0 and 2^-p.",
    formula="e^x - 1 rounds to -1  <=>  x < -(p + 1) log 2",
    quantifier="for every format with a precision: the number of the format before and the one after",
    source=INFINI,
    variant=_ELU,
    arithmetic=_FORMATS,
    paper="(ours)",
    expected="confirmed",
    strength="certified",
    reason="numbers above -1 are 2^-p apart, so e^x is lost beside 1 when it is less than half of that",
)

torch_elu = Claim(
    id="infini-attention/underflow/torch-elu",
    statement="torch's elu(x) + 1 is 0 up to a number between -(p + 1) log 2 and -p log 2, two numbers of the format either "
    "way allowed; "
    "where depends on the program: one number at a time and many at once need not agree, though each is good to one last place.",
    formula="0 below -(p + 1) log 2;  not 0 above -p log 2",
    quantifier="numbers 1/64 apart from -(p + 3) log 2 to -(p - 2) log 2, rounded; one at a time and all together",
    source=INFINI,
    variant=f"{_ELU}; torch.nn.functional.elu on a CPU",
    arithmetic="fp64, fp32, bf16, fp16, as torch computes",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="an error of one last place of a number just above -1 is 2^-p: between the two limits both -1 and the number next to it are "
    "within one last place of e^x - 1. We had expected the lower limit for every program, and running showed the upper one for many "
    "numbers at once in fp32 and fp64",
)

printed_read = Claim(
    id="infini-attention/underflow/printed-read",
    statement="With sigma as elu(x) + 1 every finite query reads a finite number from a memory of one key with pre-activation 0.",
    formula="|phi(q) M / (phi(q) z)| < infinity",
    quantifier="for queries of one coordinate -1, -2, -4, ..., -2^20",
    source=INFINI,
    variant=f"{LINEAR}; {_ELU}, as printed",
    arithmetic="fp32 in torch",
    paper="sigma is ELU + 1",
    expected="refuted",
    strength="exhausted",
    reason="at -32 the feature is 0, and 0 / 0 is read",
)

scaled_read = Claim(
    id="infini-attention/underflow/scaled-read",
    statement="With the query's features divided by the largest of them, as exponentials of differences of logarithms, the "
    "same queries "
    "read what is stored, as far as x holds: no feature of a query is lost for being below 1.",
    formula="phi_j(q) / max_i phi_i(q) = exp(log phi_j - max_i log phi_i), one of them 1",
    quantifier="for queries -1, -2, -4, ..., -2^20, one channel and two equal ones, in a memory of one key",
    source=INFINI,
    variant=f"{LINEAR}; queries scaled",
    arithmetic="fp32 and fp64 in torch",
    paper="(amended)",
    expected="confirmed",
    strength="exhausted",
    reason="a read does not change when phi(q) is multiplied by a positive number, and the largest becomes exp(0)",
)

means = Claim(
    id="infini-attention/underflow/means",
    statement="A memory kept as means and logarithms reads what is stored whatever the pre-activations of keys are, where "
    "sums lose a key "
    "below log T for good and overflow above the greatest number.",
    formula="R_j = M_j / z_j, l = log z;   read = sum_j softmax_j(log phi_j(q) + l_j) R_j",
    quantifier="for one key of pre-activation 0, -2^k or 10^38 (fp32), queries 0 and -1000, one channel",
    source=INFINI,
    variant=f"{LINEAR}; means",
    hypotheses=(FROM_NOTHING,),
    arithmetic="fp32 in torch",
    paper="(amended)",
    expected="confirmed",
    strength="exhausted",
    reason="no feature of a key is formed, only quotients of features",
)

exact_recall = Claim(
    id="infini-attention/underflow/exact-recall",
    statement="One-hot-like keys, pre-activation 0 in the own channel and y in the others, are recalled exactly for all "
    "values, in sums in the "
    "format, exactly from y below the frontier on: there the other features are 0. One number above it a stored 1 leaks to a stored 0.",
    formula="sigma(y) = 0  <=>  read = v_i for all V",
    quantifier="for bf16, fp16 and both fp8, d = 3, sigma correctly rounded, the two numbers on either side of log T",
    source=INFINI,
    variant=f"{LINEAR}; {_ELU}",
    hypotheses=(FROM_NOTHING,),
    arithmetic="bf16, fp16, fp8 E4M3FN and E5M2, every operation rounded",
    paper="(ours)",
    expected="confirmed",
    strength="exhausted",
    reason="products with 0 are 0, and 1 v / 1 = v; with the least number eta the read of the 0 is 2 eta / (1 + ...), not 0",
)
