"""The judgement, on made-up runs: what is void, what is missed, what a ratio compares."""

import dataclasses
import unittest

from harness import plan, report
from harness.measure import Run

RUN = Run(
    requests=1000, per_second=1000.0, cpu_us=10.0, writer_us=0.0, threads_us={"nginx": 10.0}, p50_us=100.0,
    p99_us=200.0, load_core_share=0.5, resident_kb=20_000, peak_kb=30_000, most_open_streams=0,
)


def results(**tollgate):
    """nginx at 10 µs and 200 µs added p99 everywhere; Tollgate the same but for what is given."""
    ours = dataclasses.replace(RUN, **tollgate)
    made = report.Results(systems=["direct", "nginx", "tollgate"], machine="a machine")
    for scenario in plan.SCENARIOS:
        for system, run in {"direct": dataclasses.replace(RUN, p50_us=0.0, p99_us=0.0), "nginx": RUN, "tollgate": ours}.items():
            if system in scenario.systems:
                made.runs[scenario.name, system] = [run, run, run]
    for system in ("nginx", "tollgate"):
        made.start_ms[system], made.idle_kb[system] = [100.0], [30 * 1024]
        made.peak_kb[system], made.after_kb[system] = 50 * 1024, 40 * 1024
        made.held[system] = dataclasses.replace(RUN, peak_kb=200 * 1024, most_open_streams=9_000)
    made.slope = ([40_000, 40_000, 40_000], 0.0)
    return made


class Judgement(unittest.TestCase):
    def check(self, made, missed):
        self.assertEqual(report.missed(made), missed)

    def test_an_equal_of_nginx_meets_all(self):
        made = results()
        self.check(made, [])
        self.assertIsNone(report.void_reason(made))
        self.assertIn("aim met", report.render(made))

    def test_the_record_writer_is_told_apart(self):
        # 24 of 10 µs: within 2.5 for the process; without 5 of the writer within 2 for whole answers, not for streams.
        missed = report.missed(results(cpu_us=24.0, writer_us=5.0))
        self.assertFalse([figure for figure in missed if figure.startswith(("CPU", "the same"))])
        self.assertIn("burst stream of 100 chunks, whole process", missed)
        missed = report.missed(results(cpu_us=24.0, writer_us=3.0))
        self.assertIn("CPU per whole answer, 64 connections, without the record writer", missed)
        self.assertNotIn("the same, whole process, 64 connections", missed)

    def test_latency_is_judged(self):
        self.check(results(p99_us=590.0), [])
        self.check(results(p99_us=610.0), ["added p99 at 1,000 requests/s, to nginx's"])
        self.check(results(p99_us=810.0), ["added p99 at 1,000 requests/s, to nginx's", "p99 at 256 connections"])

    def test_memory_and_start_are_judged(self):
        made = results()
        made.idle_kb["tollgate"], made.peak_kb["tollgate"] = [61 * 1024], 101 * 1024
        made.start_ms["tollgate"], made.slope = [100.0, 301.0, 400.0], ([1, 2, 3], 2_000.0)
        self.check(made, [
            "memory idle", "memory peak in the run", "memory slope, per 10⁵ requests (none: under 1 MB)",
            "start to first answer",
        ])

    def test_ratios_compare_neighbours(self):
        made = results()
        runs = lambda *costs: [dataclasses.replace(RUN, cpu_us=cost) for cost in costs]
        made.runs["whole-64", "nginx"], made.runs["whole-64", "tollgate"] = runs(10, 40, 20), runs(15, 60, 30)
        self.assertEqual(report.ratios(made, "whole-64", lambda run: run.cpu_us), [1.5, 1.5, 1.5])

    def test_a_busy_machine_voids_the_run(self):
        made = results()
        made.runs["whole-64", "nginx"] = [dataclasses.replace(RUN, cpu_us=36.0)]
        self.assertIn("36 µs", report.void_reason(made))
        self.assertIn("This run is void", report.render(made))

    def test_what_was_not_measured_is_said(self):
        made = results()
        made.slope, made.held = None, {}
        self.assertIn("| memory peak with open streams | not measured |", report.render(made))
        self.check(made, [])


if __name__ == "__main__":
    unittest.main()
