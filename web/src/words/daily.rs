//! 回访, 帮扶: the daily work of a station.

use super::words;

words! {
    /// Follow-up visits.
    Visits {
        title: "回访", "Follow-up visits";
        due: "待回访", "Visits due";
        due_text: "已到期和 30 天内到期的，最早的在前。", "Due already or within 30 days, the earliest first.";
        none_due: "没有到期的回访。", "No visit is due.";
        log: "回访记录", "Visits made";
        none: "还没有回访记录。", "No visit is recorded yet.";
        organization: "组织", "Organisation";
        station: "服务站", "Station";
        last: "最近回访", "Last visit";
        never: "入池后未回访", "Not visited since admission";
        due_on: "期限", "Due";
        on: "日期", "Day";
        channel: "方式", "How";
        findings: "孵化成效", "What has come of it";
        needs: "需求", "Needs";
        carry_over: "下周期延续事项", "For the next cycle";
        record: "记录回访", "Record a visit";
        choose: "选择组织", "Choose an organisation";
        choose_text: "找到组织后，点名称填写回访。", "Find the organisation, then follow its name to the form.";
        search: "名称或代码", "Name or number";
        find: "查找", "Find";
        found_none: "没有找到在池组织。", "No member found.";
        form: "记录回访", "Record a visit";
        no_people: "不要写姓名、电话等个人信息。", "No names, phones or other data of people.";
        photo: "照片", "Photo";
        photo_hint: "JPEG 或 PNG，不超过 20 MB；也可以是 PDF。", "JPEG or PNG of at most 20 MB; a PDF is fine too.";
        photo_title: "回访照片", "Photo of the visit";
        save: "提交回访", "Record";
        done: "回访已记录。", "The visit is recorded.";
        other_once: "这份表单此前已提交过，内容与这次不同，没有再记录。如要更正，请打开回访记录。", "This form was sent before with other content, and nothing was recorded now.";
        correct: "更正", "Correct";
        correct_title: "更正回访", "Correct a visit";
        correct_save: "提交更正", "Record the correction";
        reason: "更正理由", "Why it is corrected";
        corrected: "更正已记录。", "The correction is recorded.";
        stale: "在您填写期间，这份档案有了新的记录。现行的回访内容列在下面，请与您填写的核对；确认无误可再次提交。", "While you were typing, something was recorded in this file. The visit as it now stands is shown below: compare it with yours, and send it again if yours is right.";
        now: "现行内容", "As it now stands";
        visit: "回访", "Visit";
        recorded_by: "记录人", "Recorded by";
        recorded_at: "记录时间", "Recorded at";
        version: "版本", "Version";
        voided: "已作废", "Voided";
        papers: "文件", "Papers";
        rule: "依据", "Rule";
        ours: "本系统规定", "Ours";
        of_file: "该组织的回访", "Visits to this organisation";
        no_visits: "本项目没有回访要求。", "This program has no visits.";
    }
}

words! {
    /// Requests for help.
    Assistance {
        title: "帮扶需求", "Requests for help";
        open: "有待答复需求的组织", "Organisations with open requests";
        none_open: "没有待答复的帮扶需求。", "No request waits for an answer.";
        organization: "组织", "Organisation";
        count: "待答复", "Open";
        none: "还没有帮扶需求。", "There is no request yet.";
        asked_on: "提出日期", "Asked on";
        waiting: "已等", "Waiting";
        answered_in: "答复用时", "Answered in";
        not_answered: "待答复", "Open";
        voided: "已作废", "Voided";
        ask: "提出帮扶需求", "Ask for help";
        subject: "主题", "Subject";
        description: "需要什么", "What is needed";
        on: "日期", "Day";
        send: "提交", "Send";
        asked: "帮扶需求已提交。", "The request is sent.";
        answer: "答复", "Answer";
        answer_title: "答复帮扶需求", "Answer a request for help";
        channel: "方式", "How";
        done_what: "做了什么", "What was done";
        answered: "答复已记录。", "The answer is recorded.";
        no_people: "不要写姓名、电话等个人信息。", "No names, phones or other data of people.";
        other_once: "这份表单此前已提交过，没有重复记录。", "This form was sent before; nothing was recorded twice.";
    }
}
