"""The dashboard: opens the door to the screens, runs the monitor behind them, and shows what changed, a few times a second at the most."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import ClassVar

from rich.console import RenderableType
from textual import events
from textual.actions import ActionParseResult
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input

from chatmon.api.errors import InvalidEndpoint
from chatmon.config.screen import ScreenSettings
from chatmon.detached import DetachedExecutor
from chatmon.history.reader import HistoryReader
from chatmon.last_resort import SIGNALS, last_resort
from chatmon.monitor.monitor import Monitor
from chatmon.monitor.own_fault import tell_own_fault
from chatmon.monitor.pseudonyms import REAL_NAMES, Naming
from chatmon.monitor.transcripts import Transcripts
from chatmon.ui.alarm_bell import AlarmBell
from chatmon.ui.commands import KEPT_OF_TEXTUAL, app_commands, board_commands, screen_commands
from chatmon.ui.keymap import keys_of
from chatmon.ui.keys import APP_KEYS
from chatmon.ui.navigator import Navigator
from chatmon.ui.palette import chat_provider
from chatmon.ui.saved_screen import TROUBLE as SCREEN
from chatmon.ui.saved_screen import SavedScreen, chosen_theme, restore, state_of
from chatmon.ui.screens.monitor_screen import MonitorScreen
from chatmon.ui.session import Session
from chatmon.ui.terminal_driver import TerminalDriver
from chatmon.ui.theme import DARK, LIGHT, THEMES, theme_defaults
from chatmon.ui.widgets.line_view import ASCII_CLASS

SHOW_SECONDS = 0.2
"""Changes are shown together, at most once in so many seconds."""
CLOCK_SECONDS = 1.0
LOOK = "look"
"""What the monitor's lasting trouble is about, where there is nothing new to be shown."""
SAVE_SECONDS = 3.0
"""Between two looks at whether the screen is another than it was left last."""
LATEST_BEGIN_SECONDS = 1.0
"""Polling begins after the first frame, and after so many seconds where a terminal shows none."""
FAILED = 2
"""The exit code where the dashboard could not go on."""
INTERRUPTED = 130
"""The exit code after Ctrl-C."""
LEAVING = ("quit", "interrupt", "suspend_process")
"""The bindings that a wallboard in a terminal has."""
THEME_NAMES = {"dark": DARK, "light": LIGHT}
"""The words for chatmon's own themes; those of Textual go by their names."""


