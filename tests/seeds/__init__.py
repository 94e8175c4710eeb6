"""Three real documents, their facts typed anew as records: what the house must be able to hold."""
