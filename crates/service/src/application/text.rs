//! What our mails say: as plain text first, the same again as HTML. No password is ever in one.

use crate::picture::words;
use akidoko_domain::picture::{Measure, Side, Tally, Threshold};
use std::{collections::BTreeMap, fmt::Write as _};

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Writes a mail of a kind.
pub(super) fn write(kind: &str, facts: &BTreeMap<String, String>, link: &str, domains: &[String]) -> Written {
    let fact = |name: &str| facts.get(name).map_or("", String::as_str);
    let (name, sign_in) = (fact("name"), fact("sign_in"));
    let person = [fact("department"), fact("contact")].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    let to = if kind == "apply" {
        // Whoever typed the form is not known: nothing of it is in the mail.
        "ご担当者 様".to_owned()
    } else if person.is_empty() {
        format!("{name}　ご担当者 様")
    } else {
        format!("{name}\n{person} 様")
    };
    let allow = format!("このメールは {} から送っています。今後の連絡が届くよう、受信できる設定にしてください。", domains.join("、"));
    let (share, ask) = (share(fact("applicant")), ask(fact("applicant")));
    let (subject, before, after): (String, Vec<String>, Vec<String>) = match kind {
        "apply" => (
            "【空きどこ】医療機関の ID の申請：メールアドレスの確認".to_owned(),
            vec![
                format!("{}への医療機関の ID の申請に、このメールアドレスが入力されました。", fact("prefecture")),
                "申請を続けるには、次のリンクを開き、内容を確かめて「申請する」を押してください。リンクは 72 時間使えます。".to_owned(),
            ],
            vec!["お心当たりがないときは、このメールを破棄してください。何も申請されません。".to_owned(), allow],
        ),
        "apply_returned" => (
            format!("【空きどこ】ID の申請の差し戻し（{name}）"),
            vec![
                format!("{}から、ID の申請が差し戻されました。", fact("by")),
                format!("理由：{}", fact("reason")),
                "次のリンクから直して、もう一度「申請する」を押してください。リンクは 30 日使えます。".to_owned(),
            ],
            vec![allow],
        ),
        "apply_rejected" => (
            format!("【空きどこ】ID の申請の結果（{name}）"),
            vec![format!("{}は、ID の申請を受け付けませんでした。", fact("by")), format!("理由：{}", fact("reason"))],
            vec!["この申請は終わりました。あらためて申請することはできます。".to_owned(), allow],
        ),
        "notice" => (
            format!("【空きどこ】ID の発行に先立つご連絡（{name}）"),
            vec![
                match fact("applicant") {
                    "hospital" => format!("貴院の ID 発行の申請を、{}が確かめ、厚生労働省が承認しました。", fact("prefecture")),
                    "officer" => "厚生労働省から、空きどこを使うための ID をご案内します。".to_owned(),
                    _ => format!("{}から、貴本部の ID 発行の申請がありました。", fact("prefecture")),
                },
                "このメールが届いたことを確かめるため、次のリンクを開いてください。確認のあと、パスワードを設定するためのメールを別にお送りします。".to_owned(),
            ],
            vec!["お心当たりがないときは、このメールを破棄してください。".to_owned(), allow],
        ),
        "reminder" => (
            format!("【空きどこ】パスワードの設定がまだお済みではありません（{name}）"),
            vec![format!("ID {sign_in} が発行されています。次のリンクからパスワードを設定してください。")],
            vec![
                "リンクは 72 時間、1 回だけ使えます。前にお送りしたリンクは使えなくなりました。".to_owned(),
                share,
                allow,
            ],
        ),
        "announcement" => (
            format!("【空きどこ】{}", fact("subject")),
            fact("body").split("\n\n").map(str::to_owned).collect(),
            vec!["同じお知らせは、上のリンクからサインインしても読めます。".to_owned(), allow],
        ),
        "query" => (
            format!("【空きどこ】緊急調査：{}（{} まで）", fact("subject"), fact("due")),
            [
                format!(
                    "{}から、緊急調査「{}」への回答のお願いです。{} までに答えてください。",
                    fact("by"),
                    fact("subject"),
                    fact("due")
                ),
                if fact("again").is_empty() { String::new() } else { "まだ回答をいただいていないので、もう一度お送りします。".to_owned() },
                fact("note").to_owned(),
                "次のリンクからサインインすると、1 つの画面で答えられます。".to_owned(),
            ]
            .into_iter()
            .filter(|p| !p.is_empty())
            .collect(),
            vec![allow],
        ),
        "correction" => correction(facts, allow),
        "new_device" => (
            format!("【空きどこ】新しい端末からのサインイン（{sign_in}）"),
            vec![
                "これまで使われていなかった端末から、サインインがありました。".to_owned(),
                format!("サインイン名：{sign_in}（{}）\n日時：{}\n端末：{}\n接続元：{}", fact("operator"), fact("at"), fact("browser"), fact("network")),
            ],
            vec![
                "お心当たりがあるときは、何もしなくてかまいません。".to_owned(),
                "お心当たりがないときは、組織の管理者が「操作者」の画面でその操作者を一時停止し、パスワードのリンクを出し直してください。".to_owned(),
            ],
        ),
        "key_expiring" => (
            format!("【空きどこ】API キー「{}」の期限が近づいています", fact("key")),
            vec![
                format!("{name}の API キー「{}」は、{}まで使えます（あと {} 日）。", fact("key"), fact("on"), fact("left")),
                "期限を過ぎると、このキーを使うシステムからの報告と参照は受け付けません。".to_owned(),
            ],
            vec![
                "続けて使うときは、組織の管理者が「API キー」の画面で期限を延ばすか、新しいキーを作って入れ替えてください。".to_owned(),
                allow,
            ],
        ),
        "unused" => (
            format!("【空きどこ】{}が 13 か月使われていません", unused_what(facts)),
            vec![
                format!("{}は、{}から使われていません。", unused_what(facts), fact("last")),
                format!("このまま使われないときは、{}に停止します。", fact("on")),
            ],
            vec!["これからも使うときは、その日までに 1 度サインインしてください。".to_owned(), allow],
        ),
        "unused_suspended" => (
            format!("【空きどこ】{}を停止しました", unused_what(facts)),
            vec![format!("{}は、{}から使われていないため、停止しました。", unused_what(facts), fact("last"))],
            vec![
                if sign_in.is_empty() {
                    "また使うときは、都道府県の衛生主管部（局）に停止の解除を頼んでください。".to_owned()
                } else {
                    "また使うときは、組織の管理者が「操作者」の画面で再開してください。".to_owned()
                },
                allow,
            ],
        ),
        "reset" => (
            format!("【空きどこ】パスワードの再設定（{sign_in}）"),
            vec![
                format!("{}（{sign_in}）さんのパスワードを決め直すための連絡です。", fact("operator")),
                "本人が次のリンクを開き、2 段階の確認をすると、新しいパスワードを決められます。60 分、1 回だけ使えます。".to_owned(),
            ],
            vec!["お心当たりがないときは、このメールを破棄してください。リンクだけでは何も変わりません。".to_owned()],
        ),
        "reset_done" => (
            format!("【空きどこ】パスワードの再設定に進みました（{sign_in}）"),
            vec![format!("{}（{sign_in}）さんの 2 段階の確認が済み、新しいパスワードを決める画面に進みました。", fact("operator"))],
            vec!["お心当たりがないときは、組織の管理者が「操作者」の画面でその操作者を一時停止してください。".to_owned()],
        ),
        "mailbox" => (
            format!("【空きどこ】連絡先メールアドレスの確認（{name}）"),
            vec![
                format!("{}（{sign_in}）さんが、{name}の連絡先をこのアドレスに変えようとしています。", fact("operator")),
                "変えてよければ、次のリンクを開いて確定してください。72 時間、1 回だけ使えます。".to_owned(),
            ],
            vec!["お心当たりがないときは、このメールを破棄してください。連絡先は変わりません。".to_owned(), allow],
        ),
        "mailbox_changed" => (
            format!("【空きどこ】連絡先メールアドレスが変わりました（{name}）"),
            vec![format!("{}（{sign_in}）さんの操作で、{name}の連絡先が別のアドレスに変わりました。これからの連絡は新しいアドレスに送ります。", fact("operator"))],
            vec!["お心当たりがないときは、すぐに組織の管理者と都道府県の衛生主管部（局）へ知らせてください。".to_owned()],
        ),
        "picture_alert" => picture_alert(facts, allow),
        "report_due" => (
            if fact("over").is_empty() {
                format!("【空きどこ】{}の報告のお願い（締切 {}）", fact("day"), fact("due"))
            } else {
                format!("【空きどこ】{}の報告がまだ届いていません", fact("day"))
            },
            vec![
                if fact("over").is_empty() {
                    format!("{name}の{}の報告を、まだ受け取っていません。締切は {} です。", fact("day"), fact("due"))
                } else {
                    format!("{name}の{}の報告を、まだ受け取っていません。締切の {} を過ぎましたが、今からでも報告できます。", fact("day"), fact("due"))
                },
                "次のリンクからサインインすると、報告の画面が開きます。前回と同じなら「変更なしで報告」を 1 回押すだけで終わります。".to_owned(),
            ],
            vec![
                "行き違いで報告がお済みのときは、このメールを破棄してください。".to_owned(),
                format!("このメールは、{}の設定により送っています。入力できないときは、都道府県の衛生主管部（局）へ電話でお知らせください。", fact("prefecture")),
                allow,
            ],
        ),
        "hand_over" => (
            format!("【空きどこ】{}の引き継ぎのご連絡", fact("predecessor")),
            vec![
                format!("{}から、{}の ID は{}に引き継がれます。", fact("on"), fact("predecessor"), fact("successor")),
                "その日までは、これまでどおりお使いください。操作者のパスワードと 2 段階の確認は、引き継ぎのあともそのまま使えます。".to_owned(),
            ],
            vec!["お心当たりがないときは、都道府県の衛生主管部（局）へご連絡ください。".to_owned(), allow],
        ),
        "hand_over_dropped" => (
            format!("【空きどこ】{}の引き継ぎを取りやめました", fact("predecessor")),
            vec![format!("先にお知らせした{}の引き継ぎは、取りやめになりました。ID はこれまでどおりお使いください。", fact("predecessor"))],
            vec![allow],
        ),
        "handed_over" => (
            format!("【空きどこ】{}を{}に引き継ぎました", fact("predecessor"), fact("successor")),
            vec![
                format!("{}の ID は廃止し、操作者を{}（{}）に移しました。", fact("predecessor"), fact("successor"), fact("code")),
                if fact("operators").is_empty() { "移した操作者はありません。".to_owned() } else { format!("サインイン名は次のとおり変わります。前の名前でもサインインできます。\n{}", fact("operators")) },
            ],
            vec![share, allow],
        ),
        _ => (
            format!("【空きどこ】ID の発行とパスワード設定のお願い（{name}）"),
            vec![format!("ID を発行しました。サインイン名は {sign_in} です。"), "次のリンクからパスワードを設定してください。".to_owned()],
            vec![
                "リンクは 72 時間、1 回だけ使えます。期限が過ぎたときは、事前連絡のメールのリンクから、もう一度送るよう求められます。".to_owned(),
                share,
                allow,
            ],
        ),
    };
    // What only tells has no link.
    let link = if has_link(kind) { link } else { "" };
    let between = if link.is_empty() { String::new() } else { format!("{link}\n\n") };
    let mut text =
        format!("{to}\n\n{}\n\n{between}{}\n\n", before.join(if kind == "announcement" { "\n\n" } else { "\n" }), after.join("\n"));
    // An announcement goes to prefectures too.
    let whom = if kind == "announcement" { String::new() } else { format!("お問い合わせは{ask}へお願いします。") };
    let foot = format!("空きどこ事務局\nこのメールへの返信は読まれません。{whom}");
    text.push_str(&foot);
    text.push('\n');
    let mut html = String::from("<!doctype html><html lang=\"ja\"><body style=\"font-family:sans-serif;line-height:1.7\">");
    let paragraph = |html: &mut String, words: &str| {
        // Writing to a String cannot fail.
        let _ = write!(html, "<p>{}</p>", escape(words).replace('\n', "<br>"));
    };
    paragraph(&mut html, &to);
    for p in &before {
        paragraph(&mut html, p);
    }
    if !link.is_empty() {
        let _ = write!(html, "<p><a href=\"{0}\">{0}</a></p>", escape(link));
    }
    for p in &after {
        paragraph(&mut html, p);
    }
    paragraph(&mut html, &foot);
    html.push_str("</body></html>");
    Written { subject, text, html }
}

