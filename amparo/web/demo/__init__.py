"""The demonstration: an invented country, invented people, and everything on one machine that nothing leaves."""
