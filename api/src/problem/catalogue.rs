//! The catalogue of problem codes: one table, with status, title and explanation in both languages.
//!
//! Codes are never renamed or reused; new ones may come. Whatever tells of a problem (answers, the pages
//! under `/problems/`, the `OpenAPI` document) reads it here.

use axum::http::StatusCode;

use crate::language::{Language, Text};

/// What the catalogue says of one code.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The HTTP status.
    pub status: StatusCode,
    /// A short title: the same for every occurrence.
    pub title: Text<&'static str>,
    /// A paragraph: what it means, and what to do.
    pub text: Text<&'static str>,
}

macro_rules! catalogue {
    ($($code:ident $status:ident
        $title_zh:literal $title_en:literal
        $text_zh:literal
        $text_en:literal;)+) => {
        /// A stable problem code. On the wire it is its name in snake case.
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            Hash,
            strum::Display,
            strum::EnumIter,
            strum::EnumString,
            strum::IntoStaticStr,
        )]
        #[strum(serialize_all = "snake_case")]
        pub enum Code {
            $(#[doc = $title_en] $code,)+
        }

        impl Code {
            /// What the catalogue says of it.
            #[must_use]
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$code => Entry {
                        status: StatusCode::$status,
                        title: Text { zh: $title_zh, en: $title_en },
                        text: Text { zh: $text_zh, en: $text_en },
                    },)+
                }
            }
        }
    };
}

impl Code {
    /// The code as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.entry().status
    }

    /// The title in a language.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        let title = self.entry().title;
        match language {
            Language::Chinese => title.zh,
            Language::English => title.en,
        }
    }
}

