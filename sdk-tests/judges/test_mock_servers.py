"""llmock 0.2.2 and llmposter 0.5.0 as providers: what each client package says reaches them in the words of each dialect,
and what they say comes back."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import openai
import pytest
from merge_gateway import MergeGateway

from conftest import LLMPOSTER, SPOKEN, Judged, llmposter_program

QUESTION = "Which river is it?"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


class Client:
    """One client package: asks, and tells what was answered."""

    def __init__(self, url: str, key: str) -> None:
        raise NotImplementedError

    def ask(self, model: str, stream: bool, structured: bool = False, counted: bool = True) -> str:
        """`counted` is false where the provider does not say how many tokens there were."""
        raise NotImplementedError

    def call_tool(self, model: str) -> tuple[str, Any, str]:
        """The tool called, its arguments, and the answer after its result."""
        raise NotImplementedError


class OpenAi(Client):
    FORMAT = {"type": "json_schema", "json_schema": {"name": "trip", "strict": True, "schema": SCHEMA}}

    def __init__(self, url: str, key: str) -> None:
        self.chat = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20).chat.completions

    def ask(self, model: str, stream: bool, structured: bool = False, counted: bool = True) -> str:
        more: Any = {"response_format": self.FORMAT} if structured else {}
        messages: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]
        if not stream:
            answer = self.chat.create(model=model, messages=messages, **more)
            assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0
            assert answer.choices[0].finish_reason == "stop"
            return answer.choices[0].message.content
        chunks = list(
            self.chat.create(
                model=model, messages=messages, stream=True, stream_options={"include_usage": True}, **more
            )
        )
        assert not counted or chunks[-1].usage.completion_tokens > 0
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools: Any = [{"type": "function", "function": {"name": "get_trip", "parameters": SCHEMA}}]
        messages: Any = [{"role": "user", "content": QUESTION}]
        first = self.chat.create(model=model, messages=messages, tools=tools, tool_choice="required")
        message = first.choices[0].message
        (call,) = message.tool_calls
        messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "three days"}]
        second = self.chat.create(model=model, messages=messages, tools=tools)
        return call.function.name, json.loads(call.function.arguments), second.choices[0].message.content


class Anthropic(Client):
    def __init__(self, url: str, key: str) -> None:
        self.messages = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=20).messages

    def ask(self, model: str, stream: bool, structured: bool = False, counted: bool = True) -> str:
        more: Any = {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}} if structured else {}
        asked: Any = {"model": model, "max_tokens": 500, "system": "Be brief.", **more}
        asked["messages"] = [{"role": "user", "content": QUESTION}]
        if stream:
            with self.messages.stream(**asked) as events:
                answer = events.get_final_message()
        else:
            answer = self.messages.create(**asked)
        assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
        assert answer.stop_reason == "end_turn"
        return "".join(block.text for block in answer.content if block.type == "text")

    def call_tool(self, model: str) -> tuple[str, Any, str]:
        asked: Any = {"model": model, "max_tokens": 500, "tools": [{"name": "get_trip", "input_schema": SCHEMA}]}
        messages: Any = [{"role": "user", "content": QUESTION}]
        first = self.messages.create(messages=messages, tool_choice={"type": "any"}, **asked)
        (call,) = [block for block in first.content if block.type == "tool_use"]
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "three days"}
        messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
        second = self.messages.create(messages=messages, **asked)
        return call.name, call.input, "".join(block.text for block in second.content if block.type == "text")


class Merge(Client):
    FORMAT = {"type": "json_schema", "json_schema": {"name": "trip", "schema": SCHEMA}}

    def __init__(self, url: str, key: str) -> None:
        self.responses = MergeGateway(base_url=f"{url}/merge/v1", api_key=key, timeout=20).responses

    def ask(self, model: str, stream: bool, structured: bool = False, counted: bool = True) -> str:
        items = [
            {"type": "message", "role": "system", "content": "Be brief."},
            {"type": "message", "role": "user", "content": QUESTION},
        ]
        more: Any = {"response_format": self.FORMAT} if structured else {}
        answer = self.responses.create(model=model, input=items, stream=stream, **more)
        if stream:
            *_, last = answer
            assert last["object"] == "response.done"
            assert not counted or last["usage"]["output_tokens"] > 0
            assert counted == ("usage" in last)
            return "".join(block["text"] for block in last["output"][0]["content"])
        assert answer.usage.input_tokens > 0 and answer.output[0].finish_reason == "stop"
        return "".join(block.text for block in answer.output[0].content)

    def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [{"type": "function", "name": "get_trip", "parameters": SCHEMA}]
        items: list[dict[str, Any]] = [{"type": "message", "role": "user", "content": QUESTION}]
        first = self.responses.create(model=model, input=items, tools=tools, tool_choice="required")
        blocks = first.output[0].content
        (call,) = [block for block in blocks if block.type == "tool_use"]
        items += [
            {"type": "message", "role": "assistant", "content": [block.model_dump() for block in blocks]},
            {"type": "tool_result", "tool_use_id": call.id, "content": "three days"},
        ]
        second = self.responses.create(model=model, input=items, tools=tools)
        return call.name, call.input, "".join(block.text for block in second.output[0].content)


@pytest.fixture(params=[OpenAi, Anthropic, Merge], ids=["openai_chat", "anthropic", "merge"])
def client(request: pytest.FixtureRequest, judged: Judged) -> Client:
    return request.param(judged.gateway.url, judged.gateway.key)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_text(client: Client, judged: Judged, upstream: str, stream: bool) -> None:
    assert QUESTION in client.ask(judged.model(upstream), stream)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_structured_output(client: Client, judged: Judged, upstream: str, stream: bool) -> None:
    if upstream == "anthropic":
        pytest.skip("llmock 0.2.2 knows only the older name of Anthropic's output_config.format")
    said = json.loads(client.ask(judged.model(upstream), stream, structured=True))
    assert isinstance(said["city"], str) and isinstance(said["days"], int)


def test_tools(client: Client, judged: Judged, upstream: str) -> None:
    name, arguments, after = client.call_tool(judged.model(upstream))
    assert name == "get_trip"
    assert isinstance(arguments["city"], str) and isinstance(arguments["days"], int)
    assert after


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("dialect", LLMPOSTER)
def test_text_of_llmposter(client: Client, judged: Judged, dialect: str, stream: bool) -> None:
    if dialect not in SPOKEN:
        pytest.skip("the program does not speak this to providers")
    if llmposter_program() is None:
        pytest.skip("llmposter is not installed; LLMPOSTER_BIN names it")
    # Its streams in OpenAI's dialect report no usage, though they were asked to.
    counted = not (dialect == "openai_chat" and stream)
    said = client.ask(judged.model(dialect, "llmposter"), stream, counted=counted)
    assert said == "The Vistula, says the judge: \"grüße\" 🌍."
