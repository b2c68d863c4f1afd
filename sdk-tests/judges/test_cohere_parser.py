"""Cohere's own package reads what the fake says in Cohere's dialect, and the fixtures that the translation is tested
with: every event has a type that it knows, and no object a member that it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cohere
import pytest
from cohere.errors import (
    BadRequestError,
    InternalServerError,
    NotFoundError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnauthorizedError,
)
from pydantic import BaseModel

from harness import ROOT, Fake

FIXTURES = ROOT / "crates" / "protocol" / "fixtures" / "cohere"
# What these hold is odd on purpose.
ODD = {"unknown_fields", "done_after_the_end", "error_in_a_stream", "cut_stream"}
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather.", "parameters": WEATHER}}]
MESSAGES = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def client(fake: Fake) -> cohere.ClientV2:
    fake.reset()
    return cohere.ClientV2(api_key="any-key", base_url=fake.url, timeout=20)


def strangers(value: Any, at: str = "") -> list[str]:
    """The members that the package's types do not have."""
    if isinstance(value, list):
        return [found for index, one in enumerate(value) for found in strangers(one, f"{at}[{index}]")]
    if not isinstance(value, BaseModel):
        return []
    own = [f"{at}.{name}" for name in value.model_extra or {}]
    inner = [found for name in type(value).model_fields for found in strangers(getattr(value, name), f"{at}.{name}")]
    return own + inner


def known(events: Any) -> list[Any]:
    events = list(events)
    for event in events:
        assert type(event).__name__.endswith("V2ChatStreamResponse"), event
        # The message's beginning holds empty members of all kinds, which the package has no type for.
        if event.type != "message-start":
            assert strangers(event) == [], event
    return events


def test_text(client: cohere.ClientV2) -> None:
    answer = client.chat(model="fake-text", messages=MESSAGES)
    assert strangers(answer) == []
    assert answer.message.content[0].text.startswith("Hello from the fake provider")
    assert (answer.finish_reason, answer.usage.billed_units.output_tokens) == ("COMPLETE", 7)


def test_text_stream(client: cohere.ClientV2) -> None:
    events = known(client.chat_stream(model="fake-text", messages=MESSAGES))
    assert [events[0].type, events[1].type, events[-2].type, events[-1].type] == [
        "message-start",
        "content-start",
        "content-end",
        "message-end",
    ]
    said = "".join(event.delta.message.content.text for event in events if event.type == "content-delta")
    assert said.startswith("Hello from the fake provider")
    assert events[-1].delta.usage.billed_units.output_tokens == 7


def test_tools(client: cohere.ClientV2) -> None:
    answer = client.chat(model="fake-tools", messages=MESSAGES, tools=TOOLS, strict_tools=True)
    assert strangers(answer) == []
    (call,) = answer.message.tool_calls
    assert (answer.finish_reason, answer.message.tool_plan) == ("TOOL_CALL", "Let me look.")
    assert json.loads(call.function.arguments)["days"] == 7
    turn = {"role": "assistant", "tool_calls": [call], "tool_plan": answer.message.tool_plan}
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    second = client.chat(model="fake-tools", messages=[*MESSAGES, turn, result], tools=TOOLS)
    assert second.message.content[0].text == f"Results: {call.id}=sunny"


def test_tools_stream(client: cohere.ClientV2) -> None:
    events = known(client.chat_stream(model="fake-tools", messages=MESSAGES, tools=TOOLS))
    plan = "".join(event.delta.message.tool_plan for event in events if event.type == "tool-plan-delta")
    (start,) = [event.delta.message.tool_calls for event in events if event.type == "tool-call-start"]
    pieces = [event.delta.message.tool_calls.function.arguments for event in events if event.type == "tool-call-delta"]
    assert (plan, start.function.name) == ("Let me look.", "get_weather")
    assert json.loads("".join(pieces))["days"] == 7


def test_thinking(client: cohere.ClientV2) -> None:
    thinking = cohere.Thinking(type="enabled", token_budget=1000)
    answer = client.chat(model="fake-reasoning", messages=MESSAGES, thinking=thinking)
    assert [block.type for block in answer.message.content] == ["thinking", "text"]
    events = known(client.chat_stream(model="fake-reasoning", messages=MESSAGES, thinking=thinking))
    contents = [event.delta.message.content for event in events if event.type == "content-delta"]
    assert any(content.thinking for content in contents) and any(content.text for content in contents)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("error-400", BadRequestError),
        ("error-401", UnauthorizedError),
        ("error-404", NotFoundError),
        ("error-429", TooManyRequestsError),
        ("error-500", InternalServerError),
        ("error-503", ServiceUnavailableError),
    ],
)
def test_errors(client: cohere.ClientV2, scenario: str, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        client.chat(model=f"fake-{scenario}", messages=MESSAGES, request_options={"max_retries": 0})
    assert caught.value.body["message"]


def test_error_in_a_stream(client: cohere.ClientV2) -> None:
    *_, last = known(client.chat_stream(model="fake-error-mid-stream", messages=MESSAGES))
    assert (last.type, last.delta.finish_reason) == ("message-end", "ERROR")
    assert last.delta.error


def cases(file: str) -> list[Path]:
    found = sorted(path for path in FIXTURES.glob(f"*/{file}") if path.parent.name not in ODD)
    assert len(found) >= 10, "the fixtures are missing"
    return found


@pytest.mark.parametrize("path", cases("response.json"), ids=lambda path: path.parent.name)
def test_answers_of_the_fixtures(client: cohere.ClientV2, fake: Fake, path: Path) -> None:
    fake.script("fake-text", {"scenario": "raw", "text": path.read_text()})
    answer = client.chat(model="fake-text", messages=MESSAGES)
    assert strangers(answer) == []
    assert answer.finish_reason in {"COMPLETE", "STOP_SEQUENCE", "MAX_TOKENS", "TOOL_CALL"}


@pytest.mark.parametrize("path", cases("stream.sse"), ids=lambda path: path.parent.name)
def test_streams_of_the_fixtures(client: cohere.ClientV2, fake: Fake, path: Path) -> None:
    fake.script("fake-text", {"scenario": "raw", "text": path.read_text()})
    *_, last = known(client.chat_stream(model="fake-text", messages=MESSAGES))
    assert last.type == "message-end"
