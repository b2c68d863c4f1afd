"""The anthropic package's tool runner, which keeps the conversation in a thread at the provider and sends only what is new.

Providers that hold no threads must hear all of it in every turn; one that does is sent no more than the package says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic, beta_tool

import cases
from harness import UPSTREAM_KEY, Fake, Gateway, World

QUESTION = "Weather in Zürich, please."


@beta_tool
def get_weather(city: str, days: int) -> str:
    """The weather.

    Args:
        city: Where.
        days: For how long.
    """
    return "sunny"


def run_twice(client: Anthropic, fake: Fake, model: str, own_name: str, streamed: bool) -> list[dict[str, Any]]:
    """A run in which the tool is called in two turns; the bodies that the provider got."""
    fake.script(own_name, {"scenario": "tools"}, {"scenario": "tools", "again": True}, {"scenario": "tools"})
    runner = client.beta.messages.tool_runner(
        model=model,
        max_tokens=500,
        system="Be brief.",
        messages=[{"role": "user", "content": QUESTION}],
        tools=[get_weather],
        stream=streamed,
    )
    if streamed:
        messages = [stream.get_final_message() for stream in runner]
    else:
        messages = list(runner)
    assert [message.stop_reason for message in messages] == ["tool_use", "tool_use", "end_turn"]
    call = next(block for block in messages[1].content if block.type == "tool_use")
    assert messages[-1].content[-1].text == f"Results: {call.id}=sunny"
    answered = [seen for seen in fake.requests() if seen["status"] == 200]
    assert len(answered) == 3
    return [json.loads(seen["body"]) for seen in answered]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_runner(anthropic_client: Anthropic, world: World, fake: Fake, upstream: str, streamed: bool) -> None:
    model = world.model(upstream, "tools")
    bodies = run_twice(anthropic_client, fake, model, model.split("/")[-1], streamed)
    for body in bodies if world.gateway is not None else bodies[:1]:
        text = json.dumps(body, ensure_ascii=False)
        assert QUESTION in text and "Be brief." in text and "get_weather" in text
        assert "thread" not in body or world.gateway is None


@pytest.fixture(scope="module")
def holder(world: World) -> Iterator[Gateway]:
    """A gateway to the one provider that the catalogue says holds threads."""
    config = f'[providers.anthropic]\nbase_url = "{world.fake.url}/v1"\napi_key = "{UPSTREAM_KEY}"\n'
    config += '[[providers.anthropic.models]]\nid = "fake-tools"\ninput = "1"\noutput = "2"\n'
    gateway = Gateway.with_config(config)
    yield gateway
    gateway.stop()


@pytest.mark.gateway
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_runner_with_a_holder(holder: Gateway, fake: Fake, streamed: bool) -> None:
    client = Anthropic(base_url=holder.url, api_key=holder.key, max_retries=0, timeout=20)
    bodies = run_twice(client, fake, "anthropic/fake-tools", "fake-tools", streamed)
    assert [body["thread"]["type"] for body in bodies] == ["create", "continue", "continue"]
    assert [len(body["messages"]) for body in bodies] == [1, 1, 1]


@pytest.mark.gateway
def test_a_lost_thread_is_begun_anew(holder: Gateway, fake: Fake) -> None:
    """What the provider says of a thread must reach the package as it stands."""
    client = Anthropic(base_url=holder.url, api_key=holder.key, max_retries=0, timeout=20)
    thread = client.beta.messages.thread(model="anthropic/fake-tools", max_tokens=500)
    assert thread.send({"role": "user", "content": QUESTION}).content[0].text == cases.TEXT
    fake.reset()
    assert thread.send({"role": "user", "content": "And now?"}).content[0].text == cases.TEXT
    sent = [json.loads(seen["body"]) for seen in fake.requests()]
    assert [body["thread"]["type"] for body in sent] == ["continue", "create"]
    assert QUESTION in json.dumps(sent[1], ensure_ascii=False)
