"""The rules of a request, as pure decisions: who may apply, what a visit needs, what a letter may become."""
