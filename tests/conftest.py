"""Shared by all tests: Hypothesis profiles, shape and type checks on array functions, devices, no leaking defaults."""

from __future__ import annotations

import os
import sys

import hypothesis
import pytest
from jaxtyping import install_import_hook

# Modules of array functions. Not theory.programs: strategies build its objects while they draw, and beartype, which picks the
# items it looks at by the global random generator, would make Hypothesis see draws that depend on it.
ARRAY_ROOMS = ["formats", "summation", "exact", "permutations", "accumulators", "deltaformer.rounding"]
install_import_hook(["constructions", *(f"theory.{room}" for room in ARRAY_ROOMS)], "beartype.beartype")

NIGHTLY_SEED = int(os.environ.get("WEIGHTPROOF_NIGHTLY_SEED", "0"))
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev")

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile(PROFILE)


def pytest_configure(config: pytest.Config) -> None:
    """The nightly profile draws from a seed of its own choice, which can be repeated."""
    if PROFILE == "nightly" and config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(NIGHTLY_SEED)


def pytest_report_header() -> str:
    seed = f", seed {NIGHTLY_SEED} (WEIGHTPROOF_NIGHTLY_SEED)" if PROFILE == "nightly" else ""
    return f"hypothesis profile: {PROFILE}{seed}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked:
        import torch

        if not torch.cuda.is_available():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason="needs an accelerator; torch sees none here"))


@pytest.fixture(autouse=True)
def _defaults_restored():
    """torch's default dtype and number of threads are after each test what they were before it."""
    torch = sys.modules.get("torch")
    before = (torch.get_default_dtype(), torch.get_num_threads()) if torch else None
    yield
    if torch and before:
        torch.set_default_dtype(before[0])
        if torch.get_num_threads() != before[1]:
            torch.set_num_threads(before[1])
