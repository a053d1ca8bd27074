"""Grafana's dashboard: a row of what is common, a row a service, and the stock of the offices."""

from typing import Any

from ops.system.services import SERVICES

DATA = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT = 8, 7
Panel = dict[str, Any]
Query = tuple[str, str]
"""What is asked, and how a line is named."""

ASKED = 'route!~"/health/.*|/metrics"'


def dashboard() -> dict[str, Any]:
    """The whole of it, as Grafana imports it."""
    panels: list[Panel] = []
    for title, row in [_overview(), *(_service(name) for name in SERVICES), _offices()]:
        _place(panels, title, row)
    return {
        "uid": "jemput-bola",
        "title": "Jemput Bola",
        "tags": ["jemput-bola"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "panels": panels,
    }


def _overview() -> tuple[str, list[Panel]]:
    return "Semua", [
        _stat("Layanan yang menjawab", "sum by (job) (up)", "{{job}}", red_below=1),
        _stat("Pesan disisihkan", "sum(max by (job, handler, reason) (dead_letters_open)) or vector(0)", "", warn=1),
        _stat("Kabar tertua belum terkirim", "max(outbox_oldest_unsent_age_seconds)", "", "s", warn=10, bad=60),
        _lines("Tertinggal", ("group:consumer_lag_events:sum", "{{group}}"), warn=500),
        _lines("Isi outbox", ("max by (job) (outbox_unsent_events)", "{{job}}"), warn=1000),
        _lines("Dikirim", ("sum by (job) (rate(relay_published_total[5m]))", "{{job}}"), unit="ops"),
        _lines(
            "Umur baca terakhir", ("max by (group) (consumer_last_poll_age_seconds)", "{{group}}"), unit="s", bad=15
        ),
        _lines("Partisi yang menunggu", ("sum by (group) (consumer_waiting_partitions)", "{{group}}"), warn=1),
        _lines("Jam kerja tertinggal", ("max by (job) (business_clock_lag_seconds)", "{{job}}"), unit="s", warn=300),
    ]


def _service(name: str) -> tuple[str, list[Panel]]:
    mine = f'job="{name}"'
    rate = f"sum by (route, status) (rate(http_requests_total{{{mine}, {ASKED}}}[5m]))"
    slow = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{mine}, {ASKED}}}[5m]))"
    batch = f"sum by (group, le) (rate(consumer_batch_duration_seconds_bucket{{{mine}}}[5m]))"
    late = f"rate(event_loop_delay_seconds_sum{{{mine}}}[5m]) / rate(event_loop_delay_seconds_count{{{mine}}}[5m])"
    return name, [
        _lines("Permintaan", (rate, "{{route}} {{status}}"), unit="reqps"),
        _lines(
            "Lama jawaban",
            (f"histogram_quantile(0.5, {slow})", "separuh"),
            (f"histogram_quantile(0.95, {slow})", "95%"),
            unit="s",
            warn=0.5,
            bad=1,
        ),
        _lines(
            "Pesan diterapkan",
            (f"sum by (event) (rate(consumer_events_total{{{mine}}}[5m]))", "{{event}}"),
            (f"sum by (group) (rate(inbox_repeats_total{{{mine}}}[5m]))", "ulangan {{group}}"),
            unit="ops",
        ),
        _lines("Lama satu batch", (f"histogram_quantile(0.95, {batch})", "{{group}} 95%"), unit="s", warn=5),
        _lines(
            "Koneksi basis data",
            (f"sum by (state) (database_pool_connections{{{mine}}})", "{{state}}"),
            (f"sum(database_pool_max{{{mine}}})", "paling banyak"),
        ),
        _lines(
            "Proses",
            (f"rate(process_cpu_seconds_total{{{mine}}}[5m])", "CPU {{instance}}"),
            (late, "keterlambatan {{instance}}"),
            unit="s",
            warn=1,
        ),
        _lines("Memori", (f"process_resident_memory_bytes{{{mine}}}", "{{instance}}"), unit="bytes"),
        *_own(name),
    ]


