"""Every line of the process, uvicorn's included, as one JSON object (ECS, nested as the API writes it) or as text.

Not the ecs-logging library: it writes `log.level` as a dotted key in lower case, unlike the API's lines.
"""

import faulthandler
import fcntl
import json
import logging
import logging.config
import os
import re
import signal
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
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


class BoundedFileHandler(logging.Handler):
    """Keeps the latest lines of all workers in two files, `path` and `path.1`.

    It opens the file for each line: a process that held it open would hold its space too, after it has been replaced.
    """

    # Less than 4 MiB by more than a line, as the line that passes it is kept whole.
    LARGEST = 4_000_000

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with open(self._path, "a") as file:
                file.write(self.format(record) + "\n")
                file.flush()
                if file.tell() > self.LARGEST:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    # Another worker, with the lock before this one, may have moved the file.
                    if os.path.exists(self._path) and os.path.samestat(os.stat(self._path), os.fstat(file.fileno())):
                        os.replace(self._path, f"{self._path}.1")
        except Exception:  # noqa: BLE001 (as in every handler of logging)
            self.handleError(record)


def config(log_format: str, log_file: Path | None) -> dict[str, Any]:
    """For `logging.config.dictConfig` and for uvicorn, which applies it in each worker before anything else."""
    copy = {"file": {"class": "intelligence.logs.BoundedFileHandler", "path": str(log_file), "formatter": "json"}}
    handlers = {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": log_format},
        **(copy if log_file else {}),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}, "text": {"()": TextFormatter}},
        "handlers": handlers,
        "root": {"level": "INFO", "handlers": list(handlers)},
    }


def configure(log_format: str, log_file: Path | None = None) -> None:
    """Sends log lines, warnings and what nobody caught to standard output, and on SIGQUIT all stacks to standard error:
    what the image's probe asks for before it ends a process that hangs."""
    logging.config.dictConfig(config(log_format, log_file))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    faulthandler.register(signal.SIGQUIT)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not issubclass(kind, KeyboardInterrupt):
        log.critical("Uncaught: the process or thread ends", exc_info=(kind, error, trace))
