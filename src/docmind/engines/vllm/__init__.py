"""vLLM: long windows and many readers on CUDA. The engine, the ways to start it, and its event loop."""
