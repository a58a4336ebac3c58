"""llama.cpp in this process: every GGUF. The engine, and the server inside xllamacpp that it drives."""
