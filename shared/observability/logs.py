"""Structured logs: one JSON object per line, with the correlation id of the current request or message.

Invariant: no personal data in any line.
"""

import logging
import sys
import traceback

import structlog
from pydantic_core import to_json

from shared.contract.envelope import current_message_context


def configure(service: str, level: str = "INFO") -> None:
    """Write all log lines, those of libraries included, to standard output as JSON."""
    shared: list[structlog.types.Processor] = [
        _add_service(service),
        _add_context,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_frames,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.EventRenamer("message"),
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("message"),
                _render,
            ],
        )
    )
    root = logging.getLogger()
    # On the handler: a filter on a logger does not apply to its child loggers.
    handler.addFilter(_OncePerSecond("aiokafka"))
    root.handlers, root.level = [handler], logging.WARNING


def _add_service(service: str) -> structlog.types.Processor:
    def add(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
        entry["service"] = service
        return entry

    return add


def _render(logger: object, method: str, entry: structlog.types.EventDict) -> str:
    return to_json(entry, fallback=repr).decode()


def _add_context(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    """Add the correlation id of the current request or message, and its trace id if the trace is recorded."""
    context = current_message_context()
    if context is not None:
        entry.setdefault("correlation_id", str(context.correlation_id))
        if context.traceparent and int(context.traceparent[-2:], 16) & 1:
            entry["trace_id"] = context.traceparent[3:35]
    return entry


def _add_frames(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    """Add the stack frames of an exception, without its text: a database error may contain personal data."""
    error = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        entry["exception"] = type(error).__name__
        entry["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    return entry


class _OncePerSecond(logging.Filter):
    """Passes at most one line a second of a library. aiokafka logs without a limit while a broker is away."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._last = name, 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._name):
            return True
        if record.created - self._last < 1:
            return False
        self._last = record.created
        return True
