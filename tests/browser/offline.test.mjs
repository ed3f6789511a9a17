// The quick screen without a line, in a real browser: what is typed waits on the device, is shown as waiting, and stands on the board in
// order when the line is back; it never undoes what somebody else said in between, and never goes out under another's name.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
    FULL, PASSWORD, ROOT, account, browser, freePort, hospital, look, organisation, put, screenshots, serve, signIn, sqlite, today, token, until, window,
} from './harness.mjs';

const folder = screenshots();
const MANUAL = ['offline-waiting', 'offline-overtaken'];
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const file = { all: [], after(what) { this.all.push(what); } };
let database, server, opened, fire;

before(async () => {
    database = await sqlite(file);
    server = await serve(file, database);
    opened = await browser(file);
    fire = (await organisation(database, 'fire_headquarters', '12', '架空消防本部')).operator;
}, { timeout: 120_000 });

after(async () => {
    for (const what of file.all.reverse()) await what();
}, { timeout: 60_000 });

async function reported(name) {
    const own = await hospital(database, '12', name);
    const bearer = await token(database, own.operator);
    const answer = await put(server, own.code, today(), bearer, { ...FULL, available_beds: 5 });
    assert.ok(answer.ok, await answer.text());
    return { ...own, bearer };
}

/** A telephone with the quick screen on it, kept for when there is no line. */
async function telephone(t, own, operator = own.operator) {
    const page = await window(opened, PHONE);
    t.after(() => page.context().close());
    await signIn(page, server, operator);
    await page.goto(`${server.url}/quick`);
    await page.locator('main[data-kept]').waitFor();
    await until('the screen is kept', () => page.evaluate(async () => (await caches.keys()).includes('akidoko-quick-shell') && (await (await caches.open('akidoko-quick-shell')).keys()).length > 0));
    return page;
}

const looked = look;

const more = (page, times) => page.locator('.q-beds [data-step] button').last().tap({ clickCount: 1 }).then(async () => {
    for (let n = 1; n < times; n += 1) await page.locator('.q-beds [data-step] button').last().tap();
});
const press = (page) => page.locator('[data-send]').tap();
const bar = (page) => page.locator('[data-queue]');
const versions = async (own) => {
    const answer = await server.fetch(`/api/v1/hospitals/${own.code}/reports/${today()}`, { headers: { authorization: `Bearer ${own.bearer}` } });
    return (await answer.json()).versions;
};
const online = (page, is) => page.context().setOffline(!is);

test('the line is cut, two updates, the line is back: both in order, and the board follows', { timeout: 180_000 }, async (t) => {
    const own = await reported('架空かわべ病院');
    const board = await window(opened);
    t.after(() => board.context().close());
    await signIn(board, server, fire);
    await board.goto(`${server.url}/board`);
    const shown = () => board.locator(`#h-${own.code} .c-tot`).innerText();
    await until('the board shows it', async () => (await shown()).includes('5'));

    const page = await telephone(t, own);
    await online(page, false);
    await more(page, 1);
    await press(page);
    await bar(page).getByText('送信を待っています（1 件）').waitFor();
    assert.match(await bar(page).innerText(), /まだボードには載っていません/);
    assert.match(await bar(page).innerText(), /オフライン/);
    // The page is opened anew without a line: it is there, with what was typed, and what waits.
    await page.reload();
    await page.locator('main[data-shell]').waitFor();
    await bar(page).getByText('送信を待っています（1 件）').waitFor();
    assert.equal(await page.inputValue('#i-available_beds'), '6');
    assert.ok(await bar(page).evaluate((e) => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom < innerHeight), 'what waits is in sight');
    await page.evaluate(() => scrollTo(0, 0));
    await looked(page, 'offline-waiting');
    await more(page, 2);
    await page.fill('#i-board_comment', 'CT 点検中');
    await press(page);
    await bar(page).getByText('送信を待っています（2 件）').waitFor();
    assert.equal((await versions(own)).length, 1, 'nothing has arrived');
    assert.ok((await shown()).includes('5'));

    await online(page, true);
    await until('both have arrived', async () => (await versions(own)).length === 3, 30_000);
    const [second, first] = await versions(own);
    assert.deepEqual([first.answers, second.answers], [{ available_beds: 6 }, { available_beds: 8, board_comment: 'CT 点検中' }]);
    assert.equal(first.kind, 'quick');
    assert.ok(Date.parse(first.as_of) < Date.parse(second.as_of) && Date.parse(first.as_of) < Date.parse(first.received_at), 'true from when it was typed');
    await until('the board follows', async () => (await shown()).includes('8'));
    await page.getByText('にボードへ載せました').first().waitFor();
    await bar(page).waitFor({ state: 'hidden' });
});

