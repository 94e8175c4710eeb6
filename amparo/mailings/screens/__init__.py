"""Staff screens of mailings: the list, the composer, choices of sending, steering, the report, deliverability."""
