//! What `./bench` measures with, apart from wrk and pgbench: a bare 304, eight clients that report, and thousands of open screens.
//!
//! - `not-modified`: a minimal axum server that answers 304; prints its address.
//! - `reports ADDRESS TOKEN CODES DATE CLIENTS SECONDS`: writes full reports; 0 seconds is each hospital once. Prints reports a second,
//!   and the median and 99th percentile of a write in ms.
//! - `streams ADDRESS TOKEN CODES DATE COOKIE STREAMS WRITES`: opens streams, writes one report at a time, and prints the median, the 99th
//!   percentile and the longest time in ms from sending a report until an open screen has its row.
//! - `bare-streams BYTES`: a server that writes so many bytes to each open socket for every report, and does nothing else; prints its address.
//! - `unchanged ADDRESS PATH TAG HEADER COUNT`: asks so often, one after the other, for what has not changed. Prints the median, the 99th percentile
//!   and the longest time in ms until the 304 is there.

#![recursion_limit = "256"]

use anyhow::{Context, Result, bail, ensure};
use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    routing::get,
};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// So many different reports are sent, in turn.
const BODIES: usize = 420;
const TAG: &str = "\"12-600\"";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["not-modified"] => runtime()?.block_on(not_modified()),
        ["reports", address, token, codes, date, clients, seconds] => {
            let target = Target::new(address, token, codes, date)?;
            reports(&target, clients.parse()?, Duration::from_secs(seconds.parse()?))
        }
        ["streams", address, token, codes, date, cookie, streams, writes] => {
            let target = Target::new(address, token, codes, date)?;
            runtime()?.block_on(streams_open(target, cookie, streams.parse()?, writes.parse()?))
        }
        ["bare-streams", bytes] => runtime()?.block_on(bare_streams(bytes.parse()?)),
        ["unchanged", address, path, tag, header, count] => unchanged(address, path, tag, header, count.parse()?),
        _ => bail!("started by ./bench"),
    }
}

/// As many worker threads as `TOKIO_WORKER_THREADS` says, like the server that is measured.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// The yardstick of open screens: as many sockets and bytes, and nobody who asks what they say.
async fn bare_streams(bytes: usize) -> Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let head = "id: 1\nevent: row\ndata: ";
    let message: std::sync::Arc<[u8]> = format!("{head}{}\n\n", "x".repeat(bytes.saturating_sub(head.len() + 2))).into_bytes().into();
    let (send, _) = tokio::sync::broadcast::channel::<()>(256);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (mut socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let (send, message) = (send.clone(), message.clone());
        tokio::spawn(async move {
            let mut reports = send.subscribe();
            let mut asked = vec![0; 8192];
            loop {
                let read = socket.read(&mut asked).await?;
                if read == 0 {
                    return anyhow::Ok(());
                }
                if asked.starts_with(b"GET") {
                    break;
                }
                // A report may come in two parts, of which the second is no request: the body ends with its brace.
                if asked[..read].ends_with(b"}") {
                    let _ = send.send(());
                    socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
                }
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\nevent: ping\ndata: {}\n\n").await?;
            while reports.recv().await.is_ok() {
                socket.write_all(&message).await?;
            }
            Ok(())
        });
    }
}

fn unchanged(address: &str, path: &str, tag: &str, header: &str, count: usize) -> Result<()> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\nAccept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n\r\n");
    let mut times = Vec::with_capacity(count);
    let mut some = [0; 8192];
    for _ in 0..count {
        let sent = Instant::now();
        connection.write_all(request.as_bytes())?;
        let mut read = 0;
        while !some[..read].ends_with(b"\r\n\r\n") {
            let more = connection.read(&mut some[read..])?;
            ensure!(more > 0, "the server hung up, or what it sent is no 304");
            read += more;
        }
        times.push(sent.elapsed());
        ensure!(some.starts_with(b"HTTP/1.1 304"), "{}", String::from_utf8_lossy(&some[..read]));
    }
    let (median, high, longest) = spread(times)?;
    println!("{median:.3} {high:.3} {longest:.3}");
    Ok(())
}

