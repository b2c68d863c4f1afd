"""The openai package's Responses API, over providers of every dialect: text, tools, schemas, pictures, reasoning, errors,
and a request shaped as Codex sends it."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import OpenAI

import cases
from harness import Fake, World
from upstreams import Upstream

pytestmark = pytest.mark.gateway

WEATHER = {"type": "function", "name": "get_weather", "description": "The weather.", "parameters": cases.WEATHER}
CLOCK = {"type": "function", "name": "get_time", "description": "The time.", "parameters": cases.CLOCK, "strict": False}
ANSWERS = {"get_weather": "sunny, 21 °C", "get_time": "noon"}
STREAMED = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])


def check_order(events: list[Any]) -> None:
    """Numbers count up; every item and part that begins ends; the answer at the end holds what was told."""
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    added = [event.item.id for event in events if event.type == "response.output_item.added"]
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert added == [item.id for item in done] and len(set(added)) == len(added)
    named = {event.item_id for event in events if getattr(event, "item_id", None)}
    assert named <= set(added)
    assert events[-1].response.output == done


def final(client: OpenAI, streamed: bool, **asked: Any) -> Any:
    """The answer, whole or put together by the package's own accumulator."""
    if not streamed:
        return client.responses.create(**asked)
    with client.responses.stream(**asked) as stream:
        return stream.get_final_response()


def results(answer: Any) -> list[dict[str, Any]]:
    calls = [item for item in answer.output if item.type == "function_call"]
    return [{"type": "function_call_output", "call_id": it.call_id, "output": ANSWERS[it.name]} for it in calls]


def expected(answer: Any) -> str:
    calls = [item for item in answer.output if item.type == "function_call"]
    return "Results: " + "; ".join(f"{call.call_id}={ANSWERS[call.name]}" for call in calls)


def test_plain(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream) -> None:
    raw = openai_client.responses.with_raw_response.create(
        model=world.model(upstream, "text"),
        instructions="Be brief.",
        input=[
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hello, you."},
            {"role": "user", "content": [{"type": "input_text", "text": "Once more: grüße"}]},
        ],
        max_output_tokens=500,
        temperature=0.5,
        store=False,
    )
    answer = raw.parse()
    assert answer.output_text == cases.TEXT
    assert (answer.object, answer.status, answer.error, answer.incomplete_details) == ("response", "completed", None, None)
    assert (answer.instructions, answer.temperature, answer.max_output_tokens) == ("Be brief.", 0.5, 500)
    assert (answer.store, answer.tools, answer.tool_choice, answer.parallel_tool_calls) == (False, [], "auto", True)
    assert answer.id.startswith("resp_") and answer.output[0].id.startswith("msg_")
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (21, 7, 28)
    assert answer.usage.model_extra["cost"] == 0.000035
    body = fake.body()
    assert spoken.system(body) == "Be brief."
    assert "Once more: grüße" in str(body)
    record = world.gateway.record(raw.headers["x-request-id"])
    assert record["door"] == "POST /v1/responses" and float(record["cost_usd"]) == 0.000035


def test_stream(openai_client: OpenAI, world: World, upstream: str) -> None:
    events = list(openai_client.responses.create(model=world.model(upstream, "text"), input="Hello", stream=True))
    check_order(events)
    texts = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert texts == cases.TEXT_CHUNKS
    last = events[-1]
    assert (last.type, last.response.status, last.response.output_text) == ("response.completed", "completed", cases.TEXT)
    assert last.response.usage.output_tokens == 7
    assert last.response.usage.model_extra["cost"] == 0.000035


@STREAMED
def test_length(openai_client: OpenAI, world: World, upstream: str, streamed: bool) -> None:
    asked = {"model": world.model(upstream, "length"), "input": "Hello", "max_output_tokens": 16}
    if streamed:
        events = list(openai_client.responses.create(stream=True, **asked))
        assert events[-1].type == "response.incomplete"
        answer = events[-1].response
    else:
        answer = openai_client.responses.create(**asked)
    assert answer.status == "incomplete"
    assert answer.incomplete_details.reason == "max_output_tokens"


