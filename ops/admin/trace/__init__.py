"""`trace`: one request through all services, from what their databases hold. No person is in it."""
