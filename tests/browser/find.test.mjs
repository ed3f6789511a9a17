// Finding the right hospital: as a fire headquarters with a patient, in at most three actions; by keyboard only; on a phone; and on the map, where the
// hospitals of a real prefecture stand in their places.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Line, ROOT, akidoko, bothWidths, browser, hospital, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const folder = screenshots();
const DATA = process.env.AKIDOKO_TEST_DATA;
const HERE = { latitude: 35.6, longitude: 140.1 };

const looked = bothWidths;

/** A prefecture with hospitals around a place: the nearest takes no dialysis, the second has no severe bed, the third is right, the fourth too. */
async function scene(t, database) {
    const places = { 鳴砂病院: '35.6050,140.1000', 白帆病院: '35.6200,140.1000', 汐止病院: '35.6500,140.1000', 遠見病院: '35.9000,140.1000' };
    const answers = {
        鳴砂病院: { available_beds: 4, available_beds_severe: 1, accept_dialysis: 'refuse' },
        白帆病院: { available_beds: 2, available_beds_severe: 0, accept_dialysis: 'active' },
        汐止病院: { available_beds: 3, available_beds_severe: 1, accept_dialysis: 'accept' },
        遠見病院: { available_beds: 9, available_beds_severe: 3, accept_dialysis: 'active' },
    };
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const all = [];
    for (const [n, [name, place]] of Object.entries(places).entries()) all.push(await hospital(database, '12', name, ['--phone', `000-000-020${n}`, '--place', place]));
    const server = await serve(t, database);
    for (const one of all) {
        const answer = await put(server, one.code, today(0), await token(database, one.operator), { emergency_status: 'normal', inpatient_status: 'normal', ...answers[one.name] });
        assert.ok(answer.status < 300, await answer.text());
    }
    return { fire, all, server };
}

const shown = (page) => page.locator('table.board tbody tr:not(.grp):visible th.c-name > a');

