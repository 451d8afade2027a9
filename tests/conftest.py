"""What every test shares: how many random examples, a fixed seed, the slow tests.

MINIGRAD_TEST_PROFILE chooses the random examples: `ci` (the default), `standin` (fewer, for the pass on the stand-in
for CuPy) or `nightly` (many, different each time, failures remembered). Tests marked slow run with --run-slow, with
-m slow, when named by themselves, and in the nightly profile.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

import minigrad

COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("ci", max_examples=100, derandomize=True, database=None, **COMMON)
settings.register_profile("standin", max_examples=15, derandomize=True, database=None, **COMMON)
settings.register_profile("nightly", max_examples=2000, **COMMON)
PROFILE = os.environ.get("MINIGRAD_TEST_PROFILE", "") or "ci"
settings.load_profile(PROFILE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests marked slow too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked slow, unless it was asked for."""
    named = any("::" in arg for arg in config.args)
    if config.getoption("--run-slow") or config.getoption("-m") or named or PROFILE == "nightly":
        return
    slow = [item for item in items if "slow" in item.keywords]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if "slow" not in item.keywords]


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same random numbers, whichever tests ran before it."""
    minigrad.manual_seed(0)
