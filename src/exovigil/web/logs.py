"""Logs say what happened and never to whom: no form data, no query strings, no patient's words."""

import logging.config
import re
from typing import Any

import structlog
from django.conf import settings

_PATIENT_ADDRESS = re.compile(r"/f/[^/\s\"']+")


def configure(_: dict[str, Any] | None = None) -> None:
    """Send everything through structlog to standard error, one line an event."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_request,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        structlog.dev.ConsoleRenderer(colors=False),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": settings.LOG_LEVEL},
            "loggers": {"axes": {"level": "ERROR"}},
        }
    )


def _without_request(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop the request object that Django attaches, and the token of a patient's address: it opens their page."""
    event.pop("request", None)
    if isinstance(event.get("event"), str):
        event["event"] = _PATIENT_ADDRESS.sub("/f/…", event["event"])
    return event
