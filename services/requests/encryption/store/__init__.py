"""SQL of the data keys, of rotation and of the word index."""
