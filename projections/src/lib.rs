//! The read models: one file each with its table, its fold and its queries.
