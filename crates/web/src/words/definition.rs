//! What is wrong with a survey's definition, for the one who writes it: what, and how to mend it.

use akidoko_domain::{
    board::Column,
    rule::{RuleError, Sort, Verdict},
    survey::{DefinitionError, Survey},
};

/// What is wrong with a definition. Of a rule it names the rule.
pub fn definition_error(survey: &Survey, error: &DefinitionError) -> String {
    match error {
        DefinitionError::Unreadable(_) => "定義を読めません。書式を確かめてください。".to_owned(),
        DefinitionError::BadName { name } => {
            format!("「{name}」は項目の ID に使えません。英小文字で始め、英小文字、数字、_ だけで、60 字までにしてください。")
        }
        DefinitionError::ReservedName { name } => {
            format!("「{name}」はルールの言葉なので、項目の ID に使えません。別の ID にしてください。")
        }
        DefinitionError::ItemTwice { item } => format!("ID「{item}」の項目が二つあります。どちらかの ID を変えてください。"),
        DefinitionError::ColumnTwice { column } => {
            let label = Column::parse(column).map_or(column.clone(), |c| super::column(c).to_owned());
            format!("ボードの列「{label}」に出す項目が二つあります。一つにしてください。")
        }
        DefinitionError::Bounds { item } => {
            format!("「{}」は、どの値も範囲に入りません。下限と上限を確かめてください。", super::label(survey, item))
        }
        DefinitionError::Options { item } => {
            format!("「{}」の選択肢がないか、同じ ID の選択肢があります。選択肢を確かめてください。", super::label(survey, item))
        }
        DefinitionError::RuleTwice { rule } => format!("ID「{rule}」のルールが二つあります。どちらかの ID を変えてください。"),
        DefinitionError::NoMessage { rule } => {
            format!("ルール「{rule}」に文がありません。何が合わず、どう直すかを書いてください。")
        }
        DefinitionError::MessageNowhere { rule, item } => {
            format!("ルール「{rule}」の文を出す項目「{item}」が、この調査にありません。項目を選び直してください。")
        }
        DefinitionError::Rule { rule, error } => format!("ルール「{rule}」：{}", rule_error(error)),
    }
}

/// What is wrong with a rule's expression.
pub fn rule_error(error: &RuleError) -> String {
    match error {
        RuleError::Empty => "式がありません。成り立つべきことを書いてください。".to_owned(),
        RuleError::TooLong { max } => format!("式が長すぎます。{max} 字までにしてください。"),
        RuleError::TooDeep => "式の中に式が重なりすぎています。ルールを分けるか、sum を使ってください。".to_owned(),
        RuleError::Syntax { at } => format!("{at} 文字目のあたりで式を読めません。かっこ、引用符、記号を確かめてください。"),
        RuleError::UnknownName { name } => {
            format!("項目「{name}」は、この調査にありません。消した項目でないか、ID のつづりを確かめてください。")
        }
        RuleError::UnknownFunction { name } => {
            format!("「{name}」という関数はありません。sum、min、max、known、abs、days から選んでください。")
        }
        RuleError::NotInRules { what } if what == "null" => "null は使えません。答えがあるかは known(項目) で確かめてください。".to_owned(),
        RuleError::NotInRules { what } => format!("「{what}」はルールでは使えません。別の書き方にしてください。"),
        RuleError::Arguments { function, takes } => arguments(function, takes),
        RuleError::WrongSort { part, expected, found } => {
            let part = if part.is_empty() { "式の一部".to_owned() } else { format!("「{part}」") };
            format!("{part}は{}です。ここには{}を書いてください。", sort(*found), sort(*expected))
        }
        RuleError::NotComparable { left, right } if left == right => {
            format!("{}に大小はありません。== か != か in を使ってください。", sort(*left))
        }
        RuleError::NotComparable { left, right } => {
            format!("{}と{}は比べられません。同じ種類のものと比べてください。", sort(*left), sort(*right))
        }
        RuleError::UnknownWord { word, allowed } => {
            let hint = if word == "no_answer" { "未回答かは known(項目) で確かめてください。" } else { "" };
            format!("「{word}」は選択肢にありません。{} から選んでください。{hint}", allowed.join("、"))
        }
        RuleError::BadLiteral { word, sort: Sort::Time } => {
            format!("「{word}」は時刻ではありません。\"09:30\" のように書いてください。")
        }
        RuleError::BadLiteral { word, .. } => format!("「{word}」は暦にある日付ではありません。\"2026-04-01\" のように書いてください。"),
        RuleError::NumberTooLarge => "数が大きすぎます。1 兆までの数にしてください。".to_owned(),
        RuleError::DividesByZero => "0 で割っています。割る数を確かめてください。".to_owned(),
        RuleError::NotACondition { found } => {
            format!("式の全体が{}になっています。<= や == を使って、成り立つべき条件にしてください。", sort(*found))
        }
        RuleError::NamesNoItem => "この調査の項目が一つも出てきません。項目の ID を使って書いてください。".to_owned(),
    }
}

