"""What exercises the system and measures it: simulator, demo, report, fault injection and benchmarks."""
