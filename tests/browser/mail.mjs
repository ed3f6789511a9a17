// A real mail server for the tests: STARTTLS with a certificate of its own authority, sign-in, and a box for what arrives.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** An authority, and a certificate for 127.0.0.1 that it signed. */
function certificates(folder) {
    const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority');
    openssl('req', ...key, '-keyout', 'mail.key', '-out', 'mail.csr', '-subj', '/CN=localhost');
    writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
    openssl('x509', '-req', '-in', 'mail.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'mail.pem');
    return { ca: join(folder, 'ca.pem'), key: readFileSync(join(folder, 'mail.key')), cert: readFileSync(join(folder, 'mail.pem')) };
}

const SIGN_IN = { user: 'akidoko', pass: 'p@ss:w/ord' };

/** Decodes a part of a message: base64 or quoted-printable, UTF-8. */
function decoded(head, body) {
    if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
    if (/quoted-printable/i.test(head)) {
        const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
        return Buffer.from(bytes, 'latin1').toString('utf8');
    }
    return body;
}

const words = (text) =>
    text.replace(/\r?\n\s+/g, ' ').replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how, what) =>
        how.toLowerCase() === 'b' ? Buffer.from(what, 'base64').toString('utf8') : decoded('quoted-printable', what.replace(/_/g, ' ')),
    );

/** What a person sees of a message. */
function read(raw) {
    const end = raw.indexOf('\r\n\r\n');
    const head = raw.slice(0, end);
    const field = (name) => words((new RegExp(`^${name}:((?:[^\\r\\n]|\\r?\\n[ \\t])*)`, 'im').exec(head) || [])[1] || '').trim();
    const boundary = /boundary="?([^";\r\n]+)/i.exec(head)?.[1];
    const parts = raw.slice(end).split(`--${boundary}`);
    const part = (type) => {
        const found = parts.find((p) => new RegExp(`content-type: *${type}`, 'i').test(p)) || '';
        const at = found.indexOf('\r\n\r\n');
        return decoded(found.slice(0, at), found.slice(at + 4)).trim();
    };
    return { subject: field('Subject'), messageId: field('Message-ID').replace(/[<>]/g, ''), from: field('From'), text: part('text/plain'), html: part('text/html') };
}

/** Starts a server; it ends with the test. `refused`: recipients that it does not know. */
export async function mailServer(t, refused = new Set()) {
    const { SMTPServer } = require('smtp-server');
    const folder = mkdtempSync(join(tmpdir(), 'akidoko-mail-'));
    const { ca, key, cert } = certificates(folder);
    const box = [];
    const server = new SMTPServer({
        key,
        cert,
        authOptional: false,
        onAuth: ({ username, password }, session, done) =>
            session.secure && username === SIGN_IN.user && password === SIGN_IN.pass ? done(null, { user: username }) : done(new Error('no')),
        onRcptTo: ({ address }, _, done) => {
            if (!refused.has(address)) return done();
            const unknown = new Error('5.1.1 user unknown');
            unknown.responseCode = 550;
            return done(unknown);
        },
        onData(stream, session, done) {
            const chunks = [];
            stream.on('data', (chunk) => chunks.push(chunk));
            stream.on('end', () => {
                const raw = Buffer.concat(chunks).toString('latin1');
                box.push({ to: session.envelope.rcptTo.map((r) => r.address), ...read(raw), raw });
                done();
            });
        },
    });
    server.on('error', () => {});
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    t.after(async () => {
        await new Promise((closed) => server.close(closed));
        rmSync(folder, { recursive: true, force: true });
    });
    const { port } = server.server.address();
    const user = encodeURIComponent(SIGN_IN.user);
    const pass = encodeURIComponent(SIGN_IN.pass);
    return { box, refused, env: { AKIDOKO_MAIL: `smtp+starttls://${user}:${pass}@127.0.0.1:${port}`, AKIDOKO_MAIL_CA: ca } };
}

/** A delivery status notification, as a mail server hands it over: the mail that it returns never arrived. */
export function bounced(mail, diagnostic = '550 5.1.1 user unknown') {
    const [to] = mail.to;
    const lines = [
        'From: MAILER-DAEMON@relay.example', 'To: office@akidoko.example', 'Subject: Undelivered Mail', 'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', '',
        '--b', 'Content-Type: text/plain', '', 'The mail could not be delivered.', '',
        '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; relay.example', '',
        `Final-Recipient: rfc822; ${to}`, 'Action: failed', 'Status: 5.1.1', `Diagnostic-Code: smtp; ${diagnostic}`, '',
        '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: <${mail.messageId}>`, `To: ${to}`, '', '--b--', '',
    ];
    return lines.join('\r\n');
}
