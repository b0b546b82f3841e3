"""The embedded platform: processes of this machine."""
