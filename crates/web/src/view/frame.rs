//! What stands around every screen: the demo bar, the masthead, the menu, the footer.

use super::path;
use crate::words;
use akidoko_domain::{
    access::{Action, Actor, may},
    organisation::OrganisationKind,
    report::consents,
    time::jst_day,
};
use akidoko_service::inbox::Inbox;

/// The place in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// 病床ボード
    Board,
    /// 今日の報告
    Report,
    /// 報告状況
    Completeness,
    /// 病床の状況, 全国
    Picture,
    /// 空床の更新
    Quick,
    /// ID発行
    Office,
    /// ID申請
    Applications,
    /// 調査
    Surveys,
    /// 緊急調査
    Queries,
    /// 訂正の申請
    Corrections,
    /// One hospital.
    Hospital,
    /// なぜ変わった？
    Why,
    /// 保存した表示と起点
    Kept,
    /// 過去のボード
    PastBoard,
    /// ボードの共有範囲
    Sharing,
    /// The wall and its terminals.
    Wall,
    /// 報告の履歴
    History,
    /// The way in.
    SignIn,
    /// Operators, passwords, devices.
    Account,
    /// API キー
    Keys,
    /// A hospital applies for its ID.
    Apply,
    /// Not in the menu.
    Elsewhere,
}

/// Who looks, for the masthead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// 青嶺広域消防本部
    pub organisation: String,
    /// 通信指令課
    pub operator: String,
    /// F9900123-02
    pub sign_in: String,
    /// The kind decides what the menu offers.
    pub kind: OrganisationKind,
    /// May name the organisation's operators.
    pub is_administrator: bool,
    /// お知らせ that the organisation has received, and the newest that nobody of it opened.
    pub inbox: InboxPart,
}

/// What the masthead says of お知らせ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxPart {
    /// There are any.
    pub any: bool,
    /// So many were not opened.
    pub unread: usize,
    /// The newest of them: where it stands, its subject, and the day.
    pub newest: Option<(String, String, String)>,
}

impl InboxPart {
    /// What an organisation has received.
    pub fn of(inbox: &Inbox) -> Self {
        let newest = inbox.newest.as_ref().map(|n| (path::announcement(n.id), n.subject.clone(), words::day(jst_day(n.sent_at))));
        Self { any: inbox.total > 0, unread: inbox.unread, newest }
    }
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: &'static str,
    /// The words.
    pub words: &'static str,
    /// Is it this page?
    pub current: bool,
}

impl Viewer {
    /// The signed-in operator.
    pub fn of(actor: &Actor, inbox: InboxPart) -> Self {
        Self {
            organisation: actor.organisation_name.clone(),
            operator: actor.operator_name.clone(),
            sign_in: actor.sign_in_name(),
            kind: actor.kind,
            is_administrator: actor.is_administrator,
            inbox,
        }
    }

    fn links(&self, here: Here) -> Vec<Link> {
        let mut links = Vec::new();
        if may(self.kind, Action::Report) {
            links.push(Link { href: path::REPORT, words: "今日の報告", current: here == Here::Report });
            links.push(Link { href: path::QUICK, words: "空床の更新", current: here == Here::Quick });
        }
        if may(self.kind, Action::ReadBoard) {
            links.push(Link {
                href: path::BOARD,
                words: "病床ボード",
                current: matches!(here, Here::Board | Here::Hospital | Here::Why | Here::Kept | Here::PastBoard),
            });
        }
        if may(self.kind, Action::ReadNation) {
            links.push(Link { href: path::NATION, words: "全国", current: here == Here::Picture });
        } else if may(self.kind, Action::ReadPicture) {
            links.push(Link { href: path::PICTURE, words: "病床の状況", current: here == Here::Picture });
        }
        if may(self.kind, Action::ReadCompleteness) {
            links.push(Link { href: path::COMPLETENESS, words: "報告状況", current: here == Here::Completeness });
        }
        if may(self.kind, Action::ReportOnBehalf) && !may(self.kind, Action::Report) {
            links.push(Link { href: path::REPORT_PILE, words: "代行入力", current: here == Here::Report });
        }
        match self.kind {
            OrganisationKind::Hospital | OrganisationKind::Association | OrganisationKind::PrefectureHealth => {
                links.push(Link { href: path::SURVEYS, words: "調査", current: here == Here::Surveys });
            }
            OrganisationKind::Ministry => links.push(Link { href: path::OFFICE_SURVEYS, words: "調査", current: here == Here::Surveys }),
            _ => {}
        }
        if self.kind == OrganisationKind::PrefectureHealth {
            links.push(Link { href: path::QUERIES, words: "緊急調査", current: here == Here::Queries });
        }
        if consents(self.kind) {
            links.push(Link { href: path::CORRECTIONS, words: "訂正の申請", current: here == Here::Corrections });
        }
        if may(self.kind, Action::ReadApplications) && !may(self.kind, Action::DecideApplications) {
            links.push(Link { href: path::APPLICATIONS, words: "ID申請", current: here == Here::Applications });
        }
        if may(self.kind, Action::DecideApplications) {
            links.push(Link { href: path::OFFICE, words: "ID発行", current: here == Here::Office });
        }
        links
    }
}

