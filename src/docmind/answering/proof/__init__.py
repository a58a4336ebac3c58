"""Proof: whether a statement stands in a sentence of the documents, word for word, and which of its words do not.

`words.py` reads a sentence, `markers.py` finds the small words that turn its meaning, `comparing.py` lays two sentences
beside each other, `rules.py` finds what contradicts, `proving.py` weighs it.
"""
