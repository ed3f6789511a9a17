// The board of 600 hospitals in a real browser: how long until it shows, what it costs the wire, and how soon a filter answers. The same bytes from a
// server that does nothing else, and the same rows hidden by hand, are the yardsticks. Prints `name number` lines, in ms and kB of 1,000 bytes.

import { once } from 'node:events';
import { createServer as http } from 'node:http';
import { connect, createServer } from 'node:net';
import { browser, serve, signIn, sqlite, window } from '../tests/browser/harness.mjs';
import { COUNT, prefecture } from './prefecture.mjs';

const OPENINGS = 15;
const PRESSES = 6;
const ends = [];
const t = { after: (end) => ends.push(end) };
const sorted = (all) => [...all].sort((a, b) => a - b);
const middle = (all) => sorted(all)[all.length >> 1];
const say = (name, number) => console.log(`${name} ${number.toFixed(1)}`);

const database = await sqlite(t);
const { fire } = await prefecture(t, database);
const server = await serve(t, database);

/** Counts every byte that comes from the server, heads and workers included. */
async function counted(url) {
    const line = { bytes: 0 };
    const listener = createServer((near) => {
        const far = connect(Number(new URL(url).port), '127.0.0.1');
        for (const end of [near, far]) end.on('error', () => {});
        far.on('data', (bytes) => (line.bytes += bytes.length));
        near.pipe(far).pipe(near);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    ends.push(() => listener.close());
    line.url = `http://127.0.0.1:${listener.address().port}`;
    return line;
}

const line = await counted(server.url);
const opened = await browser(t);
const first = await window(opened);
await signIn(first, line, fire);
const storageState = await first.context().storageState();
await first.context().close();

/** What a page and its files are, as they go over the wire, given out by a server that only gives out. */
async function bare() {
    const page = await window(opened, { storageState });
    const files = new Map();
    page.on('response', (answer) => files.set(new URL(answer.url()).pathname, null));
    await page.goto(`${line.url}/board`, { waitUntil: 'load' });
    await page.waitForTimeout(500);
    await page.context().close();
    const cookie = storageState.cookies.map((c) => `${c.name}=${c.value}`).join('; ');
    for (const path of files.keys()) if (path !== '/board/events') files.set(path, await raw(path, cookie));
    // What a browser needs on this machine for any page at all.
    files.set('/empty/board', { headers: { 'content-type': 'text/html' }, body: Buffer.from('<!doctype html><title>bare</title><p>bare') });
    const copy = http((request, answer) => {
        const file = files.get(new URL(request.url, line.url).pathname);
        if (!file) return answer.writeHead(404).end();
        answer.writeHead(200, file.headers).end(file.body);
    });
    copy.listen(0, '127.0.0.1');
    await once(copy, 'listening');
    ends.push(() => copy.closeAllConnections?.() ?? copy.close());
    return { url: `http://127.0.0.1:${copy.address().port}`, document: files.get('/board').body.length };
}

/** A file with its bytes as they came. */
async function raw(path, cookie) {
    const { request } = await import('node:http');
    const asked = request(new URL(path, server.url), { headers: { cookie, 'accept-encoding': 'zstd, gzip' } });
    asked.end();
    const [answer] = await once(asked, 'response');
    const parts = [];
    for await (const part of answer) parts.push(part);
    const headers = Object.fromEntries(['content-type', 'content-encoding'].flatMap((name) => (answer.headers[name] ? [[name, answer.headers[name]]] : [])));
    return { headers, body: Buffer.concat(parts) };
}

/** Opens the board as on a machine that never saw it. */
async function open(url) {
    const page = await window(opened, { storageState });
    const before = line.bytes;
    await page.goto(`${url}/board`, { waitUntil: 'load' });
    const paint = await page.evaluate(async () => {
        const found = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
        while (found() === undefined) await new Promise((done) => setTimeout(done, 10));
        return { first: found(), whole: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd };
    });
    await page.waitForTimeout(1_000);
    return { page, ...paint, bytes: line.bytes - before };
}

const copy = await bare();
const bytes = [];
for (let n = 0; n < 3; n += 1) {
    const one = await open(line.url);
    bytes.push(one.bytes);
    await one.page.context().close();
}
const [firsts, wholes, bares, empties] = [[], [], [], []];
for (let n = 0; n < OPENINGS; n += 1) {
    const own = await open(server.url);
    const yardstick = await open(copy.url);
    const empty = await open(`${copy.url}/empty`);
    firsts.push(own.first);
    wholes.push(own.whole);
    bares.push(yardstick.first);
    empties.push(empty.first);
    for (const { page } of [own, yardstick, empty]) await page.context().close();
}
console.error(`first paint: ${firsts.map(Math.round).join(' ')} ms; from the bare server: ${bares.map(Math.round).join(' ')} ms; a page of one word: ${empties.map(Math.round).join(' ')} ms`);
say('paint', middle(firsts));
say('paint-worst', Math.max(...firsts));
say('paint-bare', middle(bares));
say('paint-empty', middle(empties));
say('whole', middle(wholes));
say('document', copy.document / 1_000);
say('wire', middle(bytes) / 1_000);

// From the press of a chip or the letter until the frame that shows it is painted.
const { page } = await open(line.url);
const rows = await page.locator('table.board tbody tr:not(.grp)').count();
if (rows !== COUNT) throw new Error(`${rows} rows`);
await page.evaluate(() => {
    globalThis.reactions = [];
    addEventListener('input', (event) => {
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => globalThis.reactions.push(performance.now() - event.timeStamp);
            port2.postMessage(0);
        });
    }, true);
});
const taken = () => page.evaluate(() => globalThis.reactions.splice(0));
const hidden = () => page.evaluate(() => [...document.querySelectorAll('table.board tbody tr:not(.grp)')].map((row) => row.hidden));
const looks = [];
for (let n = 0; n < PRESSES; n += 1) {
    for (const chip of ['受入可のみ', '小児', '透析']) {
        for (const _ of ['on', 'off']) {
            await page.locator('label.chip', { hasText: chip }).first().click();
            await page.waitForTimeout(150);
            if (n === 0) looks.push(await hidden());
        }
    }
    for (const severity of ['重症', '軽症', 'すべて']) {
        await page.locator('#f-severity').getByText(severity, { exact: true }).click();
        await page.waitForTimeout(150);
    }
}
const presses = await taken();
for (let n = 0; n < PRESSES; n += 1) {
    await page.locator('#q').click();
    for (const letter of '汐止市') {
        await page.keyboard.insertText(letter);
        await page.waitForTimeout(150);
    }
    for (const _ of '汐止市') {
        await page.keyboard.press('Backspace');
        await page.waitForTimeout(150);
    }
}
const letters = await taken();
// The same rows hidden and shown by hand, by nobody's rule: what the browser itself needs for such a table.
const byHand = await page.evaluate(async (looks) => {
    const rows = [...document.querySelectorAll('table.board tbody tr:not(.grp)')];
    const times = [];
    for (const look of [...looks, ...looks, ...looks]) {
        await new Promise((done) => setTimeout(done, 150));
        const from = performance.now();
        rows.forEach((row, at) => (row.hidden = look[at]));
        await new Promise((done) => requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = done;
            port2.postMessage(0);
        }));
        times.push(performance.now() - from);
    }
    return times;
}, looks);
console.error(`chips: ${presses.map(Math.round).join(' ')} ms; letters: ${letters.map(Math.round).join(' ')} ms; by hand: ${byHand.map(Math.round).join(' ')} ms`);
say('chip', middle(presses));
say('chip-worst', Math.max(...presses));
say('letter', middle(letters));
say('letter-worst', Math.max(...letters));
say('by-hand', middle(byHand));
for (const end of ends.reverse()) await end();
