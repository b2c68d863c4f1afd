"""The google-genai package: functions, declared and automatic, one and several, whole and streamed, over two turns."""

from __future__ import annotations

from typing import Any

import pytest
from google import genai
from google.genai import types

import cases
from harness import Fake, World
from test_gemini_text import client_of
from upstreams import Upstream

pytestmark = pytest.mark.gateway

WEATHER = types.FunctionDeclaration(
    name="get_weather", description="The weather.", parameters_json_schema=cases.WEATHER
)
CLOCK = types.FunctionDeclaration(
    name="get_time",
    description="The time.",
    parameters=types.Schema(
        type="OBJECT", properties={"zone": types.Schema(type="STRING", enum=["CET", "UTC"])}, required=["zone"]
    ),
)
ANSWERS = {"get_weather": "sunny, 21 °C", "get_time": "noon"}


@pytest.fixture(scope="module")
def client(world: World) -> genai.Client:
    return client_of(world)


def config(*functions: types.FunctionDeclaration, **more: Any) -> types.GenerateContentConfig:
    return types.GenerateContentConfig(tools=[types.Tool(function_declarations=list(functions))], **more)


def ask(client: genai.Client, streamed: bool, **asked: Any) -> list[types.Content]:
    """What the model said, as it goes back in the next turn."""
    if not streamed:
        return [client.models.generate_content(**asked).candidates[0].content]
    chunks = client.models.generate_content_stream(**asked)
    return [chunk.candidates[0].content for chunk in chunks if chunk.candidates[0].content]


def calls_of(contents: list[types.Content]) -> list[types.FunctionCall]:
    return [part.function_call for content in contents for part in content.parts if part.function_call]


def results(calls: list[types.FunctionCall]) -> types.Content:
    responses = [
        types.FunctionResponse(id=call.id, name=call.name, response={"output": ANSWERS[call.name]}) for call in calls
    ]
    return types.Content(role="user", parts=[types.Part(function_response=response) for response in responses])


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_tools(client: genai.Client, world: World, fake: Fake, upstream: str, spoken: Upstream, streamed: bool) -> None:
    asked = {"model": world.model(upstream, "tools"), "config": config(WEATHER)}
    hello = types.UserContent("Hello")
    said = ask(client, streamed, contents=[hello], **asked)
    (call,) = calls_of(said)
    assert (call.name, call.args) == ("get_weather", cases.WEATHER_ARGUMENTS)
    assert spoken.tools(fake.body()) == [("get_weather", cases.WEATHER)]
    second = client.models.generate_content(contents=[hello, *said, results([call])], **asked)
    assert second.text == f"Results: {call.id}={ANSWERS['get_weather']}"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_parallel_tools(client: genai.Client, world: World, upstream: str, streamed: bool) -> None:
    asked = {"model": world.model(upstream, "parallel-tools"), "config": config(WEATHER, CLOCK)}
    hello = types.UserContent("Hello")
    said = ask(client, streamed, contents=[hello], **asked)
    calls = calls_of(said)
    assert [call.args for call in calls] == [cases.WEATHER_ARGUMENTS, cases.CLOCK_ARGUMENTS]
    assert calls[0].id != calls[1].id
    second = client.models.generate_content(contents=[hello, *said, results(calls)], **asked)
    assert second.text == "Results: " + "; ".join(f"{call.id}={ANSWERS[call.name]}" for call in calls)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_automatic_calls(client: genai.Client, world: World, upstream: str, streamed: bool) -> None:
    """The package calls the function by itself, and asks again with its result."""
    asked = []

    def get_weather(city: str, days: int) -> str:
        """The weather."""
        asked.append((city, days))
        return ANSWERS["get_weather"]

    chat = client.chats.create(
        model=world.model(upstream, "tools"), config=types.GenerateContentConfig(tools=[get_weather])
    )
    if streamed:
        text = "".join(chunk.text or "" for chunk in chat.send_message_stream("Hello"))
    else:
        text = chat.send_message("Hello").text
    assert asked == [tuple(cases.WEATHER_ARGUMENTS.values())]
    assert text.endswith(f"={ANSWERS['get_weather']}")


@pytest.mark.parametrize("mode", ["AUTO", "ANY", "NONE", "named"])
def test_tool_choice(
    client: genai.Client, world: World, fake: Fake, upstream: str, spoken: Upstream, mode: str
) -> None:
    allowed = ["get_time"] if mode == "named" else None
    calling = types.FunctionCallingConfig(mode="ANY" if allowed else mode, allowed_function_names=allowed)
    client.models.generate_content(
        model=world.model(upstream, "text"),
        contents="Hello",
        config=config(WEATHER, CLOCK, tool_config=types.ToolConfig(function_calling_config=calling)),
    )
    expected = {"ANY": ("required",), "named": ("named", "get_time")}.get(mode, (mode.lower(),))
    assert spoken.choice(fake.body()) == expected


def test_thinking_with_tools(client: genai.Client, world: World, fake: Fake, upstream: str) -> None:
    """The proof of the thought before a call goes back with the results; the fake refuses one that changed."""
    asked = {
        "model": world.model(upstream, "reasoning"),
        "config": config(
            WEATHER,
            max_output_tokens=4000,
            thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024),
        ),
    }
    hello = types.UserContent("Hello")
    said = ask(client, False, contents=[hello], **asked)
    calls = calls_of(said)
    second = client.models.generate_content(contents=[hello, *said, results(calls)], **asked)
    thoughts = [part.text for part in second.candidates[0].content.parts if part.thought]
    assert thoughts == [cases.SECOND_THOUGHT]
