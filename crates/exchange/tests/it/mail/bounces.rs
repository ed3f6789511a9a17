//! Bounces as mail servers write them, written by hand after what they look like, and anything at all.

use super::letter;
use akidoko_exchange::mail::{Bounce, NotABounce, bounces_of_mbox};
use proptest::prelude::*;

const POSTFIX: &str = "Return-Path: <>\r
From: MAILER-DAEMON@mail.pref.example (Mail Delivery System)\r
To: akidoko@pref.example\r
Subject: Undelivered Mail Returned to Sender\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status;\r
\tboundary=\"4XY.1776/mail.pref.example\"\r
Message-Id: <20260410063001.AA@mail.pref.example>\r
\r
This is a MIME-encapsulated message.\r
\r
--4XY.1776/mail.pref.example\r
Content-Description: Notification\r
Content-Type: text/plain; charset=us-ascii\r
\r
I'm sorry to have to inform you that your message could not be delivered.\r
\r
--4XY.1776/mail.pref.example\r
Content-Description: Delivery report\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mail.pref.example\r
X-Postfix-Queue-ID: 4XY\r
Arrival-Date: Fri, 10 Apr 2026 15:30:00 +0900 (JST)\r
\r
Final-Recipient: rfc822; tanto@hosp.example\r
Original-Recipient: rfc822;tanto@hosp.example\r
Action: failed\r
Status: 5.1.1\r
Remote-MTA: dns; mx.hosp.example\r
Diagnostic-Code: smtp; 550 5.1.1 <tanto@hosp.example>: Recipient address\r
    rejected: User unknown in local recipient table\r
\r
--4XY.1776/mail.pref.example\r
Content-Description: Undelivered Message Headers\r
Content-Type: text/rfc822-headers\r
\r
Return-Path: <akidoko@pref.example>\r
Message-ID: <0196.reminder-7@akidoko.pref.example>\r
Subject: =?utf-8?b?5aCx5ZGK?=\r
\r
--4XY.1776/mail.pref.example--\r
";

/// As Exchange writes it: the letter itself comes back, and the diagnostic is as the server at the other end wrote it.
fn exchange(diagnostic: &[u8]) -> Vec<u8> {
    let before = "From: <postmaster@hosp.example>
To: <akidoko@pref.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=\"delivery-status\"; boundary=\"B_1\"
Content-Language: ja-JP
Message-ID: <f00@EXCH01.hosp.local>
In-Reply-To: <not-this-one@akidoko.pref.example>
Subject: =?iso-2022-jp?B?GyRCR1s/LkkiMkQbKEI=?=

--B_1
Content-Type: multipart/alternative; boundary=\"B_2\"

--B_2
Content-Type: text/plain; charset=\"utf-8\"

配信できませんでした。

--B_2--
--B_1
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCH01.hosp.local
Received-From-MTA: dns;mail.pref.example

Final-Recipient: rfc822;gairai@hosp.example
Action: Failed
Status: 5.2.2 (mailbox full)
Diagnostic-Code: smtp;";
    let after = "
X-Display-Name: =?utf-8?B?5aSW5p2l?=

--B_1
Content-Type: message/rfc822

From: akidoko@pref.example
Message-ID:
 <0197.reminder-8@akidoko.pref.example>
Content-Type: multipart/alternative; boundary=\"=_akidoko_=\"

--=_akidoko_=
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

5aCx5ZGK

--=_akidoko_=--

--B_1--
";
    [before.as_bytes(), diagnostic, after.as_bytes()].concat()
}

const DELAYED: &str = "From: MAILER-DAEMON@mail.pref.example
Content-Type: Multipart/Report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

YOU DO NOT NEED TO RESEND YOUR MESSAGE
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.pref.example

Final-Recipient: rfc822; shomu@hosp.example
Action: delayed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.hosp.example[192.0.2.1]:25: Connection timed out
Will-Retry-Until: Wed, 15 Apr 2026 15:30:00 +0900 (JST)

--x
Content-Type: message/rfc822

Message-ID: <0198.reminder-9@akidoko.pref.example>
Subject: x

--x--
";

#[test]
fn a_bounce_as_postfix_writes_it() {
    let expected = Bounce {
        message_id: Some("0196.reminder-7@akidoko.pref.example".to_owned()),
        recipient: Some("tanto@hosp.example".to_owned()),
        status: Some("5.1.1".to_owned()),
        action: Some("failed".to_owned()),
        diagnostic: "550 5.1.1 <tanto@hosp.example>: Recipient address rejected: User unknown in local recipient table".to_owned(),
        permanent: true,
    };
    assert_eq!(Bounce::read(POSTFIX.as_bytes()), Ok(expected.clone()));
    let piped = format!("From MAILER-DAEMON Fri Apr 10 15:30:01 2026\n{}", POSTFIX.replace('\r', ""));
    assert_eq!(Bounce::read(piped.as_bytes()), Ok(expected));
    let without_letter = POSTFIX.replace("text/rfc822-headers", "text/plain");
    assert_eq!(Bounce::read(without_letter.as_bytes()).unwrap().message_id, None);
}

