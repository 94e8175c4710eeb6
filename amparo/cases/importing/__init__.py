"""Bringing cases in from spreadsheets: reading, a dry run with every error by cell, writing case by case, undoing."""
