// What the browser tests share: the real program on databases of their own, a real browser, and readers of its streams.
//
// Every process is started here and ended by its own id; every folder and database is new and goes when its test ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = resolve(process.env.AKIDOKO_BIN || join(ROOT, 'target/debug/akidoko'));
const POSTGRES = process.env.AKIDOKO_TEST_POSTGRES || '';

/** Why tests on PostgreSQL cannot run; `false` when they can. */
export const noPostgres = POSTGRES ? false : 'AKIDOKO_TEST_POSTGRES is not set';

/** A password that the rules accept. */
export const PASSWORD = 'kirin-no-kubi-4731';

// --- waiting --------------------------------------------------------------------------------------------------------------------------

/** Asks until the answer is true; its value. Fails after `ms`, saying what was waited for. */
export async function until(what, ask, ms = 10_000, every = 15) {
    const end = performance.now() + ms;
    for (;;) {
        const answer = await ask();
        if (answer) return answer;
        if (performance.now() > end) throw new Error(`waited ${ms} ms in vain for: ${what}`);
        await sleep(every);
    }
}

/** The promise, or a failure after `ms`. */
export async function within(what, ms, promise) {
    const stop = new AbortController();
    const late = sleep(ms, undefined, { signal: stop.signal }).then(() => {
        throw new Error(`not within ${ms} ms: ${what}`);
    });
    late.catch(() => {});
    try {
        return await Promise.race([promise, late]);
    } finally {
        stop.abort();
    }
}

/** The kind of database that was made last: tests of a file come one after the other. */
let present = 'SQLite';

const cleanups = new WeakMap();

/** What to do when the test is over: the last that was asked for comes first, and all of it is done even if one fails. */
function afterwards(t, what) {
    let all = cleanups.get(t);
    if (!all) {
        cleanups.set(t, (all = []));
        t.after(async () => {
            const failures = [];
            for (const one of all.reverse()) {
                await within('cleaning up', 15_000, Promise.resolve().then(one)).catch((error) => failures.push(error));
            }
            if (failures.length > 0) throw failures[0];
        });
    }
    all.push(what);
}

// --- the program ----------------------------------------------------------------------------------------------------------------------

function environment(database) {
    const kept = Object.fromEntries(['PATH', 'HOME', 'LANG', 'TMPDIR', 'RUST_BACKTRACE'].map((n) => [n, process.env[n]]).filter(([, v]) => v));
    return { ...kept, ...database.env };
}

async function run(program, args, options, input = '') {
    const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    return { code, signal, stdout, stderr };
}

/** Runs a command of the program; its output. */
export async function akidoko(database, args, input = '') {
    const done = await run(BIN, args, { cwd: database.folder, env: environment(database) }, input);
    if (done.code !== 0) throw new Error(`akidoko ${args.join(' ')} ended with ${done.code ?? done.signal}:\n${done.stderr}`);
    return done.stdout.trim();
}

/** The same, whatever it ends with. */
export function tryAkidoko(database, args, input = '') {
    return run(BIN, args, { cwd: database.folder, env: environment(database) }, input);
}

/** A running `akidoko serve`. */
export class Server {
    constructor(child, url) {
        this.child = child;
        this.url = url;
        this.log = '';
    }

    get running() {
        return this.child.exitCode === null && this.child.signalCode === null;
    }

    /** Ends it, gently or with SIGKILL, and waits until it is gone. */
    async stop(signal = 'SIGTERM') {
        if (!this.running) return;
        const gone = once(this.child, 'exit');
        this.child.kill(signal);
        const hard = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
        await gone;
        clearTimeout(hard);
    }

    fetch(path, options = {}) {
        return fetch(new URL(path, this.url), { redirect: 'manual', signal: AbortSignal.timeout(30_000), ...options });
    }
}

