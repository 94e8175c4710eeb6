"""What can be asked of a supporter's own record; each file is found by itself (`kit.registry.discover`)."""
