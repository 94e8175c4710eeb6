"""The database's side of a mailing under way: chunks claimed, loaded, looked at again, recovered."""
