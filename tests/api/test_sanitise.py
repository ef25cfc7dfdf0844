"""Text from strangers becomes one printable line that keeps to its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcswidth, wcwidth

from chatmon.api.sanitise import MAX_LENGTH, MAX_MARKS, REPLACEMENT, clean

STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that move the cursor, reorder or hide, or whose width nobody knows."""
_clean = clean.__wrapped__  # every character once: nothing to keep in a cache
EVERY_BLOCK = (*range(0x3400), *range(0xA000, 0xAC20), *range(0xD700, 0x20010), *range(0xE0000, 0xE0200), 0x10FFFF)
"""All code points but most of the ideographs, of the Hangul syllables, and of the planes that are private or empty."""
AHOM_MEDIAL_RA = "\U0001171e"
NASTY = st.sampled_from(
    "\x00\x07\x1b\x7f\x85\x9b\t\n\u2028 \u00a0\u200b\u200d\u202e\u2066\ufeff\ufe0f\u0301\u0300\u0903\u1100\u1161\u11a8"
    "\u3164\ufb1d\U0001f468\U0001f3fd\U0001f1e9\U000e0041\ue000\ud800\u0378"
)
TEXTS = st.lists(st.one_of(NASTY, st.characters(exclude_categories=[])), max_size=40).map("".join)
LONG = st.builds(lambda text, times: text * times, TEXTS, st.integers(1, 200))

EXAMPLES: list[tuple[str, str]] = [
    ("Kristi Sippola", "Kristi Sippola"),
    ("", ""),
    ("   ", ""),
    ("  Ada\t\r\nLovelace ", "Ada   Lovelace"),
    ("<b>[bold red]Ada[/]</b> :smile: [@click=quit]", "<b>[bold red]Ada[/]</b> :smile: [@click=quit]"),
    ("\x1b[2J\x1b]0;owned\x07", f"{REPLACEMENT}[2J{REPLACEMENT}]0;owned{REPLACEMENT}"),
    ("\x9b31mred\x7f", f"{REPLACEMENT}31mred{REPLACEMENT}"),
    ("abc\u202edcba\u2066x\u2069", "abcdcbax"),
    ("a\u200bb\ufeffc\u2060d\u00ade", "abcde"),
    ("half \ud83d pair", f"half {REPLACEMENT} pair"),
    ("e\u0301", "\u00e9"),
    ("Z" + "\u0300\u0301\u0302\u0303" * 50, "Z\u0300\u0301\u0302\u0303"),
    ("\u0301\u0302", ""),
    (" \u0301", ""),
    ("a \u0301b", "a b"),
    ("\u3164\uffa0", ""),
    ("\U0001f44d\U0001f3fd", "\U0001f44d"),
    ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\U0001f469\U0001f467"),
    ("\u2764\ufe0f", "\u2764"),
    ("\U0001f1e9\U0001f1ea", "DE"),
    ("\u1112\u1161\u11ab", "\ud55c"),
    ("\u1000\u102d\u102f\u1037", "\u1000\u102d\u102f\u1037"),
    ("\u05e9\u05bc\u05c1\u05b8\u05dc\u05d5\u05dd", unicodedata.normalize("NFC", "\u05e9\u05bc\u05c1\u05b8\u05dc\u05d5\u05dd")),
    ("\U000e0041\U000e007f", ""),
    ("\ue0b0", REPLACEMENT),
    ("\u1100\ud7c7\ud7fc", f"\u1100{REPLACEMENT}{REPLACEMENT}"),
    ("\u1100\ud7c6\ud7fb", "\u1100\ud7c6\ud7fb"),
    ("\u2800\u2800", ""),
    ("a\u2800\U0001d159\u0301b", "a  b"),
    ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
    ("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940"),
    ("x" * MAX_LENGTH, "x" * MAX_LENGTH),
    ("x" * 100_000, "x" * (MAX_LENGTH - 1) + "…"),
    ("x" * 998 + " yz", "x" * 998 + "…"),
    ("\u4e2d" * 100_000, "\u4e2d" * (MAX_LENGTH - 1) + "…"),
    ("\ufb1d" * MAX_LENGTH, "\u05d9\u05b4" * (MAX_LENGTH // 2 - 1) + "\u05d9…"),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[ascii(text)[:40] for text, _ in EXAMPLES])
def test_examples(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_no_character_of_all_steers_or_hides_alone_or_beside_others() -> None:
    for code in EVERY_BLOCK:
        for text in (chr(code), f"\u1100{chr(code)}x"):
            line = _clean(text)
            assert {unicodedata.category(character) for character in line}.isdisjoint(STEERING), f"U+{code:04X}"
            assert line.isprintable(), f"U+{code:04X}"
            assert _clean(line) == line, f"U+{code:04X}"
            assert cell_len(line) == sum(map(wcwidth, line)), f"U+{code:04X}"
            assert not line or cell_len(line[0]) > 0, f"U+{code:04X}"


@given(TEXTS)
@example("\u1100\ud7c7")
def test_nothing_that_steers_a_terminal_or_hides_is_left(text: str) -> None:
    categories = {unicodedata.category(character) for character in clean(text)}
    assert not categories & STEERING
    assert clean(text).isprintable()
    assert "\ufe0f" not in clean(text)


@given(st.one_of(TEXTS, LONG))
@example(" \u0301")
@example("x" * 998 + "\ufb1d \ufb1d")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.one_of(TEXTS, LONG))
def test_the_length_is_bounded(text: str) -> None:
    assert len(clean(text)) <= MAX_LENGTH


@given(st.one_of(TEXTS, LONG))
def test_no_character_carries_a_flood_of_marks(text: str) -> None:
    run = longest = 0
    for character in clean(text):
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me", "Mc"} else 0
        longest = max(longest, run)
    assert longest <= MAX_MARKS


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=MAX_LENGTH))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert clean(text) == text.strip()


@given(TEXTS, st.integers(0, 40))
def test_the_cells_of_the_parts_add_up_to_the_cells_of_the_whole(text: str, at: int) -> None:
    line = clean(text)
    assert cell_len(line[:at]) + cell_len(line[at:]) == cell_len(line)


@given(TEXTS, TEXTS)
def test_the_cells_of_neighbours_add_up(left: str, right: str) -> None:
    assert cell_len(clean(left)) + cell_len(clean(right)) == cell_len(clean(left) + clean(right))


@given(TEXTS)
@example("\U0001f1e9\U0001f1ea\U0001f1e9")
@example(f"a{AHOM_MEDIAL_RA}")
def test_terminals_give_a_line_the_cells_that_are_counted_for_it(text: str) -> None:
    """As another table of widths has them, which many terminals and pyte go by.

    Of the vowel signs that take room of their own (Mc: Devanagari, Tamil, ...) terminals themselves do not agree how much that is, nor
    of the one that Unicode 15.1 and 16 disagree about.
    """
    line = clean(text)
    assert cell_len(line) == sum(map(wcwidth, line))
    if not any(unicodedata.category(character) == "Mc" or character == AHOM_MEDIAL_RA for character in line):
        assert cell_len(line) == wcswidth(line)


@given(TEXTS)
def test_a_line_begins_with_something_that_takes_a_cell(text: str) -> None:
    line = clean(text)
    assert not line or cell_len(line[0]) > 0
