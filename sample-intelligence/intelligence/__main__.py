"""`python -m intelligence` starts the service: one worker process for each CPU it is given."""

import logging
import os
import signal
import socket
import sys
import tempfile

import uvicorn
from uvicorn.supervisors import Multiprocess

from intelligence import logs, settings

log = logging.getLogger("intelligence")

# Seconds for requests under way to finish, once the server has stopped listening.
DRAIN = 20


class Workers(Multiprocess):
    def terminate_all(self) -> None:
        """Lets go of the listening socket too: once the workers have, new connections are refused, not left waiting."""
        super().terminate_all()
        for listener in self.sockets:
            listener.close()


def main() -> int:
    # Before the settings are known to be right, so that what is wrong with them is in a line of the right form.
    logs.configure("text" if os.environ.get("LOG_FORMAT") == "text" else "json")
    try:
        configuration = settings.load()
        listener = listen(configuration.intelligence_host, configuration.intelligence_port)
    except settings.Misconfigured as error:
        log.critical("Can't start: %s", error)
        return 1
    # uvicorn raises the signal again when it is done; leave by way of the clean-up below.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="intelligence-metrics-") as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        server = uvicorn.Config(
            "intelligence.app:create_app",
            factory=True,
            workers=configuration.web_concurrency,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            # Longer than clients keep an idle connection (the JDK's: 30 s): who closes it first must not be the server.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=DRAIN,
            log_config=logs.config(configuration.log_format, configuration.log_file),
            access_log=False,  # intelligence.web writes a line for each request.
            proxy_headers=False,
            server_header=False,
        )
        log.info("Listening on %s:%d, workers: %d", *listener.getsockname()[:2], server.workers)
        if server.workers == 1:
            uvicorn.Server(server).run([listener])
        else:
            Workers(server, [listener]).run()
    return 0


def listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        advice = "set INTELLIGENCE_HOST and INTELLIGENCE_PORT to an address of this machine that is free"
        raise settings.Misconfigured(
            f"expected to listen on {host}:{port}, found {error.strerror}: {advice}"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
