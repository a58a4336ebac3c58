"""Benchmarks: how fast and how good this installation is, on this machine, beside what it aims at.

    start      from the command to the open app, a whole `docmind ask`, the memory it all takes
    ask        from a question to the first word of the answer, with every model warm
    ingest     the time to add documents over the time that the embedder alone needs
    retrieval  latency and recall over 50,000 chunks
    pages      how often the right page is found, on documents and questions of yours
    engine     how fast an engine reads and writes, for one user and several, and what it costs over its library

A benchmark is a function that returns a `Report`. None of them judges: a target stands beside its figure, no more.
"""
