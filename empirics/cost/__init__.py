"""Exact cost of a written torch layer: work, span, memory and bytes moved, counted on meta tensors."""
