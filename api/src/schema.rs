//! Bodies are checked against the very schema that the `OpenAPI` document publishes, before they are decoded.
//!
//! So what is documented is what is enforced, and a form answers all its faults at once.

mod violation;

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use domain::Uscc;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::problem::{FieldProblem, Problem};

pub(crate) use violation::child;

/// The most faults that one answer lists.
const FAULTS_MAX: usize = 200;

/// The compiled schema of one type.
#[derive(Debug, Clone)]
pub struct Schema(Arc<Validator>);

static COMPILED: LazyLock<RwLock<HashMap<TypeId, Schema>>> = LazyLock::new(RwLock::default);

impl Schema {
    /// The schema of `T` with all that it refers to, compiled on first use.
    ///
    /// It fails only where `T` describes itself wrongly; a test of each resource calls it once.
    pub fn of<T: ToSchema + 'static>() -> Result<Self, Problem> {
        let key = TypeId::of::<T>();
        if let Some(schema) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(schema.clone());
        }
        let schema = Self::compile(&Self::document::<T>()).map_err(|cause| {
            Problem::internal(&format!("the schema of {} does not compile: {cause}", type_name::<T>()))
        })?;
        COMPILED.write().unwrap_or_else(PoisonError::into_inner).insert(key, schema.clone());
        Ok(schema)
    }

    /// A self-contained JSON Schema: components stand where the references of the `OpenAPI` document point to.
    fn document<T: ToSchema>() -> Value {
        let mut components = Vec::new();
        T::schemas(&mut components);
        components.push((T::name().into_owned(), T::schema()));
        let schemas: HashMap<_, _> = components.into_iter().collect();
        json!({ "$ref": format!("#/components/schemas/{}", T::name()), "components": { "schemas": schemas } })
    }

    fn compile(document: &Value) -> Result<Self, String> {
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("uscc", |text: &str| Uscc::from_str(text).is_ok())
            .build(document)
            .map(|validator| Self(Arc::new(validator)))
            .map_err(|error| error.to_string())
    }

    /// Everything that is wrong with a body, in the order of its pointers, one fault for each.
    #[must_use]
    pub fn faults(&self, body: &Value) -> Vec<FieldProblem> {
        let mut faults = Vec::new();
        violation::unstorable(body, &mut String::new(), &mut faults);
        for error in self.0.iter_errors(body) {
            violation::collect(&error, &mut faults);
        }
        // Of several faults of one field the one found first says enough.
        faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        faults.dedup_by(|a, b| a.pointer == b.pointer);
        faults.truncate(FAULTS_MAX);
        faults
    }
}

#[cfg(test)]
mod tests;
