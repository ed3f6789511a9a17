// The road of an ID at its worst hour: 722 rows in one sheet, 3,000 on the office's list, 722 mails over a real SMTP server while pages go on
// being asked for. Prints `name seconds` lines.

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { organisation, serve, signedIn, sqlite, until } from '../tests/browser/harness.mjs';
import { mailServer } from '../tests/browser/mail.mjs';

const HEAD = 'No.,都道府県名,消防本部名,消防本部名（フリガナ）,種別,管轄市区町村,郵便番号,所在地,電話番号,担当部署,担当者氏名,担当者氏名（フリガナ）,メールアドレス,メールアドレス（確認）,やむを得ない事情,備考';
const PREFECTURES = [['12', '千葉県'], ['13', '東京都'], ['14', '神奈川県'], ['01', '北海道']];

function sheet(prefecture, name, count) {
    const row = (n) => {
        const mail = `keibou@fd${n}.p${prefecture}.example.jp`;
        return `${n},${name},架空第${n}消防本部,カクウショウボウホンブ,単独,,260-0001,架空町${n},043-000-0119,警防課,架空 太郎,カクウ タロウ,${mail},${mail},,`;
    };
    return `\ufeff${[HEAD, ...Array.from({ length: count }, (_, n) => row(n + 1))].join('\r\n')}\r\n`;
}

const ends = [];
const t = { after: (end) => ends.push(end) };
const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const say = (name, seconds) => console.log(`${name} ${seconds.toFixed(4)}`);

async function timed(what) {
    const from = performance.now();
    const value = await what();
    return [value, (performance.now() - from) / 1000];
}

const database = await sqlite(t);
const mail = await mailServer(t);
Object.assign(database.env, mail.env, { AKIDOKO_UNDO_SECONDS: '1' });
const officers = [];
for (const [code, name] of PREFECTURES) officers.push((await organisation(database, 'prefecture_health', code, name)).operator);
const ministry = (await organisation(database, 'ministry', '', '厚生労働省')).operator;
const server = await serve(t, database);

async function ask(headers, path, body) {
    const got = await server.fetch(path, { method: body ? 'POST' : 'GET', headers, body });
    if (got.status >= 400) throw new Error(`${path}: ${got.status} ${await got.text()}`);
    return got.text();
}

async function gather(headers, [code, name], count) {
    const file = new FormData();
    file.append('file', new Blob([sheet(code, name, count)]), 'sheet.csv');
    const [page, check] = await timed(() => ask(headers, '/applications/sheet', file));
    const rows = /name="rows" value="([^"]*)"/.exec(page)[1].replace(/&#34;|&quot;/g, '"').replace(/&#38;|&amp;/g, '&').replace(/&#39;/g, "'").replace(/&#60;/g, '<').replace(/&#62;/g, '>');
    const kept = new FormData();
    kept.append('file', 'sheet.csv');
    kept.append('rows', rows);
    const [, save] = await timed(() => ask(headers, '/applications/sheet/save', kept));
    const ids = [...(await ask(headers, '/applications')).matchAll(/name="id" value="([^"]+)"/g)].map((m) => m[1]);
    const [, submit] = await timed(() => ask(headers, '/applications/submission', new URLSearchParams([...ids.map((id) => ['id', id]), ['confirmed', '1']])));
    return { count: ids.length, check, save, submit };
}

const first = await gather(await signedIn(server, officers[0]), PREFECTURES[0], 722);
if (first.count !== 722) throw new Error(`${first.count} of 722 rows`);
say('check', first.check);
say('save', first.save);
say('submit', first.submit);
let rows = first.count;
for (const n of [1, 2, 3]) rows += (await gather(await signedIn(server, officers[n]), PREFECTURES[n], 760)).count;
const office = { ...(await signedIn(server, ministry)), 'accept-encoding': 'gzip' };
const list = [];
for (let n = 0; n < 15; n += 1) list.push((await timed(() => ask(office, '/office?state=all')))[1]);
console.error(`${rows} rows on the list, rounds: ${list.map((s) => Math.round(s * 1000)).join(' ')} ms`);
say('list', middle(list));

// Approved in one press; the mails leave while the list is asked for all the time.
const desk = await ask(office, '/office?prefecture=12');
const decisions = [...desk.matchAll(/name="decision" value="([^"]+)"/g)].map((m) => m[1]);
const [, approve] = await timed(() => ask(office, '/office/steps', new URLSearchParams([...decisions.map((d) => ['decision', d]), ['action', 'approve'], ['reason', '']])));
say('approve', approve);
const pages = [];
let sending = true;
const reader = (async () => {
    while (sending) {
        pages.push((await timed(() => ask(office, '/office/settings')))[1]);
        await sleep(50);
    }
})();
await until('the first mail', () => mail.box.length > 0, 30_000);
const [, sent] = await timed(() => until('722 mails', () => mail.box.length >= 722, 120_000, 20));
sending = false;
await reader;
say('mails', sent);
say('page', pages.sort((a, b) => a - b)[Math.floor(pages.length * 0.99)]);
if (new Set(mail.box.map((m) => m.to[0])).size !== mail.box.length) throw new Error('a mail came twice');
for (const end of ends.reverse()) await end();
