"""`python -m db_handler migrate`: the platform's tables brought up to date; going down is refused."""

import argparse
import sys

from db_handler.errors import UsageError, end_with_sentence
from db_handler.migrations.migrate import read_version
from db_handler.open_database import migrate_database


@end_with_sentence
def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m db_handler", description="Looks after the platform's own tables.")
    parser.add_argument("verb", choices=["migrate", "downgrade"], help="migrate: bring the tables up to date")
    if parser.parse_args(arguments).verb == "downgrade":
        raise UsageError("A database never goes back: restore a backup made before the migration instead.")
    with migrate_database() as database:
        print(f"The database {database.place} is at version {read_version(database)}.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
