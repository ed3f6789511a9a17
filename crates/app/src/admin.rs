//! `akidoko admin …`

use crate::config;
use akidoko_domain::{
    area::prefecture_name,
    hospital::Attributes,
    id::{OrganisationCode, PrefCode, SessionId, SignInName},
    organisation::OrganisationKind,
    place::Point,
};
use akidoko_service::admin::Administration;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use std::io::Read;

fn kind(s: &str) -> Result<OrganisationKind, String> {
    let all = || OrganisationKind::ALL.map(OrganisationKind::as_str).join(", ");
    OrganisationKind::parse(s).ok_or_else(|| format!("{} のどれかです", all()))
}

fn prefecture(s: &str) -> Result<PrefCode, String> {
    let code: PrefCode = s.parse().map_err(|_| "都道府県コードは 2 けたの数字です".to_owned())?;
    if prefecture_name(code).is_some() { Ok(code) } else { Err("01 から 47 のコードを指定してください".to_owned()) }
}

fn session(s: &str) -> Result<SessionId, String> {
    serde_json::from_value(serde_json::Value::String(s.to_owned()))
        .map_err(|_| "トークンの番号は create-token が出力したものです".to_owned())
}

#[derive(Subcommand)]
pub enum Command {
    /// 組織を作成します
    CreateOrganisation {
        /// 種類
        #[arg(long, value_parser = kind)]
        kind: OrganisationKind,
        /// 都道府県コード（厚生労働省のほかは必須）
        #[arg(long, value_parser = prefecture)]
        prefecture: Option<PrefCode>,
        /// 名称
        #[arg(long)]
        name: String,
    },
    /// 一覧にない医療機関を作成します
    CreateHospital {
        /// 都道府県コード
        #[arg(long, value_parser = prefecture)]
        prefecture: PrefCode,
        /// 名称
        #[arg(long)]
        name: String,
        /// フリガナ
        #[arg(long)]
        kana: Option<String>,
        /// 全国地方公共団体コード（6 けた）
        #[arg(long)]
        municipality: Option<String>,
        /// 電話番号
        #[arg(long)]
        phone: Option<String>,
        /// 許可病床数
        #[arg(long)]
        beds: Option<u32>,
        /// 位置（緯度,経度）
        #[arg(long, value_parser = place, allow_hyphen_values = true)]
        place: Option<Point>,
    },
    /// とりまとめ団体に医療機関を加えます
    AddMember {
        /// とりまとめ団体の ID
        association: OrganisationCode,
        /// 医療機関の ID
        hospital: OrganisationCode,
    },
    /// 操作者を作成し、パスワードを設定するリンクを出力します
    CreateAccount {
        /// 組織の ID
        organisation: OrganisationCode,
        /// 操作者の名前や係名
        #[arg(long)]
        name: String,
        /// パスワードを標準入力の 1 行目から読みます
        #[arg(long)]
        password_stdin: bool,
    },
    /// パスワードを設定し直すリンクを出力します
    ResetPassword {
        /// 操作者（ID-NN）
        operator: SignInName,
    },
    /// 2 段階の確認を解除します（管理者がほかにいない操作者のため）
    ResetSecondFactor {
        /// 操作者（ID-NN）
        operator: SignInName,
    },
    /// API のトークンを作成します（一度だけ表示されます）
    CreateToken {
        /// 操作者（ID-NN）
        operator: SignInName,
        /// 使い道
        #[arg(long)]
        name: String,
        /// 有効な日数
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// API のトークンを無効にします
    RevokeToken {
        /// トークンの番号
        #[arg(value_parser = session)]
        token: SessionId,
    },
    /// 組織（ID）か操作者（ID-NN）を停止します
    Suspend {
        /// 組織か操作者
        who: String,
    },
    /// 停止を解きます
    Resume {
        /// 組織か操作者
        who: String,
    },
    /// 組織と操作者の一覧
    List {
        /// 種類（省略：医療機関のほか）
        #[arg(long, value_parser = kind)]
        kind: Option<OrganisationKind>,
    },
}

pub async fn run(command: Command) -> Result<()> {
    let (store, clock, _) = config::open().await?;
    let administration = Administration::new(store.clone(), clock);
    match command {
        Command::CreateOrganisation { kind, prefecture, name } => {
            println!("{}", administration.create_organisation(kind, prefecture, name.trim()).await?.code);
        }
        Command::CreateHospital { prefecture, name, kana, municipality, phone, beds, place } => {
            if municipality.as_deref().is_some_and(|m| !akidoko_domain::code::is_municipality_code(m)) {
                bail!("--municipality は検査数字の正しい 6 けたのコードです");
            }
            let attributes = Attributes {
                name: Some(name.trim().to_owned()),
                name_kana: kana,
                municipality_code: municipality,
                phone,
                beds_total: beds,
                latitude: place.map(Point::latitude),
                longitude: place.map(Point::longitude),
                ..Attributes::default()
            };
            println!("{}", administration.create_hospital(prefecture, &attributes).await?.code);
        }
        Command::AddMember { association, hospital } => administration.add_member(&association, &hospital).await?,
        Command::CreateAccount { organisation, name, password_stdin } => {
            let password = if password_stdin { Some(password_from_stdin()?) } else { None };
            let (sign_in, link) = administration.create_account(&organisation, name.trim(), password.as_deref()).await?;
            println!("{sign_in}");
            if let Some(token) = link {
                println!("/set-password/{token}");
                eprintln!("この住所の末尾は 72 時間、一度だけ使えます。本人だけに伝えてください。");
            }
        }
        Command::ResetPassword { operator } => println!("/set-password/{}", administration.reset_password(&operator).await?),
        Command::ResetSecondFactor { operator } => administration.reset_second_factor(&operator).await?,
        Command::CreateToken { operator, name, days } => {
            let (id, token) = administration.create_token(&operator, &name, days).await?;
            println!("{token}");
            eprintln!("トークンの番号：{id}（無効にするときに使います）");
        }
        Command::RevokeToken { token } => administration.revoke_token(token).await?,
        Command::Suspend { who } => administration.suspend(&who, true).await?,
        Command::Resume { who } => administration.suspend(&who, false).await?,
        Command::List { kind } => {
            for (row, accounts) in administration.list(kind).await? {
                let o = row.organisation;
                let prefecture = o.prefecture.map_or_else(|| "--".to_owned(), |p| p.to_string());
                let suspended = if row.suspended_at.is_some() { "（停止中）" } else { "" };
                println!("{}  {prefecture}  {}  {}{suspended}", o.code, o.kind.as_str(), o.name);
                for (operator, name) in accounts {
                    println!("    {}-{operator:02}  {name}", o.code);
                }
            }
        }
    }
    store.close().await;
    Ok(())
}

fn password_from_stdin() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("標準入力を読めません")?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("標準入力の 1 行目にパスワードがありません");
    }
    Ok(line.to_owned())
}

fn place(text: &str) -> Result<Point, String> {
    text.parse().map_err(|_| "位置は「35.6074,140.1065」のように、緯度と経度をコンマで区切ります".to_owned())
}
