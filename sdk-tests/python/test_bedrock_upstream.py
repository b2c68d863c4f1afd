"""Bedrock as provider: botocore's service model, signer and event-stream parser judge what the gateway sends and reads."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

import fake_bedrock
from harness import World
from test_boto3 import SAY, WEATHER, connected, told, user
from tls import TlsFront

pytestmark = pytest.mark.gateway
TEXT = "".join(fake_bedrock.CHUNKS)
TOOL = {"name": "get_weather", "description": "The weather.", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture(params=["bearerbedrock", "amazon-bedrock"], ids=["bearer", "signed"])
def provider(request: pytest.FixtureRequest) -> str:
    """One provider is asked with an API key, the other with an access key."""
    return request.param


@pytest.fixture
def received(world: World) -> list[dict[str, Any]]:
    assert world.bedrock is not None
    world.bedrock.requests.clear()
    return world.bedrock.requests


def test_openai_client(openai_client: OpenAI, provider: str, received: list[dict[str, Any]]) -> None:
    asked = {"model": f"{provider}/anthropic.text:0", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 9}
    whole = openai_client.chat.completions.create(**asked)
    assert whole.choices[0].message.content == TEXT
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (121, 7)
    assert whole.usage.prompt_tokens_details.cached_tokens == 60
    chunks = openai_client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    chunks = list(chunks)
    assert [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content] == fake_bedrock.CHUNKS
    assert chunks[-1].usage.total_tokens == 128
    assert [request["path"] for request in received] == [
        "/model/anthropic.text%3A0/converse",
        "/model/anthropic.text%3A0/converse-stream",
    ]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_anthropic_client_tools(anthropic_client: Anthropic, provider: str, streamed: bool) -> None:
    asked = {"model": f"{provider}/anthropic.tools:0", "max_tokens": 500, "tools": [TOOL]}
    said = [{"role": "user", "content": "Weather?"}]
    if streamed:
        with anthropic_client.messages.stream(messages=said, **asked) as stream:
            message = stream.get_final_message()
    else:
        message = anthropic_client.messages.create(messages=said, **asked)
    assert message.stop_reason == "tool_use"
    call = message.content[1]
    assert (call.name, call.input) == ("get_weather", json.loads("".join(fake_bedrock.ARGUMENTS)))
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    said += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
    second = anthropic_client.messages.create(messages=said, **asked)
    assert second.content[0].text == f"Results: {call.id}=sunny"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_reasoning_goes_back_to_bedrock(anthropic_client: Anthropic, provider: str, streamed: bool) -> None:
    """Its signature crosses the client of another dialect, and reaches Bedrock as it was."""
    asked = {
        "model": f"{provider}/anthropic.reasoning:0",
        "max_tokens": 8000,
        "thinking": {"type": "enabled", "budget_tokens": 2048},
    }
    said = [{"role": "user", "content": "One and one?"}]
    if streamed:
        with anthropic_client.messages.stream(messages=said, **asked) as stream:
            message = stream.get_final_message()
    else:
        message = anthropic_client.messages.create(messages=said, **asked)
    assert message.content[0].thinking == fake_bedrock.THOUGHT[0]
    said += [{"role": "assistant", "content": message.content}, {"role": "user", "content": "Sure?"}]
    second = anthropic_client.messages.create(messages=said, **asked)
    assert second.content[1].text == "Two. 1 thoughts came back."


def test_boto3_passes_through(monkeypatch: pytest.MonkeyPatch, secure: TlsFront, world: World, provider: str, received: list[dict[str, Any]]) -> None:
    client = connected(monkeypatch, secure, world.key)
    asked = {"modelId": f"{provider}/anthropic.text:0", "messages": SAY, "guardrailConfig": {"guardrailIdentifier": "gr1", "guardrailVersion": "1"}}
    whole = client.converse(**asked)
    assert whole["output"]["message"]["content"] == [{"text": TEXT}]
    assert whole["usage"]["inputTokens"] == 21
    message = told(client.converse_stream(**asked)["stream"])
    assert (message["pieces"], message["usage"]["outputTokens"]) == (fake_bedrock.CHUNKS, 7)
    assert all(request["body"]["guardrailConfig"]["guardrailIdentifier"] == "gr1" for request in received)
    first = client.converse(modelId=f"{provider}/anthropic.tools:0", messages=[user({"text": "Weather?"})], toolConfig={"tools": [WEATHER]})
    assert first["stopReason"] == "tool_use"


def test_errors(openai_client: OpenAI, provider: str) -> None:
    said = [{"role": "user", "content": "Hello"}]
    with pytest.raises(openai.RateLimitError, match="rate_limited"):
        openai_client.chat.completions.create(model=f"{provider}/anthropic.throttled:0", messages=said)
    chunks: list[Any] = []
    # The provider's own words stay in the record: they may name accounts and hosts.
    with pytest.raises(openai.APIError, match="The provider failed to answer"):
        chunks.extend(openai_client.chat.completions.create(model=f"{provider}/anthropic.broken-stream:0", messages=said, stream=True))
    assert chunks
