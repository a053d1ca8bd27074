"""Structured logs: one JSON object a line, with the correlation id of what is being done. No personal data."""

import logging
import sys
import traceback

import structlog
from pydantic_core import to_json

from shared.contract.envelope import current_context


def configure(service: str, level: str = "INFO") -> None:
    """Send everything, the libraries' lines too, to standard output as JSON."""
    shared: list[structlog.types.Processor] = [
        _of(service),
        _story,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _frames,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.EventRenamer("message"),
            _line,
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
                _line,
            ],
        )
    )
    root = logging.getLogger()
    # On the handler: a logger's own filter does not see what the loggers below it say.
    handler.addFilter(_OncePerSecond("aiokafka"))
    root.handlers, root.level = [handler], logging.WARNING


def _of(service: str) -> structlog.types.Processor:
    def named(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
        entry["service"] = service
        return entry

    return named


def _line(logger: object, method: str, entry: structlog.types.EventDict) -> str:
    return to_json(entry, fallback=repr).decode()


def _story(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    """The story that the request or message in hand belongs to, and its trace when that is recorded."""
    hand = current_context.get()
    if hand is not None:
        cause = hand.cause
        entry.setdefault("correlation_id", str(cause.correlation_id))
        if cause.traceparent and int(cause.traceparent[-2:], 16) & 1:
            entry["trace_id"] = cause.traceparent[3:35]
    return entry


def _frames(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    """Where an exception came from, without its words: a database's error text can hold a person's data."""
    error = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        entry["exception"] = type(error).__name__
        entry["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    return entry


class _OncePerSecond(logging.Filter):
    """One line a second is enough of a broker that is away: the client has no backoff of its own."""

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
