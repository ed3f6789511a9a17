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

/** A prefecture with three hospitals that reported, one behind the other, and a screen of its headquarters. */
async function scene(t, answers = {}) {
    const database = await sqlite(t);
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const all = [];
    for (const name of ['鳴砂病院', '白帆病院', '汐止病院']) all.push(await hospital(database, '12', name, ['--phone', '000-000-0200']));
    const server = await serve(t, database);
    const report = async (one, more = {}) => {
        const said = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 3, available_beds_severe: 1, ...answers[one.name], ...more };
        const answer = await put(server, one.code, today(), await token(database, one.operator), said);
        assert.ok(answer.ok, await answer.text());
    };
    for (const one of all) await report(one);
    const page = await window(await browser(t), { serviceWorkers: 'block' });
    await signIn(page, server, fire.operator);
    return { server, all: all.reverse(), report, page };
}

const live = (page) => page.locator('[data-conn]:has-text("ライブ")');

test('a filtered page whose other rows do not come passes neither for the prefecture nor for live', { timeout: 120_000 }, async (t) => {
    const { server, all, report, page } = await scene(t, { 白帆病院: { emergency_status: 'stopped' } });
    const state = { refuses: true, hangs: false };
    await page.route('**/board?*', async (route) => {
        if (route.request().resourceType() !== 'fetch') return route.fallback();
        if (state.hangs) return;
        if (state.refuses) return route.abort();
        await route.fallback();
    });
    const shown = (what) => page.locator(`[data-t=${what}]`).first().textContent();
    const kept = () => page.evaluate(async () => (await (await caches.open('akidoko-board')).keys()).length);
    const rows = page.locator('table.board tbody tr[id]');
    await page.goto(`${server.url}/board?accepting=1`);
    assert.equal(await rows.count(), 2);
    await report(all[0], { available_beds: 5 });
    await until('its row changed', async () => (await page.locator(`#h-${all[0].code} .c-tot`).innerText()).includes('5'));
    await page.waitForTimeout(2_000);
    assert.deepEqual([await shown('hospitals'), await shown('accepting'), await shown('available')], ['3', '2', '9'], 'the sums stay the server\'s');
    assert.match(await page.locator('.p-end').textContent(), /全 3 病院のうち/);
    assert.equal(await live(page).count(), 0);
    assert.equal(await kept(), 0, 'a part is not kept as the board');
    // What narrows is here; what widens is the server's.
    await page.fill('#q', '鳴砂');
    await until('one is left', async () => (await rows.filter({ visible: true }).count()) === 1);
    await page.getByText('条件を消す').click();
    await page.waitForURL((url) => !url.search.includes('accepting'));
    await until('all are there', async () => (await rows.count()) === 3);
    await live(page).waitFor();

    // It is tried again, and then it is the board.
    await page.goto(`${server.url}/board?accepting=1`);
    state.refuses = false;
    await live(page).waitFor({ timeout: 20_000 });
    assert.equal(await rows.count(), 3);
    assert.equal(await shown('available'), '11');
    await page.getByText('条件を消す').click();
    await until('all are shown', async () => (await rows.filter({ visible: true }).count()) === 3);

    // Where the read hangs, the alarm comes all the same.
    state.hangs = true;
    await page.goto(`${server.url}/board?accepting=1`);
    await page.locator('[data-lost]').waitFor({ state: 'visible', timeout: 30_000 });
});

test('a board that wakes is read anew: cells that aged are grey, and the reader keeps focus, place and order', { timeout: 120_000 }, async (t) => {
    const { server, all, report, page } = await scene(t);
    let aged = 0;
    await page.route('**/board?*', async (route) => {
        if (route.request().resourceType() !== 'fetch') return route.fallback();
        const answer = await route.fetch();
        const text = await answer.text();
        aged += 1;
        await route.fulfill({ response: answer, body: text.replace(new RegExp(`(<tr id="h-${all[1].code}".*?class="num c-bed c-sev)"`), '$1 was" title="昨日の値"') });
    });
    await page.clock.install({ time: Date.now() });
    await page.goto(`${server.url}/board`);
    await live(page).waitFor();
    const rows = page.locator('table.board tbody tr[id]');
    const codes = () => rows.evaluateAll((found) => found.map((row) => row.id.slice(2)));
    assert.deepEqual(await codes(), all.map((one) => one.code));
    await report(all[2], { available_beds: 7 });
    await until('its row changed', async () => (await page.locator(`#h-${all[2].code} .c-tot`).innerText()).includes('7'));
    await page.locator(`#h-${all[1].code} .c-name > a`).focus();
    await page.evaluate((code) => { document.getElementById(`h-${code}`).mine = true; }, all[0].code);
    await page.evaluate(() => scrollTo(0, 40));
    const top = await page.evaluate(() => scrollY);

    await page.clock.fastForward('02:00:00');
    await page.locator(`#h-${all[1].code} .c-sev.was`).waitFor();
    assert.equal(aged, 1);
    assert.deepEqual(await codes(), all.map((one) => one.code), 'each row stays where it is');
    assert.match(await page.locator('[data-resort]').innerText(), /（1）/);
    const now = await page.evaluate((code) => {
        const link = document.activeElement;
        return { focused: [link.closest('tr')?.id, link.textContent], same: document.getElementById(`h-${code}`).mine === true, top: scrollY };
    }, all[0].code);
    assert.deepEqual(now, { focused: [`h-${all[1].code}`, all[1].name], same: true, top });
    await live(page).waitFor();
    assert.deepEqual(page.troubles, []);
});

test('a wall that wakes is read anew', { timeout: 120_000 }, async (t) => {
    const { server, all, page } = await scene(t);
    await page.route('**/wall?*', async (route) => {
        if (route.request().resourceType() !== 'fetch') return route.fallback();
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace(new RegExp(`(<tr id="h-${all[1].code}".*?class="c-emg">)(<a .*?</a>)`), '$1<span class="old">$2</span>') });
    });
    await page.clock.install({ time: Date.now() });
    await page.goto(`${server.url}/wall`);
    await live(page).waitFor();
    await page.clock.fastForward('02:00:00');
    await page.locator(`#w-${all[1].code}.st-old`).waitFor();
    await live(page).waitFor();
});

for (const status of [403, 404]) {
    test(`a board that answers ${status} is left, as one whose sign-in ended`, { timeout: 120_000 }, async (t) => {
        const { server, page } = await scene(t);
        await page.route('**/board?*', (route) => (route.request().resourceType() === 'fetch' ? route.fulfill({ status }) : route.fallback()));
        await page.clock.install({ time: Date.now() });
        await page.goto(`${server.url}/board`);
        await live(page).waitFor();
        const left = page.waitForRequest((request) => new URL(request.url()).pathname === '/sign-in');
        await page.clock.fastForward('02:00:00');
        await left;
    });
}

test('a page that Back takes from the browser without a line says of when it is', { timeout: 120_000 }, async (t) => {
    const database = await sqlite(t);
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const server = await serve(t, database);
    const page = await window(await browser(t), { serviceWorkers: 'block' });
    await signIn(page, server, fire.operator);
    // A page of two hours ago, as a cache gives it.
    await page.route('**/board', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace(/data-now="(\d+)"/, (_, now) => `data-now="${Number(now) - 7_200_000}"`) });
    });
    await page.route('**/board/events?*', (route) => route.abort());
    await page.goto(`${server.url}/board`);
    const bar = page.locator('[data-lost]');
    await bar.waitFor({ state: 'visible' });
    await until('it says how old it is', async () => /2時間前の情報です|120分前の情報です/.test(await bar.innerText()));
});
