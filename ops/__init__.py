"""The operator's tools: command line, embedded platform, simulator, fault harness and benchmarks."""
