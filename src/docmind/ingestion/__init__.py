"""Documents in: files become searchable chunks. `ingest.py` tells the whole order; the other modules are its steps."""
