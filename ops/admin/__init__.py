"""What an operator does at three in the morning: look, understand, mend. Every command ends with what to do next.

Commands connect to each database as its own service does, and change nothing but what they are asked to.
"""
