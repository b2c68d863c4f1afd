"""merge-gateway-sdk 0.2.0 and merge-gateway-python 0.4.0: `responses.create`, whole and streamed."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx
import pytest
from merge_gateway import (
    APIError,
    AuthenticationError,
    BadRequestError,
    MergeGateway,
    NotFoundError,
    RateLimitError,
)

import cases
from harness import Fake, World
from upstreams import Upstream, at


def is_older() -> bool:
    try:
        return version("merge-gateway-sdk") == "0.2.0"
    except PackageNotFoundError:
        assert version("merge-gateway-python") == "0.4.0"
        return False


OLDER = is_older()


def user(content: Any = "Hello") -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": content}


def tool(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "name": name, "description": f"The {name}.", "parameters": schema}


WEATHER = tool("get_weather", cases.WEATHER)
CLOCK = tool("get_time", cases.CLOCK)


def text(response: Any) -> str:
    (message,) = response.output
    return "".join(block.text for block in message.content if block.type == "text")


def shown(frame: dict[str, Any]) -> str:
    (message,) = frame["output"]
    return "".join(block["text"] for block in message["content"] if block["type"] == "text")


def streamed(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """The last frame of a stream whose snapshots only grow."""
    *snapshots, last = frames
    assert last["object"] == "response.done", last
    for before, after in zip(snapshots, frames[1:]):
        assert before["object"] == "response.stream"
        assert "usage" not in before
        assert shown(after).startswith(shown(before))
    return last


def back(blocks: list[Any]) -> dict[str, Any]:
    """The answer's message as an item of the next turn."""
    as_dict = [block if isinstance(block, dict) else block.model_dump() for block in blocks]
    return {"type": "message", "role": "assistant", "content": as_dict}


def test_text(client: MergeGateway, world: World, upstream: str) -> None:
    model = world.model(upstream, "text")
    answer = client.responses.create(model=model, input="Hello", max_tokens=100)
    assert text(answer) == cases.TEXT
    assert (answer.object, answer.model) == ("response", model)
    assert answer.id.startswith("resp_") and answer.created_at is not None
    assert answer.output[0].finish_reason == "stop"
    assert answer.usage.input_tokens == cases.TEXT_USAGE["input"]
    assert answer.usage.output_tokens == cases.TEXT_USAGE["output"]
    assert answer.usage.total_tokens == sum(cases.TEXT_USAGE.values())
    assert answer.routing is None
    if not OLDER:
        assert answer.vendor == model.split("/")[0]


def test_text_stream(client: MergeGateway, world: World, upstream: str) -> None:
    model = world.model(upstream, "text")
    frames = list(client.responses.create(model=model, input=[user()], stream=True))
    last = streamed(frames)
    assert shown(last) == cases.TEXT
    assert len(frames) > len(cases.TEXT_CHUNKS)
    assert last["usage"]["output_tokens"] == cases.TEXT_USAGE["output"]
    assert last["usage"]["cost"] == pytest.approx(35e-6)
    assert (last["model"], last["vendor"]) == (model, model.split("/")[0])


def test_snapshots_come_one_by_one(client: MergeGateway, world: World, fake: Fake, upstream: str) -> None:
    """The fake sends the next word only when the one before was seen."""
    gate = f"merge-{upstream}"
    prompt = f"[[gate={gate} tokens=5]]"
    stream = client.responses.create(model=world.model(upstream, "gate"), input=prompt, stream=True)
    seen = 0
    for frame in stream:
        words = shown(frame)
        if frame["object"] == "response.stream" and words == "".join(cases.COUNTED[: seen + 1]):
            seen += 1
            fake.release(gate)
    assert seen == 5


def test_routing_metadata(client: MergeGateway, world: World) -> None:
    model = world.model("openai_chat", "text")
    answer = client.responses.create(
        model=model, input="Hello", include_routing_metadata=True, tags=[{"key": "team", "value": "search"}]
    )
    assert answer.routing.model_used == answer.routing.model_requested == model
    assert answer.routing.cost_usd == pytest.approx(35e-6)
    assert answer.routing.intelligent_routing_used is False


