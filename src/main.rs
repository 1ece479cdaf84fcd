//! The `hatchery` binary.
fn main() {}
