//! `akidoko serve`

use crate::{config, mail};
use akidoko_domain::organisation::OrganisationKind;
use akidoko_exchange::routing::Routing;
use akidoko_service::{
    Service, Store,
    loading::{DEMO_PASSWORD, demo_sign_ins, load_demo},
};
use akidoko_web::{Options, Outlines, State, Tiles, router};
use anyhow::{Context, Result, bail};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use clap::Args;
use std::{
    fs,
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
    time::Duration,
};

#[derive(Args)]
pub struct Arguments {
    /// 待ち受けるアドレス
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// 架空のデータで試します
    #[arg(long)]
    demo: bool,
    /// 見ている間、架空の医療機関が報告を続けます（--demo とともに）
    #[arg(long, requires = "demo")]
    simulate: bool,
    /// TLS の証明書（PEM）
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// TLS の秘密鍵（PEM）
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// X-Forwarded-For を信じるプロキシの IP アドレス（TLS はプロキシが担う）
    #[arg(long)]
    trusted_proxy: Vec<IpAddr>,
    /// 地図の下に敷く境界（GeoJSON。properties に pref_code）
    #[arg(long, env = "AKIDOKO_OUTLINES")]
    outlines: Option<PathBuf>,
    /// 地図の背景のタイル（https://…/{z}/{x}/{y}.png）。なければ外には何も求めません
    #[arg(long, env = "AKIDOKO_TILES")]
    tiles: Option<String>,
    /// 地図に表示するタイルの出典
    #[arg(long, env = "AKIDOKO_TILES_CREDIT", default_value = "")]
    tiles_credit: String,
    /// 道路の経路を調べるサーバー（OSRM の table に答えるもの。http://127.0.0.1:5000）。なければ直線距離から見積もります
    #[arg(long, env = "AKIDOKO_ROUTING_URL")]
    routing_url: Option<String>,
    /// 経路のサーバーの証明書を確かめる CA（PEM）
    #[arg(long, env = "AKIDOKO_ROUTING_CA")]
    routing_ca: Option<PathBuf>,
    #[command(flatten)]
    mail: mail::Arguments,
}

impl Arguments {
    /// The ground of the map. A file that is none stops the start: it was named on purpose, and is mended before anybody looks.
    fn ground(&self) -> Result<(Outlines, Option<Tiles>)> {
        let read = |path: &PathBuf| {
            let bytes = fs::read(path).with_context(|| format!("{} を読めません", path.display()))?;
            Outlines::read(&bytes).with_context(|| format!("{} は境界のファイル（GeoJSON）ではありません", path.display()))
        };
        let tiles = self.tiles.as_ref().map(|url| {
            Tiles::new(url, &self.tiles_credit).with_context(|| format!("AKIDOKO_TILES は https://…/{{z}}/{{x}}/{{y}}.png の形です：{url}"))
        });
        Ok((self.outlines.as_ref().map(read).transpose()?.unwrap_or_default(), tiles.transpose()?))
    }

    /// The routing service. An address that is none stops the start; one that does not answer leaves the estimates.
    fn routing(&self) -> Result<Option<Routing>> {
        let new = |url: &String| {
            Routing::new(url, self.routing_ca.as_deref()).context("AKIDOKO_ROUTING_URL か AKIDOKO_ROUTING_CA の指定が使えません")
        };
        self.routing_url.as_ref().filter(|url| !url.trim().is_empty()).map(new).transpose()
    }
}

pub async fn run(arguments: Arguments) -> Result<()> {
    let tls = arguments.tls_cert.is_some();
    let (outlines, tiles) = arguments.ground()?;
    let routing = arguments.routing()?;
    if !arguments.listen.ip().is_loopback() && !tls && arguments.trusted_proxy.is_empty() {
        bail!(
            "{} は暗号化されない http で外から届くアドレスのため、起動しません。パスワードと病床の情報が盗み見られるおそれがあります。\n\
             --tls-cert と --tls-key で証明書を指定するか、TLS を担うプロキシの内側で --trusted-proxy を指定してください。",
            arguments.listen
        );
    }
    if arguments.demo {
        let config = config::database()?;
        Store::migrate(&config).await?;
        let store = Store::open(&config).await?;
        let mut there = store.organisations_unscoped(None).await?;
        there.extend(store.organisations_unscoped(Some(OrganisationKind::Hospital)).await?);
        // A real hospital's name never stands beside an invented number.
        if there.iter().any(|o| o.organisation.prefecture.is_some_and(|p| !p.is_invented())) {
            bail!("このデータベースにはデモ以外の組織があります。--demo は空のデータベース（AKIDOKO_DATABASE_URL）で使ってください。");
        }
        eprintln!("デモのデータを用意しています…");
        load_demo(&store, &config::clock()).await?;
        store.close().await;
    }
    let (store, clock, _) = config::open().await?;
    let listener = TcpListener::bind(arguments.listen).with_context(|| format!("{} で待ち受けられません", arguments.listen))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let post = arguments.mail.post(address)?;
    let service = Service::start_with(store, clock, post).await.context("起動できません。`akidoko doctor` で確かめてください")?;
    let service = match routing {
        Some(routing) => service.with_routing(routing),
        None => service,
    };
    service.start_worker();
    if arguments.simulate {
        service.simulate(u64::from(std::process::id()));
    }
    let options = Options {
        outlines,
        tiles,
        demo: arguments.demo,
        demo_sign_ins: if arguments.demo { demo_sign_ins() } else { Vec::new() },
        trusted_proxies: arguments.trusted_proxy.clone(),
        https: tls || !arguments.trusted_proxy.is_empty(),
    };
    let app = router(State::new(service.clone(), options)).into_make_service_with_connect_info::<SocketAddr>();
    announce(address, tls, arguments.demo);

    let handle = Handle::new();
    let stop = handle.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        // Open streams never end by themselves: they get a moment, and reconnect elsewhere.
        stop.graceful_shutdown(Some(Duration::from_secs(2)));
    });
    if let (Some(cert), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = RustlsConfig::from_pem_file(cert, key).await.context("TLS の証明書か秘密鍵を読めません")?;
        axum_server::from_tcp_rustls(listener, tls)?.handle(handle).serve(app).await?;
    } else {
        axum_server::from_tcp(listener)?.handle(handle).serve(app).await?;
    }
    service.finish().await;
    Ok(())
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn announce(address: SocketAddr, tls: bool, demo: bool) {
    let scheme = if tls { "https" } else { "http" };
    println!("空きどこ：{scheme}://{address}");
    if !akidoko_web::has_node_assets() {
        println!("Node の部品がないため、画面は簡素な見た目になります。");
    }
    if demo {
        println!("デモ：架空のデータです。サインイン（パスワードはどれも {DEMO_PASSWORD}）：");
        for sign_in in demo_sign_ins() {
            println!("  {}  {}（{}）", sign_in.name, sign_in.organisation, kind(sign_in.kind));
        }
    }
}

fn kind(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Hospital => "医療機関",
        OrganisationKind::FireHeadquarters => "消防本部",
        OrganisationKind::PrefectureHealth => "都道府県 衛生主管部局",
        OrganisationKind::PrefectureFire => "都道府県 消防防災主管部局",
        OrganisationKind::HealthCity => "保健所設置市",
        OrganisationKind::HealthCentre => "保健所",
        OrganisationKind::Association => "とりまとめ団体",
        OrganisationKind::Ministry => "厚生労働省",
    }
}