@STREAMED
def test_tools(openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, streamed: bool) -> None:
    model = world.model(upstream, "tools")
    first = final(openai_client, streamed, model=model, input="Hello", tools=[WEATHER])
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert first.output_text == ("" if spoken.plans else "Let me look.")
    assert (call.name, json.loads(call.arguments)) == ("get_weather", cases.WEATHER_ARGUMENTS)
    assert spoken.tools(fake.body()) == [("get_weather", cases.WEATHER)]
    turn = [{"role": "user", "content": "Hello"}, *[it.to_dict() for it in first.output], *results(first)]
    second = final(openai_client, streamed, model=model, input=turn, tools=[WEATHER])
    assert second.output_text == expected(first)


@STREAMED
def test_parallel_tools(openai_client: OpenAI, world: World, upstream: str, streamed: bool) -> None:
    model = world.model(upstream, "parallel-tools")
    first = final(openai_client, streamed, model=model, input="Hello", tools=[WEATHER, CLOCK])
    assert [item.name for item in first.output if item.type == "function_call"] == ["get_weather", "get_time"]
    turn = [{"role": "user", "content": "Hello"}, *[it.to_dict() for it in first.output], *results(first)]
    second = final(openai_client, streamed, model=model, input=turn, tools=[WEATHER, CLOCK])
    assert second.output_text == expected(first)


@STREAMED
def test_parsed(openai_client: OpenAI, world: World, upstream: str, streamed: bool) -> None:
    asked = {"model": world.model(upstream, "structured-output"), "input": "A trip?", "text_format": cases.Trip}
    if streamed:
        with openai_client.responses.stream(**asked) as stream:
            answer = stream.get_final_response()
    else:
        answer = openai_client.responses.parse(**asked)
    assert answer.output_parsed == cases.TRIP


def test_image(openai_client: OpenAI, world: World, upstream: str) -> None:
    content = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{cases.PNG}", "detail": "auto"},
    ]
    answer = openai_client.responses.create(
        model=world.model(upstream, "image"), input=[{"role": "user", "content": content}]
    )
    assert answer.output_text == cases.PNG_SEEN


