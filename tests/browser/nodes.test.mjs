// Several nodes on one PostgreSQL: what is reported on one shows on the others; one that dies takes nothing with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    Events, FULL, akidoko, browser, freePort, hospital, noPostgres, organisation, postgres, put, serve, signIn, signedIn, sqlite, today, token,
    until, window,
} from './harness.mjs';

/** A hospital and a fire headquarters of one prefecture. */
async function people(database) {
    const hospitalA = await hospital(database, '12', '架空みなと病院');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空湾岸消防本部');
    return { hospital: { ...hospitalA, token: await token(database, hospitalA.operator) }, fire };
}

async function report(server, target, beds) {
    const answer = await put(server, target.code, today(), target.token, { ...FULL, available_beds: beds });
    const body = await answer.json();
    assert.ok(answer.ok, JSON.stringify(body));
    return body;
}

const beds = (page, code) => page.locator(`#h-${code} .c-tot`).innerText();

test('a report on one node shows on a screen of another, which goes on when the first is killed', { timeout: 120_000, skip: noPostgres }, async (t) => {
    const database = await postgres(t);
    const { hospital: target, fire } = await people(database);
    const [a, b] = [await serve(t, database), await serve(t, database)];
    await report(a, target, 1);
    const page = await window(await browser(t));
    await signIn(page, b, fire.operator);
    await page.goto(`${b.url}/board`);
    await until('the report of node A on a screen of node B', async () => (await beds(page, target.code)).includes('1'));
    let loads = 0;
    page.on('framenavigated', () => (loads += 1));
    await until('the screen is live', () => page.locator('[data-conn].on, [data-conn]:has-text("ライブ")').count());

    const sent = performance.now();
    await report(a, target, 7);
    await until('the change on node B', async () => (await beds(page, target.code)).includes('7'), 5000);
    const took = performance.now() - sent;
    t.diagnostic(`from node A to a screen of node B in ${took.toFixed(0)} ms, the report itself included`);
    assert.ok(took < 1500, `${took} ms`);

    await a.stop('SIGKILL');
    await report(b, target, 23);
    await until('node B goes on', async () => (await beds(page, target.code)).includes('23'), 5000);
    assert.equal(loads, 0, 'the page was loaded anew');
    assert.deepEqual(page.troubles, []);
});

test('a reader whose node is killed reconnects to another and misses nothing', { timeout: 120_000, skip: noPostgres }, async (t) => {
    const database = await postgres(t);
    const { hospital: target, fire } = await people(database);
    const others = [];
    for (const name of ['架空やま病院', '架空さと病院', '架空かわ病院']) {
        const made = await hospital(database, '12', name);
        others.push({ ...made, token: await token(database, made.operator) });
    }
    const neighbour = await hospital(database, '13', '架空となり病院');
    const elsewhere = { ...neighbour, token: await token(database, neighbour.operator) };
    const [a, b] = [await serve(t, database), await serve(t, database)];
    // One sign-in is good on all nodes.
    const who = await signedIn(a, fire.operator);
    for (const path of ['/board/events', '/api/v1/board/events']) {
        const screen = await Events.open(t, a, path, who);
        assert.equal(screen.status, 200);
        const seen = [];
        for (const target of others) seen.push((await report(a, target, 2)).event_id);
        seen.push((await report(b, target, 2)).event_id);
        // A node may still be on its way to the last reports of before.
        const own = () => screen.changes.map((e) => Number(e.id)).filter((id) => id >= seen[0]);
        await until('the first reports', () => own().length >= seen.length, 5000);
        assert.deepEqual(own(), seen);

        // The line is cut; meanwhile reports come in on both nodes, some of them of another prefecture.
        const last = screen.changes.at(-1).id;
        await screen.close();
        const missed = [];
        for (let i = 0; i < 40; i += 1) {
            if (i % 10 === 3) await report(b, elsewhere, i);
            const target = others[i % others.length];
            const node = a.running && i < 20 ? a : b;
            missed.push((await report(node, target, i)).event_id);
            if (i === 19 && path === '/api/v1/board/events') await a.stop('SIGKILL');
        }
        const again = await Events.open(t, b, path, { ...who, 'last-event-id': last });
        assert.equal(again.status, 200);
        const after = [];
        for (let i = 0; i < 10; i += 1) after.push((await report(b, others[i % others.length], 100 + i)).event_id);
        await until('what was missed and what came after', () => again.changes.length >= missed.length + after.length, 5000);
        assert.deepEqual(again.changes.map((e) => Number(e.id)), [...missed, ...after], `${path}: once each, in order, nothing of another prefecture`);
        assert.ok(again.changes.every((e) => e.event !== 'reset'));
        await again.close();
    }
    assert.ok(!a.running);
    // A number that is no number is refused, not guessed at.
    assert.equal((await Events.open(t, b, '/board/events', { ...who, 'last-event-id': 'x' })).status, 400);
});