async fn not_modified() -> Result<()> {
    let answer = |headers: HeaderMap| async move {
        let same = headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen == TAG);
        (if same { StatusCode::NOT_MODIFIED } else { StatusCode::OK }, [(header::ETAG, TAG)])
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(answer))).await?;
    Ok(())
}

/// Where reports go.
#[derive(Clone)]
struct Target {
    address: String,
    token: String,
    codes: Vec<String>,
    date: String,
    bodies: Vec<String>,
}

impl Target {
    fn new(address: &str, token: &str, codes: &str, date: &str) -> Result<Self> {
        let codes: Vec<String> = std::fs::read_to_string(codes)?.lines().map(str::to_owned).collect();
        ensure!(!codes.is_empty(), "no hospitals");
        let bodies = (0..BODIES).map(|n| report(n).to_string()).collect();
        Ok(Self { address: address.to_owned(), token: token.to_owned(), codes, date: date.to_owned(), bodies })
    }

    fn connect(&self) -> Result<Writer<'_>> {
        let connection = TcpStream::connect(&self.address)?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Writer { target: self, connection, answer: Vec::new() })
    }
}

/// A client that keeps its connection.
struct Writer<'a> {
    target: &'a Target,
    connection: TcpStream,
    answer: Vec<u8>,
}

impl Writer<'_> {
    /// Sends a report and waits for its answer, which says that it is durable.
    fn write(&mut self, code: &str, n: usize) -> Result<()> {
        // Made beforehand: what the client computes would be taken from the server's processor.
        let body = &self.target.bodies[n % self.target.bodies.len()];
        let Target { token, date, address, .. } = self.target;
        let request = format!(
            "PUT /api/v1/hospitals/{code}/reports/{date} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.connection.write_all(request.as_bytes())?;
        self.answer.clear();
        loop {
            let mut some = [0; 8192];
            let read = self.connection.read(&mut some)?;
            ensure!(read > 0, "the server hung up");
            self.answer.extend_from_slice(&some[..read]);
            if is_whole(&self.answer)? {
                break;
            }
        }
        let good = self.answer.starts_with(b"HTTP/1.1 20");
        ensure!(good, "{}", String::from_utf8_lossy(&self.answer));
        Ok(())
    }
}

/// Has the whole answer arrived?
fn is_whole(answer: &[u8]) -> Result<bool> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(false) };
    let head = std::str::from_utf8(&answer[..end])?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).context("an answer without its length")?;
    Ok(answer.len() >= end + 4 + length.trim().parse::<usize>()?)
}

/// A full report of an invented hospital; the figures differ with `n`.
fn report(n: usize) -> Value {
    let of = |modulus: usize| n % modulus;
    let status = ["normal", "limited", "stopped"];
    let care = ["active", "accept", "consult", "refuse"];
    let staff = ["normal", "short", "depleted"];
    json!({ "kind": "full", "answers": {
        "emergency_status": status[of(3)], "inpatient_status": status[of(2)], "outpatient_status": "normal",
        "available_beds": 6 + of(7), "available_beds_severe": of(3), "available_beds_moderate": 2, "available_beds_mild": 1,
        "secured_beds": 40, "secured_beds_severe": 8, "ready_beds": 30 + of(5), "ready_beds_severe": 6, "suspended_beds": of(4),
        "inpatients_total": 20 + of(6), "inpatients_in_secured": 15, "inpatients_severe": of(3), "inpatients_moderate2": 4,
        "inpatients_moderate1": 5, "inpatients_mild": 6, "inpatients_icu": of(3), "inpatients_ventilator": of(2), "inpatients_ecmo": 0,
        "new_admissions": of(5),
        "accept_pediatric": care[of(4)], "accept_perinatal": care[of(3)], "accept_dialysis": care[of(2)], "accept_psychiatric": "refuse",
        "accept_dementia": "consult", "accept_nursing_care": "accept",
        "board_comment": "夜間は内科のみ受け入れます。整形外科は電話で相談してください。", "contact_day": "043-000-0001", "contact_night": "043-000-0002",
        "surgery_status": status[of(2)], "dialysis_status": "not_available", "chemotherapy_status": "normal",
        "physician_staffing": staff[of(2)], "nurse_staffing": staff[of(3)], "other_staffing": "normal",
        "ventilators_owned": 12, "ventilators_usable": 10, "ventilators_in_use": of(8),
        "ecmo_owned": 2, "ecmo_usable": 2, "ecmo_in_use": of(2),
    } })
}

