"""An encrypted client key: nobody is asked for its password, which is kept elsewhere; on a terminal, where OpenSSL would ask, too.

`encrypted.pem` is PKCS #8, `encrypted_traditional.pem` and `encrypted_ec.pem` are as OpenSSL wrote keys before; made for these tests,
valid from 2026 to 2109. Their password is `geheim`.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Invoke
from .test_usage import expect_one_line

CERTIFICATES = Path(__file__).parents[1] / "api" / "certificates"
ENCRYPTED = ("encrypted.pem", "encrypted_traditional.pem", "encrypted_ec.pem")
PASSWORD = "geheim"
PATIENCE = 60.0
"""Seconds after which a program waits for an answer that nobody gives."""
URL = ("--url", "https://127.0.0.1:9")
NOTHING_REACHED = 3


def poll(certificate: str, *options: str) -> tuple[str, ...]:
    return ("poll", *URL, "one", "--client-cert", str(CERTIFICATES / certificate), *options)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("certificate", ENCRYPTED)
def test_nobody_is_asked_for_the_password_on_a_terminal(certificate: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "chatmon", *poll(certificate)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True, text=True) as process:
        os.close(theirs)
        _, errors = process.communicate(timeout=PATIENCE)
    os.close(ours)

    assert process.returncode == 2
    expect_one_line(errors, says=f"--client-cert: the key in {CERTIFICATES / certificate} is encrypted; name where its password is")


@pytest.mark.parametrize("certificate", ENCRYPTED)
@pytest.mark.parametrize("content", [b"geheim", b"geheim\n", b"geheim\r\n", b"\xef\xbb\xbfgeheim\n"])
def test_the_password_is_read_from_a_file(chatmon: Invoke, tmp_path: Path, certificate: str, content: bytes) -> None:
    (tmp_path / "password").write_bytes(content)
    assert chatmon(*poll(certificate, "--client-key-password", f"file:{tmp_path / 'password'}")).exit_code == NOTHING_REACHED


def test_the_password_is_read_from_a_variable_that_the_profile_names(
    chatmon: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(
        'profile = "p"\n[profiles.p]\nurl = "https://127.0.0.1:9"\n'
        f'client_cert = "{CERTIFICATES / ENCRYPTED[0]}"\nclient_key_password = "env:KEY_PASSWORD"\n'
    )
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    assert chatmon("poll", "one", "--config", str(config)).exit_code == NOTHING_REACHED
    shown = chatmon("config", "show", "--config", str(config))
    assert (shown.exit_code, '"env:KEY_PASSWORD"' in shown.stdout, PASSWORD in shown.stdout) == (0, True, False)

    monkeypatch.delenv("KEY_PASSWORD")
    refused = chatmon("poll", "one", "--config", str(config))
    assert refused.exit_code == 2
    expect_one_line(refused.stderr, says=f"{config}:5: client_key_password: the environment variable KEY_PASSWORD")
    shown = chatmon("config", "show", "--config", str(config))
    assert (shown.exit_code, '"env:KEY_PASSWORD" (not set)' in shown.stdout) == (0, True)


def test_a_wrong_password_is_refused_with_the_file_that_it_does_not_open(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PASSWORD", "hunter2-hunter2")
    for certificate in ENCRYPTED:
        refused = chatmon(*poll(certificate, "--client-key-password", "env:KEY_PASSWORD"))
        assert refused.exit_code == 2
        says = f"--client-key-password: what it names does not open the encrypted key in {CERTIFICATES / certificate}"
        expect_one_line(refused.stderr, says=says)


def test_a_password_in_the_command_line_or_in_the_file_is_refused_and_not_repeated(chatmon: Invoke, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f'[profiles.p]\nclient_key_password = "{PASSWORD}"\n')
    for arguments, says in (
        (poll(ENCRYPTED[0], "--client-key-password", PASSWORD), "--client-key-password needs env:VARIABLE or file:PATH"),
        (("poll", "one", "--config", str(config)), f"{config}:2: client_key_password needs env:VARIABLE or file:PATH"),
    ):
        refused = chatmon(*arguments)
        assert (refused.exit_code, PASSWORD in refused.stderr) == (2, False)
        expect_one_line(refused.stderr, says=says)


@pytest.mark.parametrize(
    ("certificate", "says"),
    [("mismatched.pem", "is not that of its certificate"), ("authority.pem", "cannot be read as a PEM certificate with its key")],
)
def test_what_is_no_certificate_with_its_key_is_refused_by_its_path(chatmon: Invoke, certificate: str, says: str) -> None:
    refused = chatmon(*poll(certificate))
    assert (refused.exit_code, str(CERTIFICATES / certificate) in refused.stderr) == (2, True)
    expect_one_line(refused.stderr, says=says)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_the_place_of_a_certificate_is_not_waited_for(chatmon: Invoke, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for option in ("--client-cert", "--ca-bundle"):
        refused = chatmon("poll", *URL, "one", option, str(tmp_path / "pipe"))
        assert refused.exit_code == 2
        expect_one_line(refused.stderr, says=f"{option}: {tmp_path / 'pipe'} cannot be read")
