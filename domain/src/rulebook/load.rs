//! Reading and checking a rulebook file.
