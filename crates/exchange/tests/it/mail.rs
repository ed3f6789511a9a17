//! Letters there and bounces back. The server is a thread that answers as it is told; TLS and sign-in are tried in the tests of the
//! whole program, against a real one.

mod bounces;

use akidoko_exchange::mail::{Accepted, CONNECTIONS, Letter, LetterError, Mailbox, SendError, Transport};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

fn letter(to: &str) -> Letter {
    Letter {
        message_id: "0196.reminder-7@akidoko.pref.example".to_owned(),
        from: Mailbox { name: "県庁「医療政策課」".to_owned(), address: "akidoko@pref.example".to_owned() },
        to: to.to_owned(),
        subject: "【あきどこ】本日の報告がまだ届いていません。第二総合病院の担当者の方へのお知らせです（4月10日 17:00 締切）".to_owned(),
        text: "担当者様\n\n本日の報告がまだ届いていません。\n.\n.点で始まる行\nFrom here\n".to_owned(),
        html: "<!doctype html><p>本日の報告が<b>まだ</b>届いていません。</p>".to_owned(),
        at: "2026-04-10T15:30:00Z".parse().unwrap(),
    }
}

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("akidoko-mail-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

#[test]
fn a_letter_reads_as_it_was_written() {
    let written = letter("tanto@hosp.example");
    let bytes = written.bytes().unwrap();
    assert_eq!(bytes, written.bytes().unwrap(), "the same letter is the same bytes");
    assert!(bytes.is_ascii());
    let lines: Vec<&str> = std::str::from_utf8(&bytes).unwrap().split("\r\n").collect();
    assert!(lines.iter().all(|l| l.len() <= 78 && !l.contains(['\r', '\n'])), "{lines:#?}");
    for line in [
        "Date: Sat, 11 Apr 2026 00:30:00 +0900",
        "Auto-Submitted: auto-generated",
        "Message-ID: <0196.reminder-7@akidoko.pref.example>",
        "To: tanto@hosp.example",
        "MIME-Version: 1.0",
    ] {
        assert_eq!(lines.iter().filter(|l| **l == line).count(), 1, "{line} in {lines:#?}");
    }
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.message_id(), Some(written.message_id.as_str()));
    assert_eq!(read.subject(), Some(written.subject.as_str()));
    let from = read.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("県庁「医療政策課」"), Some("akidoko@pref.example")));
    assert_eq!(read.content_type().unwrap().subtype(), Some("alternative"));
    assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), written.text);
    assert_eq!(read.body_html(0).unwrap(), written.html);
    assert_eq!((read.text_body_count(), read.html_body_count(), read.attachment_count()), (1, 1, 0));
}

#[test]
fn nothing_typed_becomes_a_header() {
    let mut evil = letter("tanto@hosp.example");
    evil.subject = "一行\r\nBcc: all@example.jp\r\n\r\n本文".to_owned();
    evil.from.name = "県\"\r\nX-Evil: 1".to_owned();
    let bytes = evil.bytes().unwrap();
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.subject(), Some("一行 Bcc: all@example.jp 本文"));
    assert!(read.bcc().is_none() && read.header("X-Evil").is_none());
}

#[test]
fn a_letter_without_an_address_is_refused() {
    for to in [
        "",
        "hosp.example",
        "a@b@c",
        "a b@hosp.example",
        "a@hosp.example\r\nRCPT TO:<x@y.example>",
        "担当@hosp.example",
        "<a@hosp.example>",
    ] {
        assert_eq!(letter(to).bytes(), Err(LetterError::To), "{to:?}");
    }
    let mut from_nobody = letter("a@hosp.example");
    from_nobody.from.address = "nobody".to_owned();
    assert_eq!(from_nobody.bytes(), Err(LetterError::From));
    for id in ["", "left", "<a@b>", "a@", "@b", "a b@c", "a@b\r\nX: y", "番@b", &format!("{}@b", "a".repeat(200))] {
        let bad = Letter { message_id: id.to_owned(), ..letter("a@hosp.example") };
        assert_eq!(bad.bytes(), Err(LetterError::MessageId), "{id:?}");
    }
}

