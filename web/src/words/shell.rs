//! What is around every page, signing in, and what is said where a page cannot be shown.

use super::words;

words! {
    /// Around every page.
    Shell {
        site: "创奖孵化池管理", "Award incubation pools";
        skip: "跳到主要内容", "Skip to main content";
        error_prefix: "错误：", "Error: ";
        desk: "工作台", "Desk";
        cycles: "孵化周期", "Cycles";
        roster: "名册", "Roster";
        board: "分类看板", "Classes";
        visits: "回访", "Visits";
        assistance: "帮扶", "Help";
        own_file: "我的档案", "My file";
        password: "改密码", "Change password";
        sign_out: "退出", "Sign out";
        acting_as: "当前身份", "Acting as";
        switch_office: "切换身份", "Switch";
        menu: "主导航", "Main navigation";
        of_cycle: "本周期", "This cycle";
        other_language: "English", "中文";
        footer: "界面文字以中文为准。", "The Chinese text decides.";
        api: "接口文档", "API";
    }
}

words! {
    /// Around every form.
    Form {
        summary: "有以下问题", "There is a problem";
        optional: "（选填）", "(optional)";
        day_hint: "如 2026-5-1、2026年5月1日 或 20260501", "For example 2026-5-1 or 20260501";
        not_a_day: "请填写日期，如 2026-5-1。", "Enter a day, such as 2026-5-1.";
        required: "请填写此项。", "Enter this.";
        draft_kept: "草稿已存于本机。", "A draft is kept on this device.";
        offline: "网络不通，已保存草稿；恢复后自动提交。请不要关闭本页。", "No network. The draft is kept and will be sent when the network is back. Keep this page open.";
        sending: "正在提交…", "Sending…";
    }
}

words! {
    /// Signing in and out, the password.
    Account {
        sign_in: "登录", "Sign in";
        login: "账号", "Login";
        password: "密码", "Password";
        again: "登录已过期，请重新登录。刚才填写的内容已保留，登录后可以继续。", "Your sign-in has ended. What you typed is kept: sign in to go on.";
        gone_on: "已登录。刚才填写的内容已保留。", "You are signed in. What you typed is kept.";
        go_on: "回到填写的表单", "Back to the form";
        file_lost: "如果选过照片或文件，请重新选择。", "If you had chosen a file, please choose it again.";
        form_expired: "您的登录状态在填写期间发生了变化，表单还没有提交。内容已保留，请核对后再提交。", "Your sign-in changed while you were typing, and the form was not sent. What you typed is kept: please check it and send it again.";
        change: "改密码", "Change password";
        must_change: "请先设置新密码，再使用其他功能。", "Choose a new password before anything else.";
        present: "现在的密码", "Present password";
        new: "新密码", "New password";
        new_hint: "用密码管理器或一句话都可以，可以粘贴。", "A password manager or a whole sentence is fine; pasting is allowed.";
        save: "保存", "Save";
        changed: "密码已更改，其他登录已结束。", "The password is changed; your other sign-ins have ended.";
        sign_ins: "我的登录", "My sign-ins";
        sign_ins_intro: "这些是您账号目前有效的登录。不认识的，请结束它并改密码。", "These sign-ins of your account are open. End what you do not know, and change your password.";
        begun: "登录时间", "Since";
        used: "最近使用", "Last used";
        address: "地址", "Address";
        agent: "所用程序", "Program";
        current: "本次登录", "This one";
        end: "结束", "End";
        ended: "该登录已结束。", "That sign-in has ended.";
        signed_out: "您已退出。", "You have signed out.";
    }
}

words! {
    /// Where a page cannot be shown.
    Failures {
        no_page: "找不到页面", "Page not found";
        no_page_text: "地址可能写错了，或者页面已不存在。", "The address may be wrong, or the page is gone.";
        not_there: "没有这项内容，或者您不能查看", "It is not there, or not yours to see";
        forbidden: "没有权限", "Not permitted";
        no_method: "不能这样打开此页", "This page is not opened like that";
        unreadable: "表单读不出来", "The form cannot be read";
        unreadable_text: "内容可能过大（单个文件不超过 20 MB），或者不完整。请返回重试。", "It may be too large (a file has at most 20 MB) or incomplete. Please go back and try again.";
        bad_question: "地址中有读不出来的内容", "The address cannot be read";
        internal: "系统出错", "Something went wrong";
        internal_text: "已记录，请稍后重试。如需报修，请提供编号。", "It has been recorded. Please try again later; quote the reference if you report it.";
        unavailable: "暂时不可用", "Not available for the moment";
        reference: "编号", "Reference";
        home: "回到工作台", "Back to the desk";
    }
}
