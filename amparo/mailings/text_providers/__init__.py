"""Providers of text messages, one file each; every file here is found by its being here (`kit.registry.discover`)."""
