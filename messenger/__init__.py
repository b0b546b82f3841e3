"""All of Slack: message texts, sending, the outbox."""
