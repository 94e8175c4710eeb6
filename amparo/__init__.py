"""Amparo: campaigning for people in prison."""
