"""OpenVINO GenAI in this process: CPU, Intel GPU, NPU. The engine, and a file for each of its parts."""
