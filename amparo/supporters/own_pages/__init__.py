"""The page that is a supporter's own, and the form for a lost link."""
