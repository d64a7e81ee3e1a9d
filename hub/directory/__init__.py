"""Organisations, people, roles, keys and agreements as at a time; folded from the record."""
