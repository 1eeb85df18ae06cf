"""Rates of estimation, measured beside what is exact at the same n: widths, oracle risk, least squares with risk by Parseval.

    oracle.oracle(smoothness, n, sigma)            min over N of d_N^2 + sigma^2 N / n, exactly, and the N of it
    least_squares.sample(Experiment(...))          risks of replicates, exact given the fit: no test set
    slopes.slope(n, risks, seed)                   exponent with a bootstrap interval over the replicates

The class is the ball of the refined order, sum_l 4^lambda(l) c_l^2 <= 1, inside the dyadic ball sum_l 4^gamma(s(l)) c_l^2 <= 1 since
gamma <= lambda; inputs are uniform on the cube, where the basis is orthonormal; noise is Gaussian of standard deviation sigma.
"""
