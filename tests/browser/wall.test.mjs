// The wall between prefectures, in two windows and by every other road.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import {
    Events, akidoko, browser, hospital, noPostgres, organisation, postgres, serve, signIn, signedIn, sqlite, today, token, until, window,
} from './harness.mjs';

const NAME = '架空うみかぜ総合病院';
const KANA = 'カクウウミカゼソウゴウビョウイン';
const PHONE = '0470-00-1234';
const COMMENT = '夜間は救急入口へお回りください';
/** What would give the hospital away. */
const TRACES = [NAME, 'うみかぜ', 'ウミカゼ', PHONE, COMMENT];

/** The texts in a workbook, which is a zip. */
function workbook(bytes) {
    let text = '';
    for (let at = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1'), end = at, p = bytes.readUInt32LE(at + 16); p < end; ) {
        assert.equal(bytes.readUInt32LE(p), 0x02014b50);
        const [method, size, name, extra, note] = [10, 20, 28, 30, 32].map((o) => (o === 20 ? bytes.readUInt32LE(p + o) : bytes.readUInt16LE(p + o)));
        const local = bytes.readUInt32LE(p + 42);
        const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
        const raw = bytes.subarray(start, start + size);
        text += (method === 8 ? inflateRawSync(raw) : raw).toString('utf8');
        p += 46 + name + extra + note;
    }
    return text;
}

const plain = (text) => text.replace(/"request_id":"[0-9a-f]{16}"/, '').replace(/<code>[0-9a-f]{16}<\/code>/, '');

function nothingOf(text, code, where) {
    for (const trace of [...TRACES, code]) assert.ok(!text.includes(trace), `${where} tells of ${trace}`);
}