catalogue! {
    // Transport.
    MalformedJson BAD_REQUEST
        "正文不是 JSON" "The body is not JSON"
        "请求正文不能按 JSON 读出。说明中指出了出错的行和列。"
        "The body cannot be read as JSON. The detail names the line and the column.";
    MalformedHeader BAD_REQUEST
        "请求头无法读取" "A header cannot be read"
        "If-Match、Idempotency-Key、Hatchery-Actor 或 Hatchery-Min-Position 的写法不对。成员 header 指出是哪一个。"
        "If-Match, Idempotency-Key, Hatchery-Actor or Hatchery-Min-Position is not well formed. The member `header` names it.";
    UnknownParameter BAD_REQUEST
        "未知的查询参数" "Unknown query parameter"
        "该操作没有这个查询参数。为避免筛选条件被悄悄忽略，未知参数一律拒绝。"
        "This operation has no such query parameter. Unknown ones are refused, so that no filter is silently ignored.";
    InvalidParameter BAD_REQUEST
        "查询参数的值不对" "A query parameter has a wrong value"
        "查询参数的值形式不对，例如 limit、sort、日期或类别。成员 parameter 指出是哪一个。"
        "The value of a query parameter is not of its form, e.g. `limit`, `sort`, a date or a class. The member `parameter` names it.";
    InvalidCursor BAD_REQUEST
        "游标无法读取" "The cursor cannot be read"
        "游标只能原样取自上一页的 next_cursor。请从第一页重新开始。"
        "A cursor is taken unchanged from `next_cursor` of the page before. Start again from the first page.";
    CursorMismatch BAD_REQUEST
        "游标不属于此列表" "The cursor belongs to another list"
        "游标来自另一个列表、另一组筛选条件或另一种排序。翻页时请保持它们不变。"
        "The cursor comes from another list, other filters or another order. Keep them while paging.";
    PositionUnknown BAD_REQUEST
        "位置超出日志" "The position is beyond the log"
        "给出的位置在此数据库的事件日志中不存在，可能来自另一个数据库。"
        "The position does not exist in the event log of this database; it may come from another one.";
    NotAuthenticated UNAUTHORIZED
        "未认证" "Not authenticated"
        "请求没有凭据，或凭据不可用：账号或密码不对，登录或令牌已到期、已撤销。"
        "The request has no credentials, or they are not usable: a wrong login or password, a sign-in or token that has ended or was revoked.";
    PasswordChangeRequired FORBIDDEN
        "须先修改密码" "The password must be changed first"
        "这是一次性密码，或密码已到期。修改密码之后才能进行其他操作。"
        "The password is a one-time one, or has expired. Nothing else can be done before it is changed.";
    OpenidNotConfigured NOT_FOUND
        "未启用单点登录" "There is no single sign-on"
        "本系统没有配置单点登录（OpenID Connect）。请用账号和密码登录。"
        "No OpenID provider is configured here. Sign in by login and password.";
    OpenidUnavailable SERVICE_UNAVAILABLE
        "单点登录暂不可用" "The single sign-on is away"
        "单点登录服务没有及时应答，或应答无法使用，原因见服务日志。请稍后重试，或用账号和密码登录。"
        "The OpenID provider did not answer in time, or in a way that can be used; the log says why. Try again, or sign in by login and password.";
    OpenidStateInvalid UNAUTHORIZED
        "不是本浏览器发起的登录" "Not a sign-in of this browser"
        "单点登录的返回与本浏览器发起的登录对不上，或登录已过期、已使用。成员 reason 说明原因，请重新登录。"
        "What the OpenID provider sends back does not belong to a sign-in that this browser has begun, or that has expired or was used. The member `reason` says which; begin again.";
    OpenidRefused UNAUTHORIZED
        "单点登录未通过" "The single sign-on refuses"
        "单点登录服务拒绝了登录，或不接受所给的授权码。成员 reason 说明原因，请重新登录。"
        "The OpenID provider refuses the sign-in, or does not take the code. The member `reason` says which; begin again.";
    OpenidTokenInvalid UNAUTHORIZED
        "身份令牌不可信" "The identity token is not to be trusted"
        "单点登录服务给出的身份令牌没有通过检查。成员 reason 说明是哪一项。"
        "The identity token of the OpenID provider did not pass. The member `reason` says what is wrong with it.";
    OpenidNotLinked FORBIDDEN
        "没有关联的账号" "No account is linked"
        "单点登录已通过，但没有可用的账号与该身份关联。请管理员将账号与单点登录的身份关联。"
        "The single sign-on knows you, but no account in use is linked with that name. An administrator links it.";
    NotPermitted FORBIDDEN
        "无权进行此操作" "Not permitted"
        "操作者已知，但其角色在此处不得进行该操作。"
        "The actor is known, but its role may not do this here.";
    NotFound NOT_FOUND
        "不存在" "Not found"
        "资源不存在，或不在您的范围内。成员 resource 指出其种类。"
        "The resource is not there, or not yours. The member `resource` names its kind.";
    UnknownPath NOT_FOUND
        "没有这个路径" "No such path"
        "此服务没有该路径。全部路径见 /docs。"
        "This service has no such path. All paths stand in /docs.";
    MethodNotAllowed METHOD_NOT_ALLOWED
        "不支持该方法" "Method not allowed"
        "该路径不支持此 HTTP 方法，允许的方法见 Allow 响应头。"
        "The path does not take this HTTP method; the header Allow lists those that it takes.";
    NotAcceptable NOT_ACCEPTABLE
        "不提供该格式" "Format not offered"
        "Accept 请求头排除了该操作提供的全部格式。成员 offered 列出所提供的格式。"
        "The header Accept excludes every format that this operation offers. The member `offered` lists them.";
    RequestTimeout REQUEST_TIMEOUT
        "正文接收超时" "The body came too slowly"
        "请求正文没有在规定时间内到齐，未作任何更改。"
        "The body did not arrive in time. Nothing was changed.";
    VersionConflict CONFLICT
        "并发冲突" "Version conflict"
        "多次重试后仍与其他写入冲突，未作任何更改，请稍后重试。"
        "Other writers were faster, even after several tries. Nothing was changed; try again.";
    IdempotencyInFlight CONFLICT
        "相同请求正在处理" "The same request is in flight"
        "带有相同 Idempotency-Key 的请求仍在处理中，请稍后用同一个键重试。"
        "A request with the same Idempotency-Key is being worked on. Try again later with the same key.";
    Erased GONE
        "已删除" "Erased"
        "个人信息已依法删除，不能恢复。"
        "The personal data was erased and cannot be restored.";
    StaleVersion PRECONDITION_FAILED
        "版本已变化" "Changed in the meantime"
        "If-Match 或 seen 所给的版本不是当前版本。成员 current 是当前版本，请重新读取后再试。"
        "If-Match or `seen` names another version than the current one, which is the member `current`. Read again, then retry.";
    BodyTooLarge PAYLOAD_TOO_LARGE
        "正文过大" "The body is too large"
        "请求正文或上传的材料超过大小上限。"
        "The body or the uploaded document is above the limit.";
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE
        "不支持的内容类型" "Unsupported media type"
        "命令的正文须为 application/json；上传的材料按内容判断，其类型须在允许之列。"
        "The body of a command is application/json. An uploaded document is judged by its content, and only some types are taken.";
    IdempotencyKeyReused UNPROCESSABLE_ENTITY
        "幂等键已用于其他请求" "Idempotency key reused"
        "该 Idempotency-Key 已用于内容不同的请求，请为新请求换一个键。"
        "The Idempotency-Key was used with another payload. Take a new key for a new request.";
    RateLimited TOO_MANY_REQUESTS
        "请求过于频繁" "Too many requests"
        "请在 Retry-After 所示的秒数之后重试。"
        "Try again after the seconds that Retry-After names.";
    Internal INTERNAL_SERVER_ERROR
        "内部错误" "Internal error"
        "服务内部出错。请把 instance 中的请求编号告知运维人员。"
        "Something failed inside the service. Tell the operators the request id in `instance`.";
    StoreUnavailable SERVICE_UNAVAILABLE
        "数据库暂不可用" "The database is away"
        "成员 outcome 为 none 时什么都没有写入；为 unknown 时结果未知，请用同一个 Idempotency-Key 重试。"
        "If the member `outcome` is `none`, nothing was written; if `unknown`, retry with the same Idempotency-Key.";
    ReadModelBehind SERVICE_UNAVAILABLE
        "查询数据尚未更新到该位置" "The read model is behind"
        "在规定时间内，查询数据没有达到 Hatchery-Min-Position 所要求的位置，请稍后重试。"
        "The read model did not reach Hatchery-Min-Position in time. Try again.";
    ShuttingDown SERVICE_UNAVAILABLE
        "服务正在停止" "Shutting down"
        "该节点正在停止，请向其他节点重试或稍后重试。"
        "This node is draining. Try another node, or later.";

    // Forms and dates.
    ValidationFailed UNPROCESSABLE_ENTITY
        "填写有误" "Some fields are not valid"
        "有字段不符合要求，errors 逐一列出其位置（JSON Pointer）和原因。"
        "Fields are not valid. `errors` lists each with its JSON pointer and what is wrong.";
    UsccInvalid UNPROCESSABLE_ENTITY
        "统一社会信用代码无效" "Not a valid USCC"
        "代码的长度、字符、区划或校验位不符合 GB 32100-2015。校验位不符时 expected_check 给出应有的校验位。"
        "Length, characters, region or check character do not follow GB 32100-2015. Where the check character is wrong, `expected_check` names the right one.";
    UnknownReference UNPROCESSABLE_ENTITY
        "引用的对象不存在" "Unknown reference"
        "正文中提到的县区、服务站、推荐单位、专家、材料或事故等不存在。"
        "A district, station, recommender, expert, document, incident or the like that the body names does not exist.";
    ReferenceInactive UNPROCESSABLE_ENTITY
        "引用的对象已停用" "Reference no longer active"
        "该对象存在，但已关闭或已合并。如有承接者，见成员 successor。"
        "It exists, but was closed or merged. The member `successor` names what took its place, if anything did.";
    DateInFuture UNPROCESSABLE_ENTITY
        "日期在将来" "The date is in the future"
        "按项目所在时区的今天计算，事实和决定的日期不能晚于今天。"
        "Facts and decisions are not dated after today in the program's time zone.";
    DateOutOfRange UNPROCESSABLE_ENTITY
        "日期不在允许范围内" "The date is out of range"
        "日期在周期或入池期间之外，或早于前一步骤。允许的范围见成员 from 和 to。"
        "The date lies outside the cycle or the membership, or before the step that it follows. The members `from` and `to` give the range.";
    ReasonRequired UNPROCESSABLE_ENTITY
        "须写明理由" "A reason is required"
        "退回、不予受理、退出、豁免和更正须写明理由。"
        "Returning, declining, withdrawing, waiving and correcting need a written reason.";
    DocumentMissing UNPROCESSABLE_ENTITY
        "缺少材料" "A document is missing"
        "该规则要求附上材料。"
        "The rule asks for a document.";
    DocumentHashMismatch UNPROCESSABLE_ENTITY
        "材料内容与摘要不符" "The document does not match its hash"
        "上传内容的 SHA-256 与所给的不同，请重新上传。"
        "The SHA-256 of the content is not the one given. Upload again.";

    // Cycle and order of steps.
    CycleExists UNPROCESSABLE_ENTITY
        "孵化周期已存在" "The cycle exists already"
        "该周期编号已被使用。"
        "The id of the cycle is taken.";
    CycleOverlaps UNPROCESSABLE_ENTITY
        "孵化周期重叠" "The cycles overlap"
        "同一培育项目的周期不得重叠。"
        "Cycles of one program do not overlap.";
    CycleClosed UNPROCESSABLE_ENTITY
        "孵化周期已结束" "The cycle is closed"
        "周期结束后，除更正、自我评价和事故等少数事项外，不再接受操作。"
        "After closure little is taken: corrections, self-evaluations, incidents.";
    CycleNotStarted UNPROCESSABLE_ENTITY
        "孵化周期尚未开始" "The cycle has not started"
        "教学和回访不能早于周期的开始日期。"
        "Teaching and visits are not before the cycle's first day.";
    CycleHasOpenItems UNPROCESSABLE_ENTITY
        "周期仍有未完事项" "The cycle has open items"
        "结束周期前，不得有未处理的申请组织或已安排的教学，见成员 applicants 和 sessions。"
        "A cycle is closed once no applicant and no booked session is left. The members `applicants` and `sessions` name them.";
    CycleEndsLater UNPROCESSABLE_ENTITY
        "周期尚未到期" "The cycle ends later"
        "提前结束周期须写明理由。"
        "Closing a cycle early needs a reason.";
    IntakeClosed UNPROCESSABLE_ENTITY
        "不在申报时间内" "Intake is closed"
        "申报须在规定的时间窗口内，见成员 from 和 to。"
        "Applications are taken inside the intake window: members `from` and `to`.";
    StepOutOfOrder UNPROCESSABLE_ENTITY
        "步骤顺序不对" "The step is out of order"
        "该操作与档案当前的阶段不符。成员 stage 是当前阶段，allowed_stages 是允许的阶段。"
        "The command does not fit the stage of the file. The member `stage` is the present one, `allowed_stages` are those that it fits.";
    NotAMember UNPROCESSABLE_ENTITY
        "不是入池组织" "Not a member"
        "该操作只适用于已入池且未结束的组织。成员 standing 是其当前身份。"
        "This concerns members only: admitted and not ended. The member `standing` tells what the organisation is.";

    // Application, nomination, eligibility.
    ApplicationMissing UNPROCESSABLE_ENTITY
        "没有申请" "There is no application"
        "推荐须以组织的申请为前提。"
        "A nomination needs an application.";
    ApplicationFrozen UNPROCESSABLE_ENTITY
        "申请已锁定" "The application is frozen"
        "调查报告已提交，如需修改申请，请先退回调查报告。"
        "The survey was filed. Have it returned before amending the application.";
    AlreadyInCycle UNPROCESSABLE_ENTITY
        "本周期已有档案" "Already in this cycle"
        "该组织在本周期已有未结束的档案。"
        "The organisation has a live file in this cycle.";
    AlreadyInProgram UNPROCESSABLE_ENTITY
        "本项目另一周期已有档案" "Already in this program"
        "该组织在同一项目的另一个未结束周期中已有档案，见成员 cycle。"
        "The organisation has a live file in another unended cycle of the program, named by the member `cycle`.";
    NotAgainInCycle UNPROCESSABLE_ENTITY
        "本周期内不得再次申请" "Not again in this cycle"
        "未获通过、被移出、失效或在调查后退出的组织，本周期内不得再次申请。"
        "Who was declined, removed, lapsed, or withdrew after the survey does not apply again in the same cycle.";
    QuotaExceeded UNPROCESSABLE_ENTITY
        "推荐名额已用完" "The quota is used up"
        "推荐单位在本周期的名额已用完。成员 limit 是名额，used 是已用数。原则性规则可由创奖办书面豁免。"
        "The recommender has used its places in this cycle: members `limit` and `used`. The award office may waive a rule in principle with a written reason.";
    EligibilityNotMet UNPROCESSABLE_ENTITY
        "不符合申报条件" "Conditions are not met"
        "有申报条件不符合，见成员 conditions。"
        "Eligibility conditions are not met: member `conditions`.";
    EligibilityOpen UNPROCESSABLE_ENTITY
        "申报条件尚缺证明" "Conditions lack proof"
        "分类前，每一项必须满足的条件都须有材料或部门意见证明，见成员 conditions。"
        "Before classifying, every condition that must be met needs a form, a document or a check: member `conditions`.";
    LookbackIncident UNPROCESSABLE_ENTITY
        "回溯期内有重大事故" "An incident lies inside the look-back"
        "申请日前的回溯期内有重大事故。成员 incident 是该事故，free_from 是可再申请的日期。"
        "A major incident lies inside the look-back before the application: members `incident` and `free_from`.";
    SelfEvaluationMissing UNPROCESSABLE_ENTITY
        "缺少自我评价报告" "The self-evaluation is missing"
        "再次申请须提交上一周期的自我评价报告，见成员 cycle。"
        "A re-application comes with the self-evaluation report for the cycle named by the member `cycle`.";
    RuleNotWaivable UNPROCESSABLE_ENTITY
        "该规则不可豁免" "The rule cannot be waived"
        "措辞为“应”“不得”的规则不可豁免，只有“原则上”的规则可以。"
        "A rule worded as a must is not waived; only one in principle is.";

    // Survey and class.
    SurveyNotAssigned UNPROCESSABLE_ENTITY
        "调查尚未指派" "The survey is not assigned"
        "须先指派服务站进行调查摸底。"
        "A service station has to be assigned first.";
    StationNotResponsible UNPROCESSABLE_ENTITY
        "服务站不负责该组织" "The station is not responsible"
        "该服务站属于其他县区，或不是被指派的服务站。成员 responsible 是负责的服务站。"
        "The station belongs to another district, or is not the assigned one. The member `responsible` names the one that is.";
    SurveyIncomplete UNPROCESSABLE_ENTITY
        "调查表不完整" "The survey is incomplete"
        "附件2的九个部分须填写完整，缺项见成员 sections 和 errors。"
        "The nine sections of Annex 2 have to be filled in. `sections` and `errors` name what is missing.";
    SurveyNotApproved UNPROCESSABLE_ENTITY
        "调查尚未审定" "The survey is not approved"
        "分类须以审定的调查为依据。涉及的组织见成员 organizations。"
        "Classifying rests on an approved survey. The member `organizations` names those without.";
    SelfApproval UNPROCESSABLE_ENTITY
        "不得审定本人填报的调查" "No approval of one's own survey"
        "填报调查的人不得审定该调查。"
        "Who filed a survey does not approve it.";
    ClassUnknown UNPROCESSABLE_ENTITY
        "没有这个类别" "Unknown class"
        "规则集中没有该类别。成员 known 列出已有的类别。"
        "The rulebook has no such class. The member `known` lists its classes.";
    ClassNotMovable UNPROCESSABLE_ENTITY
        "该类别不得调整" "The class does not move"
        "规则集只允许部分类别之间的动态调整，见成员 movable。"
        "The rulebook lets only some classes move: member `movable`.";
    ClassUnchanged UNPROCESSABLE_ENTITY
        "类别没有变化" "The class is unchanged"
        "该组织已在此类别中。"
        "The organisation is in this class already.";
    GroundsRequired UNPROCESSABLE_ENTITY
        "须写明依据" "Grounds are required"
        "创奖办的分类与服务站的建议不同时，须写明依据。"
        "Where the award office differs from the station, it gives its grounds.";
    BalanceViolated UNPROCESSABLE_ENTITY
        "类别数量关系不符合规则" "The balance of classes is violated"
        "决定会使受限类别超出的数量增加或保持不变地变动。成员 before、after 是前后各类数量，excess_before、excess_after 是超出数。"
        "The decision would change the counts without lessening the excess. The members `before` and `after` are the counts, `excess_before` and `excess_after` the excess.";
    DuplicateInBatch UNPROCESSABLE_ENTITY
        "同一批中重复" "Twice in one batch"
        "同一批中同一组织只能出现一次。"
        "An organisation stands once in a batch.";
    BatchSize UNPROCESSABLE_ENTITY
        "批量大小不对" "Wrong size of the batch"
        "一批不能为空，也不能超过上限。"
        "A batch is neither empty nor above the limit.";

    // Incident, removal.
    IncidentNotDetermined UNPROCESSABLE_ENTITY
        "事故尚未认定" "The incident is not determined"
        "移出孵化池须以主管部门的认定为依据。"
        "A removal rests on the determination of the competent authority.";
    IncidentNotMajor UNPROCESSABLE_ENTITY
        "不是重大事故" "The incident is not major"
        "该事故已被排除或未认定为重大，不能据此移出。"
        "The incident was dismissed or determined below major; it removes nobody.";
    IncidentOutsideMembership UNPROCESSABLE_ENTITY
        "事故不在入池期间" "The incident lies outside the membership"
        "该事故发生在入池之前或结束之后。"
        "The incident happened before admission or after the end.";
    RemovalNotFound UNPROCESSABLE_ENTITY
        "没有可撤销的移出" "There is no removal"
        "该组织没有被移出，无从撤销。"
        "The organisation was not removed, so nothing is to be rescinded.";

    // Teaching, visits, self-evaluation.
    SessionClassMismatch UNPROCESSABLE_ENTITY
        "教学类别与组织类别不符" "The teaching does not fit the class"
        "该类教学面向其他类别的组织；如确需安排，请写明理由。"
        "This kind of teaching is for other classes. Give a reason to hold it all the same.";
    SessionYearMismatch UNPROCESSABLE_ENTITY
        "教学年度不符" "The teaching is due in another year"
        "原则上该教学安排在周期的另一年度；如确需安排，请写明理由。"
        "In principle this teaching is held in another year of the cycle. Give a reason to hold it all the same.";
    SessionFull UNPROCESSABLE_ENTITY
        "名额已满" "The session is full"
        "该次教学的名额已满。"
        "All places of the session are taken.";
    SessionCancelled UNPROCESSABLE_ENTITY
        "教学已取消" "The session was cancelled"
        "该次教学已取消，不再接受操作。"
        "The session was cancelled; nothing more is recorded of it.";
    SessionNotHeldYet UNPROCESSABLE_ENTITY
        "教学尚未举行" "The session is still to come"
        "出席情况在教学当天及以后记录。"
        "Attendance is recorded from the session's day on.";
    SessionHasAttendance UNPROCESSABLE_ENTITY
        "已有出席记录" "Attendance was recorded"
        "已有出席记录的教学不能改期或取消。"
        "A session with attendance is neither moved nor cancelled.";
    AudienceMismatch UNPROCESSABLE_ENTITY
        "教学对象不符" "The audience does not fit"
        "教学对象与该类别规定的不同；如确需安排，请写明理由。"
        "The audience is not that of the class. Give a reason to teach it all the same.";
    ScoresOutOfRange UNPROCESSABLE_ENTITY
        "得分超出范围" "Scores are out of range"
        "类目的得分为 0 至该类目的满分。"
        "A category scores from 0 to its points.";
    ScoresIncomplete UNPROCESSABLE_ENTITY
        "得分不完整" "Scores are incomplete"
        "得分要么全部填写，要么全部不填。"
        "Score all categories or none.";
    AlreadyAnswered UNPROCESSABLE_ENTITY
        "已答复" "Already answered"
        "该帮扶需求已有答复。"
        "The request for help was answered.";
    LoginTaken UNPROCESSABLE_ENTITY
        "登录名已被使用" "The login is taken"
        "已有账号使用这个登录名。登录名写入事件，停用后也不再给别人。"
        "Another account has this login. It stands in events, so it is never given to somebody else.";
    OpenidSubjectTaken UNPROCESSABLE_ENTITY
        "该身份已与另一账号关联" "The name is linked with another account"
        "单点登录的一个身份只能与一个账号关联。请先解除另一账号的关联。"
        "A name at the OpenID provider is linked with one account. Take the link of the other one away first.";
    OwnAccount UNPROCESSABLE_ENTITY
        "不能用于自己的账号" "Not for one's own account"
        "管理员不能更改自己的角色、停用自己或重置自己的密码，请由另一位管理员办理。"
        "Administrators do not change their own roles, disable themselves or reset their own password; another one does.";
    AlreadyVoided UNPROCESSABLE_ENTITY
        "已作废" "Already voided"
        "该记录已作废，不能再更正或作废。"
        "The record was voided; it is neither corrected nor voided again.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::str::FromStr;

    use domain::Refusal;
    use strum::{IntoEnumIterator, VariantNames};

    use super::*;

    /// The codes that other systems rely on, with their statuses. Lines are added, never changed.
    const CONTRACT: &str = include_str!("codes.txt");

    #[test]
    fn the_catalogue_holds_exactly_the_codes_of_the_contract_with_their_statuses() {
        let contract: BTreeSet<String> = CONTRACT.lines().map(ToOwned::to_owned).collect();
        let ours: BTreeSet<String> = Code::iter().map(|c| format!("{} {}", c, c.status().as_u16())).collect();
        assert_eq!(ours, contract);
    }

    #[test]
    fn every_code_has_title_and_text_in_both_languages() {
        for code in Code::iter() {
            let entry = code.entry();
            for text in [entry.title, entry.text] {
                assert!(!text.zh.is_ascii(), "{code} has no Chinese");
                assert!(!text.en.is_empty() && text.en.is_ascii(), "{code} has no English");
            }
            assert!(entry.text.en.ends_with('.') && entry.text.zh.ends_with('。'), "{code}: a text is a sentence");
        }
    }

    #[test]
    fn every_refusal_of_the_domain_is_a_code_of_the_right_status() {
        for name in Refusal::VARIANTS.iter().filter(|name| **name != "batch") {
            let code = Code::from_str(name).unwrap_or_else(|_| panic!("{name} is not in the catalogue"));
            let expected = match *name {
                "not_permitted" => StatusCode::FORBIDDEN,
                "not_found" => StatusCode::NOT_FOUND,
                "stale_version" => StatusCode::PRECONDITION_FAILED,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            assert_eq!(code.status(), expected, "{name}");
        }
    }
}
