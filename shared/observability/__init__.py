"""Logs, traces and metrics.

Metrics count once a request and once a batch, never once an event. No label grows with the data: routes, groups,
event types, reasons, and at most 514 offices.
"""
