"""Who we are: the tenant, its keys, its senders and its boilerplate."""
