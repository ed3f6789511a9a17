// What was acknowledged is there after `kill -9`, and the log still verifies.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FULL, akidoko, hospital, noPostgres, postgres, put, serve, sqlite, today, token, tryAkidoko, until } from './harness.mjs';

const ROUNDS = 10;
const HOSPITALS = 4;
const CLIENTS_EACH = 2;

/** One client: reports as fast as it is answered, and remembers each answer, until the server is gone. */
async function client(load, target, date) {
    // A day tells its newest hundred versions, and all of them are to be looked at.
    for (let version = 0; !load.over && version < 90; ) {
        const beds = (load.next += 1) % 1000;
        load.sent += 1;
        const more = { kind: 'quick', reason: '数え直し' };
        let answer, body;
        try {
            answer = await put(load.server, target.code, date, target.token, { available_beds: beds }, more);
            body = await answer.json();
        } catch {
            return; // not acknowledged: it may be there or not
        }
        assert.ok(answer.ok, `${answer.status} ${JSON.stringify(body)}`);
        version = body.version;
        load.acknowledged.push({ code: target.code, date, version, beds });
    }
}

async function everythingIsThere(server, targets, days, acknowledged) {
    const missing = [];
    for (const [target, date] of targets.flatMap((target) => days.map((date) => [target, date]))) {
        const headers = { authorization: `Bearer ${target.token}` };
        const answer = await server.fetch(`/api/v1/hospitals/${target.code}/reports/${date}`, { headers });
        assert.equal(answer.status, 200);
        const { versions } = await answer.json();
        const found = new Map(versions.map((v) => [v.version, v]));
        assert.equal(found.size, versions.length, 'a version stands twice');
        assert.equal(Math.max(...found.keys()), versions.length, 'there is a gap between versions');
        for (const a of acknowledged.filter((a) => a.code === target.code && a.date === date)) {
            if (found.get(a.version)?.answers.available_beds !== a.beds) missing.push({ ...a, found: found.get(a.version)?.answers ?? null });
        }
    }
    assert.deepEqual(missing, [], 'acknowledged, but not there after the kill');
}

async function torment(t, database) {
    const targets = [];
    for (let i = 0; i < HOSPITALS; i += 1) {
        const made = await hospital(database, '12', `架空耐久第${'一二三四'[i]}病院`);
        targets.push({ ...made, token: await token(database, made.operator) });
    }
    let server = await serve(t, database);
    for (const target of targets) {
        const first = await put(server, target.code, today(), target.token, FULL);
        assert.equal(first.status, 201, await first.text());
    }
    const all = [];
    const days = [];
    const heads = [await akidoko(database, ['audit', 'head'])];
    let next = 0;
    let sent = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
        // Each round has a day of its own.
        const date = today(ROUNDS - round);
        days.push(date);
        const load = { server, over: false, next, sent: 0, acknowledged: [] };
        const clients = targets.flatMap((target) => Array.from({ length: CLIENTS_EACH }, () => client(load, target, date)));
        const done = Promise.all(clients);
        done.catch(() => {});
        await until('the load runs', () => load.acknowledged.length >= 8);
        // A head that is noted down while reports go on coming.
        if (round % 3 === 1) heads.push(await akidoko(database, ['audit', 'head']));
        await sleep(randomInt(20, 400));
        await server.stop('SIGKILL');
        assert.equal(server.child.signalCode, 'SIGKILL');
        load.over = true;
        await done;
        all.push(...load.acknowledged);
        next = load.next;
        sent += load.sent;

        server = await serve(t, database);
        await everythingIsThere(server, targets, days, all);
        const verified = await tryAkidoko(database, ['audit', 'verify']);
        assert.equal(verified.code, 0, `round ${round}: ${verified.stderr}`);
        heads.push(await akidoko(database, ['audit', 'head']));
    }
    for (const head of heads) {
        const verified = await tryAkidoko(database, ['audit', 'verify', '--head', head]);
        assert.equal(verified.code, 0, `head ${head}: ${verified.stderr}`);
    }
    // The check itself can fail: a head of another history is refused.
    const other = heads[0].replace(/[0-9a-f](?=[^0-9a-f]*$)/, (c) => (c === '0' ? '1' : '0'));
    assert.notEqual(other, heads[0]);
    assert.notEqual((await tryAkidoko(database, ['audit', 'verify', '--head', other])).code, 0, 'a wrong head was taken');
    t.diagnostic(`${database.kind}: ${ROUNDS} kills, ${sent} reports sent, ${all.length} acknowledged, none lost`);
}

test('kill -9 during a load of writes, ten times, on SQLite', { timeout: 240_000 }, async (t) => {
    await torment(t, await sqlite(t));
});

test('kill -9 during a load of writes, ten times, on PostgreSQL', { timeout: 240_000, skip: noPostgres }, async (t) => {
    await torment(t, await postgres(t));
});
