"""Invented organizations, staff, pages and letters, for every test that needs some."""