def test_system_and_parameters(client: MergeGateway, world: World, fake: Fake, upstream: str, spoken: Upstream) -> None:
    items = [{"type": "message", "role": "system", "content": "Be brief."}, user()]
    client.responses.create(
        model=world.model(upstream, "text"), input=items, temperature=0.5, max_tokens=50, stop=["END"]
    )
    body = fake.body()
    assert spoken.system(body) == "Be brief."
    assert at(body, spoken.temperature) == 0.5
    assert 50 in (at(body, spoken.bound), body.get("max_tokens"))
    assert not spoken.stop or at(body, spoken.stop) == ["END"]


def results(blocks: list[Any]) -> tuple[list[dict[str, Any]], str]:
    """A result for each call, and what the fake says of them."""
    calls = [block if isinstance(block, dict) else block.model_dump() for block in blocks]
    calls = [block for block in calls if block["type"] == "tool_use"]
    items = [{"type": "tool_result", "tool_use_id": call["id"], "content": f"({call['name']})"} for call in calls]
    return items, "Results: " + "; ".join(f"{call['id']}=({call['name']})" for call in calls)


def test_tools(client: MergeGateway, world: World, upstream: str) -> None:
    model = world.model(upstream, "tools")
    first = client.responses.create(model=model, input=[user()], tools=[WEATHER], tool_choice="auto")
    (message,) = first.output
    assert message.finish_reason == "tool_use"
    *_, call = message.content
    assert (call.type, call.name, call.input) == ("tool_use", "get_weather", cases.WEATHER_ARGUMENTS)
    items, expected = results(message.content)
    turns = [user(), back(message.content), *items]
    second = client.responses.create(model=model, input=turns, tools=[WEATHER])
    assert text(second) == expected


def test_parallel_tools_stream(client: MergeGateway, world: World, upstream: str) -> None:
    model = world.model(upstream, "parallel-tools")
    frames = list(client.responses.create(model=model, input=[user()], tools=[WEATHER, CLOCK], stream=True))
    last = streamed(frames)
    (message,) = last["output"]
    assert message["finish_reason"] == "tool_use"
    calls = [block for block in message["content"] if block["type"] == "tool_use"]
    assert [(call["name"], call["input"]) for call in calls] == [
        ("get_weather", cases.WEATHER_ARGUMENTS),
        ("get_time", cases.CLOCK_ARGUMENTS),
    ]
    items, expected = results(message["content"])
    turns = [user(), back(message["content"]), *items]
    second = client.responses.create(model=model, input=turns, tools=[WEATHER, CLOCK])
    assert text(second) == expected


@pytest.mark.parametrize("stream", [False, True])
def test_structured_output(client: MergeGateway, world: World, upstream: str, stream: bool) -> None:
    schema = cases.Trip.model_json_schema()
    wanted = {"type": "json_schema", "json_schema": {"name": "trip", "schema": schema}}
    if not OLDER and not stream:
        from merge_gateway.helpers import response_format_from_model

        wanted = response_format_from_model("trip", cases.Trip)
    answer = client.responses.create(
        model=world.model(upstream, "structured-output"), input="A trip.", response_format=wanted, stream=stream
    )
    said = shown(streamed(list(answer))) if stream else text(answer)
    assert cases.Trip.model_validate_json(said) == cases.TRIP


def test_image(client: MergeGateway, world: World, upstream: str) -> None:
    model = world.model(upstream, "image")
    inline = {"type": "image", "source_type": "base64", "media_type": "image/png", "data": cases.PNG}
    by_url = {"type": "image_url", "image_url" if OLDER else "url": f"data:image/png;base64,{cases.PNG}"}
    for block in [inline, by_url]:
        question = {"type": "text", "text": "What is it?"}
        answer = client.responses.create(model=model, input=[user([block, question])])
        assert text(answer) == cases.PNG_SEEN


def test_reasoning(client: MergeGateway, world: World, upstream: str, spoken: Upstream) -> None:
    """Thinking comes as a block of its own and goes back, with its proof where there is one."""
    if not spoken.thinks_aloud:
        pytest.skip("its thoughts are told only as a summary, to those who ask for one, and this client cannot")
    model = world.model(upstream, "reasoning")
    asked = {"model": model, "tools": [WEATHER], "max_tokens": 4000}
    thinking = {"type": "enabled", "budget_tokens": 2048}
    first = client.responses.create(input=[user()], thinking=thinking, **asked)
    thought, *proof, call = first.output[0].content
    assert (thought.type, thought.thinking) == ("thinking", cases.THOUGHT)
    assert [(block.type, block.thinking) for block in proof] == [("thinking", "")] * spoken.proof_apart
    assert call.type == "tool_use"
    items, expected = results([call])
    turns = [user(), back([thought, *proof, call]), *items]
    second = client.responses.create(input=turns, thinking=thinking, **asked)
    assert text(second) == expected + spoken.verified()


