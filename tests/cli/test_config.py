"""Settings: flag, then environment, then default, each knowing where it came from."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from chatmon.api.client import ChatClient
from chatmon.config import DEFAULT, Layer, Origin, resolve, resolve_pace
from chatmon.monitor.pace import Pace

URL = {"url": "https://gws.example.com"}


def test_a_flag_counts_more_than_the_environment_and_that_more_than_the_default() -> None:
    environment = {"CHATMON_URL": "http://elsewhere/v2", "CHATMON_INTERVAL": "7", "CHATMON_MAX_RATE": "9", "CHATMON_IDLE_EVERY": "6"}

    settings = resolve({**URL, "interval": "3", "max_rate": None}, environment)

    assert settings.endpoint.root == "https://gws.example.com/api/v2"
    assert settings.pace == Pace(interval=3.0, max_rate=9.0, max_concurrency=32, idle_every=6)
    assert settings.origins["interval"] == Origin(Layer.FLAG, "--interval")
    assert settings.origins["max_rate"] == Origin(Layer.ENVIRONMENT, "CHATMON_MAX_RATE")
    assert settings.origins["idle_every"] == Origin(Layer.ENVIRONMENT, "CHATMON_IDLE_EVERY")
    assert settings.origins["timeout"] == DEFAULT


def test_an_empty_variable_counts_as_none() -> None:
    settings = resolve(URL, {"CHATMON_INTERVAL": "", "CHATMON_API_KEY": "", "CHATMON_IDS_FILE": ""})

    assert settings.pace.interval == 2.0
    assert settings.endpoint.headers == {}
    assert settings.ids_file is None


def test_defaults_are_those_of_what_they_configure() -> None:
    assert resolve_pace({}, {}) == Pace()
    assert resolve(URL, {}).deadline == inspect.signature(ChatClient).parameters["deadline"].default


def test_headers_come_from_options_variables_and_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n")
    given = {**URL, "header": ("X-One: env:ONE", f"X-Two: file:{tmp_path / 'token'}", "X-Three: a: b")}

    settings = resolve(given, {"ONE": "1", "CHATMON_API_KEY": "key", "CHATMON_CONTACT_CENTER_ID": "c1"})

    assert settings.endpoint.headers == {"X-One": "1", "X-Two": "from a file", "X-Three": "a: b", "ContactCenterId": "c1", "apikey": "key"}
    assert str(settings.origins["header apikey"]) == "CHATMON_API_KEY"
    assert "key" not in repr(settings.endpoint)


@pytest.mark.parametrize("given", [{"header": ("APIKEY: flag",)}, {"header": ("apikey: flag",)}])
def test_a_header_option_counts_more_than_the_variable_for_it(given: dict[str, object]) -> None:
    headers = resolve({**URL, **given}, {"CHATMON_API_KEY": "environment"}).endpoint.headers

    assert list(headers.values()) == ["flag"]


def test_the_proxy_comes_from_the_option_or_the_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://another.environment:1")
    environment = {"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "inside.example.com"}

    by_variable = resolve(URL, environment)
    by_option = resolve({**URL, "proxy": "http://other:1"}, environment)
    not_at_all = resolve({"url": "https://inside.example.com"}, environment)

    assert (by_variable.endpoint.proxy, str(by_variable.origins["proxy"])) == ("http://proxy.example.com:3128", "HTTPS_PROXY")
    assert (by_option.endpoint.proxy, str(by_option.origins["proxy"])) == ("http://other:1", "--proxy")
    assert not_at_all.endpoint.proxy is None


def test_certificates_of_the_environment_do_not_matter_without_tls() -> None:
    settings = resolve({"url": "http://127.0.0.1"}, {"SSL_CERT_FILE": "/no/such.pem"})

    assert settings.endpoint.tls.ca_bundle is None
