"""The agencies' side: each agency turns its own records into signed events and meets the hub on the wire."""
