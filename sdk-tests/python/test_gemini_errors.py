"""The google-genai package: errors before an answer, errors in mid-stream, and what they look like to its users."""

from __future__ import annotations

import pytest
from google import genai
from google.genai import errors, types

import cases
from harness import World
from test_gemini_text import client_of

pytestmark = pytest.mark.gateway

# As for the other packages: a client's own mistakes pass through; the provider's failures and the operator's
# credentials are the gateway's business. Columns: scenario, status through the gateway, word for it.
ERRORS = [
    ("error-400", 400, "INVALID_ARGUMENT"),
    ("error-401", 502, "INTERNAL"),
    ("error-403", 502, "INTERNAL"),
    ("error-404", 404, "NOT_FOUND"),
    ("error-429", 429, "RESOURCE_EXHAUSTED"),
    ("error-500", 502, "INTERNAL"),
    ("error-503", 503, "UNAVAILABLE"),
]


@pytest.fixture(scope="module")
def client(world: World) -> genai.Client:
    return client_of(world)


def ask(client: genai.Client, streamed: bool, model: str, text: str = "Hello") -> str:
    if streamed:
        chunks = client.models.generate_content_stream(model=model, contents=text)
        return "".join(chunk.text or "" for chunk in chunks)
    return client.models.generate_content(model=model, contents=text).text


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("scenario", "status", "word"), ERRORS, ids=[e[0] for e in ERRORS])
def test_error(
    client: genai.Client, world: World, upstream: str, scenario: str, status: int, word: str, streamed: bool
) -> None:
    with pytest.raises(errors.ClientError if status < 500 else errors.ServerError) as raised:
        ask(client, streamed, world.model(upstream, scenario))
    error = raised.value
    assert (error.code, error.status) == (status, word)
    assert error.message
    if scenario == "error-400":
        assert cases.ERROR_400 in error.message
    if scenario == "error-429":
        assert error.response.headers["retry-after"] == "7"
    assert error.response.headers["x-request-id"]


@pytest.mark.parametrize("scenario", ["cut", "error-mid-stream", "malformed-chunk", "truncated"])
def test_broken_stream(client: genai.Client, world: World, upstream: str, scenario: str) -> None:
    """What was sent arrives, and then an exception: a broken stream never looks like a finished one."""
    text = ""
    with pytest.raises(errors.APIError) as raised:
        for chunk in client.models.generate_content_stream(model=world.model(upstream, scenario), contents="Hello"):
            text += chunk.text or ""
            assert chunk.candidates[0].finish_reason is None
    assert text == " the river"
    assert raised.value.message


def test_wrong_key(world: World) -> None:
    client = genai.Client(api_key="wrong", http_options=types.HttpOptions(base_url=world.url))
    with pytest.raises(errors.ClientError) as raised:
        ask(client, False, world.model("openai_chat", "text"))
    assert (raised.value.code, raised.value.status) == (401, "UNAUTHENTICATED")


def test_unknown_model(client: genai.Client) -> None:
    with pytest.raises(errors.ClientError) as raised:
        ask(client, False, "fakeopenai/fake-txt")
    assert raised.value.code == 404
    assert "fakeopenai/fake-text" in raised.value.message, "close names are given"


def test_base_url_off_by_a_segment(world: World) -> None:
    http = types.HttpOptions(base_url=f"{world.url}/v1")
    client = genai.Client(api_key=world.key, http_options=http)
    with pytest.raises(errors.ClientError) as raised:
        ask(client, False, world.model("openai_chat", "text"))
    assert raised.value.code == 404
    assert "/v1beta/models/{model}:generateContent" in raised.value.message, "the right path is named"


def test_counting_tokens_is_not_served(client: genai.Client, world: World) -> None:
    with pytest.raises(errors.ClientError) as raised:
        client.models.count_tokens(model=world.model("openai_chat", "text"), contents="Hello")
    assert raised.value.code == 404
    assert "usageMetadata" in raised.value.message, "what to do instead"
