//! The event store: streams, the grouped append and the ordered feed, on SQLite and PostgreSQL.
