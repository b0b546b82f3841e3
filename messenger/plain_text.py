"""Plain text: cut, without control characters, and escaped for Slack."""

import re
import unicodedata

TEXT_LIMIT = 3_500  # Slack advises against more than 4,000 characters; escaping needs some room
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)")  # the underscore of crypto_forecast marks nothing up
_LOOK_ALIKE = {"*": "∗", "~": "∼", "`": "ˋ", "_": "ˍ"}


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Drop characters that break a terminal or a database, and cut."""
    kept = "".join(c for c in _BIDI.sub("", text) if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return cut_text(kept, limit)


def cut_text(text: str, limit: int) -> str:
    """Cut at a number of characters and say how many are missing."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def escape_text(text: str) -> str:
    """Escape all that Slack would act on: mentions, links, markup."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub(lambda match: _LOOK_ALIKE[match.group()], escaped)
