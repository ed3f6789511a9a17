// What comes from beyond the program: figures out of another system of the prefecture, marked wherever they stand, and drives by road from a
// routing service. Both are small servers and programs of this test.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { FULL, bothWidths, browser, hospital, organisation, put, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const SYSTEM = '架空県救急医療情報システム';

/** In Japan, now less some seconds; never yesterday. */
const moment = (back) => new Date(Math.max(Date.now() - back * 1000, Date.parse(`${today(0)}T00:00:00+09:00`))).toISOString();

test('figures out of another system say so', async (t) => {
    const database = await sqlite(t);
    const [a, b] = [await hospital(database, '12', '架空港市民総合医療センター'), await hospital(database, '12', '架空丘の上病院')];
    const health = await organisation(database, 'prefecture_health', '12', '架空県健康医療部');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const server = await serve(t, database);
    const opened = await browser(t);
    const desk = await window(opened);
    await signIn(desk, server, health.operator);

    // Before the system has a name there is no such key; the screen leads to where it is named.
    await desk.goto(`${server.url}/keys`);
    await desk.getByRole('link', { name: '共有範囲の画面' }).click();
    await desk.fill('#other #name', SYSTEM);
    await desk.fill('#other #url', 'https://kyukyu.example.jp/');
    await desk.getByRole('button', { name: 'ほかのシステムを保存' }).click();
    await desk.getByText('保存しました').waitFor();
    await desk.goto(`${server.url}/keys`);
    await desk.fill('#name', '県システム');
    await desk.getByLabel('他システム連携').check();
    await bothWidths(desk, 'feed-key');
    await desk.getByRole('button', { name: '作って、キーを表示する' }).click();
    const key = (await desk.locator('#secret').innerText()).trim();

    const screen = await window(opened);
    await signIn(screen, server, fire.operator);
    await screen.waitForURL(/\/board/);
    const says = async (one, answers, more) => {
        const answer = await put(server, one.code, today(0), key, answers, more);
        assert.ok(answer.status < 300, await answer.text());
    };
    const late = await put(server, a.code, today(0), key, FULL);
    assert.equal((await late.json()).code, 'as_of_missing');
    await says(a, { ...FULL, available_beds: 4, available_beds_severe: 1, available_beds_moderate: 1, available_beds_mild: 2 }, { as_of: moment(60) });
    const row = screen.locator(`#h-${a.code}`);
    const tag = row.locator('.tag.src');
    await tag.waitFor();
    assert.equal(await tag.getAttribute('title'), `「${SYSTEM}」から取り込んだ値`);
    // What the hospital says itself is its own; the rest of the row is still the other system's.
    await put(server, b.code, today(0), await token(database, b.operator), FULL);
    await until('the other is there', async () => (await screen.locator(`#h-${b.code} .miss`).count()) === 0);
    assert.equal(await screen.locator(`#h-${b.code} .tag`).count(), 0);
    await put(server, a.code, today(0), await token(database, a.operator), { available_beds: 2 }, { kind: 'quick', confirmed: ['available_parts_over'] });
    await until('a part is', async () => (await tag.getAttribute('title')) === `一部は「${SYSTEM}」から取り込んだ値`);
    await bothWidths(screen, 'feed-board');
    await screen.goto(`${server.url}/hospitals/${a.code}`);
    await screen.getByText(`連携（${SYSTEM}）`).first().waitFor();
    await bothWidths(screen, 'feed-hospital', [390, 1280]);
    await screen.setViewportSize({ width: 1920, height: 1080 });
    await screen.goto(`${server.url}/wall`);
    await screen.locator('.w-row .nm small', { hasText: '連携' }).waitFor();
    await desk.goto(`${server.url}/hospitals/${a.code}/reports`);
    await desk.getByText(`連携（${SYSTEM}）`).first().waitFor();
    await bothWidths(desk, 'feed-history');
    assert.deepEqual([...screen.troubles, ...desk.troubles], []);
});

test('near is by road, and says so', async (t) => {
    const database = await sqlite(t);
    const places = { 川向こう病院: '35.6200,140.1000', 川のこちら病院: '35.5600,140.1000', 地図にない病院: '35.5400,140.1000' };
    const all = [];
    for (const [name, place] of Object.entries(places)) all.push(await hospital(database, '12', name, ['--phone', '000-000-0200', '--place', place]));
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    let well = true;
    const road = createServer((request, answer) => {
        if (!well) return answer.writeHead(500).end();
        const asked = new URL(request.url, 'http://localhost').pathname.split('/').at(-1).split(';').map((one) => one.split(',').map(Number));
        const of = (near, far, none) => asked.map(([, latitude], n) => (n === 0 ? 0 : latitude === 35.54 ? none : latitude > 35.6 ? far : near));
        answer.setHeader('content-type', 'application/json');
        answer.end(JSON.stringify({ code: 'Ok', durations: [of(540, 8_000, null)], distances: [of(5_300, 60_000, null)] }));
    });
    road.listen(0, '127.0.0.1');
    await once(road, 'listening');
    t.after(() => road.close());
    const server = await serve(t, database, ['--routing-url', `http://127.0.0.1:${road.address().port}`]);
    const opened = await browser(t);
    const names = (page) => page.locator('table.board tbody tr:not(.grp):visible th.c-name > a').allTextContents();
    const dist = (page, one) => page.locator(`#h-${one.code} .dist`).textContent();
    const address = `${server.url}/board?near=35.6000,140.1000&order=distance`;

    const page = await window(opened);
    await signIn(page, server, fire.operator);
    await page.goto(address);
    await page.getByText(/ライブ/).waitFor();
    // To where no road leads it is never near, whatever the straight line says.
    assert.deepEqual(await names(page), ['川のこちら病院', '川向こう病院', '地図にない病院']);
    assert.deepEqual([await dist(page, all[0]), await dist(page, all[1]), await dist(page, all[2])], ['道のり 60.0 km 2時間14分', '道のり 5.3 km 9分', '直線 6.7 km 経路なし']);
    await bothWidths(page, 'road-board');
    // A report while it is open: the drive stays; a hospital that comes only now has a straight line, and says so.
    await put(server, all[0].code, today(0), await token(database, all[0].operator), FULL);
    await until('reported', async () => (await page.locator(`#h-${all[0].code} .miss`).count()) === 0);
    assert.equal(await dist(page, all[0]), '道のり 60.0 km 2時間14分');
    // Without script the page has it too; when the service fails, it says what it shows.
    const plain = await window(opened, { javaScriptEnabled: false });
    await signIn(plain, server, fire.operator);
    await plain.goto(address);
    assert.equal(await dist(plain, all[1]), '道のり 5.3 km 9分');
    well = false;
    await plain.goto(`${server.url}/board?near=35.5000,140.1000&order=distance`);
    assert.match(await plain.locator('.b-near').innerText(), /いまは、道路の経路を調べられません。/);
    assert.match(await dist(plain, all[1]), /^直線 /);
    assert.deepEqual(page.troubles, []);
});
