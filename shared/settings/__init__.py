"""What a service is told from outside, by environment variables; secrets may come as files."""

from shared.settings.base import Rate, Settings

__all__ = ["Rate", "Settings"]
