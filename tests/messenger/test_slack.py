"""Slack's answers become outcomes, its faults never errors, and secrets never words."""

import logging

import pytest
from pydantic import SecretStr

from db_handler.errors import UsageError
from messenger.settings import SlackSettings, read_settings
from messenger.slack import REFUSED_PAUSE, SlackClient
from tests.messenger.slack_stand_in import CHANNEL, TOKEN, SlackStandIn


def client(slack: SlackStandIn, door: str = "token", **changes: str) -> SlackClient:
    if door == "token":
        values = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": CHANNEL, "SLACK_API_URL": slack.api_url}
    else:
        values = {"SLACK_WEBHOOK_URL": slack.hook_url}
    return SlackClient(SlackSettings(**(values | changes)), timeout=1)


@pytest.mark.parametrize("door", ["token", "webhook"])
def test_text_arrives_without_markup_or_mention(slack: SlackStandIn, door: str) -> None:
    assert client(slack, door).post("<!channel> *bold* `code` crypto_forecast & _it_").kind == "sent"
    assert slack.texts == ["&lt;!channel&gt; ∗bold∗ ˋcodeˋ crypto_forecast &amp; ˍitˍ"]
    assert str(slack.posted[0]["mrkdwn"]).lower() in {"false", "0"}


@pytest.mark.parametrize("door", ["token", "webhook"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [("429:17", "limited"), ("500", "down"), ("cut", "down"), ("silent", "down"), ("no_service", "refused")],
)
def test_fault_becomes_an_outcome(slack: SlackStandIn, door: str, fault: str, kind: str) -> None:
    slack.faults = [fault]
    outcome = client(slack, door).post("hello")
    assert outcome.kind == kind
    assert outcome.sentence
    assert slack.requests == 1
    if kind == "limited":
        assert outcome.retry_after == 17


def test_refused_token_and_unknown_channel(slack: SlackStandIn) -> None:
    wrong = client(slack, SLACK_BOT_TOKEN="xoxb-wrong").post("hello")
    assert wrong.kind == "refused"
    assert wrong.sentence == (
        "Slack refuses SLACK_BOT_TOKEN or SLACK_CHANNEL (invalid_auth); messages are kept until it is set right."
    )
    assert "channel_not_found" in client(slack, SLACK_CHANNEL="#nowhere").post("hello").sentence


@pytest.mark.parametrize(
    "code", ["restricted_action_read_only_channel", "enterprise_is_restricted", "a_code_of_tomorrow"]
)
def test_what_is_no_fault_of_the_text_is_tried_again(slack: SlackStandIn, code: str) -> None:
    slack.faults = [code]
    outcome = client(slack).post("hello")
    assert (outcome.kind, outcome.retry_after) == ("refused", REFUSED_PAUSE)
    assert f"({code})" in outcome.sentence


def test_message_that_slack_takes_for_wrong(slack: SlackStandIn) -> None:
    slack.faults = ["msg_too_long"]
    assert client(slack).post("hello").kind == "rejected"
    slack.faults = ["invalid_payload"]
    assert client(slack, "webhook").post("hello").kind == "rejected"


def test_nobody_listens() -> None:
    settings = SlackSettings(SLACK_WEBHOOK_URL=SecretStr("http://127.0.0.1:9/canary-hook"))
    outcome = SlackClient(settings, timeout=1).post("hello")
    assert outcome.kind == "down"
    assert outcome.sentence == "Slack could not be reached (connection refused); the message is kept and tried again."


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", ""])
def test_senseless_retry_after(slack: SlackStandIn, value: str) -> None:
    slack.faults = [f"429:{value}"]
    assert 1 <= client(slack).post("hello").retry_after <= 3600


def test_secrets_stay_secret(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for fault in ["", "429", "500", "cut", "silent", "no_service"]:
        for door in ("token", "webhook"):
            slack.faults = [fault] if fault else []
            sender = client(slack, door)
            said += [repr(sender), str(vars(sender)), sender.post("hello").sentence]
    said += [repr(SlackSettings(SLACK_BOT_TOKEN=TOKEN, SLACK_CHANNEL=CHANNEL, SLACK_WEBHOOK_URL=slack.hook_url))]
    said += [caplog.text, *capfd.readouterr()]
    assert "canary" not in "".join(said)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": "canary"}, "SLACK_CHANNEL is not"),
        ({"SLACK_CHANNEL": "#a"}, "SLACK_BOT_TOKEN is not"),
        ({"SLACK_BOT_TOKEN": "canary\nx", "SLACK_CHANNEL": "#a"}, "SLACK_BOT_TOKEN holds"),
        ({"SLACK_WEBHOOK_URL": "hooks/canary"}, "SLACK_WEBHOOK_URL is not an address"),
        ({"SLACK_WEBHOOK_URL": "file:///canary"}, "SLACK_WEBHOOK_URL is not an address"),
        ({"SLACK_API_URL": "canary"}, "SLACK_API_URL is not an address"),
    ],
)
def test_wrong_setting_names_itself_but_not_its_value(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=sentence) as caught:
        read_settings()
    assert "canary" not in str(caught.value)


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "")
    settings = read_settings()
    assert settings.token is None
    assert settings.webhook_url is None