/// Kinds whose words ask for a link to be opened.
fn has_link(kind: &str) -> bool {
    matches!(
        kind,
        "notice"
            | "password"
            | "reminder"
            | "mailbox"
            | "announcement"
            | "query"
            | "correction"
            | "reset"
            | "apply"
            | "apply_returned"
            | "report_due"
            | "picture_alert"
    )
}

/// A threshold was reached, or left again: to the prefecture, with the figures.
fn picture_alert(facts: &BTreeMap<String, String>, allow: String) -> (String, Vec<String>, Vec<String>) {
    let fact = |name: &str| facts.get(name).map_or("", String::as_str);
    let number = |name: &str| fact(name).parse().unwrap_or_default();
    let tally = Tally { part: number("part"), whole: number("whole"), hospitals: fact("hospitals").parse().unwrap_or_default() };
    let Some((measure, side)) = Measure::parse(fact("measure")).zip(Side::parse(fact("side"))) else {
        return ("【空きどこ】病床の状況".to_owned(), Vec::new(), vec![allow]);
    };
    let threshold = Threshold { measure, area: None, side, raise: number("raise"), clear: number("clear") };
    let area = Some(fact("area")).filter(|name| !name.is_empty());
    let what = format!("{}{}", area.map(|name| format!("{name}圏域 ")).unwrap_or_default(), words::measure(measure));
    let now = tally.value(measure).map_or_else(|| "不明".to_owned(), |value| words::value(measure, value));
    let (subject, first) = if fact("turn") == "raise" {
        (format!("【空きどこ】しきい値に達しました：{what} {now}"), words::why(&threshold, area, tally))
    } else {
        (format!("【空きどこ】しきい値を離れました：{what} {now}"), words::cleared(&threshold, area, tally))
    };
    let rule = format!("しきい値：{}。", words::rule(&threshold));
    (
        subject,
        vec![first, rule, "いまの値と推移は、次のリンクからサインインして確かめられます。".to_owned()],
        vec![format!("このメールは、{}の設定により送っています。", fact("prefecture")), allow],
    )
}

