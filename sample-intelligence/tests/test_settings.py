import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intelligence.settings import POSTGRES_PASSWORD, REDIS_PASSWORD, Misconfigured, cpus_given, load

GOOD = "f3c1d0a94be27765f3c1d0a94be27765"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECRETS_DIRECTORY", str(tmp_path))
    for name in (POSTGRES_PASSWORD, REDIS_PASSWORD):
        (tmp_path / name).write_text(GOOD + "\n")
    return tmp_path


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Nobody, when the tests run as root, whom no permission stops."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_good_secrets_are_read_without_their_line_end(secrets: Path) -> None:
    assert load().secret(POSTGRES_PASSWORD) == GOOD


@pytest.mark.parametrize("name", [POSTGRES_PASSWORD, REDIS_PASSWORD])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "found 0"),
        (b" \n" * 30, "found 0"),
        (b"0123456789abcdef", "found 16"),
        (b"changeme-changeme-changeme", "an example"),
        (b"this-is-a-long-Password-123", "an example"),
        (b"\xff" * 30, "not UTF-8"),
    ],
)
def test_a_secret_that_protects_nothing_is_refused(secrets: Path, name: str, content: bytes, found: str) -> None:
    (secrets / name).write_bytes(content)
    with pytest.raises(Misconfigured, match=found) as refused:
        load()
    assert str(secrets / name) in str(refused.value)
    assert content == b"" or content.decode(errors="replace") not in str(refused.value)


def test_a_missing_secret_is_refused(secrets: Path) -> None:
    (secrets / REDIS_PASSWORD).unlink()
    with pytest.raises(Misconfigured, match="No such file"):
        load()


def test_a_directory_that_can_not_be_read_is_refused(secrets: Path) -> None:
    secrets.chmod(0)
    try:
        with ordinary_user(), pytest.raises(Misconfigured, match="Permission denied"):
            load()
    finally:
        secrets.chmod(stat.S_IRWXU)
    load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSTGRES_PORT", "postgres"),
        ("REDIS_PORT", "65536"),
        ("WEB_CONCURRENCY", "0"),
        ("LOG_FORMAT", "xml"),
        ("SHUTDOWN_DELAY", "5"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_with_its_value(
    secrets: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"{name}='{value}'"):
        load()


def test_a_log_file_that_can_not_be_written_is_refused(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FILE", str(secrets / "missing" / "log"))
    with pytest.raises(Misconfigured, match=r"LOG_FILE: .* found No such file or directory: .*/missing/log"):
        load()


@pytest.mark.parametrize(("text", "seconds"), [("5s", 5), ("250ms", 0.25)])
def test_a_delay_has_a_unit(secrets: Path, monkeypatch: pytest.MonkeyPatch, text: str, seconds: float) -> None:
    monkeypatch.setenv("SHUTDOWN_DELAY", text)
    assert load().shutdown_delay == seconds


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_cpus_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], quota: int | None) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert cpus_given(tmp_path) == (quota or 8)