/** Starts `akidoko serve` on a free port, or on the one given; it ends with the test. */
export async function serve(t, database, args = [], port = 0) {
    const child = spawn(BIN, ['serve', '--listen', `127.0.0.1:${port}`, ...args], {
        cwd: database.folder,
        env: environment(database),
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new Server(child, '');
    afterwards(t, () => server.stop());
    child.stderr.setEncoding('utf8').on('data', (text) => (server.log += text));
    const lines = createInterface({ input: child.stdout });
    const address = new Promise((found, failed) => {
        lines.on('line', (line) => {
            const url = /^空きどこ：(https?:\/\/\S+)/.exec(line);
            if (url) found(url[1]);
        });
        child.on('exit', (code, signal) => failed(new Error(`akidoko serve ended with ${code ?? signal}:\n${server.log}`)));
    });
    server.url = await within('akidoko serve says its address', 120_000, address);
    return server;
}

/** A free port, for a server that is to come back under the same address. */
export async function freePort() {
    const probe = createServer();
    probe.listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    return port;
}

/** A line between a screen and a server, that can be cut, or fall silent without a word. */
export class Line {
    constructor() {
        this.ends = new Set();
        this.state = 'open';
    }

    static async to(t, server) {
        const line = new Line();
        const port = Number(new URL(server.url).port);
        const listener = createServer((near) => {
            if (line.state !== 'open') return near.destroy();
            const far = connect(port, '127.0.0.1');
            for (const [from, to] of [[near, far], [far, near]]) {
                line.ends.add(from);
                from.on('data', (bytes) => line.state !== 'silent' && to.write(bytes));
                from.on('error', () => {});
                from.on('close', () => {
                    line.ends.delete(from);
                    to.destroy();
                });
            }
        });
        listener.listen(0, '127.0.0.1');
        await once(listener, 'listening');
        afterwards(t, () => {
            line.cut();
            listener.close();
        });
        line.url = `http://127.0.0.1:${listener.address().port}`;
        return line;
    }

    cut() {
        this.state = 'cut';
        for (const end of this.ends) end.destroy();
    }

    fallSilent() {
        this.state = 'silent';
    }

    /** Open again; what was silent stays lost, as after a router forgot its connections. */
    mend() {
        for (const end of this.ends) end.destroy();
        this.state = 'open';
    }
}

// --- databases ------------------------------------------------------------------------------------------------------------------------

async function folder(t) {
    const path = await mkdtemp(join(tmpdir(), 'akidoko-test-'));
    afterwards(t, () => rm(path, { recursive: true, force: true, maxRetries: 5 }));
    return path;
}

/** An embedded database of its own. */
export async function sqlite(t) {
    const path = await folder(t);
    present = 'SQLite';
    return { kind: present, folder: path, env: { AKIDOKO_DATABASE_URL: `sqlite://${join(path, 'akidoko.db')}` } };
}

export function psql() {
    const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)) : [];
    const paths = [...(process.env.PATH || '').split(':'), ...versions.map((v) => `/usr/lib/postgresql/${v}/bin`)];
    return paths.map((path) => join(path, 'psql')).find((path) => existsSync(path)) || 'psql';
}

let databases = 0;

/** A PostgreSQL database of its own, owned by akidoko_owner and migrated. */
export async function postgres(t) {
    const path = await folder(t);
    present = 'PostgreSQL';
    const name = `browser_${process.pid}_${(databases += 1)}`;
    const owner = new URL(POSTGRES);
    owner.username = 'akidoko_owner';
    const ask = async (sql) => {
        const done = await run(psql(), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql, owner.href], { cwd: path, env: process.env });
        if (done.code !== 0) throw new Error(`psql: ${done.stderr}`);
    };
    await ask(`create database ${name}`);
    afterwards(t, async () => {
        for (let tries = 1; ; tries += 1) {
            try {
                return await ask(`drop database if exists ${name} with (force)`);
            } catch (error) {
                // The server's own vacuum is in it for a moment, and is not ours to end.
                if (tries === 20 || !error.message.includes('process is being terminated')) throw error;
                await sleep(500);
            }
        }
    });
    const url = new URL(POSTGRES);
    url.pathname = `/${name}`;
    const database = {
        kind: present,
        folder: path,
        env: { AKIDOKO_DATABASE_URL: url.href, AKIDOKO_AUDIT_KEY_FILE: join(path, 'audit-key') },
    };
    await akidoko(database, ['migrate']);
    return database;
}

