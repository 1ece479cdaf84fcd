//! Persons (个人信息): read masked, shown in full for a reason, put right, erased.
//!
//! None of it is an event: the log holds references only. No answer of these is to be kept by anybody.

use app::people::Asked;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderName, header};
use chrono::{DateTime, Utc};
use domain::ids::{ErasureId, PersonId};
use domain::{FieldCode, Refusal};
use serde::{Deserialize, Deserializer, Serialize};
use store::audit::Kind;
use store::persons::{Change, Correction, Person};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Found};
use crate::audit::Trail;
use crate::body::Body;
use crate::headers::{Acting, CommandHeaders, Commanding, ReadHeaders, Reading, UploadHeaders};
use crate::keys::Keys;
use crate::layers::RequestId;
use crate::openapi::{CommandProblems, ReadProblems};
use crate::people::Sight;
use crate::problem::Problem;
use crate::state::{Api, Target};

/// `/persons/{person_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PersonKey {
    /// The person, as events and other answers refer to it.
    #[param(value_type = String, format = "uuid")]
    pub person_id: PersonId,
}

/// What is on record of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonRecord {
    /// The reference that events hold.
    pub person_id: PersonId,
    /// Name.
    pub name: Option<String>,
    /// Phone or mobile; masked, unless this is a disclosure.
    #[schema(example = "138****1234")]
    pub phone: Option<String>,
    /// Mail address; masked, unless this is a disclosure.
    #[schema(example = "z****@example.org")]
    pub email: Option<String>,
    /// When it was recorded, or last put right.
    pub recorded_at: DateTime<Utc>,
}

/// Why somebody has to see a person's data in full.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "电话通知调查时间" }))]
pub struct DisclosureBody {
    /// Why; it is kept for good, and says nothing of the person.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// What is to be put right; what is not given stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "phone": "0553-0000001", "reason": "本人来函更正" }))]
pub struct PersonCorrectionBody {
    /// The name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, pattern = r"\S", nullable = false)]
    pub name: Option<String>,
    /// Phone or mobile, not a masked one; null if there is none.
    #[serde(default, deserialize_with = "change")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, pattern = r"^[^*]*$")]
    pub phone: Change,
    /// Mail address, not a masked one; null if there is none.
    #[serde(default, deserialize_with = "change")]
    #[schema(value_type = Option<String>, max_length = 254, format = "email", pattern = r"^[^*]*$")]
    pub email: Change,
    /// Why; it is kept for good, and says nothing of the person.
    #[schema(max_length = 500)]
    pub reason: String,
}

/// On what ground a person's data is erased (个人信息保护法第四十七条).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ErasureGround {
    /// 处理目的已实现、无法实现或者为实现处理目的不再必要
    PurposeEnded,
    /// 停止提供产品或者服务，或者保存期限已届满
    RetentionEnded,
    /// 个人撤回同意
    ConsentWithdrawn,
    /// 违反法律、行政法规或者违反约定处理
    Unlawful,
    /// 法律、行政法规规定的其他情形
    OtherLaw,
}

/// Why a person's data is erased.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ground": "consent_withdrawn" }))]
pub struct ErasureBody {
    /// The ground.
    pub ground: ErasureGround,
}

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErasureShown {
    /// The person asked for.
    pub person_id: PersonId,
    /// The act.
    pub erasure_id: ErasureId,
    /// When it was erased first.
    pub erased_at: DateTime<Utc>,
    /// On what ground; one of those of the command.
    #[schema(example = "consent_withdrawn")]
    pub ground: String,
    /// All records of the same person, which were erased with it.
    pub records: Vec<PersonId>,
}

/// An answer that nobody keeps.
type Unkept<T> = ([(HeaderName, &'static str); 1], T);

fn unkept<T>(answer: T) -> Unkept<T> {
    ([(header::CACHE_CONTROL, "no-store")], answer)
}

impl PersonRecord {
    fn seen(person: &Person, sight: Sight) -> Self {
        let view = sight.view(person);
        let recorded_at = person.recorded_at;
        Self { person_id: view.person_id, name: view.name, phone: view.phone, email: view.email, recorded_at }
    }
}

/// What a field becomes that is given: null removes it.
fn change<'de, D: Deserializer<'de>>(given: D) -> Result<Change, D::Error> {
    Ok(Option::<String>::deserialize(given)?.map_or(Change::Remove, Change::Set))
}

/// Shows what is on record of a person, masked; 410 once it was erased.
#[utoipa::path(get, path = "/persons/{person_id}", tag = "people", params(PersonKey, ReadHeaders),
    extensions(("x-permission" = json!("person.read"))),
    responses((status = 200, description = "The person.", body = PersonRecord), ReadProblems))]
async fn get_person(
    State(api): State<Api>,
    Keys(key): Keys<PersonKey>,
    reading: Reading,
) -> Result<Unkept<Found<PersonRecord>>, Problem> {
    let view = reading.view(&api).await?;
    let person = api.app().person(key.person_id).await?;
    let shown = PersonRecord::seen(&person, Sight::Masked);
    Ok(unkept(Found::projected(shown, view.position).hashed()))
}

/// Shows what is on record of a person in full, for a reason; who, when and why is kept for good.
#[utoipa::path(post, path = "/persons/{person_id}/disclosures", tag = "people", params(PersonKey, UploadHeaders),
    extensions(("x-permission" = json!("person.unmask"))), request_body = DisclosureBody,
    responses((status = 200, description = "The person, in full; no event.", body = Answer<PersonRecord>),
        CommandProblems))]