test('somebody else reported in between: the older one does not undo it, and its author is told', { timeout: 180_000 }, async (t) => {
    const own = await reported('架空あいだ病院');
    const page = await telephone(t, own);
    await online(page, false);
    await more(page, 2);
    await page.fill('#i-board_comment', '眼科は 13 時から');
    await press(page);
    await bar(page).getByText('送信を待っています（1 件）').waitFor();
    await new Promise((done) => setTimeout(done, 1500));

    const other = await account(database, own.code, '外来当直');
    const desk = await window(opened);
    t.after(() => desk.context().close());
    await signIn(desk, server, other);
    await desk.goto(`${server.url}/quick`);
    await desk.fill('#i-available_beds', '1');
    await desk.locator('[data-send]').click();
    await desk.getByText('にボードへ載せました').waitFor();
    await looked(desk, 'quick-done-1280');
    assert.deepEqual(desk.troubles, []);

    await online(page, true);
    await page.getByText('空床 計 7 は載せませんでした').waitFor({ timeout: 30_000 });
    assert.match(await page.locator('[data-outcome]').innerText(), new RegExp(`外来当直 ${other} が 1 と報告しています`));
    assert.equal(await page.inputValue('#i-available_beds'), '1', 'the field follows what stands');
    assert.match(await page.locator('[data-outcome]').innerText(), /連絡事項 眼科は 13 時から/);
    await page.locator('[data-outcome]').scrollIntoViewIfNeeded();
    await looked(page, 'offline-overtaken');
    const row = (await (await server.fetch('/api/v1/board', { headers: { authorization: `Bearer ${own.bearer}` } })).json()).hospitals.find((h) => h.name === '架空あいだ病院');
    assert.equal(row.columns.available_beds.value, 1, 'the newer one stands');
    assert.equal(row.columns.board_comment.value, '眼科は 13 時から', 'of what nobody else spoke, it is taken');
    assert.equal((await versions(own)).length, 3, 'what was not taken is in the history');
});

test('a sign-in that ends in between, another operator on the same device, and a sign-out with something waiting', { timeout: 180_000 }, async (t) => {
    const own = await reported('架空こうたい病院');
    const page = await telephone(t, own);
    await online(page, false);
    await more(page, 1);
    await press(page);
    await bar(page).getByText('（1 件）').waitFor();
    await page.context().clearCookies({ name: '__Host-akidoko' });
    await online(page, true);
    await bar(page).getByText('サインインが終わっています').waitFor({ timeout: 30_000 });
    assert.equal((await versions(own)).length, 1);
    await looked(page, 'offline-sign-in');

    // A colleague signs in on the same device: what waits is not theirs to send.
    const other = await account(database, own.code, '夜間当直');
    await signIn(page, server, other);
    await page.goto(`${server.url}/quick`);
    await bar(page).getByText('本人がサインインすると送ります').waitFor();
    assert.equal((await versions(own)).length, 1, 'not under another name');
    // Signing out says what waits.
    await page.locator('.account summary').tap();
    await page.getByRole('button', { name: 'サインアウト' }).tap();
    await page.getByRole('heading', { name: '送信を待っている更新があります' }).waitFor();
    await looked(page, 'offline-sign-out');
    await page.getByRole('button', { name: 'このままサインアウト' }).tap();
    await page.waitForURL(/\/sign-in/);
    await until('the kept screen went with the sign-out', () => page.evaluate(async () => !(await caches.has('akidoko-quick-shell'))));
    // Its own operator is back: it goes out by itself, whatever page they are on.
    await page.fill('#name', own.operator);
    await page.fill('#password', PASSWORD);
    await page.locator('main button[type=submit]').tap();
    await until('it has arrived', async () => (await versions(own)).length === 2, 30_000);
    const [quick] = await versions(own);
    assert.deepEqual([quick.answers, quick.author.sign_in], [{ available_beds: 6 }, own.operator]);
});

