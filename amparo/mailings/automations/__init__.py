"""Mail that follows by itself from what a person did: kept small, each step at most once to a person."""
