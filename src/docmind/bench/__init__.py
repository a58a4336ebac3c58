"""Benchmarks: how fast and how good this installation is, on this machine, compared with what it aims at.

    ask        from a question to the first word of the answer, with every model warm
    retrieval  how often the search finds what answers a question, on documents and questions of yours
    answers    how often answers are right, refused where the documents do not say, and never altered
    engine     how fast an engine reads and writes, for one user and several; in a checkout, what it adds to its library

A benchmark is a function that returns a `Report`. None of them judges: a target stands next to its figure, no more.
More of them, for those who change DocMind, are in `benchmarks/` of a checkout.
"""