fn reports(target: &Target, clients: usize, time: Duration) -> Result<()> {
    let start = Instant::now();
    let times: Vec<Duration> = thread::scope(|scope| {
        // Each client has its own hospitals, as in life.
        let client = |client: usize| {
            let mut writer = target.connect()?;
            let mine: Vec<&String> = target.codes.iter().skip(client).step_by(clients).collect();
            let mut times = Vec::new();
            for n in 0.. {
                if if time.is_zero() { n >= mine.len() } else { start.elapsed() >= time } {
                    break;
                }
                let sent = Instant::now();
                writer.write(mine[n % mine.len()], n + client)?;
                times.push(sent.elapsed());
            }
            anyhow::Ok(times)
        };
        let all: Vec<_> = (0..clients).map(|n| scope.spawn(move || client(n))).collect();
        let all: Result<Vec<Vec<Duration>>> = all.into_iter().map(|c| c.join().expect("a client does not panic")).collect();
        anyhow::Ok(all?.concat())
    })?;
    let count = u32::try_from(times.len())?;
    let (median, high, _) = spread(times)?;
    println!("{:.0} {median:.2} {high:.2}", f64::from(count) / start.elapsed().as_secs_f64());
    Ok(())
}

/// Median, 99th percentile and longest in ms.
fn spread(mut times: Vec<Duration>) -> Result<(f64, f64, f64)> {
    times.sort_unstable();
    let at = |hundredth: usize| times.get((times.len() * hundredth / 100).min(times.len().saturating_sub(1)));
    let of = |hundredth| at(hundredth).map(|t| t.as_secs_f64() * 1000.0).context("nothing was measured");
    Ok((of(50)?, of(99)?, of(100)?))
}

async fn streams_open(target: Target, cookie: &str, streams: usize, writes: usize) -> Result<()> {
    let (seen, arrivals) = mpsc::channel();
    for _ in 0..streams {
        let stream = tokio::net::TcpStream::connect(&target.address).await?;
        let request = format!("GET /board/events HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n", target.address);
        stream.writable().await?;
        ensure!(stream.try_write(request.as_bytes())? == request.len(), "a request was not taken whole");
        tokio::spawn(listen(stream, seen.clone()));
    }
    drop(seen);
    // All streams say hello before the first report.
    let (send, mut sent) = tokio::sync::mpsc::channel(1);
    let writer = thread::spawn(move || -> Result<Vec<Duration>> {
        for _ in 0..streams {
            arrivals.recv_timeout(Duration::from_secs(30)).context("a stream did not open")?;
        }
        let mut writer = target.connect()?;
        let mut times = Vec::with_capacity(streams * writes);
        for n in 0..writes {
            let at = Instant::now();
            writer.write(&target.codes[n % target.codes.len()], n)?;
            for _ in 0..streams {
                let arrived = arrivals.recv_timeout(Duration::from_secs(10)).context("a screen did not hear of a report")?;
                times.push(arrived.saturating_duration_since(at));
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = send.blocking_send(());
        Ok(times)
    });
    sent.recv().await;
    let times = writer.join().expect("the writer does not panic")?;
    let (median, high, longest) = spread(times)?;
    println!("{median:.1} {high:.1} {longest:.1}");
    Ok(())
}

/// Tells when the stream opened, and when each row was there whole.
async fn listen(stream: tokio::net::TcpStream, seen: mpsc::Sender<Instant>) -> Result<()> {
    let mut held: Vec<u8> = Vec::new();
    let mut open = false;
    loop {
        stream.readable().await?;
        let mut some = [0; 4096];
        let read = match stream.try_read(&mut some) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        };
        let now = Instant::now();
        held.extend_from_slice(&some[..read]);
        while let Some(end) = held.windows(2).position(|two| two == b"\n\n") {
            let message: Vec<u8> = held.drain(..end + 2).collect();
            let is = |event: &[u8]| message.windows(event.len()).any(|some| some == event);
            if is(b"event: row\n") || (!open && is(b"event: ping\n")) {
                open = true;
                seen.send(now)?;
            }
        }
    }
}
