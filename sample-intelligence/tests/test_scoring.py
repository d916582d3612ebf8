import importlib.util
import math
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intelligence import scoring
from intelligence.scoring import MINIMUM_HISTORY, Score, score
from tests.support import PROJECT

LARGEST = 2**63 - 1

amounts = st.integers(0, LARGEST) | st.integers(0, 10)
histories = st.lists(amounts, max_size=101)


@pytest.mark.parametrize(
    ("amount", "history", "expected"),
    [
        # Median 3, MAD 1: 0.6745 * (8 - 3) / 1 is just under 3.5, one more is over.
        (8, [1, 2, 3, 4, 5], ("typical", 3, 5, 3.3725)),
        (9, [5, 4, 3, 2, 1], ("unusual", 3, 6, 4.047)),
        (0, [100, 101, 102, 103, 104], ("unusual", 102, -102, -68.799)),
        # An even number of orders: the median, 2.5, is exact in the score and rounded down where it is shown.
        (4, [1, 2, 2, 3, 3, 4], ("typical", 2, 2, 2.0235)),
        # More than half are equal, so MAD is 0 and MeanAD is 90 / 8: 90 / (1.253314 * 11.25).
        (100, [10, 10, 10, 10, 10, 10, 10, 100], ("unusual", 10, 90, 6.383077)),
        (10, [10, 10, 10, 10, 10, 10, 10, 100], ("typical", 10, 0, 0.0)),
        # All are equal: no number says how unusual another amount is.
        (7, [7, 7, 7, 7, 7], ("typical", 7, 0, 0.0)),
        (8, [7, 7, 7, 7, 7], ("unusual", 7, 1, None)),
        # Too little history is an answer.
        (8, [], ("insufficient-history", None, None, None)),
        (8, [1, 2, 3, 4], ("insufficient-history", None, None, None)),
        # Money is not rounded through a float.
        (0, [LARGEST] * 5, ("unusual", LARGEST, -LARGEST, None)),
    ],
)
def test_worked_examples(amount: int, history: list[int], expected: tuple[str, int, int, float | None]) -> None:
    result = score(amount, history)
    assert result[:3] == expected[:3]
    assert result.anomaly == (None if expected[3] is None else pytest.approx(expected[3], rel=1e-6))


@given(amounts, histories.filter(lambda history: len(history) >= MINIMUM_HISTORY))
def test_agrees_with_the_definition(amount: int, history: list[int]) -> None:
    median = statistics.median(history)
    mad = statistics.median(abs(value - median) for value in history)
    if mad == 0:
        return
    # The statistics module halves as a float, so far from zero it is the less exact of the two.
    defined = 0.6745 * (amount - median) / mad
    result = score(amount, history)
    assert result.anomaly is not None
    assert math.isclose(result.anomaly, defined, rel_tol=1e-6, abs_tol=1e-6) or max(history) > 2**50


@given(amounts, histories)
def test_order_of_the_history_does_not_matter_and_it_stays_as_it_is(amount: int, history: list[int]) -> None:
    before = history.copy()
    assert score(amount, history) == score(amount, history[::-1])
    assert history == before


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    # The image's build names the extension that ships; elsewhere one is compiled here.
    extension = Path(os.environ.get("SCORING_EXTENSION") or compile_kernel(tmp_path_factory.mktemp("compiled")))
    spec = importlib.util.spec_from_file_location("scoring", extension)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compile_kernel(folder: Path) -> Path:
    if not (shutil.which("cc") or shutil.which("gcc")):
        pytest.skip("no C compiler here: the kernel can't be compiled")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        pytest.skip("no Python.h here (python3-dev): the kernel can't be compiled")
    shutil.copy(PROJECT / "intelligence" / "scoring.py", folder)
    # What README.md names, and the image's builder stage runs.
    built = subprocess.run(
        [sys.executable, "-m", "mypyc", "scoring.py"], cwd=folder, check=False, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (extension,) = folder.glob("scoring.*.so")
    return extension


# The pure version is the oracle. Equal means equal: to the last bit of the score.
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(amounts, histories)
def test_compiled_kernel_gives_the_same(compiled: ModuleType, amount: int, history: list[int]) -> None:
    result: Score = compiled.score(amount, history)
    assert tuple(result) == tuple(score(amount, history))


def test_the_oracle_is_the_source() -> None:
    found = Path(scoring.__file__)
    assert found.suffix == ".py", f"{found} hides the source in this working tree; delete it"
