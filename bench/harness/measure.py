"""How one run is taken: one `bench-load`, its JSON read into a `Run`, and the special runs around it."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass

from . import plan
from .servers import LOAD_CORE, BenchError, memory_kb

# What these threads spend is the record writer's share: the store's own, and those in which sqlx runs SQLite for it. The
# journal's thread is not among them: the journal is part of every request's way.
RECORD_WRITER_THREADS = ("record-writer", "sqlx-sqlite")


@dataclass(frozen=True)
class Run:
    """One scenario against one system, once. CPU in µs, per request, stream or chunk as the scenario says."""

    requests: int
    per_second: float
    cpu_us: float
    writer_us: float
    threads_us: dict[str, float]
    p50_us: float
    p99_us: float
    load_core_share: float
    resident_kb: int
    peak_kb: int
    most_open_streams: int


def run(load_binary, server, mock, scenario, *, seconds=None, requests=None, warm_up=0.0, connections=None):
    """Runs the load, bounded by `seconds` or `requests`; raises if a single answer was wrong."""
    connections = connections or scenario.connections
    command = [
        "taskset", "-c", LOAD_CORE, load_binary, "--address", f"127.0.0.1:{server.port}",
        "--keys", server.keys_file, "--model", server.model(scenario), "--body-bytes", scenario.body_bytes,
        "--connections", connections, "--warm-up-seconds", warm_up, "--spread-ms", scenario.spread_ms,
        "--watch", "mock=" + ",".join(map(str, mock.process.pids())),
        "--watch", "server=" + ",".join(map(str, server.process.pids())),
        *(["--seconds", seconds] if seconds else ["--requests", requests]),
        *(["--chunks", scenario.chunks] if scenario.chunks else []),
        *(["--rate", scenario.rate] if scenario.rate else []),
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    if not done.stdout:
        raise BenchError(f"{scenario.name} against {server.name}: {done.stderr.strip()}\n{server.process.tail()}")
    report = json.loads(done.stdout)
    load, spent = report["load"], {entry["name"]: entry for entry in report["spent"]}
    if load["errors"] or not load["requests"]:
        raise BenchError(
            f"{scenario.name} against {server.name}: {load['errors']} wrong answers beside {load['requests']} right "
            f"ones, the first: {load['first_error']}\n{server.process.tail()}"
        )
    units = load["chunks"] if scenario.per == "chunk" else load["requests"]
    of_server = spent["server"]
    threads = {name: us / units for name, us in of_server["threads_us"].items()}
    return Run(
        requests=load["requests"],
        per_second=load["requests"] / load["seconds"],
        cpu_us=of_server["cpu_us"] / units,
        writer_us=sum(us for name, us in threads.items() if name.startswith(RECORD_WRITER_THREADS)),
        threads_us=threads,
        p50_us=load["latency_us"]["p50"],
        p99_us=load["latency_us"]["p99"],
        load_core_share=(spent["mock"]["cpu_us"] + spent["load"]["cpu_us"]) / (load["seconds"] * 1e6),
        resident_kb=of_server["resident_kb"],
        peak_kb=of_server["peak_kb"],
        most_open_streams=load["most_open_streams"],
    )


def run_scenario(load_binary, server, mock, scenario, size):
    """A scenario as `size` bounds it."""
    if scenario.streams_each:
        requests = scenario.connections * size.paced_streams_each
        return run(load_binary, server, mock, scenario, requests=requests)
    return run(load_binary, server, mock, scenario, seconds=size.seconds, warm_up=size.warm_up_seconds)


def held_streams(load_binary, server, mock, wanted, files):
    """Opens as many streams at once as open files allow (two each in a gateway), in a server just started."""
    streams = max(1, min(wanted, (files - 200) // 2))
    scenario = plan.Scenario(
        "held", "open streams", model="bench-held", connections=streams, chunks=plan.HELD_CHUNKS, spread_ms=4_000,
        per="stream",
    )
    return run(load_binary, server, mock, scenario, requests=streams)


def memory_slope(load_binary, server, mock, size):
    """Resident memory after each leg, and kilobytes gained per 10⁵ requests by least squares, the first leg left out."""
    scenario = plan.Scenario("slope", "memory slope")
    resident = []
    for _ in range(size.slope_legs):
        resident.append(run(load_binary, server, mock, scenario, requests=size.slope_requests).resident_kb)
    legs = resident[1:]
    mean_x, mean_y = (len(legs) - 1) / 2, sum(legs) / len(legs)
    above = sum((x - mean_x) * (y - mean_y) for x, y in enumerate(legs))
    below = sum((x - mean_x) ** 2 for x in range(len(legs)))
    return resident, above / below * 100_000 / size.slope_requests


def starts(server, count):
    """Milliseconds from start to first answer, and resident memory a second after it, for each of `count` starts."""
    times, idle = [], []
    for _ in range(count):
        server.stop()
        times.append(server.start() * 1000)
        time.sleep(1)
        idle.append(memory_kb(server.process.pids(), "VmRSS"))
    return times, idle


def say(text):
    """Progress, apart from the report."""
    print(text, file=sys.stderr, flush=True)
