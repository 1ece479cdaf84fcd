//! The use cases that the REST API and the pages share.