async function three(t, database) {
    const { fire, all, server } = await scene(t, database);
    const opened = await browser(t);
    const device = { geolocation: HERE, permissions: ['geolocation'] };
    const right = async (page) => {
        await page.waitForURL(/order=distance/);
        await shown(page).first().waitFor();
        // What is read as text, not as it is laid out: rows of a page that opens this moment are laid out with the next frame.
        assert.deepEqual(await shown(page).allTextContents(), ['汐止病院', '遠見病院']);
        const first = page.locator('table.board tbody tr:not(.grp):visible').first();
        assert.match(await first.textContent(), /5\.6 km 約11分/);
        assert.match(await page.locator('.b-near').innerText(), /現在地（押したとき）からの直線距離/);
        const call = first.locator('a.tel:visible').first();
        assert.equal(await call.getAttribute('href'), 'tel:0000000202');
        assert.ok(await call.evaluate((link) => link.getBoundingClientRect().bottom <= innerHeight), 'the number is on the screen without scrolling');
    };

    // At the desk: three presses behind the sign-in.
    const desk = await window(opened, device);
    await signIn(desk, server, fire.operator);
    await desk.waitForURL(/\/board/);
    await desk.locator('#f-severity').getByText('重症', { exact: true }).click();
    await desk.locator('#f-care').getByText('透析').click();
    assert.deepEqual((await shown(desk).allTextContents()).sort(), ['汐止病院', '遠見病院'], 'the filter works at once');
    await desk.getByRole('button', { name: '現在地から近い順' }).click();
    await right(desk);
    await looked(desk, `find-near-${database.kind}`);

    // It is an address that can be sent, and a view that can be kept for the headquarters: then it is one press.
    await desk.setViewportSize({ width: 1280, height: 900 });
    await desk.getByRole('link', { name: 'この条件を保存' }).click();
    await desk.getByText('重症に空床、透析、近い順').waitFor();
    await desk.fill('#view-name', '本署から透析');
    await desk.getByText('所属の全員で使う').click();
    await desk.getByRole('button', { name: '表示を保存' }).click();
    await desk.getByText('保存しました').waitFor();
    await looked(desk, `find-kept-${database.kind}`);
    await desk.goto(`${server.url}/board`);
    await desk.getByRole('link', { name: '本署から透析' }).click();
    await right(desk);

    // A report while it is open: the row is measured again, and keeps its place.
    await put(server, all[3].code, today(0), await token(database, all[3].operator), { emergency_status: 'limited', inpatient_status: 'normal', available_beds: 8, available_beds_severe: 2, accept_dialysis: 'active' });
    await desk.locator(`#h-${all[3].code} .st-limited`).waitFor();
    assert.match(await desk.locator(`#h-${all[3].code}`).textContent(), /33\.4 km 約66分/);

    // By keyboard only.
    const keys = await window(opened, device);
    await signIn(keys, server, fire.operator);
    await keys.waitForURL(/\/board/);
    await keys.locator('#f-severity input[value=severe]').waitFor();
    const tabTo = async (what) => {
        for (let n = 0; n < 60; n += 1) {
            await keys.keyboard.press('Tab');
            if (await keys.evaluate((selector) => document.activeElement?.matches(selector), what)) return;
        }
        assert.fail(`${what} is not reached by Tab`);
    };
    await tabTo('#f-severity input');
    await keys.keyboard.press('ArrowRight');
    await tabTo('#f-care input[value=dialysis]');
    await keys.keyboard.press('Space');
    await tabTo('[data-here]');
    await keys.keyboard.press('Enter');
    await right(keys);

    // In the hand.
    const phone = await window(opened, { ...device, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await signIn(phone, server, fire.operator);
    await phone.waitForURL(/\/board/);
    await phone.locator('#f-severity').getByText('重症', { exact: true }).tap();
    await phone.locator('#f-care').getByText('透析').tap();
    await phone.locator('[data-here-or]').tap();
    await right(phone);

    // Where a device will not say where it is, it is told, and a municipality or landmark does.
    const deaf = await window(opened, { permissions: [] });
    await signIn(deaf, server, fire.operator);
    await deaf.getByRole('button', { name: '現在地から近い順' }).click();
    await deaf.getByText(/起点を選んでください/).waitFor();

    // Every figure leads to why it changed, also those that are no link before somebody points at them; under a finger too.
    const [beds, severe] = ['.c-tot', '.c-sev'].map((cell) => `#h-${all[3].code} ${cell}`);
    assert.equal(await phone.locator(`${severe} a`).count(), 0);
    await phone.locator(severe).tap();
    await phone.waitForURL(/why\/available_beds_severe$/);
    assert.match(await desk.locator(`${beds} a`).getAttribute('href'), /why\/available_beds$/);
    await desk.locator(severe).hover();
    assert.match(await desk.locator(`${severe} a`).getAttribute('href'), /why\/available_beds_severe$/);
    await desk.locator(`#h-${all[3].code} .c-inp`).click();
    await desk.waitForURL(/why\/inpatient_status$/);
    for (const page of [desk, keys, phone, deaf]) assert.deepEqual(page.troubles, []);
}

test('the nearest hospital in three actions, on SQLite', { timeout: 180_000 }, async (t) => three(t, await sqlite(t)));
test('the nearest hospital in three actions, on PostgreSQL', { timeout: 180_000, skip: noPostgres }, async (t) => three(t, await postgres(t)));

test('the map shows what the list shows', { timeout: 180_000 }, async (t) => {
    const database = await sqlite(t);
    const { fire, all, server } = await scene(t, database);
    const page = await window(await browser(t));
    await signIn(page, server, fire.operator);
    await page.getByRole('button', { name: '地図' }).click();
    await page.locator('.mm').first().waitFor();
    const numbers = async () => (await page.locator('.mm').evaluateAll((marks) => marks.map((m) => m.getAttribute('aria-label') ?? ''))).map((words) => Number(/^(\d+) 病院/.exec(words)?.[1] ?? 1)).reduce((a, b) => a + b, 0);
    assert.equal(await numbers(), 4, 'each hospital is in one mark');
    await page.locator('#f-care').getByText('透析').click();
    await until('the filter holds on the map', async () => (await numbers()) === 3);
    await looked(page, 'find-map');
    await page.setViewportSize({ width: 1280, height: 900 });
    // A mark by keyboard: its number to call.
    await page.fill('#q', '汐止');
    await until('one is left', async () => (await numbers()) === 1);
    const mark = page.locator('.mm');
    assert.match(await mark.getAttribute('aria-label'), /汐止病院　通常　空床 3 床/);
    await mark.focus();
    await page.keyboard.press('Enter');
    await page.locator('.mm-tell a[href="tel:0000000202"]').waitFor();
    // It changes with the report, without a touch.
    await put(server, all[2].code, today(0), await token(database, all[2].operator), { emergency_status: 'stopped', inpatient_status: 'normal', available_beds: 1, available_beds_severe: 1, accept_dialysis: 'accept' });
    await until('the mark follows', async () => /停止　空床 1 床/.test(await page.locator('.mm').getAttribute('aria-label')));
    // Pressing the ground starts from there; the map stays open in the address that is sent.
    await page.keyboard.press('Escape');
    await page.locator('[data-map-place]').click({ position: { x: 40, y: 300 } });
    await page.getByRole('link', { name: 'ここから近い順に見る' }).click();
    await page.waitForURL(/near=.*order=distance.*#map/);
    await page.locator('.mm').first().waitFor();
    assert.deepEqual(page.troubles, []);
});

test('a real prefecture on list and map', { timeout: 300_000, skip: DATA ? false : 'AKIDOKO_TEST_DATA is not set' }, async (t) => {
    const database = await sqlite(t);
    await akidoko(database, ['import', 'hospitals', join(DATA, '01_hospitals/raw/01-1_hospital_facility_info_20250601.zip')]);
    await akidoko(database, ['import', 'municipalities', join(DATA, '06_geo_codes/municipalities.csv')]);
    await akidoko(database, ['import', 'areas', join(DATA, '06_geo_codes/medical_areas.csv')]);
    await akidoko(database, ['import', 'links', join(DATA, '01_hospitals/hospitals.csv')]);
    await akidoko(database, ['import', 'gmis-daily', join(DATA, '02_gmis_daily_status/raw/covid-19_daily_survey_20201209.zip')]);
    database.env.AKIDOKO_OUTLINES = join(DATA, '06_geo_codes/prefectures.geojson');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const server = await serve(t, database);
    const page = await window(await browser(t));
    await signIn(page, server, fire.operator);
    await page.goto(`${server.url}/board#map`);
    await page.locator('.mm').first().waitFor();
    // In the places that the register says, four decimals.
    const lines = readFileSync(join(DATA, '01_hospitals/hospitals.csv'), 'utf8').split('\n');
    const head = lines[0].split(',');
    const at = (name) => head.indexOf(name);
    const register = new Map();
    for (const line of lines.slice(1).filter((l) => !l.includes('"'))) {
        const cells = line.split(',');
        if (cells[at('pref_code')] === '12' && cells[at('latitude')] && cells[at('coord_source')] === 'mednet') register.set(cells[at('name')], [Number(cells[at('latitude')]).toFixed(4), Number(cells[at('longitude')]).toFixed(4)].join());
    }
    const rows = await page.locator('table.board tbody tr[data-place]').evaluateAll((all) => all.map((row) => [row.querySelector('.c-name > a').textContent, row.dataset.place]));
    assert.ok(rows.length > 260, `${rows.length} hospitals have a place`);
    const same = rows.filter(([name, place]) => register.get(name) === place).length;
    const others = rows.filter(([name, place]) => register.has(name) && register.get(name) !== place);
    assert.deepEqual(others, [], 'nobody stands elsewhere');
    assert.ok(same > 50, `${same} of the same name stand where the register says`);
    // Names are written in several ways; a place is not.
    const places = new Set(rows.map(([, place]) => place));
    const missing = [...register.values()].filter((place) => !places.has(place));
    assert.ok(register.size > 200 && missing.length === 0, `${missing.length} of ${register.size} places of the register are not on the board`);
    // All of them are on the map, inside the outline of 千葉県 as far as a simplified one goes.
    const numbers = (await page.locator('.mm').evaluateAll((marks) => marks.map((m) => m.getAttribute('aria-label') ?? ''))).map((words) => Number(/^(\d+) 病院/.exec(words)?.[1] ?? 1)).reduce((a, b) => a + b, 0);
    assert.equal(numbers, rows.length);
    await page.locator('.leaflet-overlay-pane path').first().waitFor();
    assert.ok((await page.locator('.st-limited').count()) > 0, 'with the statuses of a real day');
    await page.screenshot({ path: join(folder, 'find-chiba.png') });
    assert.deepEqual(page.troubles, []);
    // Outlines that are none stop the start, and say why.
    database.env.AKIDOKO_OUTLINES = join(DATA, '06_geo_codes/prefectures.csv');
    await assert.rejects(serve(t, database), /境界のファイル（GeoJSON）ではありません/);
});

/** A board that is kept on the device, and the line between both. */
async function keptBoard(t) {
    const database = await sqlite(t);
    const { fire, all, server } = await scene(t, database);
    const line = await Line.to(t, server);
    const page = await window(await browser(t));
    await signIn(page, line, fire.operator);
    await page.goto(`${line.url}/board`);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await until('the board is kept', () => page.evaluate(async () => (await (await caches.open('akidoko-board')).match('/board')) !== undefined && (await (await caches.open('akidoko-board-files')).keys()).length > 5), 20_000, 200);
    return { database, all, server, page, line };
}

test('without a line the last board opens from the device, with its age, and is live again when the line is back', { timeout: 180_000 }, async (t) => {
    const { database, all, server, page, line } = await keptBoard(t);
    // What is kept says so itself, if no script ever runs.
    const kept = await page.evaluate(async () => (await (await (await caches.open('akidoko-board')).match('/board')).text()));
    assert.match(kept, /<main[^>]* class="b-page b-stale"[^>]*>/);
    assert.match(kept, /class="conn off"[^>]*>　端末に保存した \d\d:\d\d の表示</);
    assert.doesNotMatch(kept, /ライブ/);

    // The line is cut, and the screen is opened anew, with a filter in its address.
    line.cut();
    await page.clock.install({ time: Date.now() });
    await page.goto(`${line.url}/board?care=dialysis`);
    const bar = page.locator('[data-lost]');
    await bar.waitFor({ state: 'visible' });
    assert.match(await bar.innerText(), /\d\d:\d\d 時点/);
    assert.match(await bar.innerText(), /電話で確かめてください/);
    assert.deepEqual((await shown(page).allTextContents()).sort(), ['汐止病院', '白帆病院', '遠見病院'], 'the address holds on the kept page too');
    assert.match(await page.locator('[data-hits]').innerText(), /条件に合う 3 病院\s+条件を消す/);
    assert.match(await page.locator('a[data-export]').first().getAttribute('href'), /care=dialysis/);
    assert.ok(await page.locator('main.b-stale').count(), 'its colours are gone');
    await page.clock.runFor(3 * 60_000 + 5_000);
    await until('it says how old it is', async () => /3分前の情報です|4分前の情報です/.test(await bar.innerText()));
    await looked(page, 'find-offline');

    // Meanwhile a hospital reports. With the line the screen has it, and nothing says that it is old.
    await put(server, all[0].code, today(0), await token(database, all[0].operator), { emergency_status: 'stopped', inpatient_status: 'stopped', available_beds: 0, available_beds_severe: 0, accept_dialysis: 'active' });
    line.mend();
    await page.clock.runFor(15_000);
    await page.locator(`#h-${all[0].code} .st-stopped`).first().waitFor();
    await until('the bar is gone', async () => !(await bar.isVisible()));
    assert.equal(await page.locator('main.b-stale').count(), 0);

    // Whoever signs out leaves no board on the device. The answer to the press comes late, behind what the board itself hears of it: that leads
    // nowhere else, and not back to this board.
    await page.route('**/sign-out', async (route) => {
        const answer = await route.fetch({ maxRedirects: 0 });
        await sleep(1_500);
        await route.fulfill({ response: answer });
    });
    await page.locator('details.account summary').click();
    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.waitForURL(/sign-in/);
    assert.equal(page.url(), `${line.url}/sign-in`);
    await until('the board is forgotten', () => page.evaluate(async () => !(await caches.keys()).includes('akidoko-board')));
    line.cut();
    await assert.rejects(page.goto(`${line.url}/board`), /ERR_/);
});

for (const [name, wrong, says] of [['on', 86_400_000, /(昨日 \d\d:\d\d|2日前 \d+\/\d+)の情報です/], ['back', -86_400_000, /何分前の情報か分かりません/]]) {
    test(`a board out of a device whose clock is put ${name} by a day passes for nothing new`, { timeout: 120_000 }, async (t) => {
        const { page, line } = await keptBoard(t);
        line.cut();
        await page.clock.install({ time: Date.now() + wrong });
        await page.goto(`${line.url}/board`);
        const bar = page.locator('[data-lost]');
        await bar.waitFor({ state: 'visible' });
        await page.clock.runFor(3 * 60_000);
        assert.match(await bar.innerText(), says);
        assert.match(await bar.innerText(), /\d\d:\d\d 時点/);
        assert.ok(await page.locator('main.b-stale').count());
        const ages = () => page.locator('table.board tbody .c-age b').allInnerTexts();
        assert.ok((await ages()).every((words) => words !== '1分以内'), `${await ages()}`);
        // With the line it goes by the server's clock, and forgets the device's.
        line.mend();
        await page.clock.runFor(15_000);
        await page.locator('[data-conn]:has-text("ライブ")').waitFor();
        await until('the bar is gone', async () => !(await bar.isVisible()));
        await page.clock.runFor(30_000);
        assert.ok((await ages()).every((words) => /分/.test(words)), `${await ages()}`);
    });
}

test('a board out of the device measures from the place of its address, and says what it cannot do', { timeout: 120_000 }, async (t) => {
    const { page, line } = await keptBoard(t);
    line.cut();
    await page.goto(`${line.url}/board?near=35.9000%2C140.1000&order=distance`);
    await page.locator('[data-lost]').waitFor({ state: 'visible' });
    assert.deepEqual(await shown(page).allTextContents(), ['遠見病院', '汐止病院', '白帆病院', '鳴砂病院']);
    assert.deepEqual((await page.locator('.dist').allTextContents()).slice(0, 2), ['直線 0.0 km 約1分', '直線 27.8 km 約55分']);
    assert.match(await page.locator('.b-near').innerText(), /指定した地点からの直線距離/);
    assert.equal(await page.locator('tr.grp').count(), 0);
    assert.match(await page.locator('[data-here-says]').innerText(), /端末に保存した表示です。距離は、アドレスの起点からの直線です。/);
    assert.equal(await page.locator('select[name=order]').inputValue(), 'distance');
    await page.goto(`${line.url}/board?order=kana&area=1299`);
    await page.locator('[data-here-says]').waitFor({ state: 'visible' });
    assert.match(await page.locator('[data-here-says]').innerText(), /よみの順には並べられませんでした。いまは新しい順です。/);
    assert.equal(await page.locator('select[name=order]').inputValue(), 'fresh');
    assert.equal(await page.locator('#f-area option:checked').innerText(), '一覧にない圏域');
    assert.deepEqual(await shown(page).allTextContents(), []);
});

test('the map counts 受入可 as the sums do', { timeout: 120_000 }, async (t) => {
    const database = await sqlite(t);
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const all = [];
    for (const name of ['今日病院', '一昨日病院', '先日病院']) all.push(await hospital(database, '12', name, ['--place', '35.6050,140.1000']));
    const server = await serve(t, database);
    // What is of the end of the day before yesterday is grey and still counts; of a day before that it does not.
    for (const [n, one] of all.entries()) {
        const answer = await put(server, one.code, today([0, 2, 4][n]), await token(database, one.operator), { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 2 });
        assert.ok(answer.ok, await answer.text());
    }
    const page = await window(await browser(t));
    await signIn(page, server, fire.operator);
    await page.goto(`${server.url}/board#map`);
    await page.locator('.mm').first().waitFor();
    assert.equal(await page.locator('[data-t=accepting]').innerText(), '2');
    assert.match(await page.locator('.mm').first().getAttribute('aria-label'), /^3 病院、うち受入可 2/);
    assert.deepEqual(page.troubles, []);
});

test('the pictures of the manual', () => {
    for (const [made, shown] of [['find-near-SQLite', 'find-near'], ['find-kept-SQLite', 'find-kept'], ['find-map', 'find-map'], ['find-offline-narrow', 'find-offline']]) {
        const [from, to] = [join(folder, `${made}.png`), join(ROOT, `docs/manual/images/${shown}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(from, to);
        assert.ok(existsSync(to), `${to}: AKIDOKO_MANUAL=1 ./test browser`);
        assert.deepEqual(readFileSync(to).subarray(16, 24), readFileSync(from).subarray(16, 24), `${shown} has another size`);
    }
});