#[tokio::test]
async fn a_folder_holds_each_letter_once() {
    let path = folder("once");
    for config in [format!("folder:{}", path.display()), format!("file://{}", path.display())] {
        let transport = Transport::parse(&config, None).unwrap();
        let answer = transport.send(&letter("a@hosp.example")).await;
        assert_eq!(answer, Ok(Accepted { words: "0196.reminder-7@akidoko.pref.example.eml".to_owned() }));
    }
    let other = Letter { message_id: "../../etc/passwd@x".to_owned(), ..letter("a@hosp.example") };
    Transport::parse(&format!("folder:{}", path.display()), None).unwrap().send(&other).await.unwrap();
    let mut names: Vec<String> = fs::read_dir(&path).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["0196.reminder-7@akidoko.pref.example.eml", "_._.._etc_passwd@x.eml"]);
    assert_eq!(fs::read(path.join(&names[0])).unwrap(), letter("a@hosp.example").bytes().unwrap());

    let in_the_way = path.join(&names[0]);
    let error = Transport::parse(&format!("folder:{}", in_the_way.display()), None).unwrap().send(&letter("a@hosp.example")).await;
    assert!(error.is_err_and(|e| !e.permanent && e.code.is_none() && e.words.contains("cannot be written")));
    let error = Transport::parse(&format!("folder:{}", path.display()), None).unwrap().send(&letter("nobody")).await;
    assert!(error.is_err_and(|e| e.permanent && e.code.is_none()));
    fs::remove_dir_all(path).unwrap();
}

#[test]
fn configurations() {
    for (config, host, port) in [
        ("smtp://localhost:2525", "localhost", 2525),
        ("smtp://127.0.0.9", "127.0.0.9", 25),
        ("smtp://[::1]:2525/", "::1", 2525),
        ("smtp+starttls://us%40er:p%40ss%3Aw%2Ford@mail.pref.example", "mail.pref.example", 587),
        (" smtps://user:secret@Mail.pref.example:4650\n", "mail.pref.example", 4650),
        ("smtps://relay.pref.example", "relay.pref.example", 465),
    ] {
        let transport = Transport::parse(config, None).unwrap();
        let Transport::Smtp(smtp) = &transport else { panic!("{config}") };
        assert_eq!((smtp.host(), smtp.port()), (host, port), "{config}");
        assert!(!format!("{transport:?}").contains("secret"));
    }
    for (config, complaint) in [
        ("", "must begin with"),
        ("mail.pref.example:25", "must begin with"),
        ("http://mail.pref.example", "must begin with"),
        ("smtp://", "no host"),
        ("smtps://user:secret@", "cannot be read"),
        ("smtp://mail.pref.example:25", "only allowed to this machine, not to mail.pref.example"),
        ("smtp://localhost.pref.example", "only allowed to this machine"),
        ("smtps://user:secret@host:port", "percent-encode"),
        ("smtps://user:sec/secret@host", "percent-encode"),
        ("smtps://user:secret@host/path", "something else"),
        ("smtps://user:secret@host?tls=no", "something else"),
        ("smtps://user@host", "both a user and a password"),
        ("smtps://:secret@host", "both a user and a password"),
        ("smtps://user:secret%ff@host", "UTF-8"),
        ("folder:mail", "absolute path"),
        ("folder:", "absolute path"),
        ("file:///%ff/../x?y", ""),
    ] {
        match Transport::parse(config, None) {
            Err(error) => {
                let words = error.to_string();
                assert!(words.contains(complaint) && !words.contains("secret"), "{config}: {words}");
                assert!(!format!("{error:?}").contains("secret"), "{config}: {error:?}");
            }
            Ok(transport) => assert!(complaint.is_empty(), "{config}: {transport:?}"),
        }
    }
    let missing = Transport::parse("smtps://host", Some(Path::new("/nowhere/ca.pem"))).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/ca.pem"));
    let no_pem = Transport::parse("smtps://host", Some(Path::new("Cargo.toml")));
    assert!(no_pem.unwrap_err().to_string().contains("no certificate"));
}

/// A server that answers by the name before the `@`, hangs up after some letters, and counts its connections.
fn server(letters: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = format!("smtp://user:hunter2@127.0.0.1:{}", listener.local_addr().unwrap().port());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || talk(stream.unwrap(), letters));
        }
    });
    (config, connections)
}