/// A request for a correction: to the prefecture that it has come, to the hospital what became of it.
fn correction(facts: &BTreeMap<String, String>, allow: String) -> (String, Vec<String>, Vec<String>) {
    let fact = |name: &str| facts.get(name).map_or("", String::as_str);
    let (hospital, day, by) = (fact("hospital"), fact("day"), fact("by"));
    let (subject, first, then) = match fact("state") {
        "waiting" => (
            format!("【空きどこ】訂正の申請：{hospital}（{day}の報告）"),
            format!(
                "{hospital}から、{day}の報告の訂正について申請がありました。訂正できる期間を過ぎているので、都道府県の同意が必要です。"
            ),
            "次のリンクからサインインして内容を確かめ、同意するかどうかを決めてください。それまで、この日の値は変わりません。",
        ),
        "consented" => (
            format!("【空きどこ】訂正に同意がありました（{day}の報告）"),
            format!("{hospital}の{day}の報告の訂正に、{by}が同意しました。訂正は新しい版になりました。"),
            "内容は次のリンクで確かめられます。",
        ),
        _ => (
            format!("【空きどこ】訂正に同意がありませんでした（{day}の報告）"),
            format!("{hospital}の{day}の報告の訂正に、{by}は同意しませんでした。この日の値は変わっていません。"),
            "理由は次のリンクで確かめられます。",
        ),
    };
    (subject, vec![first, then.to_owned()], vec![allow])
}

