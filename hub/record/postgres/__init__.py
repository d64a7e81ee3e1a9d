"""The record on PostgreSQL: its connections, tables, recorder and store."""