// --- who and where --------------------------------------------------------------------------------------------------------------------

/** An organisation with one operator; its code and the name to sign in with. */
export async function organisation(database, kind, prefecture, name) {
    const where = prefecture ? ['--prefecture', prefecture] : [];
    const code = await akidoko(database, ['admin', 'create-organisation', '--kind', kind, ...where, '--name', name]);
    return { code, name, operator: await account(database, code) };
}

/** An invented hospital with one operator. */
export async function hospital(database, prefecture, name, more = []) {
    const code = await akidoko(database, ['admin', 'create-hospital', '--prefecture', prefecture, '--name', name, ...more]);
    return { code, name, operator: await account(database, code) };
}

/** An operator of an organisation, with the password of the tests. */
export function account(database, code, name = '当直') {
    return akidoko(database, ['admin', 'create-account', code, '--name', name, '--password-stdin'], `${PASSWORD}\n`);
}

/** A token for the API. */
export function token(database, operator) {
    return akidoko(database, ['admin', 'create-token', operator, '--name', 'テスト']);
}

/** Signs in without a browser; the headers that carry the sign-in. */
export async function signedIn(server, operator, password = PASSWORD) {
    const answer = await server.fetch('/sign-in', { method: 'POST', body: new URLSearchParams({ name: operator, password }) });
    if (answer.status !== 303) throw new Error(`${operator} could not sign in: ${answer.status}`);
    const session = answer.headers.getSetCookie().find((c) => c.startsWith('__Host-akidoko='));
    return { cookie: session.split(';')[0] };
}

/** Today in Japan, as in addresses; `back` days before. */
export function today(back = 0) {
    return new Date(Date.now() + 9 * 3_600_000 - back * 86_400_000).toISOString().slice(0, 10);
}

