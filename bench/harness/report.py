"""What the runs say: medians (best in brackets), ratios to nginx repeat by repeat, verdicts. Markdown out, nothing run."""

import statistics
from dataclasses import dataclass, field

from .measure import Run
from .plan import SCENARIOS

VOID_ABOVE_US = 35.0
LOAD_BOUND_ABOVE = 0.95
NO_SLOPE_KB = 1024


@dataclass
class Results:
    """All that was measured. `runs` by scenario and system, one entry per repeat."""

    systems: list[str]
    runs: dict[tuple[str, str], list[Run]] = field(default_factory=dict)
    start_ms: dict[str, list[float]] = field(default_factory=dict)
    idle_kb: dict[str, list[int]] = field(default_factory=dict)
    peak_kb: dict[str, int] = field(default_factory=dict)
    after_kb: dict[str, int] = field(default_factory=dict)
    held: dict[str, Run] = field(default_factory=dict)
    slope: tuple[list[int], float] | None = None
    slope_requests: int = 0
    failures: list[str] = field(default_factory=list)
    file_limit: int = 0
    seconds: float = 0.0
    machine: str = ""

    def of(self, scenario, system):
        return self.runs.get((scenario, system), [])


@dataclass(frozen=True)
class Verdict:
    figure: str
    value: str
    must: str
    aim: str
    word: str


def void_reason(results):
    """Why nothing in this run may be quoted, or None."""
    runs = results.of("whole-64", "nginx")
    if not runs:
        return "nginx was not measured"
    taken = statistics.median(run.cpu_us for run in runs)
    if taken > VOID_ABOVE_US:
        return f"nginx took {taken:.0f} µs a request at 64 connections, more than {VOID_ABOVE_US:.0f}: the machine was busy"
    return None


def best_of(values, best=min, digits=1):
    """The median, and the best of several in brackets."""
    middle = f"{statistics.median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({best(values):,.{digits}f})"


def ratios(results, scenario, value, system="tollgate"):
    """`value` of the system over nginx's, in each repeat: neighbours in time, so that drift cancels."""
    pairs = zip(results.of(scenario, system), results.of(scenario, "nginx"))
    return [value(ours) / value(nginx) for ours, nginx in pairs if value(nginx) > 0]


def added(results, system, value):
    """Latency above direct in the open loop, µs, repeat by repeat."""
    pairs = zip(results.of("open-1000", system), results.of("open-1000", "direct"))
    return [value(through) - value(direct) for through, direct in pairs]


def render(results):
    """The whole report."""
    reason = void_reason(results)
    parts = ["# Bench", "", results.machine, ""]
    if reason:
        parts += [f"**This run is void: {reason}.**", ""]
    for failure in results.failures:
        parts += [f"**Failed: {failure.splitlines()[0]}**", ""]
    parts += [
        "Medians of the repeats, the best in brackets. Absolute times mean little; compare within this run.", "",
        "## Load", "", *load_table(results), "",
        "## Latency added at 1,000 requests/s", "", *added_table(results), "",
    ]
    if "tollgate" in results.systems:
        parts += ["## CPU by thread, µs", "", *thread_table(results), ""]
    parts += ["## Memory and start", "", *memory_table(results), ""]
    if "tollgate" in results.systems:
        parts += ["## Verdict", "", *verdict_table(results), ""]
    parts.append(f"Taken in {results.seconds:.0f} s; open files allowed: {results.file_limit:,}.")
    return "\n".join(parts) + "\n"


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *("| " + " | ".join(row) + " |" for row in rows)]


def load_table(results):
    rows = []
    bound = False
    for scenario in SCENARIOS:
        for system in results.systems:
            runs = results.of(scenario.name, system)
            if not runs:
                continue
            share = max(run.load_core_share for run in runs)
            load_bound = share > LOAD_BOUND_ABOVE and not scenario.rate and system != "direct"
            bound = bound or load_bound
            ratio = ratios(results, scenario.name, lambda run: run.cpu_us, system) if system == "tollgate" else []
            rows.append([
                scenario.title, system,
                best_of([run.per_second for run in runs], max, 0) + ("†" if load_bound else ""),
                f"{best_of([run.cpu_us for run in runs])} /{scenario.per}",
                best_of([run.writer_us for run in runs]) if system == "tollgate" else "",
                f"{statistics.median(ratio):.2f}" if ratio else "",
                best_of([run.p50_us / 1000 for run in runs], digits=2),
                best_of([run.p99_us / 1000 for run in runs], digits=2),
                f"{share:.0%}",
            ])
    head = ["scenario", "system", "per second", "CPU µs", "of it records", "× nginx", "p50 ms", "p99 ms", "load core"]
    notes = ["", "`direct` is the mock alone: its CPU is the mock's. `load core`: what mock and load took of their core."]
    if bound:
        notes.append("† the load's core was full: the server could have served more; its CPU per request stands.")
    return table(head, rows) + notes


def added_table(results):
    rows = []
    for system in results.systems:
        if system == "direct" or not results.of("open-1000", system):
            continue
        rows.append([
            system,
            best_of(added(results, system, lambda run: run.p50_us), digits=0),
            best_of(added(results, system, lambda run: run.p99_us), digits=0),
        ])
    return table(["system", "added p50 µs", "added p99 µs"], rows)


