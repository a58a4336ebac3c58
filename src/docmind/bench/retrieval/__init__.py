"""How often the search finds what answers a question: any documents, and questions whose evidence is known.

questions.py   the questions, read from a file
metrics.py     what one question's results are worth
stages.py      the search, taken apart into what each of its steps adds
measuring.py   all questions through all stages
reporting.py   the figures, with their intervals
"""
