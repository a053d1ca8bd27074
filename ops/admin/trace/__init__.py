"""`trace`: one request through all services, from what their databases hold. No person is in it."""

from ops.admin.trace.command import trace

__all__ = ["trace"]
