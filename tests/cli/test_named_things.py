"""A mistake is said with the thing that it is about: the file, the variable, the option that named it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Invoke
from .test_usage import expect_one_line

HTTPS = ("poll", "--url", "https://127.0.0.1:9", "one")


@pytest.mark.parametrize(
    ("arguments", "variables", "says"),
    [
        ((*HTTPS, "--ca-bundle", "{folder}/no.pem"), {}, "--ca-bundle: {folder}/no.pem cannot be read (no such file or directory)"),
        ((*HTTPS, "--client-cert", "{folder}"), {}, "--client-cert: {folder} cannot be read (is a directory)"),
        (HTTPS, {"SSL_CERT_FILE": "{folder}/no.pem"}, "SSL_CERT_FILE: {folder}/no.pem cannot be read (no such file or directory)"),
        (("poll", "one"), {"CHATMON_CONFIG": "{folder}"}, "{folder} is a directory; CHATMON_CONFIG needs a configuration file"),
        (("config", "show", "--config", "{folder}"), {}, "{folder} is a directory; --config needs a configuration file"),
        (("replay", "--alarms", "{folder}/no.toml"), {}, "--alarms: there is no such file as {folder}/no.toml; a configuration file"),
        ((*HTTPS, "-H", "apikey: env:NO_KEY"), {}, "--header: the environment variable NO_KEY, which the header apikey names, is not set"),
        ((*HTTPS, "-H", "apikey: file:{folder}/no"), {}, "--header: the file for the header apikey, {folder}/no, does not exist"),
    ],
)
def test_a_mistake_names_what_it_is_about_and_who_named_that(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], variables: dict[str, str], says: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(folder=tmp_path))
    result = chatmon(*(argument.format(folder=tmp_path) for argument in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    expect_one_line(result.stderr, says=says.format(folder=tmp_path))
