"""A child that never came up costs a measurement its first try, not the whole run."""

import pytest

from bench import runner
from bench.children import ChildError
from bench.workloads import WORKLOADS

LOAD = WORKLOADS["push_pull/tcp/10B"]


def measured(
    monkeypatch: pytest.MonkeyPatch, failing: int
) -> tuple[list[float | None], list[str], list[str]]:
    """The values of two rounds, what failed and what was told, when the first `failing` tries fail."""
    tries = iter(range(100))

    def measure(*arguments: object) -> dict[str, float]:
        if next(tries) < failing:
            raise ChildError("pull fell silent")
        return {metric.name: 1.0 for metric in LOAD.metrics}

    monkeypatch.setattr(runner, "measure", measure)
    told: list[str] = []
    results, failed = runner.run_rounds([LOAD], {"ours": "purezmq"}, 2, False, 1.0, told.append)
    return results[LOAD.name][LOAD.metrics[0].name]["ours"], failed, told


def test_one_failure_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    values, failed, told = measured(monkeypatch, failing=1)
    assert values == [1.0, 1.0]
    assert failed == []
    assert sum("pull fell silent" in line for line in told) == 1


def test_a_side_that_failed_twice_is_left_out_and_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    values, failed, told = measured(monkeypatch, failing=2)
    assert values == [None, None]
    assert len(failed) == 1
    assert "push_pull/tcp/10B, ours, round 1: pull fell silent" in failed[0]
    assert sum("pull fell silent" in line for line in told) == 2
