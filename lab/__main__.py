"""`python -m lab`: simulate, measure and break the system."""

from lab.cli import main

main()
