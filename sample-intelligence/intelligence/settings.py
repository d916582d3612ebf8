"""Settings come from the environment, secrets from files alone."""

import math
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

POSTGRES_PASSWORD = "postgres_intelligence_password"
REDIS_PASSWORD = "redis_intelligence_password"

# 22 characters of base64 hold 128 bits.
SHORTEST_SECRET = 22
# What stands in tutorials; does not count as part of a secret. The API has the same list.
EXAMPLES = re.compile("change.?me|default|example|letmein|passw[o0]rd|placeholder|postgres|redis|secret", re.IGNORECASE)


class Misconfigured(Exception):
    """The service can't start as it is configured. The text says what was expected, what was found, what to do."""


def cpus_given(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """The CPUs this process may use: its affinity, and the quota of its cgroup (v2, then v1), rounded up."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for files in (["cpu.max"], ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]):
        try:
            quota, period = " ".join((cgroup / file).read_text() for file in files).split()
        except OSError:  # The other version's layout, or no cgroup at all.
            continue
        if quota not in ("max", "-1"):
            cpus = min(cpus, math.ceil(int(quota) / int(period)))
    return cpus


def _seconds(text: object) -> float:
    """Reads `5s` or `500ms`, the form that the API understands too."""
    match = re.fullmatch(r"(\d+)(ms|s)", str(text))
    if not match:
        raise ValueError("expected a whole number with its unit, such as 5s or 500ms")
    return int(match[1]) / (1000 if match[2] == "ms" else 1)


Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True, validate_default=True)

    secrets_directory: Path = Path("/run/secrets")
    postgres_host: str = "postgres"
    postgres_port: Port = 5432
    postgres_db: str = "orders"
    redis_host: str = "redis"
    redis_port: Port = 6379
    intelligence_host: str = "0.0.0.0"
    intelligence_port: Port = 8000
    # Serves /docs and /openapi.json. Off: nobody but the API calls this service.
    intelligence_docs: bool = False
    web_concurrency: int = Field(default_factory=cpus_given, ge=1)
    # How long to go on serving after SIGTERM while /ready already says 503.
    shutdown_delay: Annotated[float, BeforeValidator(_seconds)] = "5s"  # type: ignore[assignment]
    log_format: Literal["json", "text"] = "json"
    # A second copy of the log lines, always JSON; see logs.BoundedFileHandler. Empty: none.
    log_file: Path | None = None

    def secret(self, name: str) -> str:
        """Reads a secret, and refuses one that protects nothing. The value is in no message."""
        path = self.secrets_directory / name
        expected = f"expected a secret of at least {SHORTEST_SECRET} characters in {path}"
        advice = "make one with `./run secrets`, or set SECRETS_DIRECTORY"
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise Misconfigured(f"{expected}, found {error.strerror}: {advice}") from error
        except UnicodeDecodeError as error:
            raise Misconfigured(f"{expected}, found bytes that are not UTF-8: {advice}") from error
        if len(value.strip()) < SHORTEST_SECRET:
            raise Misconfigured(f"{expected}, found {len(value.strip())}: {advice}")
        if len(EXAMPLES.sub("", value.strip())) < SHORTEST_SECRET:
            raise Misconfigured(f"{expected}, found an example that anyone can guess: {advice}")
        return value


def load() -> Settings:
    """Reads and checks everything, so that a mistake stops the start and not a later request."""
    try:
        settings = Settings()
    except ValidationError as error:
        found = "; ".join(f"{str(e['loc'][0]).upper()}={e['input']!r}: {e['msg']}" for e in error.errors())
        raise Misconfigured(f"settings in the environment: {found}") from error
    for name in (POSTGRES_PASSWORD, REDIS_PASSWORD):
        settings.secret(name)
    if settings.log_file:
        try:
            settings.log_file.open("a").close()
        except OSError as error:
            expected = f"LOG_FILE: expected a file that can be written, found {error.strerror}: {settings.log_file}"
            raise Misconfigured(
                f"{expected}. Make its folder writable for this user, or leave LOG_FILE empty"
            ) from error
    return settings