/// What stands around a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// In the title bar, before 「｜空きどこ」. Each screen sets its own.
    pub title: String,
    /// Is everything here invented?
    pub demo: bool,
    /// The place in the menu. Each screen sets its own.
    pub here: Here,
    /// Who looks; nobody before sign-in.
    pub viewer: Option<Viewer>,
    /// Scripts of the screen, by path of the asset.
    pub scripts: &'static [&'static str],
    /// Further style sheets of the screen.
    pub sheets: &'static [&'static str],
    /// 緊急調査 that wait for an answer of whoever looks: where to, the title, by when.
    pub calls: Vec<(String, String, String)>,
    /// しきい値 that were reached and that nobody has seen yet: why.
    pub alerts: Vec<String>,
}

impl Frame {
    /// The menu; nothing before sign-in.
    pub fn links(&self) -> Vec<Link> {
        self.viewer.as_ref().map(|viewer| viewer.links(self.here)).unwrap_or_default()
    }

    /// A frame for whoever looks.
    pub fn new(demo: bool, viewer: Option<Viewer>) -> Self {
        Self { title: String::new(), demo, here: Here::Elsewhere, viewer, scripts: &[], sheets: &[], calls: Vec::new(), alerts: Vec::new() }
    }

    /// Where the manual speaks of this screen: the page by name, and the heading.
    pub fn manual(&self) -> (&'static str, &'static str) {
        use OrganisationKind as K;
        let kind = self.viewer.as_ref().map(|v| v.kind);
        let reports = matches!(kind, Some(K::Hospital | K::Association));
        match self.here {
            Here::Board => ("fire", "探す"),
            Here::Hospital | Here::Why => ("fire", "一行の読み方"),
            Here::Kept => ("fire", "よく使う条件と起点を残す"),
            Here::Wall => ("fire", "壁面と待機室の画面"),
            Here::PastBoard => ("prefecture-board", "過去のボード"),
            Here::Sharing => ("prefecture-board", "共有範囲を決める"),
            Here::Report if reports => ("hospital-report", "毎日の報告"),
            Here::Report => ("report-files", "代わって入力する（代行）"),
            Here::Quick => ("hospital-report", "空床の更新"),
            Here::History => ("hospital-history", "履歴"),
            Here::Completeness => ("prefecture", "報告していない病院を見つけて、助ける"),
            Here::Picture if kind == Some(K::Ministry) => ("prefecture-picture", "全国を見る（厚生労働省）"),
            Here::Picture => ("prefecture-picture", "いまの数を読む"),
            Here::Corrections => ("prefecture-corrections", ""),
            Here::Applications => ("prefecture", "シートで申請する"),
            Here::Apply => ("hospital", ""),
            Here::Office => ("office", "決める"),
            Here::Surveys if kind == Some(K::Ministry) => ("surveys", "調査を始める"),
            Here::Surveys if reports => ("hospital-report", "毎日の報告"),
            Here::Surveys => ("prefecture-surveys", "項目の指定"),
            Here::Queries => ("prefecture-surveys", "緊急調査"),
            Here::Account => ("operators", "サインインのたびに"),
            Here::Keys => ("keys", "キーを作る（組織の管理者）"),
            Here::SignIn => ("fire", "はじめてのサインイン"),
            Here::Elsewhere => ("fire", ""),
        }
    }

    /// The same as an address.
    pub fn manual_href(&self) -> String {
        let (page, heading) = self.manual();
        let page = if page == "fire" { path::HELP.to_owned() } else { format!("{}/{page}", path::HELP) };
        if heading.is_empty() { page } else { format!("{page}#{heading}") }
    }

    /// Does whoever looks report? Then the device may keep updates that wait.
    pub fn reports(&self) -> bool {
        self.viewer.as_ref().is_some_and(|v| may(v.kind, Action::Report))
    }

    /// Does whoever looks say what of the board is shared?
    pub fn shares(&self) -> bool {
        self.viewer.as_ref().is_some_and(|v| v.kind == OrganisationKind::PrefectureHealth)
    }

    /// Does whoever looks have a board to go back to? An association has none.
    pub fn sees_board(&self) -> bool {
        self.viewer.as_ref().is_some_and(|v| may(v.kind, Action::ReadBoard))
    }

    /// Can whoever looks hang a board on a wall: of their own prefecture?
    pub fn hangs_boards(&self) -> bool {
        self.sees_board() && self.viewer.as_ref().is_some_and(|v| v.kind != OrganisationKind::Ministry)
    }

    /// Does whoever looks enter reports for others?
    pub fn acts_for_others(&self) -> bool {
        self.viewer.as_ref().is_some_and(|v| may(v.kind, Action::ReportOnBehalf))
    }

    /// The frame of one screen.
    #[must_use]
    pub fn of(mut self, title: impl Into<String>, here: Here, scripts: &'static [&'static str]) -> Self {
        self.title = title.into();
        self.here = here;
        self.scripts = scripts;
        self
    }

    /// With queries that wait for an answer.
    #[must_use]
    pub fn calling(mut self, calls: Vec<(String, String, String)>) -> Self {
        self.calls = calls;
        self
    }

    /// With alerts that call.
    #[must_use]
    pub fn alerting(mut self, alerts: Vec<String>) -> Self {
        self.alerts = alerts;
        self
    }

    /// With further style sheets, where npm brought them.
    #[must_use]
    pub fn with_sheets(mut self, sheets: &'static [&'static str]) -> Self {
        self.sheets = sheets;
        self
    }
}
