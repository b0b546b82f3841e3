"""All Slack: pure message texts, sending, and the outbox that keeps what could not be sent yet."""
