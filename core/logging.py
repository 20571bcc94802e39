"""One stream of structured log lines for every process: JSON where a machine reads, colours where a person does."""

import logging
import sys
from typing import Final

import structlog
from structlog.typing import Processor

# What only says that a request or a task came.
_QUIETER: Final = dict.fromkeys(
    ("uvicorn.access", "sqlalchemy.engine", "httpx", "celery.beat", "celery.worker.strategy"), logging.WARNING
)
_TASKS_DONE: Final = "celery.app.trace"

_SHARED: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def configure(level: str = "INFO", *, for_people: bool | None = None) -> None:
    """Send structlog and the standard library's loggers to standard error in one form.

    Args:
        level: DEBUG, INFO, WARNING or ERROR; see Settings.log_level.
        for_people: coloured lines instead of JSON; by default when standard error is a terminal.

    Raises:
        ValueError: when `level` is not a level.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"TANHUI_LOG_LEVEL is {level!r}; use DEBUG, INFO, WARNING or ERROR.")
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(for_people=sys.stderr.isatty() if for_people is None else for_people))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    for name, floor in _QUIETER.items():
        logging.getLogger(name).setLevel(max(threshold, floor))
    logging.getLogger(_TASKS_DONE).filters[:] = [_asked_for]


def _asked_for(record: logging.LogRecord) -> bool:
    """Keep what a request led to, and any trouble; periodic tasks that went well come every two seconds."""
    told = structlog.contextvars.get_contextvars()
    # A task that no request led to goes by its own id.
    return record.levelno >= logging.WARNING or told.get("request_id") != told.get("task_id")


def _formatter(*, for_people: bool) -> logging.Formatter:
    """Return the formatter that renders structlog's events and everybody else's alike."""
    tail: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if for_people:
        tail.append(structlog.dev.ConsoleRenderer())
    else:
        tail += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=list(_SHARED), processors=tail)
