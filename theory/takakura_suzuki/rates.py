"""Claims about the rates: the algebra of the exponents, decided here, and the papers' statements, which are cited only."""

from theory.claim import Claim, Source
from theory.takakura_suzuki.source import DERIVED, OKUMOTO_SUZUKI, TAKAKURA_SUZUKI

VARIANT = "least squares on the basis functions below T: squared bias 2^(-2 t), variance 2^(t/a+) / n; a+ = a-dagger"

balance = Claim(
    id="takakura-suzuki/rates/balance",
    statement="t = log2(n) / (2 + 1/a+) makes squared bias and variance equal, and both are n^(-2a+/(2a+ + 1)).",
    formula="-2 t = t/a+ - log2 n = -(2a+/(2a+ + 1)) log2 n",
    quantifier="for all a+ > 0, n >= 2",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="exponents as rational functions",
    paper="n^(-2a+/(2a+ + 1))",
    expected="confirmed",
    strength="derived",
    reason="two lines cross at one t",
    argument="Both exponents are linear in t, one falls and one rises; where they are equal their maximum is least. The "
    "identities are the check's.",
)

error_level = Claim(
    id="takakura-suzuki/rates/error-level",
    statement="With v > 0, T = log2(n) / (2 + 1/a+) is the level of the error, not of gamma: blocks with gamma(s) < T_0 leave the "
    "error "
    "2^(-(1 - v/a_1) T_0) and number about 2^(T_0/a_1), and these balance at T_0 = a_1 log2(n) / (2a+ + 1) = T a_1/a+.",
    formula="(1 - v/a_1) T_0 = log2(n) / (2 + 1/a+),  a+ = a_1 - v;  anisotropic: 1/a~ in place of a_1",
    quantifier="for all a_1 > v >= 0, n >= 2",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="exponents as rational functions",
    paper="T ~ log2 n",
    expected="confirmed",
    strength="derived",
    reason="1 - v/a_1 = a+/a_1; the same exponent n^(-2a+/(2a+ + 1)) comes out",
    argument="Substituting t = (1 - v/a_1) T_0 turns T_0/a_1 into t/a+, which is the balance above.",
)

size_exponent = Claim(
    id="takakura-suzuki/rates/size-exponent",
    statement="Error 2^(-(1 - v/a_1) T) at size 2^(T/a_1) is size^(-a+) with a+ = a_1 - v; anisotropic, error 2^(-(1 - v a~) T) at "
    "size 2^(a~ T) is size^(-a+) with a+ = 1/a~ - v.",
    formula="-(1 - v/a_1) T = -(a_1 - v) T/a_1;  -(1 - v a~) T = -(1/a~ - v) a~ T",
    quantifier="for all a_1 > v >= 0, a~ > 0, T",
    source=DERIVED,
    variant=VARIANT,
    arithmetic="exponents as rational functions",
    paper="error ~ S^(-a+)",
    expected="confirmed",
    strength="derived",
    reason="log2 of the error is minus a+ times log2 of the size",
    argument="Both logarithms are linear in T, so their quotient is the exponent; C_a and powers of T do not change it. The identities "
    "are the check's.",
)


def _cited(name: str, statement: str, source: Source, reason: str, formula: str = "") -> Claim:
    return Claim(
        id=f"takakura-suzuki/rates/{name}",
        statement=statement,
        formula=formula,
        source=source,
        variant="as the source states it",
        paper="(cited)",
        expected="undecided",
        strength="cited",
        reason=reason,
    )


_CLASS = "a statement about all functions of the class and a network class of growing size; nothing here decides it as a whole"

approximation = _cited(
    "convolution-approximation",
    "For a_i = Omega(i^q) a convolutional network of depth max(T^(2/q), T^2) and size C_a T^(2/q) max(T^(2/q), T^2) 2^(T/a_1) "
    "reaches error "
    "2^(-(1 - v/a_1) T) on the mixed ball; anisotropic with 2^(a~ T) and 2^(-(1 - v a~) T).",
    OKUMOTO_SUZUKI,
    f"{_CLASS}; its counting step is decided by anisotropic-counting/printed-bound",
    "error ~ S^(-a+) up to logarithms",
)
estimation = _cited(
    "convolution-estimation",
    "The empirical risk minimiser has risk at most C_a n^(-2a+/(2a+ + 1)) up to logarithms, independent of the dimension.",
    OKUMOTO_SUZUKI,
    _CLASS,
    "C_a n^(-2a+/(2a+ + 1)) (log n)^(2/q+2) max((log n)^(4/q), (log n)^4)",
)
fixed = _cited(
    "fixed-smoothness",
    "For shift-equivariant targets whose component at 0 lies in the ball, transformers with one attention block reach the same "
    "rates, alpha "
    "in place of q, with about T^(1/alpha) heads and a window of log-size about T.",
    TAKAKURA_SUZUKI,
    f"recalled from a summary; {_CLASS}",
    "n^(-2a+/(2a+ + 1)) up to logarithms",
)
piecewise = _cited(
    "piecewise-smoothness",
    "When an importance function sorts the tokens of a window and the target is smooth in the sorted tokens, transformers with "
    "about "
    "T^(1/alpha) attention blocks reach the same exponent, with larger powers of logarithms.",
    TAKAKURA_SUZUKI,
    f"recalled from a summary; {_CLASS}",
)
covering = _cited(
    "covering-number",
    "The covering number of the transformer class enters the risk by a logarithm that is about its number of nonzero weights "
    "times its depth.",
    TAKAKURA_SUZUKI,
    "recalled; the step from architecture to covering number is not explicit in the papers",
)
