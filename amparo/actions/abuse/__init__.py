"""Abuse: actions chosen by conditions and invalidated together, with undo, and the alarm on trends."""
