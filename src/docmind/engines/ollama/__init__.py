"""Ollama, a server on this machine. The engine, and what it finds out about server and template."""