@STREAMED
def test_reasoning_second_turn(openai_client: OpenAI, world: World, upstream: str, spoken: Upstream, streamed: bool) -> None:
    """The items go back as they came, and Anthropic's signature with them, which its API checks."""
    asked = {
        "model": world.model(upstream, "reasoning"),
        "tools": [WEATHER],
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    first = final(openai_client, streamed, input="Hello", **asked)
    thought, *_, call = first.output
    assert (thought.type, thought.summary[0].text) == ("reasoning", cases.THOUGHT)
    assert call.type == "function_call"
    turn = [{"role": "user", "content": "Hello"}, *[it.to_dict() for it in first.output], *results(first)]
    second = final(openai_client, streamed, input=turn, **asked)
    verified = spoken.verified()
    assert second.output_text == f"{expected(first)}{verified}"
    assert (second.usage.output_tokens_details.reasoning_tokens > 0) == ("reasoning" in spoken.tells)


@STREAMED
def test_error(openai_client: OpenAI, world: World, upstream: str, streamed: bool) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        openai_client.responses.create(model=world.model(upstream, "error-400"), input="Hello", stream=streamed)
    assert cases.ERROR_400 in raised.value.message
    assert raised.value.request_id


@pytest.mark.parametrize("scenario", ["cut", "error-mid-stream", "malformed-chunk", "truncated"])
def test_broken_stream(openai_client: OpenAI, world: World, upstream: str, scenario: str) -> None:
    """What was sent arrives, and then an exception: a broken stream never looks like a finished one."""
    text = ""
    with pytest.raises(openai.APIError):
        for event in openai_client.responses.create(model=world.model(upstream, scenario), input="Hello", stream=True):
            text += event.delta if event.type == "response.output_text.delta" else ""
            assert event.type != "response.completed"
    assert text


@pytest.mark.parametrize(
    ("field", "value"),
    [("background", True), ("conversation", "conv_1")],
)
def test_what_is_kept_elsewhere(openai_client: OpenAI, world: World, upstream: str, field: str, value: Any) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        openai_client.responses.create(model=world.model(upstream, "text"), input="Hello", **{field: value})
    assert raised.value.param == field


@STREAMED
def test_kept(openai_client: OpenAI, world: World, fake: Fake, upstream: str, streamed: bool) -> None:
    """What was answered is gone on from by its id, read again, listed and deleted, whoever the provider is."""
    model = world.model(upstream, "tools")
    first = final(openai_client, streamed, model=model, input="Hello", tools=[WEATHER])
    assert first.store is True
    asked = {"model": model, "tools": [WEATHER], "previous_response_id": first.id}
    second = final(openai_client, streamed, input=results(first), **asked)
    assert (second.output_text, second.previous_response_id) == (expected(first), first.id)
    third = final(openai_client, streamed, model=world.model(upstream, "text"), input="Thanks", previous_response_id=second.id)
    said = str(json.loads(fake.requests()[-1]["body"]))
    assert all(text in said for text in ["Hello", "Let me look.", "sunny", expected(first), "Thanks"])

    again = openai_client.responses.retrieve(third.id)
    assert (again.id, again.output_text, again.previous_response_id) == (third.id, third.output_text, second.id)
    assert again.usage.to_dict() == third.usage.to_dict()
    items = openai_client.responses.input_items.list(second.id).data
    assert [(item.type, item.output) for item in items] == [("function_call_output", "sunny, 21 °C")]
    (said_first,) = openai_client.responses.input_items.list(first.id, order="asc", limit=1)
    assert (said_first.role, said_first.content[0].text) == ("user", "Hello")

    openai_client.responses.delete(first.id)
    for gone in [lambda: openai_client.responses.retrieve(first.id), lambda: openai_client.responses.delete(first.id)]:
        with pytest.raises(openai.NotFoundError):
            gone()
    with pytest.raises(openai.BadRequestError) as raised:
        openai_client.responses.create(model=model, input="Hello", previous_response_id=second.id)
    assert (raised.value.code, raised.value.param) == ("previous_response_not_found", "previous_response_id")
    assert openai_client.responses.retrieve(second.id).output_text == expected(first)
    with pytest.raises(openai.BadRequestError):
        openai_client.responses.cancel(second.id)


@STREAMED
def test_not_kept(openai_client: OpenAI, world: World, upstream: str, streamed: bool) -> None:
    answer = final(openai_client, streamed, model=world.model(upstream, "text"), input="Hello", store=False)
    assert answer.store is False
    with pytest.raises(openai.NotFoundError):
        openai_client.responses.retrieve(answer.id)


@STREAMED
def test_codex(
    openai_client: OpenAI, world: World, fake: Fake, upstream: str, spoken: Upstream, streamed: bool
) -> None:
    """Long instructions, free-text tools, namespaces, encrypted reasoning of another model and several turns."""
    tools = [
        {**WEATHER, "strict": False},
        {
            "type": "custom",
            "name": "apply_patch",
            "description": "Edits files.",
            "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "*** Begin Patch"'},
        },
        {
            "type": "namespace",
            "name": "mcp__tracker__",
            "description": "The tracker.",
            "tools": [{"type": "function", "name": "list", "parameters": cases.CLOCK, "strict": False}],
        },
    ]
    turn = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "<permissions/>"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it."}]},
        {"type": "reasoning", "summary": [], "encrypted_content": "gAAAAABforeign"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Looking."}],
            "phase": "commentary",
        },
        {"type": "function_call", "name": "list", "namespace": "mcp__tracker__", "arguments": "{}", "call_id": "call_1"},
        {"type": "custom_tool_call", "name": "apply_patch", "input": "*** Begin Patch\n", "call_id": "call_2"},
        {"type": "function_call_output", "call_id": "call_1", "output": "[]"},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": "Done."},
    ]
    asked = {
        "model": world.model(upstream, "tools"),
        "instructions": "You are a coding agent.\n" + "- Keep the tree clean.\n" * 200,
        "tools": tools,
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0199a213-81a0-7800-8aa1-bbab2a035a53",
    }
    answer = final(openai_client, streamed, input=turn, **asked)
    assert answer.output_text == "Results: call_1=[]; call_2=Done."
    # Only OpenAI's own API knows free text and namespaces.
    tools = fake.body()["tools"] if upstream == "openai_responses" else spoken.tools(fake.body())
    names = [tool["name"] if upstream == "openai_responses" else tool[0] for tool in tools]
    assert names == ["get_weather", "apply_patch", "mcp__tracker__" + ("" if upstream == "openai_responses" else "list")]
    assert "gAAAAABforeign" not in fake.only_request()["body"] or upstream == "openai_responses"