/** Hands a report in through the API. */
export function put(server, code, date, bearer, answers, more = {}) {
    return server.fetch(`/api/v1/hospitals/${code}/reports/${date}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ answers, ...more }),
    });
}

/** The smallest whole report. */
export const FULL = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 1 };

// --- streams --------------------------------------------------------------------------------------------------------------------------

/** Reads a stream of events until `close`. */
export class Events {
    constructor() {
        this.all = [];
        this.ended = false;
        this.stop = new AbortController();
    }

    static async open(t, server, path, headers) {
        const events = new Events();
        afterwards(t, () => events.close());
        const answer = await fetch(new URL(path, server.url), { headers, redirect: 'manual', signal: events.stop.signal });
        events.status = answer.status;
        if (answer.status !== 200) {
            events.ended = true;
            events.text = await answer.text();
            return events;
        }
        events.reading = events.read(answer.body).catch(() => {}).finally(() => (events.ended = true));
        return events;
    }

    async read(body) {
        const decoder = new TextDecoder();
        let rest = '';
        for await (const bytes of body) {
            const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
            rest = blocks.pop() || '';
            for (const block of blocks) {
                const event = { event: 'message', data: '', at: performance.now() };
                for (const line of block.split('\n')) {
                    const [, name, value] = /^([^:]*): ?(.*)$/.exec(line) || [];
                    if (name) event[name] = name === 'data' ? event.data + value : value;
                }
                this.all.push(event);
            }
        }
    }

    /** The events that tell of a change. */
    get changes() {
        return this.all.filter((e) => e.event !== 'ping' && e.event !== 'signed_out');
    }

    close() {
        this.stop.abort();
        return this.reading;
    }
}

// --- the browser ----------------------------------------------------------------------------------------------------------------------

const require = createRequire(import.meta.url);

function chromium() {
    if (process.env.AKIDOKO_CHROMIUM) return process.env.AKIDOKO_CHROMIUM;
    const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
    const paths = (process.env.PATH || '').split(':').flatMap((path) => names.map((name) => join(path, name)));
    return paths.find((path) => existsSync(path));
}

/** A browser with an empty profile; it ends with the test. */
export async function browser(t) {
    const { chromium: engine } = require('playwright-core');
    const opened = await engine.launch({
        executablePath: chromium(),
        headless: true,
        args: [
            '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync',
        ],
    });
    afterwards(t, () => opened.close());
    return opened;
}

/** A window of its own, as of another machine. */
export async function window(opened, options = {}) {
    const context = await opened.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'ja-JP',
        timezoneId: 'Asia/Tokyo',
        reducedMotion: 'reduce',
        ...options,
    });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.troubles = [];
    page.on('pageerror', (error) => page.troubles.push(`error: ${error.message}`));
    page.on('console', (message) => {
        if (message.type() === 'error') page.troubles.push(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('response', (answer) => {
        if (answer.status() >= 500) page.troubles.push(`${answer.status()} ${answer.url()}`);
    });
    return page;
}

/** Signs in on the screen. */
export async function signIn(page, server, operator, password = PASSWORD) {
    await page.goto(`${server.url}/sign-in`);
    await page.fill('#name', operator);
    await page.fill('#password', password);
    await Promise.all([page.waitForURL((url) => url.pathname !== '/sign-in'), page.click('main button[type=submit]')]);
}

/** Where screenshots go. */
export function screenshots() {
    const path = resolve(process.env.AKIDOKO_SCREENSHOTS || join(ROOT, 'target/screenshots'));
    mkdirSync(path, { recursive: true });
    return path;
}

const AxeBuilder = require('@axe-core/playwright').default;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe minds of a page, a line for each rule: those of WCAG 2.2 AA and its best practices. */
export async function minded(page) {
    // There are no frames, so nothing has to be put together on a page of its own.
    const { violations } = await new AxeBuilder({ page }).options({ runOnly: RULES, resultTypes: ['violations'] }).setLegacyMode().analyze();
    return violations.map((v) => `${v.id}: ${v.nodes.length} ×, ${v.nodes[0].target.join(' ')} ${v.nodes[0].failureSummary?.replace(/\s+/g, ' ')}`);
}

/**
 * Looks at a screen: a picture of it, nothing that axe minds, nothing that scrolls sideways. As it stands, or at each width that `pictures`
 * gives a name, the widest last; `full` says at which the picture is of the whole page. What a screen looks like does not depend on the
 * database, so a walk on PostgreSQL looks at nothing.
 * @param {string | Record<number, string>} pictures
 */
export async function look(page, pictures, full = []) {
    if (present === 'PostgreSQL') return;
    const widths = typeof pictures === 'string' ? [[page.viewportSize().width, pictures]] : Object.entries(pictures);
    await page.evaluate(() => document.fonts.ready);
    for (const [width, name] of widths) {
        if (typeof pictures !== 'string') await page.setViewportSize({ width: Number(width), height: 900 });
        await page.screenshot({ path: join(screenshots(), `${name}.png`), fullPage: full.includes(Number(width)) });
        const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth }));
        assert.ok(wide <= room, `${name} scrolls sideways at ${width}: ${wide} > ${room}`);
        assert.deepEqual(await minded(page), [], `${name} at ${width}`);
    }
}

/** In the hand and at the desk: `name-narrow.png`, `name.png`. */
export function bothWidths(page, name, full = []) {
    return look(page, { 390: `${name}-narrow`, 1280: name }, full);
}
