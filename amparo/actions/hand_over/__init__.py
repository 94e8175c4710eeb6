"""The hand-over: letters and names bundled for their addressee, as a document or a table, and its screens."""