def test_cached_and_length(client: MergeGateway, world: World, upstream: str, spoken: Upstream) -> None:
    frames = list(client.responses.create(model=world.model(upstream, "cached"), input="Hello", stream=True))
    usage = streamed(frames)["usage"]
    assert usage["input_tokens"] == 2400
    assert usage["cache_read_input_tokens"] == 2000
    assert usage["cache_creation_input_tokens"] == (300 if "cache_write" in spoken.tells else 0)
    cut = client.responses.create(model=world.model(upstream, "length"), input="Hello", max_tokens=10)
    assert cut.output[0].finish_reason == "max_tokens"


def message_of(error: APIError) -> str:
    assert error.body["message"] == error.body["error"]["message"]
    assert error.message == error.body["message"]
    return error.message


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("error-400", BadRequestError),
        ("error-404", NotFoundError),
        ("error-429", RateLimitError),
    ],
)
def test_errors_of_a_provider(
    client: MergeGateway, world: World, upstream: str, scenario: str, expected: type[APIError]
) -> None:
    with pytest.raises(expected) as caught:
        client.responses.create(model=world.model(upstream, scenario), input="Hello")
    assert message_of(caught.value)


def test_errors_of_the_gateway(client: MergeGateway, world: World) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.responses.create(model="nobody/nothing", input="Hello")
    assert "nobody/nothing" in message_of(caught.value)
    assert caught.value.body["error"]["code"] == "model_not_found"
    with pytest.raises(BadRequestError) as caught:
        client.responses.create(model=world.model("openai_chat", "text"), input="Hello", tool_choice="perhaps")
    assert "tool_choice" in message_of(caught.value)
    stranger = MergeGateway(api_key="tg_unknown", base_url=f"{world.url}/merge/v1")
    with pytest.raises(AuthenticationError) as denied:
        stranger.responses.create(model="simulator/echo", input="Hello")
    assert message_of(denied.value)


def test_an_error_instead_of_a_stream(client: MergeGateway, world: World, upstream: str) -> None:
    """The older package trips over its own reading of such an answer; the newer one names the error."""
    expected = httpx.ResponseNotRead if OLDER else BadRequestError
    with pytest.raises(expected):
        client.responses.create(model=world.model(upstream, "error-400"), input="Hello", stream=True)


@pytest.mark.parametrize("scenario", ["error-mid-stream", "cut", "malformed-chunk"])
def test_a_stream_that_breaks(client: MergeGateway, world: World, upstream: str, scenario: str) -> None:
    frames = list(client.responses.create(model=world.model(upstream, scenario), input="Hello", stream=True))
    *_, before, last = frames
    assert shown(before)
    assert last["object"] == "response.error"
    assert last["error"]["message"] and last["error"]["status_code"] >= 500


def test_vendor_and_vendors(client: MergeGateway, world: World) -> None:
    if OLDER:
        pytest.skip("the older package has no such parameters")
    model = world.model("openai_chat", "text")
    answer = client.responses.create(model=model, input="Hello", vendor="fakeopenai", vendors=["fakeopenai"])
    assert answer.vendor == "fakeopenai"
    with pytest.raises(BadRequestError) as caught:
        client.responses.create(model=model, input="Hello", vendor="fakeopenai", vendors=["fakeanthropic"])
    assert "vendor and vendors contradict" in message_of(caught.value)


@pytest.mark.parametrize("stream", [False, True])
def test_simulator(client: MergeGateway, stream: bool) -> None:
    answer = client.responses.create(model="simulator/echo", input="Over and out", stream=stream)
    said = shown(streamed(list(answer))) if stream else text(answer)
    assert "Over and out" in said


def test_tools_as_json(client: MergeGateway, world: World) -> None:
    """What the package parsed is what was sent: nothing of the body fails its types, and nothing is null in usage."""
    raw = client._request(
        "POST", "/responses", json={"model": world.model("anthropic", "tools"), "input": "Hi", "tools": [WEATHER]}
    )
    body = json.loads(raw.content)
    assert None not in body["usage"].values()
    assert all(block.get("annotations", []) is not None for block in body["output"][0]["content"])
