"""The record in one SQLite file: its connections, tables, recorder and store."""
