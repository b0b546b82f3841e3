"""The outbox on MySQL: the very tests that SQLite passes, also with several who send at once."""

from tests.messenger.conftest import clock
from tests.messenger.test_send import (
    test_a_claim_of_a_killed_process_ends,
    test_a_hundred_failures_become_one_digest,
    test_a_message_is_sent_once,
    test_huge_text_and_id_are_cut,
    test_retry_after_is_respected,
    test_two_at_once_send_each_message_once,
    test_what_was_only_printed_is_sent_by_who_has_slack,
    test_what_was_printed_before_slack_was_set_up_is_one_digest_of_the_last_week,
)

__all__ = [
    "clock",
    "test_a_claim_of_a_killed_process_ends",
    "test_a_hundred_failures_become_one_digest",
    "test_a_message_is_sent_once",
    "test_huge_text_and_id_are_cut",
    "test_retry_after_is_respected",
    "test_two_at_once_send_each_message_once",
    "test_what_was_only_printed_is_sent_by_who_has_slack",
    "test_what_was_printed_before_slack_was_set_up_is_one_digest_of_the_last_week",
]
