"""The openai package: errors before an answer, errors in mid-stream, and what they look like to its users."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI

import cases
from conftest import DIRECT
from harness import Fake, World
from upstreams import Upstream

# What an upstream error is to a client: its own mistakes pass through with their message. The provider's failures and
# the operator's credentials are the gateway's business, so they are never a 401 or 403 to the client.
ERRORS = [
    ("error-400", openai.BadRequestError, 400, 400),
    ("error-401", openai.AuthenticationError, 401, 502),
    ("error-403", openai.PermissionDeniedError, 403, 502),
    ("error-404", openai.NotFoundError, 404, 404),
    ("error-413", openai.APIStatusError, 413, 413),
    ("error-429", openai.RateLimitError, 429, 429),
    ("error-500", openai.InternalServerError, 500, 502),
    ("error-503", openai.InternalServerError, 503, 503),
]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("scenario", "direct", "status", "through"), ERRORS, ids=[e[0] for e in ERRORS])
def test_error(
    openai_client: OpenAI,
    world: World,
    upstream: str,
    spoken: Upstream,
    say,
    scenario: str,
    direct: type[openai.APIStatusError],
    status: int,
    through: int,
    streamed: bool,
) -> None:
    through = spoken.too_large if status == 413 else through
    expected = direct if DIRECT or status == through else openai.APIStatusError
    with pytest.raises(expected) as raised:
        openai_client.chat.completions.create(model=world.model(upstream, scenario), messages=say(), stream=streamed)
    error = raised.value
    assert error.status_code == (status if DIRECT else through)
    assert error.request_id and error.request_id == error.response.headers["x-request-id"]
    assert error.body["message"] and error.body["type"]
    if scenario == "error-400":
        assert cases.ERROR_400 in error.message
    if scenario == "error-429":
        assert error.response.headers["retry-after"] == "7"
    if world.gateway is not None:
        record = world.gateway.record(error.request_id)
        assert record["status"] == through
        assert record["error"]
        assert float(record["cost_usd"] or 0) == 0


@pytest.mark.gateway
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("scenario", ["html-502", "half-json", "empty", "error-in-200", "truncated", "cut"])
def test_odd_answer_before_commit(
    openai_client: OpenAI, world: World, fake: Fake, upstream: str, say, scenario: str, streamed: bool
) -> None:
    """What cannot be understood, and nothing of which was sent on, is an error with a status, never half an answer."""
    with pytest.raises(openai.InternalServerError) as raised:
        openai_client.chat.completions.create(
            model=world.model(upstream, scenario), messages=say("[[after=0]]"), stream=streamed
        )
    assert raised.value.request_id
    assert raised.value.body["message"]


@pytest.mark.parametrize("scenario", ["cut", "error-mid-stream", "malformed-chunk", "truncated"])
def test_broken_stream(openai_client: OpenAI, world: World, upstream: str, say, scenario: str) -> None:
    """What was sent arrives, and then an exception: a broken stream never looks like a finished one."""
    if DIRECT and scenario in ("truncated", "malformed-chunk"):
        pytest.skip("the package does not notice by itself")
    text = ""
    with pytest.raises(openai.APIError) as raised:
        for chunk in openai_client.chat.completions.create(
            model=world.model(upstream, scenario), messages=say(), stream=True
        ):
            text += chunk.choices[0].delta.content or ""
            assert chunk.choices[0].finish_reason is None
    assert text == " the river"
    assert raised.value.message
    if not DIRECT:
        assert not isinstance(raised.value, openai.APIConnectionError), "an error frame, not a broken connection"
        assert raised.value.body["type"]


@pytest.mark.gateway
def test_wrong_key(world: World, say) -> None:
    client = OpenAI(base_url=f"{world.url}/v1", api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as raised:
        client.chat.completions.create(model=world.model("openai_chat", "text"), messages=say())
    assert raised.value.status_code == 401
    assert raised.value.request_id


@pytest.mark.gateway
def test_unknown_model(openai_client: OpenAI, say) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        openai_client.chat.completions.create(model="fakeopenai/fake-txt", messages=say())
    assert "fakeopenai/fake-text" in raised.value.message, "close names are given"
    assert raised.value.param == "model"


@pytest.mark.gateway
def test_wrong_type_names_the_field(openai_client: OpenAI, world: World, upstream: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        openai_client.chat.completions.create(model=world.model(upstream, "text"), messages="hello")
    assert raised.value.param == "messages"