def _own(name: str) -> list[Panel]:
    match name:
        case "requests":
            return [_lines("Lewat tenggat", ("max by (stage) (cases_overdue)", "{{stage}}"), warn=1)]
        case "dispatch":
            return [
                _lines("Antrean cetak", ("sum(max by (office, hold) (print_queue_cards)) by (office)", "{{office}}")),
                _lines("Menunggu kunjungan", ("max by (office) (visits_waiting_cases)", "{{office}}")),
            ]
        case "notify":
            return [
                _lines("Peringatan terbuka", ("max by (level, state) (alerts_open)", "{{level}} {{state}}"), warn=1),
                _lines("Webhook belum terkirim", ("max(webhook_deliveries_pending)", "menunggu"), warn=100),
            ]
        case _:
            return []


def _offices() -> tuple[str, list[Panel]]:
    short = "max by (office) (stock_cover_days) - on (office) max by (office) (stock_lead_time_days)"
    unanswered = "max by (office) (alert_unacknowledged_age_seconds)"
    return "Stok blanko", [
        _bars("Cukup untuk berapa hari kerja", "sort(max by (office) (stock_cover_days))", red_below=3, ok_from=10),
        _bars("Hari lebih lama dari kiriman", f"sort({short})", red_below=0, ok_from=5),
        _lines("Blanko", ("max by (office) (stock_cards)", "{{office}}")),
        _lines("Peringatan tak terjawab", (unanswered, "{{office}}"), unit="s", warn=14400),
    ]


def _place(panels: list[Panel], title: str, row: list[Panel]) -> None:
    top = max((p["gridPos"]["y"] + p["gridPos"]["h"] for p in panels), default=0)
    header = {"type": "row", "title": title, "collapsed": False, "panels": []}
    at = {"h": 1, "w": 24, "x": 0, "y": top}
    panels.append({"id": len(panels) + 1, **header, "gridPos": at})
    for number, panel in enumerate(row):
        x, y = number % 3 * WIDTH, top + 1 + number // 3 * HEIGHT
        panels.append({"id": len(panels) + 1, **panel, "gridPos": {"h": HEIGHT, "w": WIDTH, "x": x, "y": y}})


def _panel(kind: str, title: str, queries: list[Query], unit: str, steps: list[tuple[str, float | None]]) -> Panel:
    return {
        "type": kind,
        "title": title,
        "datasource": DATA,
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "thresholds": {"mode": "absolute", "steps": [{"color": c, "value": v} for c, v in steps]},
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": DATA, "expr": expr, "legendFormat": legend}
            for n, (expr, legend) in enumerate(queries)
        ],
    }


def _rising(warn: float | None, bad: float | None) -> list[tuple[str, float | None]]:
    """Green, then yellow from `warn` and red from `bad`."""
    steps: list[tuple[str, float | None]] = [("green", None)]
    if warn is not None:
        steps.append(("yellow", warn))
    if bad is not None:
        steps.append(("red", bad))
    return steps


def _lines(
    title: str, *queries: Query, unit: str = "short", warn: float | None = None, bad: float | None = None
) -> Panel:
    panel = _panel("timeseries", title, list(queries), unit, _rising(warn, bad))
    if warn is not None or bad is not None:
        panel["fieldConfig"]["defaults"]["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return panel


def _stat(
    title: str,
    expr: str,
    legend: str,
    unit: str = "short",
    *,
    warn: float | None = None,
    bad: float | None = None,
    red_below: float | None = None,
) -> Panel:
    steps = _rising(warn, bad) if red_below is None else [("red", None), ("green", red_below)]
    return _panel("stat", title, [(expr, legend)], unit, steps)


def _bars(title: str, expr: str, *, red_below: float, ok_from: float) -> Panel:
    steps: list[tuple[str, float | None]] = [("red", None), ("yellow", red_below), ("green", ok_from)]
    panel = _panel("bargauge", title, [(expr, "{{office}}")], "short", steps)
    panel["options"] = {"orientation": "horizontal", "displayMode": "basic"}
    panel["targets"][0]["instant"] = True
    return panel
