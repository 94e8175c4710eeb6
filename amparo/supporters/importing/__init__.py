"""Bringing a list in: reading files as other programs export them, checking, writing, and undoing it."""
