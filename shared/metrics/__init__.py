"""What a service counts of itself, and tells Prometheus at `/metrics`.

Counted once a request and once a batch, never once an event; depths and ages are read when somebody asks. No
label grows with the data: routes, groups, event types, reasons, and at most 514 offices.
"""

from shared.metrics.families import Gauges, gauge, no_gauges
from shared.metrics.instruments import Metrics, Tally

__all__ = ["Gauges", "Metrics", "Tally", "gauge", "no_gauges"]
