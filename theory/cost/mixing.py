"""Claims about layers that mix tokens by sorting, by Fourier transforms, and by experts."""

from theory.cost.reference_layers import claimed

sort_mixing = claimed(
    "sort_mixing",
    "mixing among neighbours in sorted order",
    """
    Values and output 4 N d^2, scores 2 N d, sigmoid N, times the values N d; two sorts 2 N L(N); two gathers, a shift and a sum 4 N
    d. On the path: scores 1 + L(d), two sorts L(N) (L(N) + 1), of which the first comes before the first gather, the second beside
    it and longer than what is done there for N > 2; the last gather 1, output 1 + L(d).
    """,
    "4*N*d**2 + 2*N*L(N) + 7*N*d + N",
    "2*L(d) + L(N)*(L(N) + 1) + 3",
    where="N > 2",
    parameters="2*d**2 + d",
)

fft_mixing = claimed(
    "fft_mixing",
    "Fourier mixing",
    """
    A transform of N rows of d and one of d rows of N: 5 N d L(d) and 5 N d L(N), one after the other; the real part is a view.
    """,
    "5*N*d*(L(N) + L(d))",
    "L(N) + L(d)",
    parameters="0",
    strength="derived",
    reason="two operations, each with a rule",
)

mixture_of_experts = claimed(
    "mixture_of_experts",
    "a mixture of E experts of hidden width h, each with room for ceil(N/E) tokens,",
    """
    S = E ceil(N/E) places. Router 2 N d E, softmax 5 N E, maximum N E; choices compared N E with E numbers, summed over time 2 N E,
    the own one gathered N and counted from 0, N; slots 2 N, filled 2 N; tokens of the slots S + 1, scattered N with N numbers. A row
    of zeros d and joined (N + 1) d; gathered S d; the experts 2 S d h, S h, 2 S h d; a row of zeros d, joined (S + 1) d; gathered N
    d, times the probability N d. On the path: router 1 + L(d), softmax 2 L(E) + 3, maximum L(E), comparing 1, sum 2 L(N), gathering
    1, from 0 1, slot 1, filling 1, scattering 1 + L(N), gathering 1, experts 1 + L(d), 1, 1 + L(h), joining 1, gathering 1,
    probability 1.
    """,
    "E*ceiling(N/E)*(4*d*h + h + 2*d + 1) + 2*N*d*E + 9*N*E + 3*N*d + 8*N + E + 4*d + 1",
    "2*L(d) + L(h) + 3*L(E) + 3*L(N) + 17",
    parameters="2*E*d*h + d*E",
)
