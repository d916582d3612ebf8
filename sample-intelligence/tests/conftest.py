import json
import os
import subprocess
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tests.support import PROJECT, Databases, Service

# What hypothesis remembers goes where builds put what they make.
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(PROJECT / "target" / "hypothesis")


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Marks what needs databases, so that the image's build, which has none, can leave it out."""
    for item in items:
        if "databases" in item.fixturenames:
            item.add_marker("databases")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Real PostgreSQL and Redis, with the project's schema, roles and access lists."""
    command = [str(PROJECT.parent / "run"), "databases"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            ready = process.stdout.readline()
            assert ready, f"{' '.join(command)} ended without saying where the databases are; its errors are above"
            databases = Databases(json.loads(ready))
            yield databases
            databases.close()
        finally:
            process.stdin.close()  # It ends when its input does.
            process.wait(60)


@pytest.fixture(scope="session")
def service(databases: Databases) -> Iterator[Service]:
    """One running service for the tests that do not need their own."""
    service = Service(databases.environment).started()
    yield service
    service.stop()


@pytest.fixture
def start(databases: Databases) -> Iterator[Callable[..., Service]]:
    """Starts a service of the test's own; keyword arguments are settings."""
    services: list[Service] = []

    def start(**settings: str) -> Service:
        services.append(Service(databases.environment | settings))
        return services[-1]

    yield start
    for service in services:
        service.stop()


@pytest.fixture
def customer() -> str:
    """A customer whom no other test knows."""
    return f"customer-{uuid4()}"
