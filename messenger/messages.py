"""Texts of messages: one pure function each, short enough for a phone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from messenger.plain_text import cut_text

SEOUL = ZoneInfo("Asia/Seoul")
SENTENCE_LIMIT = 500
LINES_LIMIT = 8
DIGEST_LINES_LIMIT = 25
MARKED = "its answers are marked (column fallback) and are no evidence; monitoring calls for a training"


def retrain_message(project: str, at: datetime, units: Sequence[Mapping[str, Any]]) -> str:
    """Say which units are trained again and why.

    A unit has `unit`, `windows` (live loss over baseline, oldest first), `reasons` and `decision_id`.
    """
    names = ", ".join(_line(unit["unit"], limit=60) for unit in units[:LINES_LIMIT])
    lines = [f"🔁 {_line(project, limit=80)}: retrain {names}", format_time(at)]
    for unit in units[:LINES_LIMIT]:
        ratios = ", ".join(f"{ratio:.2f}" for ratio in unit.get("windows", ()))
        lines += ["", f"{_line(unit['unit'], limit=80)}: live loss / baseline {ratios or 'unknown'}"]
        lines += [*_bullets(unit.get("reasons", ())), f"decision {_line(unit['decision_id'], limit=120)}"]
    if len(units) > LINES_LIMIT:
        lines += ["", f"and {len(units) - LINES_LIMIT} more units"]
    return "\n".join(lines)


def promotion_message(unit: str, at: datetime, answer: Mapping[str, Any]) -> str:
    """Say what became of a challenger (or of a rollback), and why.

    The answer of the step has `verdict`, `version`, `version_before` and `reasons`.
    """
    verdict, version, version_before = answer["verdict"], answer["version"], answer["version_before"]
    sign = {"promoted": "✅", "rolled_back": "↩️"}.get(verdict, "✋")
    before = "no champion before" if version_before is None else f"before: version {version_before}"
    became = f"version {version} {_line(verdict.replace('_', ' '), limit=40)} ({before})"
    if verdict == "rolled_back":
        became = f"version {version_before} rolled back, version {version} serves again"
    return "\n".join([f"{sign} {_line(unit, limit=160)}: {became}", format_time(at), *_bullets(answer["reasons"])])


def probation_message(unit: str, at: datetime, answer: Mapping[str, Any]) -> str:
    """Say what the champion before would have lost on the rows of a new one, and what follows.

    The answer has `verdict`, `version`, `version_before` and `reasons`.
    """
    verdict, version, before = answer["verdict"], answer["version"], answer["version_before"]
    sign, became = {
        "better": ("✅", f"version {version} was worth its training"),
        "alike": ("✅", f"version {version} does about as well as version {before}"),
        "worse": ("↩️", f"version {version} rolled back by itself, version {before} serves again"),
    }.get(verdict, ("✋", f"probation of version {version} ended {_line(verdict, limit=40)}"))
    return "\n".join([f"{sign} {_line(unit, limit=160)}: {became}", format_time(at), *_bullets(answer["reasons"])])


def fallback_message(unit: str, at: datetime, version: int, by: str, reason: str) -> str:
    """Say what answers in the place of a champion that can't be loaded, and what becomes of it."""
    head = f"⚠️ {_line(unit, limit=160)}: {_line(by, limit=63)} answers in the place of version {version}"
    return "\n".join([head, format_time(at), *_bullets([reason, MARKED])])


def changed_rows_message(unit: str, at: datetime, version: int, reason: str) -> str:
    """Say that a champion answers rows that are made otherwise than those it learned from."""
    head = f"⚠️ {_line(unit, limit=160)}: rows are made otherwise than when version {version} learned from them"
    return "\n".join([head, format_time(at), *_bullets([reason, MARKED])])


def failure_message(project: str, step: str, config: str | None, at: datetime, sentence: str) -> str:
    """Say which step failed, for which config, and the sentence that its error gave."""
    unit = project if config is None else f"{project}.{config}"
    return "\n".join([f"❌ {_line(unit, limit=160)}: {_line(step, limit=40)} failed", format_time(at), _line(sentence)])


def lost_database_message(at: datetime, sentences: Iterable[str]) -> str:
    """Say that no step can run and no message can be kept, and why."""
    head = "❌ the database can't be used: until it can, no step runs and no other message comes"
    return "\n".join([head, format_time(at), *_bullets(sentences)])


def data_alert_message(project: str, at: datetime, name: str, sentences: Iterable[str]) -> str:
    """Say what is wrong with the data of one source: refused rows, gaps, revisions."""
    head = f"⚠️ {_line(project, limit=80)}: data of {_line(name, limit=80)}"
    return "\n".join([head, format_time(at), *_bullets(sentences)])


def digest_message(at: datetime, messages: Sequence[Mapping[str, Any]]) -> str:
    """Put many waiting messages (with `urgency`, `at`, `text`) in one: the first line of each, alerts first."""
    ordered = sorted(messages, key=lambda message: message["urgency"] != "alert")
    lines = [f"📬 {len(messages)} messages waited", format_time(at)]
    lines += [_line(str(message["text"]).split("\n", 1)[0], limit=120) for message in ordered[:DIGEST_LINES_LIMIT]]
    if len(messages) > DIGEST_LINES_LIMIT:
        lines += [f"and {len(messages) - DIGEST_LINES_LIMIT} more; the full texts are in the table quartet_message"]
    return "\n".join(lines)


def format_time(moment: datetime) -> str:
    """Write a moment for a reader in Seoul: `2026-11-20 09:05 KST (UTC+09:00)`."""
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M %Z} (UTC+09:00)"


def _bullets(sentences: Iterable[str]) -> list[str]:
    kept = list(sentences)
    more = [f"• and {len(kept) - LINES_LIMIT} more"] if len(kept) > LINES_LIMIT else []
    return [f"• {_line(sentence)}" for sentence in kept[:LINES_LIMIT]] + more


def _line(value: object, *, limit: int = SENTENCE_LIMIT) -> str:
    """Hold a value on one line, so that it can't pass for a line of ours."""
    return cut_text(" ".join(str(value).split()), limit)