fn talk(mut stream: TcpStream, letters: usize) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let (mut taken, mut refuse, mut password) = (0, "", "235 in");
    stream.write_all(b"220 here\r\n").unwrap();
    while let Some(line) = lines.next() {
        let answer = match line.split(['@', ' ', ':', '<']).collect::<Vec<_>>()[..] {
            ["EHLO", "locked.example", ..] => {
                password = "535 5.7.8 user with hunter2 is wrong";
                "250-here\r\n250 AUTH PLAIN"
            }
            ["EHLO", ..] => "250-here\r\n250 AUTH PLAIN",
            ["AUTH", ..] => password,
            ["MAIL", ..] if taken == letters => break,
            ["MAIL", _, _, "refused", ..] => "550 5.7.1 not you",
            ["RCPT", _, _, "gone", ..] => "550-5.1.1 no such\r\n550 5.1.1 user hunter2",
            ["RCPT", _, _, "later", ..] => "451 4.7.1 greylisted",
            ["RCPT", _, _, "locked", ..] => "530 5.7.0 sign in first",
            ["RCPT", _, _, "bye", ..] => "421 4.3.2 closing",
            ["RCPT", _, _, name, ..] => {
                refuse = if name == "spam" { "554 5.7.1 spam" } else { "250 2.0.0 queued as 4XY" };
                "250 ok"
            }
            ["DATA"] => {
                stream.write_all(b"354 go on\r\n").unwrap();
                lines.by_ref().take_while(|l| l != ".").for_each(drop);
                taken += 1;
                refuse
            }
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn what_a_server_answers() {
    let (config, connections) = server(usize::MAX);
    let transport = Transport::parse(&config, None).unwrap();
    for (to, permanent, code, words) in [
        ("gone@hosp.example", true, 550, "the mail server refuses the recipient: 550 5.1.1 no such … …"),
        ("later@hosp.example", false, 451, "the mail server refuses the recipient: 451 4.7.1 greylisted"),
        ("locked@hosp.example", false, 530, "the mail server refuses the recipient: 530 5.7.0 sign in first"),
        ("spam@hosp.example", true, 554, "the mail server refuses the letter: 554 5.7.1 spam"),
        ("bye@hosp.example", false, 421, "the mail server refuses the recipient: 421 4.3.2 closing"),
    ] {
        assert_eq!(transport.send(&letter("a@hosp.example")).await, Ok(Accepted { words: "2.0.0 queued as 4XY".to_owned() }));
        let refused = transport.send(&letter(to)).await;
        assert_eq!(refused, Err(SendError { permanent, code: Some(code), words: words.to_owned() }));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1, "a refusal does not end the connection");
    transport.send(&letter("a@hosp.example")).await.unwrap();
    assert_eq!(connections.load(Ordering::SeqCst), 2, "421 does");

    let mut refused = letter("a@hosp.example");
    refused.from.address = "refused@pref.example".to_owned();
    assert!(
        transport.send(&refused).await.is_err_and(|e| !e.permanent && e.code == Some(550)),
        "the recipient is not to blame for the sender"
    );
    refused.from.address = "akidoko@locked.example".to_owned();
    let error = Transport::parse(&config, None).unwrap().send(&refused).await.unwrap_err();
    assert_eq!(error, SendError { permanent: false, code: Some(535), words: "the mail server refuses the sign-in: 535".to_owned() });
}

#[tokio::test]
async fn a_server_that_hangs_up_is_called_again() {
    let (config, connections) = server(10);
    let transport = Transport::parse(&config, None).unwrap();
    for _ in 0..25 {
        transport.send(&letter("a@hosp.example")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
    transport.rest().await;
    transport.send(&letter("a@hosp.example")).await.unwrap();
    assert_eq!(connections.load(Ordering::SeqCst), 4);

    // Nobody there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = Transport::parse(&format!("smtp://localhost:{port}"), None).unwrap().send(&letter("a@hosp.example")).await.unwrap_err();
    assert!(!error.permanent && error.code.is_none() && error.words.starts_with("the mail server cannot be reached"), "{error}");
}

#[tokio::test]
async fn many_letters_share_few_connections() {
    let (config, connections) = server(usize::MAX);
    let transport = Arc::new(Transport::parse(&config, None).unwrap());
    let send = |_| {
        let transport = transport.clone();
        tokio::spawn(async move { transport.send(&letter("a@hosp.example")).await })
    };
    for sent in (0..200).map(send).collect::<Vec<_>>() {
        sent.await.unwrap().unwrap();
    }
    assert!(connections.load(Ordering::SeqCst) <= CONNECTIONS);
}

proptest! {
    #[test]
    fn any_letter_is_a_message(subject in ".{0,200}", name in ".{0,80}", text in any::<String>(), html in any::<String>()) {
        let mut any = letter("a@hosp.example");
        any.from.name = name;
        (any.subject, any.text, any.html) = (subject, text, html);
        let bytes = any.bytes().unwrap();
        prop_assert!(bytes.is_ascii());
        let read = MessageParser::default().parse(&bytes).unwrap();
        prop_assert_eq!(read.message_id(), Some(any.message_id.as_str()));
        prop_assert_eq!(read.parts.len(), 3);
    }
}
