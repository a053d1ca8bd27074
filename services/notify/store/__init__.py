"""All SQL of notify. Functions take a connection, and their names say what they lock."""
