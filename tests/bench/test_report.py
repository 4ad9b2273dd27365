"""The benchmark's arithmetic, ledger, tables and figures, from literal values; nothing is measured here."""

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import figures, growth, ledger, stats, svg, table
from bench.conduct import Fields, ThreadLine, conduct, merge
from bench.ledger import Results, Run
from bench.rivals import RIVALS, Rival, named
from bench.worker import ROLES
from bench.workloads import WORKLOADS, select

SMALL_TCP = "push_pull/tcp/10B"
LATENCY = "req_rep/tcp/10B"


def make_run(results: Results, **facts: object) -> Run:
    run = Run(
        date="2025-01-31T12:00:00+00:00",
        python="3.11.7",
        platform="Linux",
        cpus=2,
        load=0.1,
        pyzmq="27.3.0",
        libzmq="4.3.5",
        commit="1a2b3c4",
        modules={"ours": "purezmq", "theirs": "zmq"},
        rounds=3,
        apart=False,
        quick=False,
        results=results,
    )
    return replace(run, **facts)  # type: ignore[arg-type]


def rates(ours: list[float | None], theirs: list[float | None], workload: str = SMALL_TCP) -> Results:
    return {workload: {"rate": {"ours": ours, "theirs": theirs}}}


def latencies(p50: list[float | None], p99: list[float | None]) -> Results:
    theirs: list[float | None] = [100.0] * len(p50)
    return {LATENCY: {"p50": {"ours": p50, "theirs": theirs}, "p99": {"ours": p99, "theirs": theirs}}}


def only_row(results: Results) -> stats.Row:
    (row,) = stats.rows(make_run(results))
    return row


# -- results of a measurement


def test_merge_spreads_all_deliveries_over_first_start_to_last_end() -> None:
    spans: list[Fields] = [
        {"count": 100, "start": 10.0, "end": 12.0},
        {"count": 200, "start": 11.0, "end": 13.0},
        {},
    ]
    assert merge(spans) == {"rate": 100.0}


def test_merge_passes_plain_numbers_on() -> None:
    assert merge([{}, {"p50": 10, "p99": 20.5}]) == {"p50": 10.0, "p99": 20.5}


def test_conduct_gives_the_endpoint_to_connectors_and_go_to_all() -> None:
    binder, connector = ThreadLine(), ThreadLine()
    binder.other.say({"endpoint": "tcp://127.0.0.1:1"})
    binder.other.say({"ready": True})
    binder.other.say({})
    connector.other.say({"ready": True})
    connector.other.say({"rss": 5})
    endpoints = []

    def connect(endpoint: str) -> ThreadLine:
        endpoints.append(endpoint)
        return connector

    assert conduct(lambda: binder, connect, connectors=1) == [{}, {"rss": 5}]
    assert endpoints == ["tcp://127.0.0.1:1"]
    assert binder.other.hear() == connector.other.hear() == {"go": True}