def thread_table(results):
    scenarios = [scenario for scenario in SCENARIOS if results.of(scenario.name, "tollgate")]
    names = sorted({name for scenario in scenarios for run in results.of(scenario.name, "tollgate") for name in run.threads_us})
    rows = []
    for name in names:
        cells = [
            f"{statistics.median(run.threads_us.get(name, 0.0) for run in results.of(scenario.name, 'tollgate')):.1f}"
            for scenario in scenarios
        ]
        rows.append([f"`{name}`", *cells])
    return table(["thread", *(f"{scenario.name} /{scenario.per}" for scenario in scenarios)], rows)


def megabytes(kilobytes):
    return f"{kilobytes / 1024:.1f}"


def memory_table(results):
    rows = []
    for system in results.systems:
        if system == "direct":
            continue
        held = results.held.get(system)
        rows.append([
            system,
            best_of(results.start_ms[system], digits=0),
            megabytes(statistics.median(results.idle_kb[system])),
            megabytes(results.peak_kb[system]),
            megabytes(results.after_kb[system]),
            f"{megabytes(held.peak_kb)} at {held.most_open_streams:,}" if held else "not measured",
        ])
    head = ["system", "start to first answer ms", "idle MB", "peak in the run MB", "after MB", "peak with open streams MB"]
    lines = table(head, rows)
    if results.slope:
        resident, slope = results.slope
        shown = ", ".join(megabytes(value) for value in resident)
        lines += ["", f"Tollgate's memory after each {results.slope_requests:,} requests, MB: {shown}; "
                      f"slope {slope:+,.0f} KB per 10⁵ requests."]
    return lines


def verdicts(results):
    """One per line of the targets; see bench/README.md for what stands behind each."""
    found = []

    def judge(figure, value, must, aim, unit="×"):
        shown = lambda limit: "published" if limit is None else f"≤ {limit:g} {unit}"
        if value is None:
            found.append(Verdict(figure, "not measured", shown(must), shown(aim), "–"))
            return
        if value <= aim:
            word = "aim met"
        elif must is None:
            word = "published"
        else:
            word = "must met" if value <= must else "**missed**"
        measured = f"{value:,.2f} ×" if unit == "×" else f"{value:,.0f} {unit}"
        found.append(Verdict(figure, measured, shown(must), shown(aim), word))

    def cpu_ratio(scenario, value=lambda run: run.cpu_us):
        got = ratios(results, scenario, value)
        return statistics.median(got) if got else None

    for connections in (64, 256):
        name = f"whole-{connections}"
        # nginx has no such threads, so its whole CPU stands on the other side.
        without_writer = cpu_ratio(name, lambda run: run.cpu_us - run.writer_us)
        judge(f"CPU per whole answer, {connections} connections, without the record writer", without_writer, 2.0, 1.5)
        judge(f"the same, whole process, {connections} connections", cpu_ratio(name), 2.5, 1.8)

    translated = [
        ours.cpu_us / nginx.cpu_us
        for ours, nginx in zip(results.of("translate-64", "tollgate"), results.of("whole-64", "nginx"))
    ]
    judge("CPU per whole answer, translation", statistics.median(translated) if translated else None, None, 3.0)
    judge("burst stream of 100 chunks, whole process", cpu_ratio("burst-32"), 2.0, 1.5)
    judge("paced chunk (20 ms), whole process", cpu_ratio("paced-32"), 1.2, 1.0)

    ours, nginx = (added(results, system, lambda run: run.p99_us) for system in ("tollgate", "nginx"))
    both = [own / other for own, other in zip(ours, nginx) if other > 0]
    judge("added p99 at 1,000 requests/s, to nginx's", statistics.median(both) if both else None, 3.0, 2.0)
    judge("p99 at 256 connections", cpu_ratio("whole-256", lambda run: run.p99_us), 4.0, 2.0)

    judge("reservation and journal, per request", None, 5, 3, "µs")
    judge("memory idle", median_mb(results.idle_kb.get("tollgate")), 60, 40, "MB")
    judge("memory peak in the run", median_mb([results.peak_kb["tollgate"]] if "tollgate" in results.peak_kb else None), 100, 60, "MB")
    held = results.held.get("tollgate")
    title = f"memory peak with {held.most_open_streams:,} open streams" if held else "memory peak with open streams"
    judge(title, held.peak_kb / 1024 if held else None, 500, 300, "MB")
    slope = max(results.slope[1], 0) if results.slope else None
    judge("memory slope, per 10⁵ requests (none: under 1 MB)", slope, NO_SLOPE_KB, NO_SLOPE_KB, "KB")
    starts = results.start_ms.get("tollgate")
    judge("start to first answer", statistics.median(starts) if starts else None, 300, 150, "ms")
    return found


def median_mb(kilobytes):
    return statistics.median(kilobytes) / 1024 if kilobytes else None


def verdict_table(results):
    rows = [[one.figure, one.value, one.must, one.aim, one.word] for one in verdicts(results)]
    return table(["figure", "measured", "must", "aim", "verdict"], rows)


def missed(results):
    return [one.figure for one in verdicts(results) if one.word == "**missed**"]
