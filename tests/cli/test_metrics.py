"""`--metrics`: where it can be set, what is refused before anything is drawn, and the figures of the real commands."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmon.config import InvalidSetting, Layer, ListenAddress, load, resolve
from chatmon.config.listening import listen_address
from tests.metrics.exposed import plain_samples, value, values
from tests.terminal.terminal import CHATMON, Terminal

from .conftest import Invoke, Start
from .emulator import Emulator, chat
from .read_metrics import PATIENCE, PLACE, lines_of, place_in, read, read_until
from .test_usage import SECRET, expect_one_line

ONE = "652492d9-c2d9-44c9-b9ad-0ab7984114bb"
EXTRA = "pip install -e '.[metrics]' in its folder"

WRITTEN = {
    "9464": ListenAddress("127.0.0.1", 9464),
    ":9464": ListenAddress("127.0.0.1", 9464),
    " 0 ": ListenAddress("127.0.0.1", 0),
    "0.0.0.0:9464": ListenAddress("0.0.0.0", 9464),
    "board-7.example.com:9464": ListenAddress("board-7.example.com", 9464),
    "[::1]:9464": ListenAddress("::1", 9464),
    "[::]:65535": ListenAddress("::", 65_535),
    "off": None,
    "OFF": None,
}
NO_ADDRESSES = (
    "",
    "x",
    "65536",
    "-1",
    "1.5",
    "a:b",
    "host:",
    "::1:9464",
    "[::1]",
    "[x]:1",
    "http://host:1",
    "a b:1",
    ":",
    "1:2:3",
    "٣",
    "/x:1",
)


@pytest.mark.parametrize(("text", "address"), WRITTEN.items())
def test_an_address_is_a_port_or_a_host_and_a_port(text: str, address: ListenAddress | None) -> None:
    assert listen_address(text) == address


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_anything_else_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(ValueError, match=r"needs HOST:PORT, PORT alone for 127\.0\.0\.1, "):
        listen_address(text)


LAYERS = {
    "nothing": ({}, {}, "", None, Layer.DEFAULT),
    "the flag": ({"metrics": "1"}, {"CHATMON_METRICS": "2"}, 'metrics = "3"', 1, Layer.FLAG),
    "the environment": ({}, {"CHATMON_METRICS": "2"}, 'metrics = "3"', 2, Layer.ENVIRONMENT),
    "the profile": ({}, {"CHATMON_METRICS": ""}, 'metrics = "3"', 3, Layer.FILE),
    "off for once": ({"metrics": "off"}, {}, 'metrics = "3"', None, Layer.FLAG),
}


@pytest.mark.parametrize(("given", "environment", "written", "port", "layer"), LAYERS.values(), ids=LAYERS)
def test_a_flag_counts_more_than_the_environment_and_that_more_than_the_profile(
    tmp_path: Path, given: dict[str, object], environment: dict[str, str], written: str, port: int | None, layer: Layer
) -> None:
    (tmp_path / "c.toml").write_text(f'[profiles.p]\nurl = "http://x"\n{written}\n')
    given = {**given, "config": str(tmp_path / "c.toml"), "profile": "p"}
    settings = resolve(given, environment, load(given, environment))

    assert settings.metrics == (None if port is None else ListenAddress("127.0.0.1", port))
    assert settings.origins["metrics"].layer is layer


def test_a_profile_that_names_no_address_is_refused_by_file_and_line(tmp_path: Path) -> None:
    for written, found in ((f'"{SECRET}"', "needs HOST:PORT"), ("9464", "needs a text in quotes; found 9464")):
        (tmp_path / "c.toml").write_text(f'[profiles.p]\nurl = "http://x"\nmetrics = {written}\n')
        with pytest.raises(InvalidSetting, match=rf"c\.toml:3: metrics {found}") as refused:
            load({"config": str(tmp_path / "c.toml"), "profile": "p"}, {})
        assert SECRET not in str(refused.value)


FOLLOW = ("poll", "--follow", "--for", "1", "--url", "http://127.0.0.1:9", ONE)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*FOLLOW, "--metrics", SECRET), "--metrics needs HOST:PORT"),
        (
            (*FOLLOW, "--metrics", "no-such-host.invalid:0"),
            "--metrics: cannot listen on port 0 of that host: there is no such host; choose",
        ),
        ((*FOLLOW, "--metrics", "192.0.2.1:9464"), "--metrics: cannot listen on port 9464 of that host: Cannot assign requested address;"),
        (("demo", "--metrics", ONE), "--metrics needs HOST:PORT"),
        (("poll", "--url", "http://127.0.0.1:9", ONE, "--metrics", "0"), "add --follow or leave --metrics out"),
    ],
)
def test_what_cannot_be_listened_on_is_one_line_and_exit_code_2(chatmon: Invoke, arguments: tuple[str, ...], says: str) -> None:
    result = chatmon(*arguments)

    expect_one_line(result.stderr, says=says)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield str(listening.getsockname()[1])


def test_a_port_that_is_taken_is_refused_with_where_it_was_set(
    chatmon: Invoke, taken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = f"cannot listen on port {taken} of that host: Address already in use; choose another (0: any free one)"
    (tmp_path / "c.toml").write_text(f'[profiles.p]\nurl = "http://127.0.0.1:9"\nmetrics = "{taken}"\n')
    by_file = chatmon("poll", "--follow", "--for", "1", ONE, "--config", str(tmp_path / "c.toml"), "--profile", "p")
    monkeypatch.setenv("CHATMON_METRICS", taken)
    by_variable = chatmon(*FOLLOW)
    by_flag = chatmon(*FOLLOW, "--metrics", f"localhost:{taken}")

    for result, origin in ((by_file, f"{tmp_path / 'c.toml'}:3: metrics"), (by_variable, "CHATMON_METRICS"), (by_flag, "--metrics")):
        expect_one_line(result.stderr, says=f"{origin}: {wanted}")
        assert result.exit_code == 2


@pytest.mark.parametrize("command", ["watch", "demo"])
def test_a_dashboard_refuses_a_taken_port_before_it_draws_anything(taken: str, command: str) -> None:
    chats = (ONE, "--url", "http://127.0.0.1:9") if command == "watch" else ()
    with Terminal(CHATMON, command, *chats, "--metrics", taken) as terminal:
        assert terminal.ends() == 2
        written = terminal.output.decode()

    assert "Address already in use" in written
    assert "\x1b[?1049h" not in written


def test_without_the_extra_one_line_says_what_to_install(chatmon: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr("chatmon.cli.metrics.find_spec", lambda name: None if name == "prometheus_client" else find(name))
    result = chatmon(*FOLLOW, "--metrics", "0")

    expect_one_line(result.stderr, says=f"--metrics: metrics need a library that is not installed; {EXTRA}")
    assert result.exit_code == 2
    assert chatmon("poll", "--url", "http://127.0.0.1:9", ONE).exit_code == 3


def test_nothing_of_the_extra_is_imported_without_the_option(emulator: Emulator) -> None:
    emulator.chats[ONE] = chat("Idle")
    script = "import sys; from chatmon.cli.main import cli\ntry: cli(sys.argv[1:])\nfinally: print('prometheus_client' in sys.modules)"
    command = (sys.executable, "-c", script, "poll", "--follow", "--for", "0.3", "--url", emulator.url, ONE)
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.stdout.splitlines()[-1] == "False"


@pytest.fixture
def centre(emulator: Emulator) -> Emulator:
    emulator.chats[ONE] = chat("Chatting", (1, "Chris", "Customer"), (2, "Kristi", "Agent"))
    return emulator


def test_a_recorder_without_a_screen_tells_its_figures_until_it_ends(process: Start, centre: Emulator, tmp_path: Path) -> None:
    running = process(
        *("poll", "--follow", "--interval", "0.1", "--url", centre.url, "--history", str(tmp_path / "h"), "--metrics", "0", ONE, "lost")
    )
    place = place_in(lines_of(running.stderr))
    assert place.startswith("http://127.0.0.1:")
    figures = read_until(place, "chatmon_chats", health="not_found")

    assert values(figures, "chatmon_chats_by_state", "state") == {"Chatting": 1}
    assert value(figures, "chatmon_agents") == 1
    assert values(figures, "chatmon_polls_total", "result").keys() == {"answered", "not_found"}
    assert value(figures, "chatmon_history_lag_seconds") is not None
    assert values(figures, "chatmon_build_info", "version")
    assert plain_samples(read(place, "*/*")).keys() >= figures.keys()
    running.terminate()
    running.wait(PATIENCE)
    with pytest.raises(urllib.error.URLError):
        read(place)


@pytest.mark.parametrize(("address", "reach"), [("0.0.0.0:0", "0.0.0.0"), ("[::1]:0", None)])
def test_who_can_read_them_is_said_where_that_is_not_this_machine_alone(
    process: Start, centre: Emulator, address: str, reach: str | None
) -> None:
    if ":" in address.rpartition(":")[0] and not has_ipv6():
        pytest.skip("no IPv6 here")
    running = process("poll", "--follow", "--interval", "0.1", "--for", "0.5", "--url", centre.url, "--metrics", address, ONE)
    _, stderr = running.communicate(timeout=PATIENCE)

    (line,) = stderr.splitlines()
    place = PLACE.search(line)
    assert place is not None
    port = place[1].rpartition(":")[2].removesuffix("/metrics")
    assert line.endswith(f"; they are readable by whoever reaches {reach}:{port}" if reach else "/metrics")


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_a_dashboard_tells_its_figures_and_says_where(centre: Emulator) -> None:
    environment = {"CHATMON_URL": centre.url, "CHATMON_INTERVAL": "0.2", "CHATMON_METRICS": "0"}
    with Terminal(CHATMON, "watch", ONE, environment=environment) as terminal:
        terminal.expect("live", "Kristi", "metrics are at http://127.0.0.1:")
        place = PLACE.search(terminal.text)
        assert place is not None
        assert value(read_until(place[1], "chatmon_chats", health="ok"), "chatmon_agents") == 1
        terminal.type("q")
        assert terminal.ends() == 0
        assert terminal.is_restored
    with pytest.raises(urllib.error.URLError):
        read(place[1])


def test_a_dashboard_whose_metrics_fail_goes_on_and_says_so(centre: Emulator) -> None:
    script = (
        "import chatmon.metrics.server as server\n"
        "def stumble(self): raise RuntimeError\n"
        "server.MetricsServer.start = stumble\n"
        "from chatmon.cli.main import main\nmain()"
    )
    command = (sys.executable, "-c", script, "watch", ONE, "--url", centre.url, "--metrics", "0")
    with Terminal(*command) as terminal:
        terminal.expect("live", "Kristi", "there are no metrics: chatmon's own fault: RuntimeError")
        terminal.type("q")
        assert terminal.ends() == 0


def test_the_demo_tells_figures_of_its_contact_centre() -> None:
    with Terminal(CHATMON, "demo", "--seed", "7", "--metrics", "0") as terminal:
        terminal.expect("metrics are at http://127.0.0.1:", "WaitingForAgent")
        place = PLACE.search(terminal.text)
        assert place is not None
        figures = read_until(place[1], "chatmon_chats", health="ok")
        assert (value(figures, "chatmon_agents") or 0) > 1
        terminal.type("q")
        assert terminal.ends() == 0


@pytest.mark.parametrize("command", ["watch", "demo"])
def test_a_round_that_stands_in_for_a_dashboard_says_that_nobody_could_read_its_metrics(
    chatmon: Invoke, centre: Emulator, command: str
) -> None:
    result = chatmon(command, "--metrics", "0", *(("--url", centre.url, ONE) if command == "watch" else ("--chats", "2")))

    assert result.exit_code == 0
    assert "nobody could read the metrics of one round; those of chatmon poll --follow can be read" in result.stderr
