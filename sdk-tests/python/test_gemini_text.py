"""The google-genai package: text, whole and streamed, schemas, images, thinking, usage, models, both addressings."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials

import cases
from harness import Fake, World
from upstreams import Upstream

pytestmark = pytest.mark.gateway


def client_of(world: World, **options: Any) -> genai.Client:
    http = types.HttpOptions(base_url=world.url, retry_options=types.HttpRetryOptions(attempts=1), **options)
    return genai.Client(api_key=world.key, http_options=http)


@pytest.fixture(scope="module")
def client(world: World) -> genai.Client:
    return client_of(world)


def seen_usage(usage: Any) -> dict[str, int]:
    cached = usage.cached_content_token_count or 0
    return {"input": usage.prompt_token_count - cached, "cache_read": cached, "output": usage.candidates_token_count}


def test_the_default_version_is_served(client: genai.Client) -> None:
    """What the package asks for where nobody says otherwise."""
    assert client._api_client._http_options.api_version == "v1"


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize("prefix", ["", "/gemini"], ids=["root", "prefixed"])
def test_plain(world: World, fake: Fake, upstream: str, spoken: Upstream, version: str, prefix: str) -> None:
    http = types.HttpOptions(base_url=world.url + prefix, api_version=version)
    client = genai.Client(api_key=world.key, http_options=http)
    answer = client.models.generate_content(
        model=world.model(upstream, "text"),
        contents=[
            types.UserContent("Hello"),
            types.ModelContent("Hello, you."),
            types.UserContent([types.Part(text="Once more: grüße [[id=r1]]")]),
        ],
        config=types.GenerateContentConfig(
            system_instruction="Be brief.", max_output_tokens=500, temperature=0.5, stop_sequences=["END"]
        ),
    )
    assert answer.text == cases.TEXT
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.candidates[0].content.role == "model"
    assert seen_usage(answer.usage_metadata) == {"input": 21, "cache_read": 0, "output": 7}
    body = fake.body()
    cases.check_request(spoken, body)
    headers = answer.sdk_http_response.headers
    record = world.gateway.record(headers["x-request-id"])
    assert (record["status"], record["usage"]["input"], record["usage"]["output"]) == (200, 21, 7)


def test_stream(client: genai.Client, world: World, upstream: str) -> None:
    chunks = list(client.models.generate_content_stream(model=world.model(upstream, "text"), contents="Hello"))
    texts = [chunk.text for chunk in chunks if chunk.text]
    assert texts == cases.TEXT_CHUNKS
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert seen_usage(chunks[-1].usage_metadata) == {"input": 21, "cache_read": 0, "output": 7}
    assert all(chunk.candidates[0].finish_reason is None for chunk in chunks[:-1])


def test_vertex_addressing(world: World, upstream: str) -> None:
    """Project and location in the path, a bearer token for the key."""
    http = types.HttpOptions(base_url=world.url)
    token = Credentials(token=world.key)
    client = genai.Client(vertexai=True, project="p", location="eu", credentials=token, http_options=http)
    model = world.model(upstream, "text")
    assert client.models.generate_content(model=model, contents="Hello").text == cases.TEXT
    path = f"publishers/google/models/{model}"
    chunks = client.models.generate_content_stream(model=path, contents="Hello")
    assert "".join(chunk.text or "" for chunk in chunks) == cases.TEXT


def test_async_stream_and_cancel(world: World, fake: Fake, upstream: str) -> None:
    """A task that is cancelled closes the connection, and with it the provider's."""

    async def run() -> list[str]:
        client = client_of(world)
        words: list[str] = []

        async def read() -> None:
            stream = await client.aio.models.generate_content_stream(
                model=world.model(upstream, "gate"), contents="[[gate=cancel tokens=50]]"
            )
            async for chunk in stream:
                words.append(chunk.text or "")
                if len(words) == 3:
                    await asyncio.sleep(60)
                fake.release("cancel")

        task = asyncio.create_task(read())
        async with asyncio.timeout(20):
            while len(words) < 3:
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.aio.aclose()
        return words

    assert asyncio.run(run()) == cases.COUNTED[:3]
    assert fake.wait(model=world.model(upstream, "gate").split("/")[1], ended=True)["end"] == "hung_up"


def test_chunks_one_by_one(client: genai.Client, world: World, fake: Fake, upstream: str) -> None:
    stream = client.models.generate_content_stream(
        model=world.model(upstream, "gate"), contents="[[gate=one tokens=5]]"
    )
    words = []
    for chunk in stream:
        if chunk.text:
            words.append(chunk.text)
            fake.release("one")
    assert words == cases.COUNTED