#[test]
fn a_bounce_as_exchange_writes_it() {
    // メールボックスがいっぱいです
    let iso_2022_jp = b"552 \x1b$B%a!<%k%\\%C%/%9$,$$$C$Q$$$G$9\x1b(B";
    let encoded = b"552 =?utf-8?B?44Oh44O844Or44Oc44OD44Kv44K544GM44GE44Gj44Gx44GE44Gn44GZ?=";
    for diagnostic in [&iso_2022_jp[..], "552 メールボックスがいっぱいです".as_bytes(), encoded] {
        let bounce = Bounce::read(&exchange(diagnostic)).unwrap();
        assert_eq!(bounce.message_id.as_deref(), Some("0197.reminder-8@akidoko.pref.example"));
        assert_eq!(bounce.recipient.as_deref(), Some("gairai@hosp.example"));
        assert_eq!((bounce.status.as_deref(), bounce.action.as_deref()), (Some("5.2.2"), Some("failed")));
        assert_eq!(bounce.diagnostic, "552 メールボックスがいっぱいです");
        assert!(bounce.permanent);
    }
    let long = Bounce::read(&exchange("\u{7}あ\t".repeat(4000).as_bytes())).unwrap();
    assert!(long.diagnostic.chars().count() == 300 && !long.diagnostic.contains(char::is_control));
}

#[test]
fn a_delay_is_not_the_end() {
    let bounce = Bounce::read(DELAYED.as_bytes()).unwrap();
    assert_eq!(bounce.message_id.as_deref(), Some("0198.reminder-9@akidoko.pref.example"));
    assert_eq!((bounce.action.as_deref(), bounce.status.as_deref(), bounce.permanent), (Some("delayed"), Some("4.4.1"), false));
    let given_up = Bounce::read(DELAYED.replace("Action: delayed", "Action: failed").as_bytes()).unwrap();
    assert!(given_up.permanent);
}

#[test]
fn other_mail_is_no_bounce() {
    for mail in [
        Vec::new(),
        b"From x".to_vec(),
        "明日の当直について".as_bytes().to_vec(),
        letter("a@hosp.example").bytes().unwrap(),
        POSTFIX.replace("report-type=delivery-status", "report-type=disposition-notification").into_bytes(),
        POSTFIX.replace("message/delivery-status", "text/plain").into_bytes(),
        POSTFIX.replace("multipart/report", "multipart/mixed").into_bytes(),
    ] {
        assert_eq!(Bounce::read(&mail), Err(NotABounce), "{}", String::from_utf8_lossy(&mail));
    }
}

#[test]
fn an_mbox_holds_many() {
    let from = "From MAILER-DAEMON Fri Apr 10 15:30:01 2026\n";
    let forwarded = "From: a@b.example\nSubject: x\n\n>From here on\nFrom inside a paragraph\n";
    let mbox = [from, POSTFIX, "\n", from, forwarded, "\n", from, DELAYED, "\n"].concat();
    let read = bounces_of_mbox(mbox.as_bytes());
    assert_eq!(read.len(), 3);
    assert!(read[0].as_ref().is_ok_and(|b| b.permanent) && read[1] == Err(NotABounce) && read[2].as_ref().is_ok_and(|b| !b.permanent));
    assert!(bounces_of_mbox(b"").is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Bounce::read(&bytes);
        let _ = bounces_of_mbox(&bytes);
    }

    /// Damage where it hurts: pieces of a real one lost, doubled, or overwritten.
    #[test]
    fn any_damage_is_answered(
        exchange_like in any::<bool>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..60, prop::collection::vec(any::<u8>(), 0..8), any::<bool>()), 1..6),
    ) {
        let mut bytes = if exchange_like { exchange("552 いっぱい".as_bytes()) } else { POSTFIX.as_bytes().to_vec() };
        for (at, length, put, twice) in cuts {
            let at = at.index(bytes.len() + 1);
            let piece: Vec<u8> = bytes.splice(at..(at + length).min(bytes.len()), put).collect();
            if twice {
                bytes.extend_from_slice(&piece);
                bytes.extend_from_slice(&piece);
            }
        }
        if let Ok(bounce) = Bounce::read(&bytes) {
            prop_assert!(bounce.diagnostic.chars().count() <= 300 && !bounce.diagnostic.contains(char::is_control));
        }
        let _ = bounces_of_mbox(&bytes);
    }
}
