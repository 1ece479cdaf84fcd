//! The five operations of one kind of facts, written once.

/// The five operations of one kind of facts, with their bodies and their key.
///
/// `commands` names the stream's command enum with the commands that record, correct and void; `key` and `content`
/// name their fields for the id and the form. It stands alone in a module: its imports are that module's.
macro_rules! fact_operations {
    (
        kind: $kind:ident,
        collection: $collection:literal,
        permission: $permission:literal,
        commands: $stream:ident($commands:ident) { $Record:ident, $Correct:ident, $Void:ident },
        key: $Key:ident { $id:ident: $Id:ident },
        content: $content:ident: $Form:ident,
        example: { on: $day:literal, content: $example:tt },
        $(#[$recording:meta])*
        record: $record:ident($RecordBody:ident),
        $(#[$listing:meta])*
        list: $list:ident,
        $(#[$getting:meta])*
        get: $get:ident,
        $(#[$correcting:meta])*
        correct: $correct:ident($CorrectBody:ident),
        $(#[$voiding:meta])*
        void: $void:ident,
    ) => {
        use axum::extract::State;
        use chrono::NaiveDate;
        use domain::ids::{CycleId, DocumentId};
        use domain::{Command, Uscc};
        use projections::facts::{Fact, FactKind};
        use serde::{Deserialize, Serialize};
        use serde_json::{Value, json};
        use utoipa::{IntoParams, ToSchema};
        use utoipa_axum::router::OpenApiRouter;
        use utoipa_axum::routes;
        use uuid::Uuid;

        use $crate::answer::{Answer, Answered, Found};
        use $crate::body::Body;
        use $crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, VersionHeader};
        use $crate::keys::{EXAMPLE_CYCLE, EXAMPLE_USCC, EnrolmentKey, Keys};
        use $crate::openapi::{CommandProblems, ReadProblems};
        use $crate::page::{List, Page};
        use $crate::papers::WaiverBody;
        use $crate::problem::Problem;
        use $crate::resources::facts::{FactsFilter, VoidBody, change, get, list, record};
        use $crate::state::Api;

        /// A fact to be recorded.
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!(record_example()))]
        pub struct $RecordBody {
            /// What happened.
            pub $content: $Form,
            /// The day that it happened on.
            pub occurred_on: NaiveDate,
            /// Papers that belong to it.
            #[serde(default)]
            #[schema(max_items = 20)]
            pub documents: Vec<DocumentId>,
            /// Given where a `principle` rule is to be broken.
            #[serde(default)]
            pub waiver: Option<WaiverBody>,
        }

        /// The whole new content of a fact.
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(example = json!(correct_example()))]
        pub struct $CorrectBody {
            /// What happened, in full.
            pub $content: $Form,
            /// Why it is corrected.
            #[schema(max_length = 2000)]
            pub reason: String,
            /// The day that it happened on.
            pub occurred_on: NaiveDate,
            /// Papers that belong to it.
            #[serde(default)]
            #[schema(max_items = 20)]
            pub documents: Vec<DocumentId>,
            /// Given where a `principle` rule is to be broken.
            #[serde(default)]
            pub waiver: Option<WaiverBody>,
        }

        fn record_example() -> Value {
            json!({ stringify!($content): $example, "occurred_on": $day })
        }

        fn correct_example() -> Value {
            json!({ stringify!($content): $example, "reason": "原记录有误", "occurred_on": $day })
        }

        /// Where one fact is found.
        #[derive(Debug, Clone, Deserialize, IntoParams)]
        #[into_params(parameter_in = Path)]
        pub struct $Key {
            /// The cycle: `{program}-{label}`.
            #[param(value_type = String, example = json!(EXAMPLE_CYCLE))]
            pub cycle: CycleId,
            /// A USCC of the organisation, the present one or an earlier one.
            #[param(value_type = String, example = json!(EXAMPLE_USCC))]
            pub uscc: Uscc,
            /// The fact.
            #[param(value_type = String, format = "uuid")]
            pub $id: $Id,
        }

        impl $Key {
            fn file(&self) -> EnrolmentKey {
                EnrolmentKey { cycle: self.cycle.clone(), uscc: self.uscc.clone() }
            }

            fn fact(&self) -> (FactKind, String) {
                (FactKind::$kind, self.$id.to_string())
            }
        }

        $(#[$recording])*
        #[utoipa::path(post, path = concat!("/cycles/{cycle}/organizations/{uscc}/", $collection), tag = "facts", extensions(("x-permission" = json!($permission))),
            params(EnrolmentKey, CommandHeaders, VersionHeader),
            request_body = $RecordBody,
            responses(
                (status = 201, description = "The fact.", body = Answer<Fact>),
                CommandProblems
            ))]
        async fn $record(
            State(api): State<Api>,
            Keys(file): Keys<EnrolmentKey>,
            commanding: Commanding,
            Body(body): Body<$RecordBody>,
        ) -> Result<Answered<Fact>, Problem> {
            let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
            let key = $Key { cycle: file.cycle.clone(), uscc: file.uscc.clone(), $id: $Id::new(Uuid::now_v7()) };
            let fact = key.fact();
            let $Key { cycle, uscc, $id } = key;
            let command = $Record { cycle, uscc, $id, $content: body.$content, common };
            let command = Command::$stream($commands::$Record(command));
            record(&api, commanding, &file, fact, command).await
        }

        $(#[$listing])*
        #[utoipa::path(get, path = concat!("/cycles/{cycle}/organizations/{uscc}/", $collection), tag = "facts", extensions(("x-permission" = json!("file.read"))),
            params(
                EnrolmentKey,
                List<FactsFilter>,
                ReadHeaders
            ),
            responses(
                (status = 200, description = "The facts.", body = Page<Fact>),
                ReadProblems
            ))]
        async fn $list(
            State(api): State<Api>,
            Keys(file): Keys<EnrolmentKey>,
            reading: Reading,
            wanted: List<FactsFilter>,
        ) -> Result<Found<Page<Fact>>, Problem> {
            list(&api, &file, FactKind::$kind, reading, wanted).await
        }

        $(#[$getting])*
        #[utoipa::path(get,
            path = concat!("/cycles/{cycle}/organizations/{uscc}/", $collection, "/{", stringify!($id), "}"),
            tag = "facts", extensions(("x-permission" = json!("file.read"))),
            params($Key, ReadHeaders),
            responses(
                (status = 200, description = "The fact.", body = Fact),
                ReadProblems
            ))]
        async fn $get(
            State(api): State<Api>,
            Keys(key): Keys<$Key>,
            reading: Reading,
        ) -> Result<Found<Fact>, Problem> {
            get(&api, &key.file(), key.fact(), reading).await
        }

        $(#[$correcting])*
        #[utoipa::path(post,
            path = concat!("/cycles/{cycle}/organizations/{uscc}/", $collection, "/{", stringify!($id), "}/corrections"),
            tag = "facts", extensions(("x-permission" = json!($permission))),
            params($Key, CommandHeaders, VersionHeader),
            request_body = $CorrectBody,
            responses(
                (status = 200, description = "The fact.", body = Answer<Fact>),
                CommandProblems
            ))]
        async fn $correct(
            State(api): State<Api>,
            Keys(key): Keys<$Key>,
            commanding: Commanding,
            Body(body): Body<$CorrectBody>,
        ) -> Result<Answered<Fact>, Problem> {
            let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
            let (file, fact) = (key.file(), key.fact());
            let $Key { cycle, uscc, $id } = key;
            let command = $Correct { cycle, uscc, $id, $content: body.$content, reason: body.reason, common };
            let command = Command::$stream($commands::$Correct(command));
            change(&api, commanding, &file, fact, command).await
        }

        $(#[$voiding])*
        #[utoipa::path(post,
            path = concat!("/cycles/{cycle}/organizations/{uscc}/", $collection, "/{", stringify!($id), "}/voidings"),
            tag = "facts", extensions(("x-permission" = json!($permission))),
            params($Key, CommandHeaders, VersionHeader),
            request_body = VoidBody,
            responses(
                (status = 200, description = "The fact.", body = Answer<Fact>),
                CommandProblems
            ))]
        async fn $void(
            State(api): State<Api>,
            Keys(key): Keys<$Key>,
            commanding: Commanding,
            Body(body): Body<VoidBody>,
        ) -> Result<Answered<Fact>, Problem> {
            let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
            let (file, fact) = (key.file(), key.fact());
            let $Key { cycle, uscc, $id } = key;
            let command = $Void { cycle, uscc, $id, reason: body.reason, common };
            let command = Command::$stream($commands::$Void(command));
            change(&api, commanding, &file, fact, command).await
        }

        fn operations() -> OpenApiRouter<Api> {
            OpenApiRouter::new()
                .routes(routes!($record, $list))
                .routes(routes!($get))
                .routes(routes!($correct))
                .routes(routes!($void))
        }
    };
}

pub(super) use fact_operations;
