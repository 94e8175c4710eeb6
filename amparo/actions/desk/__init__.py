"""The desk of staff: letters that wait for a look, and how sending goes."""