test('a server that is away, a rule that is broken, a guess that asks, and a clock that is wrong', { timeout: 240_000 }, async (t) => {
    const own = await reported('架空とけい病院');
    await put(server, own.code, today(), own.bearer, { available_beds_severe: 3 }, { kind: 'quick' });
    const port = await freePort();
    const away = await serve(t, database, [], port);
    const page = await window(opened, PHONE);
    t.after(() => page.context().close());
    // The device is two hours ahead.
    await page.addInitScript(() => {
        const now = Date.now.bind(Date);
        Date.now = () => now() + 2 * 3_600_000;
    });
    await signIn(page, away, own.operator);
    await page.goto(`${away.url}/quick`);
    await page.locator('main[data-kept]').waitFor();
    await away.stop();
    await more(page, 1);
    await press(page);
    await bar(page).getByText('送信を待っています（1 件）').waitFor();
    await serve(t, database, [], port);
    await bar(page).getByRole('button', { name: 'いま送る' }).tap();
    await until('it has arrived', async () => (await versions(own)).length === 3, 30_000);
    const [quick] = await versions(own);
    assert.ok(Math.abs(Date.parse(quick.as_of) - Date.now()) < 60_000, `true from when it was typed, by our clock: ${quick.as_of}`);
    page.troubles.length = 0;

    await page.goto(`${away.url}/quick`);
    await page.fill('#i-available_beds', '1');
    await press(page);
    await page.getByText('空床の「うち重症」が「計」を超えています').waitFor();
    assert.match(await page.locator('#q-available_beds .prev').innerText(), /ボード 6 → 1/, 'it is still to be sent');
    await page.locator('.q-parts summary').tap();
    await page.fill('#i-available_beds_severe', '1');
    await press(page);
    await page.getByText('にボードへ載せました').waitFor();
    assert.deepEqual((await versions(own))[0].answers, { available_beds: 1, available_beds_severe: 1 }, 'mended and sent whole');
    await page.fill('#i-available_beds', '0');
    await press(page);
    await page.getByText('空床の「うち重症」が「計」を超えています').waitFor();
    await page.getByRole('button', { name: '取り消す' }).tap();
    await until('as it stands', async () => (await page.locator('[data-outcome] .err').count()) === 0 && (await page.inputValue('#i-available_beds').catch(() => '')) === '1');
    await page.locator('main[data-kept]').waitFor();
    await page.fill('#i-board_comment', '山田様の転院待ち');
    await press(page);
    await page.getByText('確かめてください。まだボードには載っていません').waitFor();
    await looked(page, 'quick-asks');
    await page.getByRole('button', { name: '確かめました。載せる' }).tap();
    await page.getByText('にボードへ載せました').waitFor();
    assert.equal((await versions(own))[0].answers.board_comment, '山田様の転院待ち');
});

test('the pictures of the manual', () => {
    for (const name of MANUAL) {
        const [made, shown] = [join(folder, `${name}.png`), join(ROOT, `docs/manual/images/${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.ok(existsSync(shown), `${shown}: AKIDOKO_MANUAL=1 ./test browser`);
        assert.deepEqual(readFileSync(shown).subarray(16, 24), readFileSync(made).subarray(16, 24), `${name} has another size`);
    }
});

test('what was typed and not sent is there again, until it is sent', { timeout: 120_000 }, async (t) => {
    const own = await reported('架空つづき病院');
    const page = await telephone(t, own);
    await more(page, 2);
    await page.reload();
    const beds = page.locator('.q-beds input');
    await until('the figure is back', async () => (await beds.inputValue()) === '7');
    assert.match(await page.locator('[data-send]').textContent(), /1 項目/);
    assert.equal((await versions(own)).length, 1, 'nothing was sent');
    await press(page);
    await until('it stands', async () => (await versions(own)).length === 2);
    await page.reload();
    await until('nothing is changed any more', async () => (await page.locator('[data-send]').textContent()) === 'ボードに載せる');
});
