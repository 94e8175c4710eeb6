"""Duplicates: found, previewed, made one, and undone."""
