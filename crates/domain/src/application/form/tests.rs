//! What people type, and what is said of it.

use super::*;

fn known() -> BTreeMap<String, String> {
    [("121002", "千葉市"), ("122033", "市川市"), ("131016", "千代田区")].map(|(c, n)| (c.to_owned(), n.to_owned())).into()
}

fn read_on(road: Road, pairs: &[(Column, &str)]) -> (Form, Vec<(Column, FormProblem)>) {
    let mut raw: BTreeMap<Column, String> = [
        (Column::Name, "青波市消防本部"),
        (Column::NameKana, "アオナミシショウボウホンブ"),
        (Column::PostalCode, "260-0001"),
        (Column::Address, "千葉県青波市中央1-1"),
        (Column::Phone, "043-000-0119"),
        (Column::Department, "警防課"),
        (Column::ContactName, "髙﨑 一郎"),
        (Column::ContactKana, "タカサキ イチロウ"),
        (Column::Email, "keibou@city.aonami.example.jp"),
        (Column::EmailAgain, "keibou@city.aonami.example.jp"),
    ]
    .map(|(c, v)| (c, v.to_owned()))
    .into();
    raw.extend(pairs.iter().map(|(c, v)| (*c, (*v).to_owned())));
    let municipalities = known();
    let context =
        FormContext { road, prefecture: PrefCode::new(12).unwrap(), prefecture_name: "千葉県", municipalities: &municipalities };
    let (form, findings) = read_form(&raw, &context);
    (form, findings.into_iter().map(|f| (f.column, f.problem)).collect())
}

fn read(pairs: &[(Column, &str)]) -> (Form, Vec<(Column, FormProblem)>) {
    read_on(Road::Bundle, pairs)
}

#[test]
fn a_hospital_and_its_code() {
    use {Column as C, FormProblem as P};
    let hospital = |code: &str| read_on(Road::Hospital, &[(C::Name, "青波市民病院"), (C::InstitutionCode, code)]);
    // In 千葉 the check digit is taken over the six digits alone.
    for typed in ["1210110700", "１２１０１１０７００", "12-1-0110700", "0110700", ""] {
        let (form, findings) = hospital(typed);
        assert_eq!((form.applicant(), findings), (Applicant::Hospital, vec![]), "{typed}");
        assert_eq!(form.institution_code, if typed.is_empty() { "" } else { "1210110700" });
    }
    for (typed, problem) in [
        ("1210110701", P::BadInstitutionCode),
        ("0110701", P::BadInstitutionCode),
        ("123", P::BadInstitutionCode),
        ("病院", P::BadInstitutionCode),
        ("0110113719", P::OtherPrefectureCode),
    ] {
        assert_eq!(hospital(typed).1, [(C::InstitutionCode, problem)], "{typed}");
    }
    assert_ne!(hospital("1210110700").0.key(), hospital("").0.key());
    let (form, findings) = read_on(Road::Hospital, &[(C::Address, "千葉県 市川市架空1"), (C::ExceptionReason, "x"), (C::Phone, "")]);
    assert_eq!((form.municipalities, form.exception_reason.as_str()), (vec!["122033".to_owned()], ""), "its columns and no others");
    assert_eq!(findings, [(C::Phone, P::Missing)]);
}

#[test]
fn whoever_is_invited() {
    use {Column as C, FormProblem as P};
    let invited = |kind: &str| read_on(Road::Invitation, &[(C::Name, "千葉県健康福祉部"), (C::OrganisationKind, kind), (C::Phone, "")]);
    let (form, findings) = invited("prefecture_health");
    assert_eq!((form.applicant(), findings), (Applicant::Officer, vec![]));
    assert_eq!(form.organisation_kind, Some(OrganisationKind::PrefectureHealth));
    for kind in ["hospital", "ministry", "fire_headquarters", "x"] {
        assert_eq!(invited(kind).1, [(C::OrganisationKind, P::UnknownKind)], "{kind}");
    }
    assert_eq!(invited("").1, [(C::OrganisationKind, P::Missing)]);
}

