"""Members of the public who acted, and the consent ledger."""
