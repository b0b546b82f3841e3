"""What ends a verb: sentences for the user, and the exit status."""


class StopError(Exception):
    """Nothing more can be done; each sentence says what, where and what to do next."""

    def __init__(self, *sentences: str, status: int = 2) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.status = status
