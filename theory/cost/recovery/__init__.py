"""Closed forms over Q from exact values: what a program costs at some sizes, as a formula in its sizes."""
