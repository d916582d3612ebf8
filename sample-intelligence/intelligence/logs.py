"""Every line of the process, uvicorn's included, as one JSON object (ECS, nested as the API writes it) or as text.

Not the ecs-logging library: it writes `log.level` as a dotted key in lower case, unlike the API's lines.
"""

import json
import logging
import logging.config
import re
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from intelligence import SERVICE

log = logging.getLogger(__name__)

# ECS fields of the request being served; they go into every line written while it is.
request_fields: ContextVar[dict[str, Any] | None] = ContextVar("request_fields", default=None)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "log": {"level": record.levelname, "logger": record.name},
            "process": {"pid": record.process, "thread": {"name": record.threadName}},
            "service": {"name": SERVICE},
            "message": record.getMessage(),
            **(request_fields.get() or {}),
            **getattr(record, "fields", {}),
            "ecs": {"version": "8.11"},
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, _ = record.exc_info
            line["error"] = {
                "type": f"{kind.__module__}.{kind.__qualname__}",
                "message": str(error),
                "stack_trace": self.formatException(record.exc_info),
            }
        # ASCII only: whatever a client smuggled in, an event stays one line.
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(sep=" ", timespec="milliseconds")
        trace = (request_fields.get() or {}).get("trace", {}).get("id", "-")
        # Escaped, so that no client can make one event look like two.
        message = _CONTROL.sub(lambda match: ascii(match[0])[1:-1], record.getMessage())
        line = f"{time} {record.levelname:7} {trace} {record.name}: {message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def config(log_format: str) -> dict[str, Any]:
    """For `logging.config.dictConfig` and for uvicorn, which applies it in each worker before anything else."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}, "text": {"()": TextFormatter}},
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": log_format}
        },
        "root": {"level": "INFO", "handlers": ["stdout"]},
    }


def configure(log_format: str) -> None:
    """Sends log lines, warnings and what nobody caught to standard output."""
    logging.config.dictConfig(config(log_format))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not issubclass(kind, KeyboardInterrupt):
        log.critical("Uncaught: the process or thread ends", exc_info=(kind, error, trace))
