"""The same `/v1/models` read by the `openai`, `anthropic` and `openrouter` packages, and OpenRouter's further metadata."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import openai
import pytest
from openrouter import OpenRouter, errors
from openrouter.operations import ListModelsUserSecurity

from harness import World


def test_openai(openai_client: openai.OpenAI, world: World) -> None:
    name = world.model("openai_chat", "text")
    models = {model.id: model for model in openai_client.models.list()}
    assert models[name].object == "model"
    if world.gateway is not None:
        assert models[name].owned_by == name.split("/")[0]
        assert openai_client.models.retrieve(name) == models[name]
        assert openai_client.models.retrieve("echo").id == "simulator/echo"


@pytest.mark.gateway
def test_openai_is_told_what_is_close(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        openai_client.models.retrieve("simulator/ecko")
    assert raised.value.code == "model_not_found"
    assert "simulator/echo" in raised.value.message


@pytest.mark.gateway
def test_anthropic(anthropic_client: anthropic.Anthropic, world: World) -> None:
    whole = [model.id for model in anthropic_client.models.list()]
    name = world.model("anthropic", "text")
    assert name in whole and "simulator/echo" in whole and "fakeopenai/embedder" not in whole
    # The package turns the pages itself.
    assert [model.id for model in anthropic_client.models.list(limit=3)] == whole
    page = anthropic_client.models.list(limit=3, before_id=whole[5])
    assert [model.id for model in page.data] == whole[2:5]
    echo = anthropic_client.models.retrieve("simulator/echo")
    assert (echo.type, echo.lifecycle, echo.max_tokens) == ("model", "active", 64_000)
    for stage in ("active", "deprecated"):
        found = list(anthropic_client.models.list(lifecycle=[stage]))
        assert found and {model.lifecycle for model in found} == {stage}
        assert {model.id for model in found} < set(whole)
    with pytest.raises(anthropic.NotFoundError, match="simulator/echo"):
        anthropic_client.models.retrieve("simulator/ecko")


@pytest.fixture(params=["/v1", "/api/v1"])
def openrouter(world: World, request: pytest.FixtureRequest) -> Iterator[OpenRouter]:
    with OpenRouter(api_key=world.key, server_url=world.url + request.param) as client:
        yield client


@pytest.mark.gateway
def test_openrouter_lists(openrouter: OpenRouter, world: World, openai_client: openai.OpenAI) -> None:
    whole = openrouter.models.list()
    ids = [model.id for model in whole.result.data]
    assert ids == [model.id for model in openai_client.models.list()]
    assert whole.result.total_count == len(ids) == openrouter.models.count().data.count
    name = world.model("openai_chat", "text")
    model = next(model for model in whole.result.data if model.id == name)
    assert (model.pricing.prompt, model.pricing.completion) == ("0.000001", "0.000002")
    assert model.architecture.modality == "text->text"
    mine = openrouter.models.list_for_user(security=ListModelsUserSecurity(bearer=world.key))
    assert [model.id for model in mine.result.data] == ids
    found = openrouter.models.list(q="fakeopenai text", max_price=1.5, output_modalities="text")
    assert name in [model.id for model in found.result.data]
    assert all(model.id.startswith("fakeopenai/") for model in found.result.data)

    page, turned = openrouter.models.list(limit=20), []
    while page is not None:
        turned += [model.id for model in page.result.data]
        page = page.next()
    assert turned == ids


@pytest.mark.gateway
def test_openrouter_reads_one_model_and_its_endpoints(openrouter: OpenRouter) -> None:
    model = openrouter.models.get(author="simulator", slug="echo").data
    assert (model.id, model.context_length) == ("simulator/echo", 200_000)
    assert "tools" in model.supported_parameters
    endpoints = openrouter.endpoints.list(author="simulator", slug="echo").data
    (endpoint,) = endpoints.endpoints
    assert (endpoint.tag, endpoint.model_id, endpoint.status) == ("simulator", "simulator/echo", 0)
    assert endpoint.uptime_last_30m is None and endpoint.supports_tool_choice.required


@pytest.mark.gateway
def test_openrouter_reads_providers(openrouter: OpenRouter) -> None:
    slugs = {provider.slug: provider for provider in openrouter.providers.list().data}
    assert {"fakeopenai", "fakeanthropic", "simulator"} <= set(slugs)
    assert slugs["fakeopenai"].privacy_policy_url is None


@pytest.mark.gateway
def test_openrouter_reads_the_whole_catalogue(world: World) -> None:
    """Of every model and provider there is, whatever is not known of it."""
    with OpenRouter(api_key=world.key, server_url=f"{world.url}/api/v1") as client:
        client.sdk_configuration.client = WholeCatalogue(client.sdk_configuration.client)
        listed, page = [], client.models.list(limit=1000)
        while page is not None:
            listed += page.result.data
            page = page.next()
        assert len(listed) > 1600 and page is None
        assert len(client.providers.list().data) > 100
        for author, slug in [("openai", "gpt-4o-mini"), ("anthropic", "claude-sonnet-4-5"), ("meta-llama", "llama-3.3-70b-instruct")]:
            endpoints = client.endpoints.list(author=author, slug=slug).data.endpoints
            assert len(endpoints) > 2


class WholeCatalogue:
    """The package's own HTTP client, which asks for all: the package has no argument for it."""

    def __init__(self, client: object) -> None:
        self.client = client

    def build_request(self, *args: object, params: object = None, **kwargs: object) -> object:
        request = self.client.build_request(*args, params=params, **kwargs)
        request.url = request.url.copy_merge_params({"all": "true"})
        return request

    def __getattr__(self, name: str) -> object:
        return getattr(self.client, name)


@pytest.mark.gateway
def test_openrouter_raises_its_own_errors(world: World) -> None:
    with OpenRouter(api_key=world.key, server_url=f"{world.url}/api/v1") as client:
        with pytest.raises(errors.NotFoundResponseError, match="simulator/echo"):
            client.endpoints.list(author="simulator", slug="ecko")
        with pytest.raises(errors.BadRequestResponseError, match="sort"):
            client.models.list(sort="most-popular")
