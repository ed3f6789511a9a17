//! What happens beside the road while a hospital is on it.

use super::*;

#[tokio::test]
async fn a_register_that_comes_in_between() {
    on_both("a_register_that_comes_in_between", async |t, folder| {
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let ministry = t.person(Kind::Ministry, None).await;
        for mail in ["a@hospital.example.jp", "b@hospital.example.jp"] {
            applied(t, folder, &[("email", mail), ("email_again", mail)]).await;
        }
        let ids: Vec<String> = rows(t, &health).await.into_iter().map(|v| v.row.id.to_string()).collect();
        to(&vouch(t, &health, &ids[0], Some("new")).await);
        let near = registered(t, 12, "架空中央病院", CODE).await;
        // It is the same hospital, though it was a new entry when it was approved.
        let got = vouch(t, &health, &ids[1], None).await;
        assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("ほかの申請で承認されています"), "{}", got.text);
        approve(t, &ministry).await;
        let address = rows(t, &health).await.into_iter().find(|v| v.row.id.to_string() == ids[0]).unwrap().row.form.email;
        let (name, _) = first_sign_in(t, folder, &address).await;
        assert_eq!(name, format!("{near}-01"), "the one that the register brought");
        assert_eq!(t.store.organisations_unscoped(Some(Kind::Hospital)).await.unwrap().len(), 1);
    })
    .await;
}
