"""The work that raised the questions, and the memory's rules in words."""

from dataclasses import replace

from theory.claim import Source

INFINI = Source(
    key="munkhdalai2024infini",
    authors="Tsendsuren Munkhdalai, Manaal Faruqui, Siddharth Gopal",
    title="Leave No Context Behind: Efficient Infinite Context Transformers with Infini-attention",
    year=2024,
    where="arXiv 2404.07143",
    status="derived",
    eprint="2404.07143",
)
"""The work as the origin of a question; the wording, the constants and the proofs are ours."""

INFINI_TOLD = replace(INFINI, status="recalled")
"""For a sentence or a number that the paper prints, as told from memory."""

READ = "read phi(q) M / (phi(q) z)"
LINEAR = f"linear rule: M += phi(K)^T V, z += sum phi(k); {READ}"
DELTA = f"delta rule: M += phi(K)^T (V - phi(K) M / (phi(K) z)), z += sum phi(k); {READ}"
BOTH = "linear and delta rule; phi positive"
FROM_NOTHING = "M_0 = 0 and z_0 = 0; a query that meets nothing reads 0"
