"""Logs, traces and metrics.

Metrics are updated once per request and once per batch, never once per event. The number of label values does not
grow with the data: routes, groups, event types, reasons, and at most 514 offices.
"""
