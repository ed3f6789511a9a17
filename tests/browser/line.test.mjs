// A proxy that collects what it should pass on: the stream of events opens, and nothing of it comes through, while pages do. The board and the wall
// say that their line is lost, go on with pages, and are live again as soon as the stream is.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { test } from 'node:test';
import { browser, hospital, organisation, put, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

/** A proxy in front of a server that keeps streams back as long as `swallows` is set. */
async function proxy(t, server) {
    const state = { swallows: true, streams: 0 };
    const listener = createServer((near, answer) => {
        const far = request(new URL(near.url, server.url), { method: near.method, headers: near.headers }, (came) => {
            answer.writeHead(came.statusCode, came.headers);
            if (!came.headers['content-type']?.startsWith('text/event-stream')) return came.pipe(answer);
            state.streams += 1;
            answer.flushHeaders();
            if (state.swallows) came.resume();
            else came.pipe(answer);
        });
        far.on('error', () => answer.destroy());
        answer.on('close', () => far.destroy());
        near.pipe(far);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    t.after(() => listener.closeAllConnections());
    return Object.assign(state, { url: `http://127.0.0.1:${listener.address().port}`, close: () => listener.close() });
}

for (const [name, path, beds] of [['board', '/board', (code) => `#h-${code} .c-tot`], ['wall', '/wall', (code) => `#w-${code}`]]) {
    test(`the ${name} goes on with pages where a proxy swallows its stream`, { timeout: 120_000 }, async (t) => {
        const database = await sqlite(t);
        const own = await hospital(database, '12', '鳴砂病院');
        const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
        const server = await serve(t, database);
        const bearer = await token(database, own.operator);
        const report = async (available_beds) => assert.ok((await put(server, own.code, today(), bearer, { emergency_status: 'normal', inpatient_status: 'normal', available_beds })).ok);
        await report(3);
        const line = await proxy(t, server);
        t.after(() => line.close());
        const page = await window(await browser(t));
        await signIn(page, server, fire.operator);
        await page.clock.install({ time: Date.now() });
        await page.goto(`${line.url}${path}`);
        const lost = page.locator('[data-lost]');
        const shows = (words) => until(`it shows ${words}`, async () => (await page.locator(beds(own.code)).innerText()).includes(words));
        await shows('3');
        await until('the stream is open', () => line.streams === 1);

        // Open and silent is lost, within 45 seconds.
        await page.clock.runFor(25_000);
        await lost.waitFor({ state: 'visible' });
        // It is tried again, and is silent again: pages it is.
        await until('it is tried again', async () => {
            await page.clock.runFor(1_000);
            return line.streams === 2;
        });
        await page.clock.runFor(22_000);
        await lost.waitFor({ state: 'hidden' });
        assert.match(await page.locator('[data-conn]').innerText(), /30 秒ごとに更新/);

        // What is reported meanwhile comes with the next page, and nothing says that the line is lost.
        await report(7);
        await page.clock.runFor(31_000);
        await shows('7');
        assert.ok(!(await lost.isVisible()));

        // The proxy passes on again: live, without anybody's doing.
        line.swallows = false;
        await until('it is live', async () => {
            await page.clock.runFor(5_000);
            return /ライブ/.test(await page.locator('[data-conn]').innerText());
        }, 30_000, 100);
        await report(9);
        await shows('9');
        assert.deepEqual(page.troubles, []);
    });
}