async function look(server, headers, path, options = {}) {
    const answer = await server.fetch(path, { ...options, headers: { ...headers, ...options.headers } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, bytes, text: bytes.toString('utf8'), etag: answer.headers.get('etag') };
}

async function walled(t, database) {
    const ours = await hospital(database, '12', NAME, ['--kana', KANA, '--phone', PHONE, '--beds', '300']);
    const neighbour = await hospital(database, '13', '架空となり町病院');
    const fire12 = await organisation(database, 'fire_headquarters', '12', '架空湾岸消防本部');
    const fire13 = await organisation(database, 'fire_headquarters', '13', '架空川向消防本部');
    const health13 = await organisation(database, 'prefecture_health', '13', '架空の隣県 医療政策課');
    const server = await serve(t, database);
    const opened = await browser(t);
    const [reporter, here, there] = [await window(opened), await window(opened), await window(opened)];

    await signIn(here, server, fire12.operator);
    await here.goto(`${server.url}/board`);
    await here.locator(`#h-${ours.code}`).waitFor();
    await signIn(there, server, fire13.operator);
    await there.goto(`${server.url}/board`);
    await there.locator(`#h-${neighbour.code}`).waitFor();
    await until('both screens are live', async () => {
        const live = await Promise.all([here, there].map((p) => p.locator('[data-conn]:has-text("ライブ")').count()));
        return live.every(Boolean);
    });
    const loads = [];
    for (const page of [here, there]) page.on('framenavigated', () => loads.push(page.url()));
    const asThem = await signedIn(server, fire13.operator);
    const asTheirApi = { authorization: `Bearer ${await token(database, fire13.operator)}` };
    const streams = [
        await Events.open(t, server, '/board/events', asThem),
        await Events.open(t, server, '/board/events?after=0', asThem),
        await Events.open(t, server, '/api/v1/board/events', asTheirApi),
        await Events.open(t, server, '/api/v1/board/events', { ...asTheirApi, 'last-event-id': '0' }),
    ];
    const tags = [(await look(server, asThem, '/board')).etag, (await look(server, asTheirApi, '/api/v1/board')).etag];
    const before = await there.locator('main').innerText();
    // The moment at which the row changes, by the clock of the page itself.
    await here.evaluate((id) => {
        const seen = () => document.querySelector(`#${id} .c-tot`)?.textContent?.includes('17');
        const watch = new MutationObserver(() => {
            if (seen()) {
                Object.assign(globalThis, { seenAt: Date.now() });
                watch.disconnect();
            }
        });
        watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    }, `h-${ours.code}`);

    await signIn(reporter, server, ours.operator);
    await until('the report screen', () => reporter.url().includes(`/hospitals/${ours.code}/reports/${today()}`));
    await reporter.locator('label:has(input[name="a.emergency_status"][value="normal"])').click();
    await reporter.locator('label:has(input[name="a.inpatient_status"][value="limited"])').click();
    await reporter.fill('#i-available_beds', '１７');
    await reporter.fill('#i-board_comment', COMMENT);
    const pressed = Date.now();
    await reporter.locator('[data-submit]').click();
    await reporter.waitForURL((url) => url.pathname.endsWith('/versions/1'));
    const seen = await until('the row changes on the screen of 12', () => here.evaluate(() => globalThis.seenAt), 5000);
    t.diagnostic(`${database.kind}: the row changed ${seen - pressed} ms after the button was pressed`);
    assert.ok(seen - pressed < 1000, `it took ${seen - pressed} ms`);
    const row = await here.locator(`#h-${ours.code}`).innerText();
    assert.match(row, /17/);
    assert.match(row, /通常/);
    assert.match(row, /制限/);
    assert.ok(row.includes(COMMENT));

    // --- 13 learns nothing
    const ghost = ours.code.replace(/.{5}$/, 'XXXXX');
    for (const path of ['/board', '/board?prefecture=13', `/board?q=${encodeURIComponent(NAME)}`, `/board?q=${encodeURIComponent('うみかぜ')}`, '/board?q=17', '/board?accepting=1',
        '/api/v1/board', `/api/v1/board?q=${encodeURIComponent('うみかぜ')}`, '/api/v1/board?prefecture=13', '/board.csv', '/board.csv?encoding=cp932', '/hospitals/' + neighbour.code, '/about', '/sessions', '/api/openapi.json']) {
        const headers = path.startsWith('/api/v1') ? asTheirApi : asThem;
        const found = await look(server, headers, path);
        assert.equal(found.status, 200, path);
        // What was searched for stands in the search field and in the conditions for paper, and nowhere else.
        const text = (path.includes('cp932') ? new TextDecoder('shift_jis').decode(found.bytes) : found.text).replace(/(name="q"[^>]*value=")[^"]*"/, '$1"').replaceAll(/条件：「[^」]*」/g, '条件：').replaceAll(/q=%[0-9A-F%]*/g, 'q=');
        nothingOf(text, ours.code, path);
    }
    const sheet = await look(server, asThem, '/board.xlsx');
    assert.equal(sheet.status, 200);
    assert.ok(workbook(sheet.bytes).includes('架空となり町病院'), 'the reader of workbooks reads');
    nothingOf(workbook(sheet.bytes), ours.code, '/board.xlsx');

    const guesses = (code) => [
        ['GET', `/hospitals/${code}`], ['GET', `/hospitals/${code}/reports`], ['GET', `/hospitals/${code}/reports/${today()}`],
        ['GET', `/hospitals/${code}/reports/${today()}/versions/1`], ['POST', `/hospitals/${code}/reports/${today()}`],
        ['POST', `/hospitals/${code}/reports/${today()}/confirmation`], ['GET', `/api/v1/hospitals/${code}/reports/${today()}`],
        ['PUT', `/api/v1/hospitals/${code}/reports/${today()}`],
    ];
    const strangers = [asThem, await signedIn(server, health13.operator), await signedIn(server, neighbour.operator)];
    for (const who of strangers) {
        const nowhere = guesses(ghost);
        for (const [i, [method, path]] of guesses(ours.code).entries()) {
            const headers = path.startsWith('/api/') ? { 'content-type': 'application/json' } : { 'content-type': 'application/x-www-form-urlencoded' };
            const body = { POST: 'a.available_beds=1&expected_version=1', PUT: '{"answers":{"available_beds":1},"kind":"quick"}' }[method];
            const found = await look(server, who, path, { method, headers, body });
            const none = await look(server, who, nowhere[i][1], { method, headers, body });
            assert.equal(found.status, 404, `${method} ${path}`);
            assert.equal(none.status, 404, `${method} ${nowhere[i][1]}`);
            assert.equal(plain(found.text), plain(none.text), `${method} ${path} differs from what is not there`);
            nothingOf(found.text, ours.code, `${method} ${path}`);
        }
        for (const path of ['/board?prefecture=12', '/board.csv?prefecture=12', '/board.xlsx?prefecture=12', '/board/events?prefecture=12', '/api/v1/board?prefecture=12',
            '/api/v1/board/events?prefecture=12']) {
            const found = await look(server, who, path);
            const none = await look(server, who, path.replace('=12', '=46'));
            assert.equal(found.status, 404, path);
            assert.equal(none.status, 404, path);
            assert.equal(plain(found.text), plain(none.text), `${path} differs from an empty prefecture`);
            nothingOf(found.text, ours.code, path);
        }
    }
    // Not even that something happened.
    assert.equal((await look(server, asTheirApi, '/api/v1/board')).etag, tags[1], 'the tag of the JSON of 13 changed by a report in 12');

    // --- and their own goes on
    await akidoko(database, ['admin', 'create-hospital', '--prefecture', '13', '--name', '架空あとから医院']);
    const theirs = { authorization: `Bearer ${await token(database, neighbour.operator)}`, 'content-type': 'application/json' };
    const answers = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 6 };
    const sent = await look(server, theirs, `/api/v1/hospitals/${neighbour.code}/reports/${today()}`, { method: 'PUT', body: JSON.stringify({ answers }) });
    assert.equal(sent.status, 201, sent.text);
    await until('the screen of 13 shows its own', async () => (await there.locator(`#h-${neighbour.code} .c-tot`).innerText()).includes('6'), 5000);
    await until('the streams of 13 tell of their own', () => streams.every((s) => s.all.some((e) => e.data.includes(neighbour.code))), 5000);
    for (const stream of streams) nothingOf(JSON.stringify(stream.all), ours.code, 'a stream of 13');
    nothingOf(await there.content(), ours.code, 'the screen of 13');
    assert.ok(!(await here.content()).includes('架空となり町病院'), 'nor does 12 learn of 13');
    assert.ok(before.includes('架空となり町病院'));
    assert.deepEqual(loads, [], 'a page was loaded anew');
    for (const page of [reporter, here, there]) assert.deepEqual(page.troubles, []);
}

test('a hospital of 12 reports: 12 sees it within a second, 13 sees nothing, on SQLite', { timeout: 120_000 }, async (t) => {
    await walled(t, await sqlite(t));
});

test('a hospital of 12 reports: 12 sees it within a second, 13 sees nothing, on PostgreSQL', { timeout: 120_000, skip: noPostgres }, async (t) => {
    await walled(t, await postgres(t));
});