class ChatmonApp(Navigator):
    """The dashboard over one monitor. Ends with an exit code; `failure` says why where the monitor could not go on."""

    TITLE = "chatmon"
    CSS_PATH: ClassVar[list[str | PurePath]] = sorted(Path(__file__).parent.glob("*/*.tcss"))
    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]
    ENABLE_COMMAND_PALETTE = True
    ANIMATION_LEVEL = "none"

    def __init__(
        self,
        monitor: Monitor,
        settings: ScreenSettings | None = None,
        *,
        source: str,
        history: HistoryReader | None = None,
        saved_at: Path | None = None,
        naming: Naming = REAL_NAMES,
        transcripts: Transcripts | None = None,
        session: Session | None = None,
    ) -> None:
        session = session or Session(
            monitor, settings or ScreenSettings(), source=source, history=history, naming=naming, transcripts=transcripts
        )
        if os.environ.get("NO_COLOR") == "":
            del os.environ["NO_COLOR"]  # empty means nothing (source: no-color.org); Textual takes it for set
        super().__init__(session)
        settings = session.settings
        self.failure: str | None = None
        self.ends_for_certain = False
        """Whether this process ends with the dashboard, whatever hangs: a terminal that takes nothing is waited for by Textual."""
        self.early_signals: list[int] = []
        """Signals that came before there was a loop to take them."""
        self.animation_level = "none"
        for known in THEMES:
            self.register_theme(known)
        self._set_theme = self.theme = THEME_NAMES.get(settings.theme, settings.theme)
        self._saved = None if saved_at is None else SavedScreen(saved_at, self.session)
        self._restore_screen()
        self.set_class(settings.ascii, ASCII_CLASS)
        self.set_keymap(dict(settings.keys))
        # Textual reads this off the app as it reads a class's own.
        self.COMMANDS = {*App.COMMANDS, chat_provider(self.session, self._show_on_board)}  # type: ignore[misc]
        self._bell = AlarmBell(bell=settings.bell, notify=settings.notify)
        self._change_pending = False
        self._has_begun = False
        self._ending_signal: int | None = None

    def _restore_screen(self) -> None:
        state = None if self._saved is None else self._saved.read()
        if state is not None:
            restore(self.session, state)
            self.theme = chosen_theme(state, self._set_theme, self.available_themes)

    async def _keep_screen(self) -> None:
        if self._saved is None:
            return
        try:
            await self._saved.keep(state_of(self.session, self.theme, self._set_theme))
        except Exception as error:  # noqa: BLE001 - the next time begins as it was set; this time goes on
            self.session.monitor.own_fault(SCREEN, "the screen is not kept", error)

    def keep_screen_now(self) -> None:
        """Keep how the screen is left, once the dashboard has ended."""
        if self._saved is not None:
            self._saved.keep_now(state_of(self.session, self.theme, self._set_theme))

    def get_driver_class(self) -> type[Driver]:
        """chatmon's own driver where Textual would take the one that it is made of."""
        chosen = super().get_driver_class()
        if chosen.__name__ == "WebDriver":
            from chatmon.ui.browser_driver import BrowserDriver  # a terminal does without

            return BrowserDriver
        return TerminalDriver if chosen is LinuxDriver else chosen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done here: a browser has no shell to go back to."""
        return False if action == "suspend_process" and self.is_web else super().check_action(action, parameters)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """chatmon's own colours, for themes that do not know them."""
        return theme_defaults(dark=self.current_theme.dark)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Those of Textual's own commands that fit, and chatmon's."""
        yield from screen_commands(screen)
        yield from app_commands(self)
        yield from board_commands(self._board, self._on_board)
        yield from (command for command in super().get_system_commands(screen) if command.title in KEPT_OF_TEXTUAL)

    async def on_event(self, event: events.Event) -> None:
        """Take an event; on a wall what hands do means nothing, but for the keys that end it where there is a terminal."""
        if self.session.settings.wallboard and isinstance(event, (events.InputEvent, events.Paste)) and not self._leaves_wall(event):
            return
        await super().on_event(event)

    def _leaves_wall(self, event: events.Event) -> bool:
        keys = {key for binding in LEAVING for key in keys_of(binding, self.session.settings.keys)}
        return isinstance(event, events.Key) and event.key in keys and not self.is_web

    def on_key(self, event: events.Key) -> None:
        """A letter that was sent to a list before the key in front of it opened a line to type in: it belongs into that line.

        A field takes in its own letters: those that come here were meant for someone else when they were typed.
        """
        if event.is_printable and event.character is not None and isinstance(self.focused, Input):
            event.prevent_default().stop()
            self.focused.insert_text_at_cursor(event.character)

    def on_mount(self) -> None:
        """The screen comes first; only then is anything asked."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DetachedExecutor())
        for number in SIGNALS:
            loop.add_signal_handler(number, self._end_by_signal, number)
        if self.early_signals:
            self._end_by_signal(self.early_signals[0])
        self.session.monitor.board.on_change = self._on_change
        self.session.monitor.on_notice = self._say
        if self._bell.is_wanted:
            self.session.monitor.listen(self._bell.take)
        self.set_timer(LATEST_BEGIN_SECONDS, self._begin)

    def post_display_hook(self) -> None:
        """The first frame is out: what is slow to import no longer keeps it waiting."""
        if not self._has_begun:
            self.call_later(self._begin)

    def _end_by_signal(self, number: int) -> None:
        self._ending_signal = number
        if self._has_begun:  # screens that are half made cannot be ended in order: `_begin` ends them
            self.exit(128 + number)
        else:
            self._end_for_certain(128 + number)

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End with a code, in order; and where `ends_for_certain`, at once if that takes too long."""
        self._end_for_certain(result or 0)
        super().exit(result, return_code, message)

    def _end_for_certain(self, code: int) -> None:
        if self.ends_for_certain:
            last_resort.arm(code)

    def give_terminal_back(self) -> None:
        """Give the terminal back from any thread, where the event loop does not come to it."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.give_back_at_once()

    def _begin(self) -> None:
        if self._has_begun:
            return
        self._has_begun = True
        if self._ending_signal is not None:
            self.exit(128 + self._ending_signal)
            return
        self.run_worker(self._watch(), name="monitor", group="monitor", exit_on_error=False)
        self.set_interval(CLOCK_SECONDS, self._tick)
        self.set_interval(SAVE_SECONDS, self._keep_screen)

    async def _watch(self) -> None:
        try:
            await self.session.monitor.run()
        except (InvalidEndpoint, OSError) as error:
            self.failure = str(error)
            self.exit(FAILED)
        except Exception as error:  # noqa: BLE001 - without a monitor there is nothing to show: it ends, and says why
            self._handle_exception(error)

    def _handle_exception(self, error: Exception) -> None:
        """End with one line. Textual would print a traceback with every variable in it: ids, nicknames and headers among them."""
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.failure = tell_own_fault("the dashboard ended unexpectedly", error)
        self._return_code = 1
        self._end_for_certain(FAILED)
        self._close_messages_no_wait()

    def _on_change(self) -> None:
        if not self._change_pending:
            self._change_pending = True
            self.set_timer(SHOW_SECONDS, self._show_changes)

    def _show_changes(self) -> None:
        self._change_pending = False
        self._show()

    def _tick(self) -> None:
        self._catch_up_with_size()
        self._show()
        try:
            self._bell.ring(self._write)
        except Exception as error:  # noqa: BLE001 - who cannot be called can still look
            self.session.monitor.own_fault("bell", "an alarm was not announced", error)

    def _catch_up_with_size(self) -> None:
        """Follow a size that was lost on its way from the terminal to the screen."""
        if isinstance(self._driver, TerminalDriver):
            size = Size(*self._driver._get_terminal_size())
            if size != self.size:
                self.post_message(events.Resize(size, size))
                return
        if self._screen_stack and self.screen.outer_size != self.size:  # no screen: it ends
            self.screen.post_message(events.Resize(self.size, self.size))

    def _write(self, sequence: str) -> None:
        """Send the terminal something that is not for the screen."""
        if self._driver is not None:
            self._driver.write(sequence)

    def _show(self) -> None:
        try:
            is_new = self.session.renew()
        except Exception as error:  # noqa: BLE001 - the screen stays as it is, and says so; polling goes on
            self.session.monitor.own_fault(LOOK, "the screen stands still", error)
            return
        self.session.monitor.trouble(LOOK, None)
        if is_new:
            self._show_screen()

    def action_pause(self) -> None:
        """Keep the screen as it is, or go on; polling is not touched."""
        self.session.toggle_pause()
        self._show_screen()
        if isinstance(self.screen, MonitorScreen):
            self.screen.show_keys()

    def action_slower(self) -> None:
        """Poll less often."""
        self._change_interval(1)

    def action_faster(self) -> None:
        """Poll more often."""
        self._change_interval(-1)

    def _change_interval(self, step: int) -> None:
        before = self.session.monitor.pace
        seconds = self.session.change_interval(step)
        limit = "" if seconds != before.interval else ": already the slowest" if step > 0 else ": already the fastest"
        idle = "" if before.idle_every == 1 else f", Idle ones every {before.idle_every * seconds:g} s"
        self._say(f"each chat every {seconds:g} s{idle}{limit}")

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key or a command is for. One that cannot do it says so, and the dashboard goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001 - whatever one key meets, the others still work
            self._say(tell_own_fault("a key did not do what it is for", error))
            return True

    def action_suspend_process(self) -> None:
        """Stop until the shell lets it go on, with whatever started it: a shell waits for the whole of its job."""
        os.killpg(os.getpgrp(), signal.SIGTSTP)

    def action_interrupt(self) -> None:
        """End, as Ctrl-C does."""
        self.exit(INTERRUPTED)
