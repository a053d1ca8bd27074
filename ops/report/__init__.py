"""The story of a simulation as one HTML file: no script, no request to anywhere."""

from ops.report.page import render

__all__ = ["render"]