/// What a rule says of the answers that it is tried on, for the one who writes it.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "成り立ちます。報告はそのまま受け付けます。",
        Verdict::Broken => "成り立ちません。文が出ます。",
        Verdict::Silent => "必要な答えが未回答なので、このルールは働きません。",
        Verdict::Undefined => {
            "この値では 0 で割るか、数が大きくなりすぎるので、このルールは働きません。「割る数 == 0 || …」の形にしてください。"
        }
    }
}

/// What to know of a rule that [divides by zero](akidoko_domain::survey::Rule::divides_by_zero).
pub fn zero_note(rule: &str) -> String {
    format!("ルール「{rule}」：答えが 0 のときに 0 で割るので、そのときは働きません。「割る数 == 0 || …」の形にしてください。")
}

fn arguments(function: &str, takes: &str) -> String {
    let example = match function {
        "in" => "項目 in [\"a\", \"b\"]",
        "known" => "known(項目)",
        "abs" => "abs(項目 - previous.項目)",
        "days" => "days(始まりの日, 終わりの日)",
        _ => return format!("{function} には項目の ID だけを並べます。{function}({takes}) のように書いてください。"),
    };
    format!("{function} の使い方が違います。{example} のように書いてください。")
}

fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Number => "数",
        Sort::Condition => "条件",
        Sort::Text => "文字",
        Sort::Date => "日付",
        Sort::Time => "時刻",
        Sort::Word => "選択肢の言葉",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::{
        rule::Expression,
        survey::{Catalogue, DAILY},
    };

    #[test]
    fn every_refused_rule_says_how_to_mend_it() {
        let table: serde_json::Value = serde_json::from_str(include_str!("../../../domain/tests/it/rules.cases.json")).unwrap();
        let survey = Survey::from_json(&table["survey"].to_string()).unwrap();
        for row in table["refused"].as_array().unwrap() {
            let expression = Expression::new(row[0].as_str().unwrap());
            let sentence = rule_error(expression.program(&survey).unwrap_err());
            assert!(sentence.ends_with("ください。"), "{sentence}");
            assert!(!sentence.contains(['!', '！']) || sentence.contains("!="), "{sentence}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_definition_names_its_place() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let mut survey = daily.clone();
        survey.sections.retain(|s| s.id != "equipment");
        for rule in &mut survey.rules {
            rule.holds = rule.holds.afresh();
        }
        let errors = survey.check_definition();
        assert_eq!(errors.len(), 4, "each rule that names what is gone: {errors:?}");
        let sentence = definition_error(&survey, &errors[0]);
        assert_eq!(
            sentence,
            "ルール「ventilators_usable_within」：項目「ventilators_usable」は、この調査にありません。消した項目でないか、ID のつづりを確かめてください。"
        );
        let beds = DefinitionError::Bounds { item: "available_beds_severe".to_owned() };
        assert!(definition_error(&survey, &beds).starts_with("「空床 うち重症」"));
        for error in [
            DefinitionError::BadName { name: "病床".into() },
            DefinitionError::ReservedName { name: "sum".into() },
            DefinitionError::ItemTwice { item: "beds".into() },
            DefinitionError::ColumnTwice { column: "available_beds".into() },
            DefinitionError::Options { item: "nurse_staffing".into() },
            DefinitionError::RuleTwice { rule: "r".into() },
            DefinitionError::NoMessage { rule: "r".into() },
            DefinitionError::MessageNowhere { rule: "r".into(), item: "x".into() },
            DefinitionError::Unreadable("eof".into()),
        ] {
            assert!(definition_error(&survey, &error).ends_with("ください。"), "{error}");
        }
    }
}
