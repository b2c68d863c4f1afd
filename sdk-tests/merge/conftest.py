"""Fixtures: one gateway and one fake provider for the whole run, and the client of whichever Merge package is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from merge_gateway import MergeGateway

from harness import Fake, Gateway, World
from upstreams import UPSTREAMS, Upstream


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    fake = Fake.start()
    gateway = Gateway.start(fake)
    try:
        yield World(fake, gateway, gateway.url, gateway.key)
    finally:
        gateway.stop()
        fake.stop()


@pytest.fixture
def fake(world: World) -> Fake:
    return world.fake


@pytest.fixture(autouse=True)
def clean_upstream(world: World) -> Iterator[None]:
    """Before each test the fake forgets; after it, no request may have carried what the vendor does not know."""
    world.fake.reset()
    yield
    for received in world.fake.requests():
        where = f"{received['method']} {received['path']}"
        assert received["unknown_fields"] == [], f"{where} carried fields that the vendor does not document"
        carried = received["body"] + repr(received["headers"])
        assert world.key not in carried, f"{where} carried the client's own key to the provider"


@pytest.fixture(scope="session")
def client(world: World) -> MergeGateway:
    return MergeGateway(api_key=world.key, base_url=f"{world.url}/merge/v1", timeout=20)


@pytest.fixture(params=list(UPSTREAMS))
def upstream(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def spoken(upstream: str) -> Upstream:
    """How the upstream dialect of this cell says things."""
    return UPSTREAMS[upstream]
