"""Fixtures: one gateway and one fake provider for the whole run, SDK clients, and the upstream dialects as parameters.

With `SDK_TARGET=fake` the clients talk to the fake itself and only same-dialect cells run: that shows that the judge
is right before it judges the gateway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from fake_bedrock import FakeBedrock
from harness import Fake, Gateway, World
from tls import TlsFront
from upstreams import UPSTREAMS, Upstream

DIRECT = os.environ.get("SDK_TARGET") == "fake"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that names `upstream` is a row of cells, one per upstream dialect."""
    if "upstream" not in metafunc.fixturenames:
        return
    own = "openai_chat" if "openai" in metafunc.module.__name__ else "anthropic"
    metafunc.parametrize("upstream", [own] if DIRECT else list(UPSTREAMS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if DIRECT:
        for item in items:
            if item.get_closest_marker("gateway"):
                item.add_marker(pytest.mark.skip(reason="is about the gateway itself"))


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    fake = Fake.start()
    bedrock = FakeBedrock()
    gateway = None if DIRECT else Gateway.start(fake, bedrock.config())
    try:
        if gateway is None:
            yield World(fake, None, fake.url, "any-key")
        else:
            yield World(fake, gateway, gateway.url, gateway.key, bedrock)
    finally:
        if gateway is not None:
            gateway.stop()
        bedrock.stop()
        fake.stop()


@pytest.fixture(scope="session")
def secure(world: World) -> Iterator[TlsFront]:
    """The gateway behind TLS."""
    front = TlsFront(world.url)
    yield front
    front.stop()


@pytest.fixture
def spoken(upstream: str) -> Upstream:
    """How the upstream dialect of this cell says things."""
    return UPSTREAMS[upstream]


@pytest.fixture
def fake(world: World) -> Fake:
    return world.fake


@pytest.fixture(autouse=True)
def clean_upstream(world: World, request: pytest.FixtureRequest) -> Iterator[None]:
    """Before each test the fake forgets; after it, no request may have carried what the vendor does not know."""
    world.fake.reset()
    yield
    for received in world.fake.requests():
        where = f"{received['method']} {received['path']}"
        assert received["unknown_fields"] == [], f"{where} carried fields that the vendor does not document"
        if world.gateway is not None:
            carried = received["body"] + repr(received["headers"])
            assert world.key not in carried, f"{where} carried the client's own key to the provider"


@pytest.fixture(scope="session")
def openai_client(world: World) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{world.url}/v1", api_key=world.key, max_retries=0, timeout=20)


@pytest.fixture(scope="session", params=["", "/anthropic"], ids=["root", "prefixed"])
def anthropic_url(world: World, request: pytest.FixtureRequest) -> str:
    if DIRECT and request.param:
        pytest.skip("only the gateway has a second door for this dialect")
    return world.url + request.param


@pytest.fixture(scope="session")
def anthropic_client(world: World) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=world.url, api_key=world.key, max_retries=0, timeout=20)


@pytest.fixture
def say() -> Any:
    """A user's message."""
    return lambda text="Hello": [{"role": "user", "content": text}]
