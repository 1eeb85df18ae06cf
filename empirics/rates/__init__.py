"""Rates of estimation, measured beside what is exact at the same n."""
