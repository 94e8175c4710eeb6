"""Models that exist only in tests, for what the kit offers to all models."""
