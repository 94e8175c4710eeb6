"""Staff: who signs in, in which role, and what they did."""
