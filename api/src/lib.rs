//! The REST API: resources, problem documents and the OpenAPI description.
