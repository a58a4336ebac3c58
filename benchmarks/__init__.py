"""Benchmarks for those who change DocMind; they come with a checkout, not with the wheel.

    start      from the command to the open app, a whole `docmind ask`, the memory it all takes
    ingest     the time to add documents over the time that the embedder alone needs, and queueing many files
    embedding  each way to compute the embedding model: speed, nearness to torch's vectors, pages found
    scale      the search over 10,000 chunks, 100,000 or more: time, filters, memory, disk, recall
    peers      DocMind, stock LlamaIndex and txtai on the same documents, weights and questions

`docmind bench` runs them like those of `docmind.bench`, which everybody can run on their own machine and documents.
"""
