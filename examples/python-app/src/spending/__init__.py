"""Sums up a CSV of expenses."""
