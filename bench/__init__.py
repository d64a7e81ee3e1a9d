"""Measurements of the hub against the limits of the machine it runs on."""
