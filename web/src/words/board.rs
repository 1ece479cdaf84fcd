//! 分类看板: the board of classes, and decisions on it. `{…}` is filled in.

use super::words;

words! {
    /// The board, choosing, and what would be.
    Board {
        title: "分类看板", "Board of classes";
        classify: "给申请组织分类", "Classify applicants";
        reclassify: "调整分类", "Move members";
        at_most: "不超过", "at most";
        above: "超过", "more than";
        holds: "平衡，{class}距上限还有 {n} 家", "in balance; {class} is {n} below its bound";
        broken: "失衡，{class}超出 {n} 家", "out of balance; {class} is {n} too many";
        repair: "孵化池失衡。下列做法任选其一，可以恢复平衡：", "The pool is out of balance. Any one of these would repair it:";
        repair_move: "把 {n} 家{from}调整为{to}", "Move {n} from {from} to {to}";
        repair_admit: "新分类 {n} 家{to}", "Admit {n} to {to}";
        whole_pool: "平衡按全池计算；下列组织是您可以查看的。", "The balance is that of the whole pool; the organisations below are those that you may see.";
        own: "自评", "Own";
        station: "服务站", "Station";
        office: "市创奖办", "Office";
        undecided: "未定", "Undecided";
        none_said: "未填", "None";
        differs: "与服务站意见不同", "Differs from the station";
        waiting: "待分类", "To be classified";
        nobody: "暂无组织。", "Nobody.";
        more: "其余 {n} 家见名册", "{n} more on the roster";
        organizations: "家", "";
        decided: "分类决定已记录。", "The decision is recorded.";
        sent_before: "这份表单此前已提交过，内容与这次不同，没有再记录。", "This form was sent before with other content, and nothing was recorded now.";
        choose_text: "只填要决定的组织，其余留空。下一步先看结果，确认后才记录。", "Fill in only those to be decided. You will see what would be before anything is recorded.";
        rows_none: "目前没有可以决定的组织。", "There is nobody to decide on.";
        organization: "组织", "Organisation";
        to_class: "分为", "Class";
        to_move: "调整为", "To";
        leave: "不决定", "Leave";
        grounds: "理由", "Grounds";
        grounds_admit: "与服务站意见不同时，须写明理由。", "Grounds are required where the office differs from the station.";
        grounds_move: "每项调整须写明理由。", "Each move needs its grounds.";
        on: "决定日期", "Day of the decision";
        preview: "查看结果", "See what would be";
        choose_one: "请至少选择一家组织。", "Choose at least one organisation.";
        would: "将会怎样", "What would be";
        would_text: "尚未记录。请核对后确认。", "Nothing is recorded yet. Check, then confirm.";
        class: "类别", "Class";
        before: "现在", "Now";
        after: "决定后", "After";
        excess: "超出数", "Beyond the bound";
        entries: "决定内容", "The decision";
        confirm: "确认并记录", "Confirm and record";
        edit: "返回修改", "Change it";
        stale: "在您填写期间，有组织的档案发生了变化，没有记录。两个版本列在该组织下面，请核对后再提交。", "Files changed while you were choosing, and nothing was recorded. Both versions stand below their organisations: compare, then send again.";
        changed: "档案已变化，请核对。", "The file has changed: please check.";
        bounded: "{class}的数量不能超过{most}。", "{class} must not have more than {most}.";
        was: "您打开时", "When you opened it";
        now: "现在", "Now";
        gone: "现在不能对它作此决定。", "This can no longer be decided for it.";
        next: "下一批", "Next ones";
        next_text: "一次列出 {n} 家；转到下一批前请先提交，未提交的选择不会保留。", "{n} are listed at a time; send before you go on, as choices are not kept.";
        only: "只列出：", "Only: ";
        all: "列出全部", "List all";
        back: "回到看板", "Back to the board";
    }
}

/// A text with its places filled in.
pub(crate) fn filled(text: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text.to_owned(), |text, (place, with)| text.replace(&format!("{{{place}}}"), with))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled() {
        assert_eq!(
            filled("把 {n} 家{from}调整为{to}", &[("n", "2"), ("from", "D类"), ("to", "C类")]),
            "把 2 家D类调整为C类"
        );
    }
}
