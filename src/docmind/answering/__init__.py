"""Answers out: a question to an answer with its sources. `ask.py` tells the whole order, the rest are its steps."""