async fn disclose_person(
    State(api): State<Api>,
    Keys(key): Keys<PersonKey>,
    Acting(actor): Acting,
    Extension(request_id): Extension<RequestId>,
    trail: Trail,
    Body(body): Body<DisclosureBody>,
) -> Result<Unkept<Answered<PersonRecord>>, Problem> {
    trail.tries(Kind::Unmasking);
    let asked = Asked { actor, reason: body.reason, request_id: request_id.as_str().to_owned() };
    let person = api.app().disclose(key.person_id, asked).await?;
    // The tag of a read: a hash of the whole could be guessed from.
    let read = Answered::new(PersonRecord::seen(&person, Sight::Masked), Vec::new()).hashed();
    Ok(unkept(read.showing(PersonRecord::seen(&person, Sight::Whole))))
}

/// Puts right what is on record of a person. What it was before is not kept.
#[utoipa::path(post, path = "/persons/{person_id}/corrections", tag = "people", params(PersonKey, CommandHeaders),
    extensions(("x-permission" = json!("person.correct"))), request_body = PersonCorrectionBody,
    responses((status = 200, description = "The person, masked; no event.", body = Answer<PersonRecord>),
        CommandProblems))]
async fn correct_person(
    State(api): State<Api>,
    Keys(key): Keys<PersonKey>,
    commanding: Commanding,
    Extension(request_id): Extension<RequestId>,
    Body(body): Body<PersonCorrectionBody>,
) -> Result<Unkept<Answered<PersonRecord>>, Problem> {
    Target::Other.precondition(commanding.if_match)?;
    let correction = Correction { name: body.name, phone: body.phone, email: body.email };
    if correction == Correction::default() {
        return Err(Refusal::field("/name", FieldCode::Required, "").into());
    }
    let request_id = request_id.as_str().to_owned();
    let asked = Asked { actor: commanding.actor, reason: body.reason, request_id };
    let person = api.app().correct(key.person_id, &correction, asked, commanding.keyed).await?;
    Ok(unkept(Answered::new(PersonRecord::seen(&person, Sight::Masked), Vec::new()).hashed()))
}

/// Erases a person's data for good, in all records of the same person. Asked for again, the answer is the same.
///
/// The same person are all records that an expert ever had; else records of the same name that have a phone or a mail
/// address in common, or that files or honours of the same organisation name.
#[utoipa::path(post, path = "/persons/{person_id}/erasures", tag = "people", params(PersonKey, CommandHeaders),
    extensions(("x-permission" = json!("person.erase"))), request_body = ErasureBody,
    responses((status = 200, description = "The erasure; no event.", body = Answer<ErasureShown>), CommandProblems))]
async fn erase_person(
    State(api): State<Api>,
    Keys(key): Keys<PersonKey>,
    commanding: Commanding,
    Body(body): Body<ErasureBody>,
) -> Result<Unkept<Answered<ErasureShown>>, Problem> {
    Target::Other.precondition(commanding.if_match)?;
    let (actor, ground) = (commanding.actor, body.ground.into());
    let erased = api.app().erase(key.person_id, ground, &actor, commanding.keyed).await?;
    let own = erased.iter().find(|erased| erased.person_id == key.person_id);
    let own = own.ok_or_else(|| Problem::internal(&"what was erased is not listed"))?.clone();
    let shown = ErasureShown {
        person_id: own.person_id,
        erasure_id: own.erasure_id,
        erased_at: own.erased_at,
        ground: own.ground,
        records: erased.into_iter().map(|erased| erased.person_id).collect(),
    };
    Ok(unkept(Answered::new(shown, Vec::new()).hashed()))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_person))
        .routes(routes!(disclose_person))
        .routes(routes!(correct_person))
        .routes(routes!(erase_person))
}

#[cfg(test)]
mod tests;
