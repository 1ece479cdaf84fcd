//! 孵化池名册 and the list of cycles.

use super::words;

words! {
    /// The roster.
    Roster {
        title: "孵化池名册", "Roster of the pool";
        members: "孵化组织", "Members";
        applicants: "申请组织", "Applicants";
        former: "已退出组织", "Former";
        all: "全部", "All";
        search: "名称或代码", "Name or number";
        class: "类别", "Class";
        district: "区县", "District";
        station: "服务站", "Station";
        recommender: "推荐单位", "Recommender";
        stage: "阶段", "Stage";
        sector: "所属行业", "Sector";
        size: "组织规模", "Size";
        nature: "组织性质", "Nature";
        key_field: "重点领域", "Key field";
        as_of: "截至发生日", "As of the day";
        as_of_hint: "按事情发生的日期", "By when things happened";
        known_at: "截至记录日", "As known on";
        known_at_hint: "按记录的先后，到该日结束", "By when they were recorded, to the end of that day";
        any: "不限", "Any";
        more_filters: "更多筛选和时点", "More filters, and times";
        apply: "筛选", "Filter";
        clear: "清除", "Clear";
        export: "导出表格（xlsx）", "Export (xlsx)";
        number: "序号", "No.";
        organization: "组织", "Organisation";
        own_class: "自评", "Own class";
        station_class: "服务站建议", "Station's class";
        decided_class: "类别", "Class";
        below_a: "不满足最低类", "Below the lowest class";
        admitted_on: "入池", "Admitted";
        applied_on: "申报", "Applied";
        last_visit: "最近回访", "Last visit";
        next_due: "下次回访期限", "Next visit due";
        requests: "待答复需求", "Open requests";
        ended_on: "终止", "Ended";
        empty: "没有符合条件的组织。", "No organisation fits.";
        first: "第一页", "First page";
        next: "下一页", "Next page";
        rows: "家组织", "organisations";
        past: "您看到的是过去的情况：", "You are looking at the past: ";
        summary: "有以下问题", "There is a problem";
        not_a_time: "请填写日期，如 2026-5-1。", "Enter a day, such as 2026-5-1.";
        balance: "数量平衡", "Balance";
        in_balance: "平衡", "in balance";
        excess: "超出", "beyond the bound by";
    }
}

words! {
    /// The list of cycles.
    Cycles {
        title: "孵化周期", "Cycles";
        cycle: "周期", "Cycle";
        program: "培育项目", "Program";
        period: "起止", "Period";
        state: "状态", "State";
        open: "进行中", "Open";
        closed: "已结束", "Closed";
        to_come: "未开始", "Not begun";
        members: "孵化组织", "Members";
        applicants: "申请组织", "Applicants";
        former: "已退出", "Former";
        rules: "规则集", "Rules";
        empty: "还没有孵化周期。", "There is no cycle yet.";
    }
}
