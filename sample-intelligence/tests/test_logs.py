"""The second copy of the log lines, and what a process that hangs leaves behind."""

import json
import logging
import multiprocessing
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from subprocess import PIPE

from intelligence.logs import BoundedFileHandler, JsonFormatter
from tests.support import PROJECT, Service

LARGEST = 20_000


def write(path: Path, writer: int, lines: int) -> None:
    handler = BoundedFileHandler(str(path))
    handler.LARGEST = LARGEST
    handler.setFormatter(JsonFormatter())
    for number in range(lines):
        handler.handle(logging.makeLogRecord({"msg": json.dumps([writer, number])}))


def messages(path: Path) -> list[list[int]]:
    return [json.loads(json.loads(line)["message"]) for line in path.read_text().splitlines()]


def test_two_files_keep_the_latest_lines_of_all_workers(tmp_path: Path) -> None:
    latest, earlier = tmp_path / "log", tmp_path / "log.1"
    lines, writers = 1000, 4
    sizes = []
    with ProcessPoolExecutor(writers, multiprocessing.get_context("spawn")) as pool:
        written = [pool.submit(write, latest, writer, lines) for writer in range(writers)]
        while not all(future.done() for future in written):
            if earlier.exists():
                sizes.append(earlier.stat().st_size)
            time.sleep(0.001)
        for future in written:
            future.result()
    # The last line of all may have moved the one file.
    files = set(tmp_path.iterdir())
    assert earlier in files
    assert files <= {latest, earlier}
    # Moved when it was full, by one worker alone: a second would have moved the new one, with hardly a line in it.
    assert min(sizes) > LARGEST
    assert max(*sizes, *(file.stat().st_size for file in files)) < LARGEST + 2000
    kept = [message for file in files for message in messages(file)]
    for writer in range(writers):
        numbers = sorted(number for found, number in kept if found == writer)
        assert numbers == list(range(lines - len(numbers), lines)), "the latest, and none twice"


def test_the_file_has_the_lines_of_standard_output(start: Callable[..., Service], tmp_path: Path) -> None:
    path = tmp_path / "log"
    service = start(LOG_FILE=str(path), WEB_CONCURRENCY="2").started()
    service.http.get("/unknown")
    written = service.stop_and_read()
    copied = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(map(str, copied)) == sorted(map(str, written))
    assert {"path": "/unknown"} in [line.get("url") for line in copied]


def test_a_process_that_hangs_shows_its_stacks_on_sigquit_and_goes_on() -> None:
    hanging = "from intelligence import logs; logs.configure('json'); print('ready', flush=True); input(); print('on')"
    with subprocess.Popen(
        [sys.executable, "-c", hanging], cwd=PROJECT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGQUIT)
        assert "most recent call first" in process.stderr.readline()
        assert process.communicate("\n", timeout=10)[0] == "on\n"