/// Within whom an ID stays（memo §1: 「IDの消防本部外での共有は控える」）.
fn share(applicant: &str) -> String {
    let within = match applicant {
        "hospital" => "医療機関",
        "officer" => "組織",
        _ => "消防本部",
    };
    format!("ID の{within}外での共有はお控えください。")
}

/// Who answers questions.
fn ask(applicant: &str) -> &'static str {
    if applicant == "officer" { "厚生労働省の事務局" } else { "都道府県の衛生主管部（局）" }
}

/// What is not used: one operator, or the whole ID.
fn unused_what(facts: &BTreeMap<String, String>) -> String {
    let fact = |name: &str| facts.get(name).map_or("", String::as_str);
    if fact("sign_in").is_empty() {
        format!("ID {}", fact("code"))
    } else {
        format!("操作者 {}（{}）", fact("sign_in"), fact("operator"))
    }
}

fn escape(s: &str) -> String {
    s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_carries() {
        let facts: BTreeMap<String, String> = [
            ("name", "<b>青波市</b>消防本部"),
            ("contact", "髙﨑 一郎"),
            ("department", "警防課"),
            ("sign_in", "F12K7QPX-01"),
            ("prefecture", "千葉県"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into();
        for kind in ["notice", "password", "reminder"] {
            let w = write(kind, &facts, "https://example.jp/x?a=1&b=2", &["@akidoko.example".to_owned()]);
            assert!(w.text.contains("https://example.jp/x?a=1&b=2") && w.html.contains("https://example.jp/x?a=1&amp;b=2"), "{kind}");
            assert!(w.html.contains("&lt;b&gt;青波市") && !w.html.contains("<b>"), "{kind}");
            assert!(w.text.contains("@akidoko.example"), "{kind}");
            assert_eq!(w.text.contains("F12K7QPX-01"), kind != "notice", "{kind}");
        }
    }
    #[test]
    fn each_kind_of_applicant_is_addressed_as_what_it_is() {
        let facts = |applicant: &str| -> BTreeMap<String, String> {
            [
                ("name", "架空の名前"),
                ("contact", "架空 花子"),
                ("prefecture", "千葉県"),
                ("reason", "番地を確かめてください。"),
                ("by", "千葉県"),
            ]
            .into_iter()
            .chain([("applicant", applicant)])
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect()
        };
        let text = |kind, applicant| write(kind, &facts(applicant), "https://example.jp/x", &[]).text;
        for (applicant, notice, within) in [
            ("fire_headquarters", "貴本部", "消防本部外"),
            ("other", "貴本部", "消防本部外"),
            ("hospital", "貴院", "医療機関外"),
            ("officer", "厚生労働省から", "組織外"),
        ] {
            assert!(text("notice", applicant).contains(notice), "{applicant}");
            for kind in ["password", "reminder"] {
                let text = text(kind, applicant);
                assert!(
                    text.contains(within) && (applicant.starts_with("fire") || applicant == "other") == text.contains("消防本部"),
                    "{kind} {applicant}"
                );
            }
        }
        let asked = text("apply", "hospital");
        assert!(!asked.contains("架空") && asked.contains("https://example.jp/x"), "what a stranger typed is not passed on");
        assert!(text("apply_returned", "hospital").contains("番地を確かめてください。"));
        assert!(!text("apply_rejected", "hospital").contains("https://"));
    }
}
