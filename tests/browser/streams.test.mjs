// Five thousand open screens, held by one program that counts what each received: none missed, none twice, none out of order, none from another
// prefecture; also those that went away in between and came back.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { FULL, hospital, organisation, put, serve, sqlite, today, token, until } from './harness.mjs';

const SCREENS = 5_000;
const REPORTS = 40;
const LEAVES = 300;

/** What this process may open, and with it the server that it starts. */
function files() {
    return Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0);
}

/** A screen: the ids, codes and moments of what it received. */
class Screen {
    constructor(url, bearer, prefecture) {
        Object.assign(this, { url, bearer, prefecture, got: [], pings: 0, rest: '' });
    }

    open() {
        const last = this.got.at(-1)?.id;
        this.rest = '';
        this.pings = 0;
        this.socket = connect(Number(this.url.port), this.url.hostname);
        this.socket.setEncoding('latin1');
        const again = last === undefined ? '' : `Last-Event-ID: ${last}\r\n`;
        this.socket.write(`GET /api/v1/board/events HTTP/1.1\r\nHost: ${this.url.host}\r\nAuthorization: Bearer ${this.bearer}\r\n${again}\r\n`);
        this.socket.on('data', (text) => this.read(text));
        this.socket.on('error', (error) => (this.trouble = error.message));
        this.socket.on('close', () => (this.closed = true));
        this.closed = false;
    }

    read(text) {
        const blocks = (this.rest + text).split('\n\n');
        this.rest = blocks.pop();
        for (const block of blocks) {
            if (/^event: ping/m.test(block)) this.pings += 1;
            const id = /^id: (\d+)$/m.exec(block)?.[1];
            if (id === undefined) continue;
            this.got.push({ id: Number(id), event: /^event: (\w+)$/m.exec(block)?.[1], code: /"code":"(\w+)"/.exec(block)?.[1], at: performance.now() });
        }
    }
}

test('five thousand screens hear everything once, in order, and nothing of another prefecture', { timeout: 300_000, skip: files() < 2 * SCREENS + 500 && 'too few files may be open: ulimit -n' }, async (t) => {
    const database = await sqlite(t);
    const here = [];
    for (const n of [1, 2, 3]) here.push(await hospital(database, '12', `架空第${n}病院`));
    const there = [await hospital(database, '13', '壁の向こう病院')];
    const [fire, beyond] = [await organisation(database, 'fire_headquarters', '12', '架空消防本部'), await organisation(database, 'fire_headquarters', '13', '壁の向こう消防本部')];
    const server = await serve(t, database);
    const tokens = new Map();
    for (const one of [...here, ...there, fire, beyond]) tokens.set(one.code, await token(database, one.operator));
    const url = new URL(server.url);
    const screens = Array.from({ length: SCREENS }, (_, n) => (n % 10 === 9 ? new Screen(url, tokens.get(beyond.code), 13) : new Screen(url, tokens.get(fire.code), 12)));
    t.after(() => screens.forEach((screen) => screen.socket?.destroy()));
    for (let from = 0; from < SCREENS; from += 250) {
        const some = screens.slice(from, from + 250);
        some.forEach((screen) => screen.open());
        await until('they hear the server', () => some.every((screen) => screen.pings > 0 || screen.trouble), 60_000);
    }
    assert.deepEqual(screens.filter((screen) => screen.trouble).map((screen) => screen.trouble), []);

    const sent = { 12: [], 13: [] };
    const times = [];
    let away = [];
    for (let n = 0; n < REPORTS; n += 1) {
        const one = n % 4 === 3 ? there[0] : here[n % 3];
        const prefecture = n % 4 === 3 ? 13 : 12;
        if (n === REPORTS / 4) {
            away = screens.filter((_, at) => at % Math.floor(SCREENS / LEAVES) === 0);
            away.forEach((screen) => screen.socket.destroy());
        }
        const began = performance.now();
        const answer = await put(server, one.code, today(0), tokens.get(one.code), { ...FULL, available_beds: n });
        assert.ok(answer.ok, await answer.text());
        sent[prefecture].push(one.code);
        const place = sent[prefecture].length;
        const waiting = screens.filter((screen) => screen.prefecture === prefecture && !screen.closed);
        await until(`report ${n} is everywhere`, () => waiting.every((screen) => screen.got.length >= place || screen.closed), 60_000, 2);
        times.push(...waiting.filter((screen) => screen.got.length >= place).map((screen) => screen.got[place - 1].at - began));
        if (n === REPORTS / 2) away.forEach((screen) => screen.open());
    }
    await until('all have all', () => screens.every((screen) => screen.got.length >= sent[screen.prefecture].length), 60_000);
    await new Promise((done) => setTimeout(done, 500));

    const wrong = [];
    for (const [at, screen] of screens.entries()) {
        const ids = screen.got.map((event) => event.id);
        const ordered = ids.every((id, n) => n === 0 || id > ids[n - 1]);
        const codes = screen.got.map((event) => event.code);
        const same = codes.length === sent[screen.prefecture].length && codes.every((code, n) => code === sent[screen.prefecture][n]);
        if (!ordered || !same || screen.got.some((event) => event.event !== 'hospital')) wrong.push(`screen ${at} of ${screen.prefecture}: ${codes.length} events, ${ordered ? 'in' : 'out of'} order`);
    }
    assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} of ${SCREENS} screens`);
    times.sort((a, b) => a - b);
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1];
    t.diagnostic(`${SCREENS} screens, ${away.length} of them away in between; from the press until a screen has it: p50 ${times[times.length >> 1].toFixed(0)} ms, p99 ${times[Math.floor(times.length * 0.99)].toFixed(0)} ms; the server holds ${Math.round(Number(resident) / 1024)} MiB`);
});
