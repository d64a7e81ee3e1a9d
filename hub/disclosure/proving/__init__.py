"""Proofs about the disclosure rules: what no reader can ever get, and which rules would be missed."""
