"""The platform's steps check, score and monitor."""