def test_chat_keeps_a_streamed_answer(client: genai.Client, world: World, fake: Fake, upstream: str) -> None:
    """The package keeps each chunk as a turn of its own; the provider gets one."""
    chat = client.chats.create(model=world.model(upstream, "text"))
    assert "".join(chunk.text or "" for chunk in chat.send_message_stream("Hello")) == cases.TEXT
    assert chat.send_message("Again").text == cases.TEXT
    body = [request for request in fake.requests()][-1]["body"]
    said = json.loads(body)
    turns = said.get("messages") or said.get("input") or said["contents"]
    # A provider of the package's own dialect gets them as they came.
    spoken = [turn for turn in turns if turn.get("role") in ("assistant", "model")]
    assert len(spoken) == 1 or upstream == "gemini"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_structured_output(client: genai.Client, world: World, upstream: str, streamed: bool) -> None:
    asked = {
        "model": world.model(upstream, "structured-output"),
        "contents": "Hello",
        "config": types.GenerateContentConfig(response_mime_type="application/json", response_schema=cases.Trip),
    }
    if streamed:
        text = "".join(chunk.text or "" for chunk in client.models.generate_content_stream(**asked))
        assert cases.Trip.model_validate_json(text) == cases.TRIP
    else:
        assert client.models.generate_content(**asked).parsed == cases.TRIP


def test_json_schema(client: genai.Client, world: World, upstream: str) -> None:
    answer = client.models.generate_content(
        model=world.model(upstream, "structured-output"),
        contents="Hello",
        config={"response_mime_type": "application/json", "response_json_schema": cases.Trip.model_json_schema()},
    )
    assert cases.Trip.model_validate_json(answer.text) == cases.TRIP


def test_image(client: genai.Client, world: World, upstream: str) -> None:
    image = types.Part.from_bytes(data=base64.b64decode(cases.PNG), mime_type="image/png")
    answer = client.models.generate_content(model=world.model(upstream, "image"), contents=[image, "What is this?"])
    assert answer.text == cases.PNG_SEEN


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_thinking(client: genai.Client, world: World, upstream: str, spoken: Upstream, streamed: bool) -> None:
    """Thoughts are marked as such, and go back to their origin with their proof."""
    config = types.GenerateContentConfig(
        max_output_tokens=4000,
        thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024),
    )
    chat = client.chats.create(model=world.model(upstream, "reasoning"), config=config)
    if streamed:
        parts = [part for chunk in chat.send_message_stream("Hello") for part in chunk.candidates[0].content.parts]
    else:
        answer = chat.send_message("Hello")
        parts = answer.candidates[0].content.parts
        assert answer.usage_metadata.thoughts_token_count or "reasoning" not in spoken.tells
    assert "".join(part.text for part in parts if part.thought) == cases.THOUGHT
    assert "".join(part.text for part in parts if not part.thought).startswith("The answer is 42.")
    again = chat.send_message("Again").text
    assert again.endswith(spoken.verified()), "the fake refuses one that changed"


def test_usage_with_caching(client: genai.Client, world: World, upstream: str) -> None:
    answer = client.models.generate_content(model=world.model(upstream, "cached"), contents="Hello")
    usage = seen_usage(answer.usage_metadata)
    assert usage == {"input": 400, "cache_read": 2000, "output": 4}, "what was written to the cache was read anew"


@pytest.mark.parametrize(("scenario", "reason"), [("length", "MAX_TOKENS"), ("refusal", "SAFETY")])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_ends(
    client: genai.Client, world: World, upstream: str, spoken: Upstream, scenario: str, reason: str, streamed: bool
) -> None:
    asked = {"model": world.model(upstream, scenario), "contents": "Hello", "config": {"max_output_tokens": 500}}
    if streamed:
        last = list(client.models.generate_content_stream(**asked))[-1]
    else:
        last = client.models.generate_content(**asked)
    reason = "STOP" if scenario == "refusal" and spoken.refusal == "nothing" else reason
    assert last.candidates[0].finish_reason == types.FinishReason(reason)


def test_models(client: genai.Client, world: World) -> None:
    listed = {model.name: model for model in client.models.list()}
    name = f"models/{world.model('openai_chat', 'text')}"
    assert "generateContent" in listed[name].supported_actions
    turned = [model.name for model in client.models.list(config={"page_size": 20})]
    assert turned == list(listed), "the package turns the pages itself"
    assert client.models.get(model=name).name == name
    assert client.models.get(model=name.removeprefix("models/")).name == name
