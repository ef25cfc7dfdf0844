"""What the make-believe people are called: nicknames of customers, names of agents, queues.

Data only. The customers' names are chosen to be hard on a screen: wide characters, accents and combining marks, right-to-left scripts,
emoji. The hostile ones are what a stranger may type into the nickname field of a web page.
"""

from __future__ import annotations

from typing import Final

CUSTOMER_NICKNAMES: Final[tuple[str, ...]] = (
    "Chris", "Ada", "Dana R.", "Lee", "Bo", "王小明", "李娜", "張偉", "陳美玲", "佐藤 花子", "鈴木一郎", "たかはし", "김민준", "이서연",
    "José García", "Núria Puig", "François", "Zoë", "Søren Ø.", "Åsa Lindström", "Jürgen Groß",
    "Łukasz", "Żaneta", "Dvořák", "Şebnem Yılmaz",
    "Gönül", "Nguyễn Thị Hoa", "Trần Văn Bình", "Siobhán O’Dea", "Caoimhe", "Σοφία", "Γιώργος", "Ольга", "Дмитро", "Светлана К.", "Гюнай",
    "محمد", "ليلى حسن", "رضا", "נועה", "אברהם לוי", "प्रिया", "राहुल शर्मा", "ঐশী", "தமிழ்ச்செல்வி", "สมชาย", "ณัฐ", "Աննա", "ნინო",
    "አበበ", "Ngozi", "Thandiwe", "Kwame", "Aroha", "Keoni", "Iñaki", "João Conceição", "Renée", "Bjørn", "Guðrún", "Ștefan", "Ágnes",
    "Tõnu", "Jānis", "Žydrūnė", "Mary-Jane", "d'Arcy", "customer 4711", "🦊 Foxy", "👩‍👩‍👧 Kim", "x", "MAX", "Zo\u0065\u0308 (combining)",
    "Guest", "Anonymous", "Maria Fernanda de Albuquerque",
)  # fmt: skip

HOSTILE_NICKNAMES: Final[tuple[str, ...]] = (
    "<b>[red]Bo[/red]</b>",
    "[/] [@click=app.quit]free gift[/]",
    "Robert'); DROP TABLE chats;--",
    "\x1b[31mred\x1b[0m\x07",
    "\u202eevil\u202c \u200bzero width",
    "two\nlines\tand a tab",
    "=1+1",
    "very " * 60 + "long",
    "Z̷̡̛͇a̸̢͝l̵̨̛g̶̢͘o̴̧͝",
    " ",
)
"""Markup, terminal escapes, bidi overrides, formulas, endless and empty-looking ones."""

_AGENTS: Final[tuple[tuple[str, str], ...]] = (
    ("Kristi", "Sippola"), ("Max", "Weber"), ("Amara", "Okafor"), ("Tomás", "Herrera"), ("Yuki", "Tanaka"), ("Ingrid", "Solberg"),
    ("Priya", "Raman"), ("Daniel", "Kowalski"), ("Leila", "Haddad"), ("Owen", "Price"), ("Chiara", "Fontana"), ("Mateus", "Silva"),
    ("Hanna", "Virtanen"), ("Rui", "Zhang"), ("Sade", "Adeyemi"), ("Pavel", "Novák"), ("Grace", "Muller"), ("Ivo", "Jansen"),
    ("Mei", "Chen"), ("Stella", "Papadaki"), ("Noah", "Fischer"), ("Aoife", "Byrne"), ("Karim", "Benali"), ("Elena", "Petrova"),
    ("Lars", "Nygaard"), ("Anjali", "Desai"), ("Hugo", "Laurent"), ("Zofia", "Wójcik"), ("Emeka", "Eze"), ("Julia", "Becker"),
    ("Samir", "Nasser"), ("Petra", "Horvat"), ("Diego", "Vargas"), ("Maud", "de Vries"), ("Arash", "Karimi"), ("Nina", "Berg"),
    ("Kofi", "Mensah"), ("Tessa", "Doyle"), ("Jun", "Park"), ("Alba", "Romero"), ("Viktor", "Szabó"), ("Ruth", "Cohen"),
    ("Femi", "Balogun"), ("Clara", "Meyer"), ("Teuvo", "Laine"), ("Marta", "Costa"), ("Asif", "Khan"), ("Bea", "Rossi"),
)  # fmt: skip

LABELS: Final[tuple[str, ...]] = ("billing", "sales", "support", "returns", "delivery", "accounts", "technical")
"""The queues a customer may ask for."""

SYSTEM_NICKNAME: Final = "system"
"""The External participant that an emulator of the API was seen to add (recorded answer ``chat_t0``)."""


def agent_name(number: int) -> str:
    """The name of the agent with this number, counted from 0; no two numbers share one.

    Monitors can tell agents apart by nickname alone, since participant ids hold inside one chat only.
    """
    size = len(_AGENTS)
    rounds, given = divmod(number, size)
    again, shift = divmod(rounds, size)
    name = f"{_AGENTS[given][0]} {_AGENTS[(given + shift) % size][1]}"
    return f"{name} {again + 1}" if again else name
