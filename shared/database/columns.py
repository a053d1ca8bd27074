"""Pieces of SQL text."""


def qualified(alias: str, columns: str) -> str:
    """The columns of a table, "a, b, c", under an alias. A statement names them: it then says the same, and stays
    prepared, while a migration adds one."""
    return ", ".join(f"{alias}.{name}" for name in columns.split(", "))
