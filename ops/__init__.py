"""What an operator runs: command line, embedded platform, administration, backup and reconciliation."""
