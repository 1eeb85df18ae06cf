"""Infini-attention: softmax attention within a segment, beside a memory of fixed size for all segments before."""
