"""Slack by token or by webhook: one `post` that returns an outcome and never raises."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from messenger.clients import RETRY_AFTER_LIMIT, Outcome
from messenger.plain_text import escape_text
from messenger.settings import SlackSettings

Answer = tuple[int, Mapping[str, str], str]  # status, headers, code
TIMEOUT_SECONDS = 10
SECONDS_BETWEEN = 1.0  # Slack takes one message a second for a channel
PLAIN: dict[str, Any] = {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
REFUSED_PAUSE = 300.0
REFUSED_STATUS = {401, 403, 404, 410}
# What is wrong with this one text. Any other refusal would meet each text, until somebody has changed something.
WRONG = set("no_text msg_too_long msg_blocks_too_long invalid_payload invalid_charset invalid_form_data".split())
DOWN = set("internal_error fatal_error service_unavailable request_timeout team_added_to_org accesslimited".split())


class SlackClient:
    """Post texts to a channel by bot token, or by webhook."""

    def __init__(self, settings: SlackSettings, *, timeout: int = TIMEOUT_SECONDS) -> None:
        self._next_at = 0.0
        # A logger of its own, silent: the library writes the webhook's address into its log lines.
        silent = logging.Logger("messenger.slack", level=logging.CRITICAL + 1)
        if settings.token:
            token = settings.token.get_secret_value()
            base = settings.api_url.rstrip("/") + "/" if settings.api_url else WebClient.BASE_URL
            web = WebClient(token, base_url=base, timeout=timeout, logger=silent, retry_handlers=[])
            self._setting = "SLACK_BOT_TOKEN or SLACK_CHANNEL"
            self._post: Callable[[str], Answer] = partial(_post_by_token, web, settings.channel or "")
        else:
            url = settings.webhook_url.get_secret_value() if settings.webhook_url else ""
            webhook = WebhookClient(url, timeout=timeout, logger=silent, retry_handlers=[])
            self._setting, self._post = "SLACK_WEBHOOK_URL", partial(_post_by_webhook, webhook)

    def post(self, text: str) -> Outcome:
        """Send one text; whatever happens becomes an outcome."""
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        self._next_at = time.monotonic() + SECONDS_BETWEEN
        try:
            status, headers, code = self._post(escape_text(text))
        except Exception as error:  # the library raises many kinds; their texts can hold the webhook's address
            return Outcome("down", f"Slack could not be reached ({_name(error)}); the message is kept and tried again.")
        return self._read(status, headers, code)

    def _read(self, status: int, headers: Mapping[str, str], code: str) -> Outcome:
        # Only a plain code is repeated: anything else could echo what was sent.
        said = code if re.fullmatch(r"[a-z_]{1,60}", code) else f"status {status}"
        if status == 429 or code in {"ratelimited", "rate_limited", "message_limit_exceeded"}:
            return Outcome("limited", "Slack asks to wait; the message is kept.", _retry_after(headers))
        if code == "ok":
            return Outcome("sent")
        if code in WRONG:
            return Outcome("rejected", f"Slack takes this message for wrong ({said}); it is not tried again.")
        if code in DOWN or status >= 500 or (said != code and status not in REFUSED_STATUS):
            return Outcome("down", f"Slack answered with {said}; the message is kept and tried again.")
        sentence = f"Slack refuses {self._setting} ({said}); messages are kept until it is set right."
        return Outcome("refused", sentence, REFUSED_PAUSE)


def _post_by_token(client: WebClient, channel: str, text: str) -> Answer:
    try:
        client.chat_postMessage(channel=channel, text=text, link_names=False, **PLAIN)
    except SlackApiError as error:
        response = error.response
        return response.status_code, response.headers, str(response.get("error", ""))
    return 200, {}, "ok"


def _post_by_webhook(client: WebhookClient, text: str) -> Answer:
    response = client.send_dict({"text": text, **PLAIN})
    return response.status_code, response.headers, response.body.strip()


def _retry_after(headers: Mapping[str, str]) -> float:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    seconds = float(value) if re.fullmatch(r"\d{1,6}(\.\d+)?", str(value)) else 30.0
    return min(max(seconds, 1.0), RETRY_AFTER_LIMIT)


def _name(error: Exception) -> str:
    """Name the cause in plain words without quoting the error itself."""
    cause = getattr(error, "reason", error)
    name = type(cause if isinstance(cause, BaseException) else error).__name__
    return {"TimeoutError": "no answer in time", "ConnectionRefusedError": "connection refused"}.get(name, name)