test('reports that arrive while a reader reconnects are neither lost nor doubled', { timeout: 120_000, skip: noPostgres }, async (t) => {
    const database = await postgres(t);
    const { hospital: target, fire } = await people(database);
    const [a, b] = [await serve(t, database), await serve(t, database)];
    const who = await signedIn(b, fire.operator);
    const first = await report(a, target, 0);
    const written = [];
    let over = false;
    const writer = (async () => {
        for (let i = 1; !over; i += 1) written.push((await report(i % 2 ? a : b, target, i % 900)).event_id);
    })();
    const got = [];
    let last = String(first.event_id);
    for (let i = 0; i < 12; i += 1) {
        const screen = await Events.open(t, i % 2 ? a : b, '/board/events', { ...who, 'last-event-id': last });
        const before = got.length;
        await until('some events', () => screen.changes.length >= 5, 5000);
        await screen.close();
        got.push(...screen.changes.map((e) => Number(e.id)));
        assert.ok(got.length > before);
        last = String(got.at(-1));
    }
    over = true;
    await writer;
    assert.deepEqual(got, written.filter((id) => id <= got.at(-1)));
});

test('suspending an account closes its open streams on every node', { timeout: 120_000, skip: noPostgres }, async (t) => {
    const database = await postgres(t);
    const { fire } = await people(database);
    const colleague = await organisation(database, 'fire_headquarters', '12', '架空高台消防本部');
    const [a, b] = [await serve(t, database), await serve(t, database)];
    const who = await signedIn(a, fire.operator);
    const bearer = { authorization: `Bearer ${await token(database, fire.operator)}` };
    const others = await signedIn(b, colleague.operator);
    const streams = await Promise.all([
        Events.open(t, a, '/board/events', who),
        Events.open(t, b, '/board/events', who),
        Events.open(t, a, '/api/v1/board/events', bearer),
        Events.open(t, b, '/api/v1/board/events', bearer),
    ]);
    const stays = await Events.open(t, b, '/board/events', others);
    for (const s of [...streams, stays]) assert.equal(s.status, 200);
    await akidoko(database, ['admin', 'suspend', fire.operator]);
    const began = performance.now();
    await until('all streams are closed', () => streams.every((s) => s.ended), 10_000);
    const took = performance.now() - began;
    t.diagnostic(`closed ${took.toFixed(0)} ms after the command ended`);
    assert.ok(took < 1500, `${took} ms`);
    for (const s of streams) assert.equal(s.all.at(-1).event, 'signed_out');
    assert.ok(!stays.ended, 'another account was signed out too');
    for (const node of [a, b]) {
        assert.equal((await node.fetch('/board/events', { headers: who })).status, 401);
        assert.equal((await node.fetch('/api/v1/board', { headers: bearer })).status, 401);
    }
    await akidoko(database, ['admin', 'suspend', colleague.code]);
    await until('suspending an organisation closes them as well', () => stays.ended, 1500);
});

test('a screen whose server is killed says so, and catches up when it is back', { timeout: 120_000 }, async (t) => {
    const database = await sqlite(t);
    const { hospital: target, fire } = await people(database);
    const port = await freePort();
    let server = await serve(t, database, [], port);
    await report(server, target, 1);
    const page = await window(await browser(t));
    await signIn(page, server, fire.operator);
    await page.goto(`${server.url}/board`);
    await until('the screen is live', () => page.locator('[data-conn]:has-text("ライブ")').count());
    let loads = 0;
    page.on('framenavigated', () => (loads += 1));
    await server.stop('SIGKILL');
    await page.getByText('接続が切れました').first().waitFor({ state: 'visible', timeout: 10_000 });
    server = await serve(t, database, [], port);
    await report(server, target, 42);
    await until('the change after the return', async () => (await beds(page, target.code)).includes('42'), 20_000);
    await page.getByText('接続が切れました').first().waitFor({ state: 'hidden', timeout: 10_000 });
    assert.equal(loads, 0, 'the page was loaded anew');
});
