"""The documents that follow from the code: event schemas, AsyncAPI, OpenAPI, the table of access, the dashboard
and the story table of the README.

They are generated, committed, and compared by the tests: `python -m ops docs` writes them.
"""
