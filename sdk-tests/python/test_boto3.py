"""boto3's Converse and ConverseStream, with a bearer key: whole and streamed, tools over two turns, images, reasoning, errors."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

import cases
from harness import Fake, World
from tls import TlsFront
from upstreams import Upstream

pytestmark = pytest.mark.gateway

WEATHER = {"toolSpec": {"name": "get_weather", "description": "The weather.", "inputSchema": {"json": cases.WEATHER}}}


@pytest.fixture(scope="session", params=["/bedrock", ""], ids=["prefixed", "root"])
def prefix(request: pytest.FixtureRequest) -> str:
    return request.param


def connected(monkeypatch: pytest.MonkeyPatch, secure: TlsFront, key: str, prefix: str = "/bedrock") -> Any:
    """A client as an application makes it: its environment has the key."""
    endpoint = secure.url + prefix
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", key)
    config = Config(retries={"max_attempts": 1, "mode": "standard"}, read_timeout=20, connect_timeout=5)
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=endpoint, verify=secure.authority, config=config)


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch, world: World, secure: TlsFront) -> Any:
    return connected(monkeypatch, secure, world.key)


def user(*content: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


SAY = [user({"text": "Hello"})]


def usage_of(usage: dict[str, int]) -> dict[str, int]:
    return {
        "input": usage["inputTokens"],
        "cache_read": usage["cacheReadInputTokens"],
        "cache_write": usage["cacheWriteInputTokens"],
        "output": usage["outputTokens"],
    }


def reported(fake: Fake) -> dict[str, int]:
    usage = fake.only_request()["usage"]
    return {name: usage[name] for name in ("input", "cache_read", "cache_write", "output")}


def told(stream: Any) -> dict[str, Any]:
    """What a stream tells, put together, its order checked on the way."""
    message: dict[str, Any] = {"blocks": [], "pieces": []}
    open_block = None
    for number, event in enumerate(stream):
        ((name, data),) = event.items()
        assert (name == "messageStart") == (number == 0)
        if name in ("contentBlockStart", "contentBlockDelta") and open_block is None:
            open_block = data["contentBlockIndex"]
            assert open_block == len(message["blocks"])
            message["blocks"].append({})
        if name == "contentBlockStart":
            message["blocks"][-1] = {"toolUse": {**data["start"]["toolUse"], "input": ""}}
        elif name == "contentBlockDelta":
            assert data["contentBlockIndex"] == open_block
            block, delta = message["blocks"][-1], data["delta"]
            if "text" in delta:
                block["text"] = block.get("text", "") + delta["text"]
                message["pieces"].append(delta["text"])
            elif "toolUse" in delta:
                block["toolUse"]["input"] += delta["toolUse"]["input"]
            else:
                thought = block.setdefault("reasoningContent", {"reasoningText": {}})["reasoningText"]
                for key, text in delta["reasoningContent"].items():
                    thought[key] = thought.get(key, "") + text
        elif name == "contentBlockStop":
            assert data["contentBlockIndex"] == open_block
            open_block = None
        elif name == "messageStop":
            assert open_block is None
            message["stopReason"] = data["stopReason"]
        elif name == "metadata":
            message["usage"] = data["usage"]
            assert data["metrics"]["latencyMs"] >= 0
    for block in message["blocks"]:
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
    return message


def test_plain(monkeypatch: pytest.MonkeyPatch, secure: TlsFront, prefix: str, world: World, fake: Fake, upstream: str, spoken: Upstream) -> None:
    answer = connected(monkeypatch, secure, world.key, prefix).converse(
        modelId=world.model(upstream, "text"),
        system=[{"text": "Be brief."}],
        messages=[*SAY, {"role": "assistant", "content": [{"text": "Hello, you."}]}, user({"text": "Once more: grüße"})],
        inferenceConfig={"maxTokens": 500, "temperature": 0.5, "stopSequences": ["END"]},
    )
    assert answer["output"]["message"] == {"role": "assistant", "content": [{"text": cases.TEXT}]}
    assert answer["stopReason"] == "end_turn"
    assert usage_of(answer["usage"]) == reported(fake)
    assert answer["usage"]["totalTokens"] == 28
    body = fake.body()
    cases.check_request(spoken, body)
    metadata = answer["ResponseMetadata"]
    # A provider of this dialect has an id of its own, which goes on to the client.
    ours = metadata["HTTPHeaders"]["x-request-id"]
    assert (metadata["RequestId"] == ours) == (upstream != "bedrock")
    assert world.gateway is not None
    record = world.gateway.record(ours)
    assert (record["status"], float(record["cost_usd"])) == (200, 0.000035)


def test_stream(monkeypatch: pytest.MonkeyPatch, secure: TlsFront, prefix: str, world: World, fake: Fake, upstream: str) -> None:
    client = connected(monkeypatch, secure, world.key, prefix)
    message = told(client.converse_stream(modelId=world.model(upstream, "text"), messages=SAY)["stream"])
    assert message["pieces"] == cases.TEXT_CHUNKS
    assert message["stopReason"] == "end_turn"
    assert usage_of(message["usage"]) == reported(fake)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_tools_over_two_turns(bedrock: Any, world: World, fake: Fake, upstream: str, spoken: Upstream, streamed: bool) -> None:
    asked = {"modelId": world.model(upstream, "tools"), "toolConfig": {"tools": [WEATHER]}}
    if streamed:
        first = told(bedrock.converse_stream(messages=SAY, **asked)["stream"])
        content = first["blocks"]
    else:
        first = bedrock.converse(messages=SAY, **asked)
        content = first["output"]["message"]["content"]
    assert first["stopReason"] == "tool_use"
    if spoken.plans:
        assert content[0]["reasoningContent"]["reasoningText"]["text"] == "Let me look."
    else:
        assert content[0] == {"text": "Let me look."}
    call = content[1]["toolUse"]
    assert (call["name"], call["input"]) == ("get_weather", cases.WEATHER_ARGUMENTS)
    assert spoken.tools(fake.body()) == [("get_weather", cases.WEATHER)]
    result = {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": "sunny"}], "status": "success"}}
    second = bedrock.converse(messages=[*SAY, {"role": "assistant", "content": content}, user(result)], **asked)
    assert second["output"]["message"]["content"] == [{"text": f"Results: {call['toolUseId']}=sunny"}]


def test_parallel_tools(bedrock: Any, world: World, upstream: str) -> None:
    clock = {"toolSpec": {"name": "get_time", "inputSchema": {"json": cases.CLOCK}}}
    asked = {"modelId": world.model(upstream, "parallel-tools"), "messages": SAY, "toolConfig": {"tools": [WEATHER, clock]}}
    whole = bedrock.converse(**asked)["output"]["message"]["content"]
    streamed = told(bedrock.converse_stream(**asked)["stream"])["blocks"]
    for content in (whole, streamed):
        calls = [(block["toolUse"]["name"], block["toolUse"]["input"]) for block in content if "toolUse" in block]
        assert calls == [("get_weather", cases.WEATHER_ARGUMENTS), ("get_time", cases.CLOCK_ARGUMENTS)]


def test_image(bedrock: Any, world: World, upstream: str) -> None:
    image = {"image": {"format": "png", "source": {"bytes": base64.b64decode(cases.PNG)}}}
    answer = bedrock.converse(modelId=world.model(upstream, "image"), messages=[user(image, {"text": "What is this?"})])
    assert answer["output"]["message"]["content"] == [{"text": cases.PNG_SEEN}]


def test_structured_output(bedrock: Any, world: World, upstream: str) -> None:
    schema = json.dumps(cases.Trip.model_json_schema())
    answer = bedrock.converse(
        modelId=world.model(upstream, "structured-output"),
        messages=SAY,
        outputConfig={"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema, "name": "trip"}}}},
    )
    assert cases.Trip.model_validate_json(answer["output"]["message"]["content"][0]["text"]) == cases.TRIP


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_reasoning_second_turn(bedrock: Any, world: World, upstream: str, spoken: Upstream, streamed: bool) -> None:
    """The content goes back as it came: its signature is Anthropic's, and reaches Anthropic unchanged."""
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    asked = {
        "modelId": world.model(upstream, "reasoning"),
        "inferenceConfig": {"maxTokens": 8000},
        "toolConfig": {"tools": [WEATHER]},
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    }
    if streamed:
        content = told(bedrock.converse_stream(messages=SAY, **asked)["stream"])["blocks"]
    else:
        content = bedrock.converse(messages=SAY, **asked)["output"]["message"]["content"]
    assert content[0]["reasoningContent"]["reasoningText"]["text"] == cases.THOUGHT
    call = content[-1]["toolUse"]
    result = {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": "sunny"}]}}
    second = bedrock.converse(messages=[*SAY, {"role": "assistant", "content": content}, user(result)], **asked)
    thought, *_, text = second["output"]["message"]["content"]
    assert thought["reasoningContent"]["reasoningText"]["text"] == cases.SECOND_THOUGHT
    verified = spoken.verified()
    assert text == {"text": f"Results: {call['toolUseId']}=sunny{verified}"}


def test_usage_with_caching(bedrock: Any, world: World, fake: Fake, upstream: str, spoken: Upstream) -> None:
    asked = {
        "modelId": world.model(upstream, "cached"),
        "system": [{"text": "A long text."}, {"cachePoint": {"type": "default"}}],
        "messages": SAY,
    }
    expected = spoken.writes({"input": 100, "cache_read": 2000, "cache_write": 300, "output": 4})
    assert usage_of(bedrock.converse(**asked)["usage"]) == expected
    if upstream == "anthropic":
        assert fake.body()["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert usage_of(told(bedrock.converse_stream(**asked)["stream"])["usage"]) == expected


def test_length_and_refusal(bedrock: Any, world: World, upstream: str, spoken: Upstream) -> None:
    refused = "end_turn" if spoken.refusal == "nothing" else "content_filtered"
    for scenario, stop in (("length", "max_tokens"), ("refusal", refused)):
        asked = {"modelId": world.model(upstream, scenario), "messages": SAY}
        assert bedrock.converse(**asked)["stopReason"] == stop
        assert told(bedrock.converse_stream(**asked)["stream"])["stopReason"] == stop


# Scenario, status through the gateway, and the class that boto3 raises.
ERRORS = [
    ("error-400", 400, "ValidationException"),
    ("error-401", 500, "InternalServerException"),
    ("error-404", 404, "ResourceNotFoundException"),
    ("error-429", 429, "ThrottlingException"),
    ("error-500", 500, "InternalServerException"),
    ("error-503", 503, "ServiceUnavailableException"),
]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("scenario", "status", "name"), ERRORS, ids=[error[0] for error in ERRORS])
def test_error(bedrock: Any, world: World, upstream: str, scenario: str, status: int, name: str, streamed: bool) -> None:
    call = bedrock.converse_stream if streamed else bedrock.converse
    with pytest.raises(getattr(bedrock.exceptions, name)) as raised:
        call(modelId=world.model(upstream, scenario), messages=SAY)
    assert raised.value.response["Error"]["Code"] == name
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    if scenario == "error-400":
        assert cases.ERROR_400 in raised.value.response["Error"]["Message"]


def test_broken_stream(bedrock: Any, world: World, upstream: str) -> None:
    stream = bedrock.converse_stream(modelId=world.model(upstream, "error-mid-stream"), messages=SAY)["stream"]
    seen = []
    with pytest.raises(EventStreamError) as raised:
        seen.extend(stream)
    assert any("contentBlockDelta" in event for event in seen)
    assert raised.value.response["Error"]["Code"].endswith("Exception")
    assert raised.value.response["Error"]["Message"]


def test_silence_is_borne(bedrock: Any, world: World, fake: Fake, upstream: str) -> None:
    """What keeps the connection alive while a model is silent, boto3 passes over."""
    said = [user({"text": "[[gate=hush]]"})]
    stream = bedrock.converse_stream(modelId=world.model(upstream, "gate"), messages=said)["stream"]
    longer_than_a_keep_alive = threading.Timer(2.5, lambda: fake.release("hush", 100))
    longer_than_a_keep_alive.start()
    begun = time.monotonic()
    message = told(stream)
    assert "".join(message["pieces"]).startswith("".join(cases.COUNTED[:3]))
    assert time.monotonic() - begun > 2
    longer_than_a_keep_alive.join()


def test_keys(monkeypatch: pytest.MonkeyPatch, secure: TlsFront, world: World, upstream: str) -> None:
    wrong = connected(monkeypatch, secure, "tg-wrong")
    with pytest.raises(wrong.exceptions.AccessDeniedException):
        wrong.converse(modelId=world.model(upstream, "text"), messages=SAY)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    signed = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=f"{world.url}/bedrock",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
    )
    with pytest.raises(ClientError, match="AWS_BEARER_TOKEN_BEDROCK"):
        signed.converse(modelId=world.model(upstream, "text"), messages=SAY)