#[test]
fn what_people_type_is_folded() {
    let (form, findings) = read(&[
        (Column::Prefecture, "千葉"),
        (Column::NameKana, "ｱｵﾅﾐｼｼｮｳﾎﾞｳﾎﾝﾌﾞ"),
        (Column::PostalCode, "２６０ー０００１"),
        (Column::Phone, "０４３（０００）０１１９"),
        (Column::Email, "ｋｅｉｂｏｕ@city.aonami.example.jp"),
        (Column::Municipalities, "千葉市、122033"),
        (Column::HeadquartersType, "一部事務組合"),
        (Column::ContactKana, "たかさき いちろう"),
    ]);
    assert_eq!(findings, []);
    assert_eq!(form.name_kana, "アオナミシショウボウホンブ");
    assert_eq!(form.postal_code, "260-0001");
    assert_eq!(form.phone, "043-000-0119");
    assert_eq!(form.email, "keibou@city.aonami.example.jp");
    assert_eq!(form.municipalities, ["121002", "122033"]);
    assert_eq!(form.headquarters_type, "union");
    assert_eq!(form.contact_kana, "タカサキ イチロウ");
    assert_eq!(form.contact_name, "髙﨑 一郎", "names stay as they are written");
    assert_eq!(read(&[(Column::Phone, "430000119")]).0.phone.replace('-', ""), "0430000119", "a zero that a spreadsheet ate");
}

#[test]
fn what_is_wrong_is_named() {
    use {Column as C, FormProblem as P};
    let written = |s: &str| s.to_owned();
    for (column, typed, problem) in [
        (C::Prefecture, "東京都", P::OtherPrefecture { written: written("東京都") }),
        (C::Name, "", P::Missing),
        (C::Name, "=cmd|' /C calc'!A0消防本部", P::Formula),
        (C::Name, "青波市消防署", P::NotFireHeadquarters),
        (C::NameKana, "青波", P::NotKana),
        (C::HeadquartersType, "その他", P::UnknownType),
        (C::Municipalities, "121003", P::BadMunicipalityCode { written: written("121003") }),
        (C::Municipalities, "131016", P::OtherPrefectureMunicipality { written: written("131016") }),
        (C::Municipalities, "千代田区", P::OtherPrefectureMunicipality { written: written("千代田区") }),
        (C::Municipalities, "無い市", P::UnknownMunicipality { written: written("無い市") }),
        (C::PostalCode, "26-0001", P::BadPostalCode),
        (C::Phone, "1234", P::BadPhone),
        (C::Email, "keibou@localhost", P::BadEmail),
        (C::Email, "警防@city.example.jp", P::BadEmail),
        (C::EmailAgain, "keibo@city.aonami.example.jp", P::EmailsDiffer),
        (C::Remarks, "a\u{7}b", P::NotText),
    ] {
        let (_, findings) = read(&[(column, typed)]);
        assert!(findings.contains(&(column, problem.clone())), "{column:?} {typed}: {findings:?}");
    }
    let (_, findings) = read(&[(C::Address, &"あ".repeat(201))]);
    assert_eq!(findings, [(C::Address, P::TooLong { max: 200 })]);
    let (form, findings) = read(&[(C::Name, "青波市消防署"), (C::ExceptionReason, "本部が被災したため")]);
    assert_eq!((form.applicant(), findings), (Applicant::Other, vec![(C::Name, P::Consultation)]));
}

#[test]
fn mail_addresses_that_are_doubtful() {
    for (email, problem) in [
        ("a119@docomo.ne.jp", Some(FormProblem::CarrierMail)),
        ("aonami.fd@gmail.com", Some(FormProblem::PrivateMail)),
        ("t.yamada@city.aonami.example.jp", Some(FormProblem::PersonalMailbox)),
        ("shobo-kyukyu@city.aonami.example.jp", None),
        ("119@city.aonami.example.jp", None),
    ] {
        let (_, findings) = read(&[(Column::Email, email), (Column::EmailAgain, email)]);
        assert_eq!(findings.into_iter().next().map(|(_, p)| p), problem, "{email}");
    }
}

#[test]
fn the_same_headquarters_by_any_width() {
    let key = |name: &str| Form { name: name.to_owned(), ..Form::default() }.key();
    assert_eq!(key("ちば市消防局"), key("ちば市　消防局"));
    assert_ne!(key("青波市消防本部"), key("青浜市消防本部"));
    for (name, who) in [
        ("千葉市消防局", Applicant::FireHeadquarters),
        ("東京消防庁", Applicant::FireHeadquarters),
        ("長生郡市広域市町村圏組合消防本部", Applicant::FireHeadquarters),
        ("青波市消防本部中央消防署", Applicant::Other),
        ("青波市消防団", Applicant::Other),
    ] {
        assert_eq!(Applicant::of_name(name), who, "{name}");
    }
}
