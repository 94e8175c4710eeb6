"""Campaigns: demands, where each target stands on them, what was answered, partners, and the campaign's page."""
