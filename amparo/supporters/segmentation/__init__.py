"""Segments: a saved question built by staff, counted, and who it finds."""