def test_line_raises_what_the_other_end_failed_with() -> None:
    line = ThreadLine()
    line.other.fail(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        line.hear()


# -- statistics


def test_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians() -> None:
    row = only_row(rates([10.0, 20.0, 90.0], [10.0, 40.0, 30.0]))
    assert (row.ours, row.theirs) == (20.0, 30.0)
    assert row.ratios == (1.0, 0.5, 3.0)
    assert row.ratio == 1.0


def test_failed_round_is_left_out() -> None:
    row = only_row(rates([10.0, None, 30.0], [10.0, 10.0, 10.0]))
    assert (row.ours, row.theirs, row.ratios) == (20.0, 10.0, (1.0, 3.0))


def test_zero_growth_makes_no_ratio_but_keeps_its_verdict() -> None:
    row = only_row({"process/idle_socket": {"rss": {"ours": [0.0], "theirs": [100.0]}}})
    assert (row.ratio, row.verdict) == (None, "ok")


@pytest.mark.parametrize(
    "ours, verdict", [(1.6, "ok"), (1.5, "ok"), (1.49, "below"), (None, "failed")], ids=str
)
def test_throughput_floor_is_a_least_ratio(ours: float | None, verdict: str) -> None:
    assert only_row(rates([ours], [1.0])).verdict == verdict


def test_latency_floor_is_a_greatest_ratio_for_each_percentile() -> None:
    rows = stats.rows(make_run(latencies([51.0], [79.0])))
    assert [(row.metric.name, row.verdict) for row in rows] == [("p50", "below"), ("p99", "ok")]


@pytest.mark.parametrize("ours, verdict", [(1999.0, "ok"), (2001.0, "below")])
def test_absolute_floor_is_our_own_value(ours: float, verdict: str) -> None:
    row = only_row({"process/idle_socket": {"rss": {"ours": [ours], "theirs": [1.0]}}})
    assert row.verdict == verdict


def test_workload_without_floor_has_no_verdict() -> None:
    assert only_row(rates([1.0], [2.0], "parts/tcp/1")).verdict == ""


def test_noise_is_the_range_over_the_median() -> None:
    assert stats.noise([0.9, 1.0, 1.2]) == pytest.approx(0.3)


def test_noise_of_one_round_is_assumed() -> None:
    assert stats.noise([1.0]) == stats.NOISE_OF_ONE_ROUND


def test_change_within_the_noise_of_both_runs_is_not_real() -> None:
    old = make_run(rates([0.95, 1.0, 1.05], [1.0, 1.0, 1.0]))
    new = make_run(rates([1.10, 1.15, 1.20], [1.0, 1.0, 1.0]))
    (change,) = stats.changes(old, new)
    assert change.change == pytest.approx(0.15)
    assert change.noise == pytest.approx(0.1 + 0.1 / 1.15)
    assert not change.is_real


def test_change_beyond_the_noise_of_both_runs_is_real() -> None:
    old = make_run(rates([0.99, 1.0, 1.01], [1.0, 1.0, 1.0]))
    new = make_run(rates([1.19, 1.2, 1.21], [1.0, 1.0, 1.0]))
    (change,) = stats.changes(old, new)
    assert change.is_real
    assert change.is_better


def test_slower_machine_is_no_change() -> None:
    old = make_run(rates([10.0, 10.0, 10.0], [10.0, 10.0, 10.0]))
    new = make_run(rates([5.0, 5.0, 5.0], [5.0, 5.0, 5.0]))
    (change,) = stats.changes(old, new)
    assert not change.is_real


def test_rounds_that_agree_wholly_still_leave_least_noise() -> None:
    old = make_run(rates([1.0, 1.0], [1.0, 1.0]))
    new = make_run(rates([1.02, 1.02], [1.0, 1.0]))
    (change,) = stats.changes(old, new)
    assert change.noise == stats.LEAST_NOISE
    assert not change.is_real


def test_lower_latency_is_better() -> None:
    old, new = (
        make_run(latencies([50.0, 50.0], [90.0, 90.0])),
        make_run(latencies([20.0, 20.0], [95.0, 95.0])),
    )
    assert [change.is_better for change in stats.changes(old, new)] == [True, False]


def test_changes_leave_out_what_only_one_run_measured() -> None:
    old, new = make_run(rates([1.0], [1.0])), make_run(latencies([1.0], [1.0]))
    assert stats.changes(old, new) == []


def test_workload_that_left_the_table_is_left_out() -> None:
    assert list(stats.rows(make_run(rates([1.0], [1.0], "gone/tcp/1")))) == []


# -- several rivals


def with_rivals(values: dict[str, list[float | None]], workload: str = SMALL_TCP) -> Run:
    modules = {
        "ours": "purezmq",
        "PyZMQ": "zmq",
        "pynng": "bench.rivals.pynng",
        "sockets": "bench.rivals.sockets",
    }
    return make_run({workload: {"rate": values}}, modules=modules)


def test_ratio_is_against_the_best_peer_of_the_run_but_not_the_limit() -> None:
    run = with_rivals({"ours": [6.0], "PyZMQ": [2.0], "pynng": [3.0], "sockets": [12.0]})
    (row,) = stats.rows(run)
    assert (row.best, row.ratio, row.limit_ratio) == ("pynng", 2.0, 0.5)


def test_best_peer_of_a_latency_is_the_quickest() -> None:
    modules = {"ours": "purezmq", "PyZMQ": "zmq", "pynng": "bench.rivals.pynng"}
    values: dict[str, list[float | None]] = {"ours": [20.0], "PyZMQ": [40.0], "pynng": [50.0]}
    (row,) = stats.rows(make_run({LATENCY: {"p50": values}}, modules=modules))
    assert (row.best, row.verdict) == ("PyZMQ", "ok")


def test_peer_that_failed_is_passed_over() -> None:
    (row,) = stats.rows(with_rivals({"ours": [6.0], "PyZMQ": [2.0], "pynng": [None]}))
    assert (row.best, row.verdict) == ("PyZMQ", "ok")


def test_workload_that_no_peer_can_do_has_no_verdict() -> None:
    (row,) = stats.rows(with_rivals({"ours": [6.0], "sockets": [12.0]}))
    assert (row.best, row.ratio, row.verdict) == (None, None, "")


def test_table_leaves_the_cell_of_a_rival_that_cannot_do_it_empty() -> None:
    run = with_rivals({"ours": [6.0], "PyZMQ": [2.0], "sockets": [12.0]})
    ((_, (cells,)),) = table.run_groups(run)
    by_column = dict(zip(table.run_columns(run), cells, strict=False))
    assert by_column["pynng"] == ""
    assert (by_column["to"], by_column["of limit"]) == ("PyZMQ", "0.50×")


def test_rival_that_cannot_be_imported_says_what_to_do() -> None:
    assert Rival("gone", "no_such_module", "gone").obstacle() == "gone is not installed: pip install gone"


def test_module_that_is_no_known_rival_can_do_everything() -> None:
    (rival,) = named(["bench.backend"])
    assert rival.module == "bench.backend"
    assert all(rival.does(workload) for workload in WORKLOADS)


def test_every_workload_that_a_rival_names_is_there() -> None:
    for rival in RIVALS.values():
        for pattern in (*rival.can, *rival.cannot):
            assert any(fnmatchcase(name, pattern) for name in WORKLOADS), pattern


def test_roles_of_every_workload_are_there() -> None:
    assert {role for workload in WORKLOADS.values() for role in workload.roles} <= ROLES.keys()


# -- ledger


def test_ledger_returns_what_was_appended(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    runs = [make_run(rates([1.5, None], [1.0, 2.0])), make_run(latencies([1.0], [2.0]), quick=True)]
    for run in runs:
        ledger.append(path, run)
    assert ledger.read(path) == runs
    assert len(path.read_text().splitlines()) == 2


def test_missing_ledger_is_empty(tmp_path: Path) -> None:
    assert ledger.read(tmp_path / "ledger.jsonl") == []


def test_last_two_skips_quick_runs_and_other_settings() -> None:
    first = make_run(rates([1.0], [1.0]), commit="first")
    new = make_run(rates([2.0], [1.0]), commit="new")
    between = [
        make_run(latencies([1.0], [1.0]), commit="other workload"),
        make_run(rates([1.0], [1.0]), commit="other sides", modules={"ours": "zmq", "theirs": "zmq"}),
        make_run(rates([1.0], [1.0]), commit="other machine", cpus=64),
        make_run(rates([1.0], [1.0]), commit="other placement", apart=True),
    ]
    quick = make_run(rates([3.0], [1.0]), commit="quick", quick=True)
    assert ledger.last_two([first, *between, new, quick]) == (first, new)


def test_last_two_of_one_run_has_nothing_older() -> None:
    run = make_run(rates([1.0], [1.0]))
    assert ledger.last_two([run]) == (None, run)


def test_last_two_of_empty_ledger_says_what_to_do() -> None:
    with pytest.raises(LookupError, match="python -m bench run"):
        ledger.last_two([])


# -- workloads


@pytest.mark.parametrize(
    "patterns, count",
    [
        ([], len(WORKLOADS)),
        (["push_pull/tcp/10B"], 1),
        (["push_pull/tcp"], 11),
        (["push_pull/"], 28),
        (["*/tcp/10B"], 2),
        (["*/10B", "push_pull/tcp/10B"], 7),
        (["push"], 0),
    ],
)
def test_select_takes_globs_and_beginnings_up_to_a_slash(patterns: list[str], count: int) -> None:
    assert len(select(patterns)) == count


def test_quick_keeps_something_to_measure() -> None:
    for workload in WORKLOADS.values():
        quick = workload.quick()
        assert min(workload.count, 1) <= quick.count <= workload.count
        assert min(workload.warm_up, 1) <= quick.warm_up <= workload.warm_up


def test_every_metric_has_a_title() -> None:
    titled = {(load.group, metric.name) for load in WORKLOADS.values() for metric in load.metrics}
    assert titled == table.TITLES.keys()


# -- tables


@pytest.mark.parametrize(
    "value, written",
    [
        (None, "–"),
        (2.414, "2.41"),
        (43.71, "43.7"),
        (999.7, "1000"),
        (2168.0, "2168"),
        (12_345.0, "12.3 k"),
        (999_900.0, "1.00 M"),
        (1_234_567.0, "1.23 M"),
    ],
)
def test_values_have_three_digits(value: float | None, written: str) -> None:
    assert table.format_value(value) == written


def test_text_table_aligns_columns_over_all_groups() -> None:
    results = {**rates([1.5e6, 1.6e6], [1e6, 1e6]), **latencies([30.0, 40.0], [90.0, 90.0])}
    results[SMALL_TCP]["cpu"] = {"ours": [0.5, 0.5], "theirs": [0.75, 0.75]}
    run = make_run(results)
    text = table.as_text(table.run_columns(run), table.run_groups(run))
    assert text.splitlines() == [
        "           purezmq   PyZMQ  MB/s  purezmq CPU  PyZMQ CPU  ratio     rounds   floor",
        "",
        "PUSH→PULL, msg/s",
        "  tcp/10B   1.55 M  1.00 M  15.5         0.50       0.75  1.55×  1.50–1.60  ≥ 1.5×     ok",
        "",
        "REQ↔REP one way, p50, µs",
        "  tcp/10B     35.0     100                                0.35×  0.30–0.40  ≤ 0.5×     ok",
        "",
        "REQ↔REP one way, p99, µs",
        "  tcp/10B     90.0     100                                0.90×  0.90–0.90  ≤ 0.8×  below",
    ]


def test_megabytes_count_every_part() -> None:
    row = only_row(rates([1e6], [1e6], "multipart/tcp/3x32B"))
    assert table.megabytes_per_second(row, row.ours) == "96.0"


def test_markdown_table_has_a_row_for_each_title() -> None:
    run = make_run(rates([None], [1e6]))
    assert table.as_markdown(table.run_columns(run), table.run_groups(run)).splitlines() == [
        "|  | purezmq | PyZMQ | MB/s | purezmq CPU | PyZMQ CPU | ratio | rounds | floor |  |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| **PUSH→PULL, msg/s** |  |  |  |  |  |  |  |  |  |",
        "| tcp/10B | – | 1.00 M |  |  |  | – |  | ≥ 1.5× | failed |",
    ]


def test_changes_are_listed_worse_first_and_say_when_a_floor_is_crossed() -> None:
    old = make_run({**rates([1.6, 1.6], [1.0, 1.0]), **latencies([50.0, 50.0], [70.0, 70.0])})
    new = make_run({**rates([1.0, 1.0], [1.0, 1.0]), **latencies([20.0, 20.0], [70.0, 70.0])})
    groups = list(table.change_groups(stats.changes(old, new)))
    assert groups == [
        ("worse", [[f"{SMALL_TCP} rate", "1.60×", "1.00×", "-38%", "±3%", "1.60", "1.00", "ok → below"]]),
        ("better", [[f"{LATENCY} p50", "0.50×", "0.20×", "-60%", "±3%", "50.0", "20.0", "ok"]]),
    ]


# -- figures


def complete_results() -> Results:
    return {
        name: {metric.name: {"ours": [2.0, 3.0], "theirs": [2.0, None]} for metric in workload.metrics}
        for name, workload in WORKLOADS.items()
    }


def test_figures_are_well_formed_svg(tmp_path: Path) -> None:
    paths = figures.draw(make_run(complete_results()), tmp_path / "figures")
    assert [path.name for path in paths] == ["ratios.svg", "throughput.svg", "latency.svg", "growth.svg"]
    for path in paths:
        assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_figure_without_values_is_not_drawn(tmp_path: Path) -> None:
    paths = figures.draw(make_run(rates([1.0], [None])), tmp_path)
    assert paths == []


def test_throughput_figure_has_a_line_per_side_and_transport() -> None:
    drawing = figures.throughput(make_run(complete_results()))
    assert drawing.count("<polyline") == 2 * 3


def test_latency_figure_has_a_line_per_side_transport_and_percentile() -> None:
    drawing = figures.latency(make_run(complete_results()))
    assert drawing.count("<polyline") == 2 * 3 * 2


def test_ratio_figure_has_a_row_per_metric() -> None:
    drawing = figures.ratios(make_run(complete_results()))
    assert drawing.count("<circle") == sum(len(workload.metrics) for workload in WORKLOADS.values())


def test_growth_figure_has_a_panel_for_each_cost_and_a_line_per_side() -> None:
    drawing = growth.drawing(make_run(complete_results()))
    assert drawing.count("<polyline") == 2 * len(growth.PANELS)


def test_growth_is_what_one_costs() -> None:
    results = {"parts/tcp/10": {"rate": {"ours": [1e5], "theirs": [1e4]}}}
    (panel,) = [panel for panel in growth.PANELS if panel.group == "parts"]
    assert growth.points(make_run(results), panel) == {"ours": [(10, 1.0)], "theirs": [(10, 10.0)]}


def test_scale_is_logarithmic_and_clips() -> None:
    scale = svg.Scale(low=1, high=100, start=0, end=200)
    assert [scale(value) for value in (1, 10, 100, 1000)] == [0, 100, 200, 200]
    assert scale.decades() == [1, 10, 100]
