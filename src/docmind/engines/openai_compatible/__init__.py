"""Servers that speak OpenAI's protocol. The engine, and how their kinds differ."""
