"""Benchmarks for those who change DocMind; they come with a checkout, not with the wheel.

    start      from the command to the open app, a whole `docmind ask`, the memory it all takes
    ingest     the time to add documents over the time that the embedder alone needs, and queueing many files
    embedding  each way to compute the embedding model: speed, nearness to torch's vectors, pages found
    scale      latency and recall over 50,000 chunks, as users search them, among few documents and among many
    peers      DocMind, stock LlamaIndex and txtai on the same documents, weights and questions

`docmind bench` runs them like those of `docmind.bench`, which everybody can run on their own machine and documents.
"""
