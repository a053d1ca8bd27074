"""The rules of an office: its policy, how a filing is checked against it, and the effort of a visit."""
