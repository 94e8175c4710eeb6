"""Asks, what people did about them, and the delivery of their letters."""
