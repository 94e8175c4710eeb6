"""Assembles the house: environment, settings, addresses, engines. Nobody imports it."""
