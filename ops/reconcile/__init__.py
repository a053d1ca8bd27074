"""Compares the four databases with one another and with the topics: what is orphaned, what is forgotten.

    python -m ops reconcile                     # what is orphaned or forgotten, and what to do; 1 when anything is
    python -m ops reconcile --rewind inventory  # a service forgot: let it consume its topics again (stop it first)
    python -m ops reconcile --advance           # let what was restored count on from where others know it to be

It reads ids, codes and times, no person. What is still on its way is no finding.
"""
