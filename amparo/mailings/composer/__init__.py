"""What a campaigner writes: blocks, checks and hints, and how it becomes HTML and plain text."""
