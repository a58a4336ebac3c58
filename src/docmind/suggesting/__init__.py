"""Suggesting: questions to click, made from what the documents themselves say."""
