"""Whole documents: what is asked of all of a document instead of the passages that a search finds."""
