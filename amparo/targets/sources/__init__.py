"""Where targets come from: one file, or one folder, for each source, found by its name."""
