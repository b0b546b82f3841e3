"""What holds on SQLite holds on MySQL: the same tests, with the other `database`."""

# ruff: noqa: F403
from tests.db_handler.connection.test_database import (  # noqa: F401
    test_a_transaction_is_all_or_nothing,
    test_a_wrong_statement_is_one_sentence,
    test_clashes_and_lost_connections_are_tried_again_as_a_whole,
    test_readers_see_whole_transactions_while_one_writes,
    test_threads_that_count_lose_nothing,
)
from tests.db_handler.ledger.test_ledger import *
from tests.db_handler.ledger.test_locks import *
from tests.db_handler.migrations.test_migrate import (  # noqa: F401
    test_a_database_at_head_needs_no_alembic,
    test_a_newer_database_is_refused,
    test_a_server_s_tables_are_refused_where_they_are_older,
    test_an_interrupted_migration_is_finished_by_the_next,
    test_eight_processes_start_on_an_empty_home_and_lose_no_write,
    test_migrations_end_in_the_tables_of_the_ledger,
    test_the_command_migrates_and_never_goes_back,
)
from tests.db_handler.rows.test_frames import *
from tests.db_handler.rows.test_upsert import *
from tests.db_handler.tables.test_tables import *
