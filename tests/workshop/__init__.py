"""A small workshop with chores to do, for the tests of background work."""
