"""What is run: the scenarios and how long each takes. No process is started here."""

from dataclasses import dataclass

CHUNKS = 100
HELD_CHUNKS = 10
RATE = 1000


@dataclass(frozen=True)
class Scenario:
    """One kind of load. `per` is what CPU is divided by: a request, a stream or a chunk."""

    name: str
    title: str
    model: str = "bench-whole"
    provider: str = "mock"
    connections: int = 64
    body_bytes: int = 650
    chunks: int | None = None
    rate: int | None = None
    spread_ms: int = 0
    streams_each: bool = False
    systems: tuple[str, ...] = ("direct", "nginx", "tollgate")
    per: str = "request"
    # How often it is taken in one repeat: more for what lasts short and leaves the core mostly asleep.
    takes: int = 1


SCENARIOS = (
    Scenario("whole-1", "whole, 1 connection", connections=1),
    Scenario("whole-64", "whole, 64 connections"),
    Scenario("whole-256", "whole, 256 connections", connections=256),
    Scenario("whole-64-8k", "whole, 64, body 8 KB", body_bytes=8_000),
    Scenario("whole-64-100k", "whole, 64, body 100 KB", body_bytes=100_000),
    Scenario(
        "translate-64", "whole, 64, OpenAI → Anthropic", model="bench-translated", provider="mock-anthropic",
        systems=("tollgate",),
    ),
    Scenario("burst-32", "32 burst streams of 100 chunks", model="bench-burst", connections=32, chunks=CHUNKS, per="stream"),
    Scenario(
        "paced-32", "32 streams, a chunk every 20 ms", model="bench-paced", connections=32, chunks=CHUNKS,
        spread_ms=20, streams_each=True, per="chunk", takes=3,
    ),
    Scenario("open-1000", "1,000 requests/s, open loop", rate=RATE),
)


@dataclass(frozen=True)
class Size:
    """How much of it: bounded in count and time."""

    repeats: int
    seconds: float
    warm_up_seconds: float
    paced_streams_each: int
    starts: int
    # Legs of the memory slope and requests in each; the first leg only warms up. No legs: not measured.
    slope_legs: int
    slope_requests: int
    keys: int = 10_000
    held_streams: int = 9_000


QUICK = Size(repeats=1, seconds=2.0, warm_up_seconds=0.3, paced_streams_each=2, starts=3, slope_legs=0, slope_requests=0)
FULL = Size(repeats=3, seconds=6.0, warm_up_seconds=0.5, paced_streams_each=3, starts=5, slope_legs=6, slope_requests=20_000)
LONG = Size(repeats=3, seconds=6.0, warm_up_seconds=0.5, paced_streams_each=3, starts=5, slope_legs=11, slope_requests=100_000)
