"""The checks of each system, one module a system, of the same name as its claims in `theory`."""
