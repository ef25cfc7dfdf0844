"""Which screen is on show, and how one leads to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.theme import ThemeProvider

from chatmon.api.sanitise import clean
from chatmon.monitor.chat_list import LabelledChat
from chatmon.ui.palette import Palette
from chatmon.ui.screens.agents import AgentsScreen
from chatmon.ui.screens.alarms import AlarmsScreen
from chatmon.ui.screens.board import BoardScreen
from chatmon.ui.screens.chat import ChatScreen
from chatmon.ui.screens.chat_actions import ChatActions
from chatmon.ui.screens.events import EventsScreen
from chatmon.ui.screens.help import HelpScreen
from chatmon.ui.screens.monitor_screen import NOTICE_SECONDS, MonitorScreen
from chatmon.ui.screens.transcript import TranscriptScreen
from chatmon.ui.screens.transcript_warning import TranscriptWarning
from chatmon.ui.screens.wall import WallScreen
from chatmon.ui.screens.wallboard import WallboardScreen
from chatmon.ui.screens.watch_prompt import WatchPrompt
from chatmon.ui.session import Session


class Navigator(App[int]):
    """The screens of one session: the board, and at most one other place above it, with what was opened from there."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._board = BoardScreen(session)

    def get_default_screen(self) -> Screen[None]:
        """The board is where everything begins; on a wall there is nothing else."""
        return WallboardScreen(self.session) if self.session.settings.wallboard else self._board

    def on_resize(self, event: events.Resize) -> None:
        """Draw everything anew where the size is what it was: the window may have been a smaller one meanwhile, and lost what it showed."""
        if self._screen_stack and event.size == self.screen.outer_size:
            self.refresh()

    def _show_screen(self) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, MonitorScreen):
                screen.show()
                return

    def _go_to(self, screen: MonitorScreen | None) -> None:
        """Show a screen above the board, in place of any other; None shows the board."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if screen is not None:
            self.push_screen(screen)

    def _show_own(self, screen: type[MonitorScreen]) -> None:
        """Show a screen of this kind, unless it is on show: it keeps its place."""
        if not isinstance(self.screen, screen):
            self._go_to(screen(self.session))

    def _show_on_board(self, chat_id: str) -> None:
        self._on_board(partial(self._board.select, chat_id))

    def _on_board(self, action: Callable[[], object]) -> None:
        self._go_to(None)
        self.call_later(action)

    def action_show_board(self) -> None:
        """The board."""
        self._go_to(None)

    def action_show_agents(self) -> None:
        """The agents."""
        self._show_own(AgentsScreen)

    def action_show_alarms(self) -> None:
        """The alarms."""
        self._show_own(AlarmsScreen)

    def action_next_alarm(self) -> None:
        """The next chat with an alarm that is not acknowledged."""
        self._step_to_alarm(1)

    def action_previous_alarm(self) -> None:
        """The previous chat with an alarm that is not acknowledged."""
        self._step_to_alarm(-1)

    def _step_to_alarm(self, step: int) -> None:
        """Go there on the board, or, where a chat is open, open it."""
        opened = self.screen if isinstance(self.screen, ChatScreen) else None
        chat_id = self._board.next_in_alarm(None if opened is None else opened.chat_id, step)
        if chat_id is None:
            self._board.say_no_alarm()
        elif opened is None:
            self._show_on_board(chat_id)
        else:
            self._board.select(chat_id)
            opened.open(chat_id)

    def action_saved_filter(self, number: int) -> None:
        """Show on the board what a saved filter means."""
        self._on_board(partial(self._board.use_saved_filter, f"f{number}"))

    def action_show_events(self) -> None:
        """The events."""
        self._show_own(EventsScreen)

    def action_show_wall(self) -> None:
        """The wall."""
        self._show_own(WallScreen)

    def action_show_help(self) -> None:
        """The help; once more leaves it."""
        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
        else:
            self.push_screen(HelpScreen(self.session))

    def action_command_palette(self) -> None:
        """The palette, unless it is open."""
        if self.use_command_palette and not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Ask for a theme."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_watch(self) -> None:
        """Ask which chat to watch."""
        session = self.session
        self.push_screen(WatchPrompt(session.last_unwatched, session.watch_all, hides=session.naming.hides), self._watch_chats)

    def _watch_chats(self, wanted: Sequence[LabelledChat] | None) -> None:
        if not wanted:
            return
        new = self.session.watch_all(wanted)
        if len(wanted) > 1:
            self._say(f"{new} more chats are watched" + (f"; {len(wanted) - new} were already" if new < len(wanted) else ""))
        elif not new:
            self._say("That chat is watched already.")
        self._show_on_board(self.session.shown_id(wanted[0][0]))

    def _say(self, text: str) -> None:
        self.clear_notifications()
        self.notify(clean(text), timeout=NOTICE_SECONDS, markup=False)

    def on_chat_actions_open_chat(self, event: ChatActions.OpenChat) -> None:
        """Open a chat, once."""
        if not isinstance(self.screen, ChatScreen):
            self.push_screen(ChatScreen(self.session, event.chat_id))

    def on_chat_actions_open_transcript(self, event: ChatActions.OpenTranscript) -> None:
        """Read a chat's transcript, once, after the one warning."""
        if isinstance(self.screen, TranscriptScreen | TranscriptWarning):
            return
        if self.session.warned_of_transcripts:
            self.push_screen(TranscriptScreen(self.session, event.chat_id))
        else:
            chat = self.session.chat(event.chat_id)
            customer = "" if chat is None else clean(chat.customer)
            called = clean(self.session.short_ids.get(event.chat_id, event.chat_id[:8]))
            self.push_screen(TranscriptWarning(f"{called} {customer}".rstrip()), partial(self._read_after_warning, event.chat_id))

    def _read_after_warning(self, chat_id: str, wanted: bool | None) -> None:
        if wanted:
            self.session.warned_of_transcripts = True
            self.push_screen(TranscriptScreen(self.session, chat_id))

    def on_chat_screen_step(self, event: ChatScreen.Step) -> None:
        """Show the chat above or below the open one on the board."""
        chat_id = self._board.neighbour(event.chat_id, event.rows)
        if chat_id is not None and isinstance(self.screen, ChatScreen):
            self._board.select(chat_id)
            self.screen.open(chat_id)

    def on_agents_screen_show_chats(self, event: AgentsScreen.ShowChats) -> None:
        """Show an agent's chats on the board."""
        self._on_board(partial(self._board.show_agent, event.nickname))

    def on_alarms_screen_chosen(self, event: AlarmsScreen.Chosen) -> None:
        """Show on the board what an alarm is about."""
        if event.subject.chat is not None:
            self._show_on_board(event.subject.chat)
        elif event.subject.agent is not None:
            self._on_board(partial(self._board.show_agent, event.subject.agent))

    def on_events_screen_show_chat(self, event: EventsScreen.ShowChat) -> None:
        """Show an event's chat on the board."""
        self._show_on_board(event.chat_id)

    def on_monitor_screen_left(self, event: MonitorScreen.Left) -> None:
        """Back from a screen. It is left once, however often Esc was pressed before it went."""
        if self.screen is event.screen:
            self.pop_screen()
