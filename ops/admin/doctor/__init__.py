"""`doctor`: checks everything that can be checked from here, and says what is wrong and what to do.

Each check gives lines; a part that cannot be reached is one line, and the others are checked all the same.
"""
