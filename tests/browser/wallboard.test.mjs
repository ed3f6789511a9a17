// The wallboard on a terminal: let in by the administrator, kept without a sign-in, a change framed within a second until somebody has seen it,
// a lost line that cannot be mistaken, and dark at once when it is taken back.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Line, ROOT, bothWidths, browser, hospital, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

async function board(t, database) {
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const all = [];
    for (const n of Array.from({ length: 30 }, (_, n) => n)) all.push(await hospital(database, '12', `架空第${n + 1}総合病院`));
    const real = await serve(t, database);
    const bearers = new Map();
    for (const one of all) bearers.set(one.code, await token(database, one.operator));
    const report = async (one, answers) => {
        const answer = await put(real, one.code, today(0), bearers.get(one.code), { emergency_status: 'normal', inpatient_status: 'normal', ...answers });
        assert.ok(answer.status < 300, await answer.text());
    };
    for (const [n, one] of all.entries()) await report(one, { available_beds: n % 7, available_beds_severe: n % 7 > 0 ? n % 2 : 0 });
    return { fire, all, real, report };
}

async function wall(t, database) {
    const { fire, all, real, report } = await board(t, database);
    const line = await Line.to(t, real);
    const opened = await browser(t);
    const admin = await window(opened);
    await signIn(admin, real, fire.operator);
    await admin.goto(`${real.url}/terminals`);
    await bothWidths(admin, 'terminals');
    await admin.fill('#name', '指令室 正面');
    await admin.click('#new button');
    const link = new URL(await admin.locator('code.secret').innerText());
    await bothWidths(admin, 'terminal-made');

    const screen = await window(opened, { viewport: { width: 1920, height: 1080 } });
    await screen.goto(line.url + link.pathname);
    await bothWidths(screen, 'terminal-open');
    await screen.setViewportSize({ width: 1920, height: 1080 });
    await screen.getByRole('button', { name: '表示を始める' }).click();
    await screen.waitForURL(/\/wall$/);
    await until('all hang', async () => (await screen.locator('.w-row').count()) === all.length);
    await screen.getByText(/ライブ/).waitFor();
    // Everything is seen without scrolling, in letters for a room.
    const fits = await screen.evaluate(() => {
        const [page, grid] = [document.scrollingElement, document.querySelector('[data-grid]')];
        const size = Math.min(...[...document.querySelectorAll('.w-row .nm')].map((e) => parseFloat(getComputedStyle(e).fontSize)));
        return { page: page.scrollHeight <= innerHeight && page.scrollWidth <= innerWidth, grid: grid.scrollHeight <= grid.clientHeight + 1, size };
    });
    assert.ok(fits.page && fits.grid && fits.size >= 18, JSON.stringify(fits));
    await screen.screenshot({ path: join(screenshots(), 'wall-1920.png') });

    assert.equal(await screen.locator('[data-t=moderate]').innerText(), '－', 'nobody said how many: that is no zero');
    // A change: framed and told within a second; a sound where it was chosen; seen with a press of the space bar.
    await screen.selectOption('[data-sound]', 'once');
    const rang = () => screen.evaluate(() => Number(document.querySelector('main').dataset.rang ?? 0));
    const before = await rang();
    // Many changes within a second are one sound; the choice of a sound is one too.
    await screen.waitForTimeout(1_200);
    const row = screen.locator(`#w-${all[3].code}`);
    const began = performance.now();
    await report(all[3], { available_beds: 9, available_beds_severe: 1 });
    await until('it is framed', async () => (await row.getAttribute('class')).includes('just'), 2_000, 10);
    t.diagnostic(`the wall changed ${Math.round(performance.now() - began)} ms after the report was sent`);
    assert.equal(await row.locator('.t').innerText(), '9');
    assert.match(await screen.locator('[data-news]').innerText(), /架空第4総合病院\s+空床 3 → 9/);
    assert.equal(await rang(), before + 1);
    await screen.screenshot({ path: join(screenshots(), 'wall-changed-1920.png') });
    await screen.locator('.w-top').click();
    await screen.keyboard.press(' ');
    assert.ok(!(await row.getAttribute('class')).includes('just'));
    assert.ok(await screen.locator('[data-ack]').isHidden());
    // The same report again is no news.
    await report(all[3], { available_beds: 9, available_beds_severe: 1 });
    await report(all[4], { available_beds: 0, emergency_status: 'stopped' });
    await screen.locator(`#w-${all[4].code}.just`).waitFor();
    assert.match(await screen.locator(`#w-${all[4].code} .st`).innerText(), /停止/);
    assert.equal(await screen.locator('.w-row.just').count(), 1);
    // A choice of a select is no acknowledgement.
    await screen.selectOption('[data-watch]', { index: 1 });
    await screen.getByText(/\d\d:\d\d から/).waitFor();
    assert.equal(await screen.locator('.w-row.just').count(), 1);

    // The line is cut: a large bar with the age, no colour that could be taken for live; back, it follows.
    line.cut();
    await screen.locator('.lost:not([hidden])').waitFor({ timeout: 30_000 });
    await screen.screenshot({ path: join(screenshots(), 'wall-lost-1920.png') });
    assert.ok(await screen.evaluate(() => document.querySelector('main').classList.contains('b-stale')));
    await report(all[5], { available_beds: 6, available_beds_severe: 0 });
    line.mend();
    await screen.locator('.lost').waitFor({ state: 'hidden', timeout: 30_000 });
    await until('it followed', async () => (await screen.locator(`#w-${all[5].code} .t`).innerText()) === '6');

    // Turned and in the hand it is readable too, and axe minds nothing.
    await screen.setViewportSize({ width: 1920, height: 1080 });
    screen.troubles.length = 0; // the browser notes the line that was cut
    await bothWidths(screen, 'wall');

    // Taken back: dark at once.
    await admin.goto(`${real.url}/terminals`);
    await admin.locator('summary', { hasText: '取り消す' }).first().click();
    await admin.getByRole('button', { name: /この端末を取り消す/ }).click();
    await screen.getByText('この端末の表示は終わりました').waitFor({ timeout: 5_000 });
    assert.equal(await screen.getByText('架空第1総合病院').count(), 0);
    assert.deepEqual(admin.troubles, []);
}

test('the wallboard on SQLite', { timeout: 240_000 }, async (t) => wall(t, await sqlite(t)));
test('the picture of the manual', () => {
    const [from, to] = [join(screenshots(), 'wall-changed-1920.png'), join(ROOT, 'docs/manual/images/wall.png')];
    if (process.env.AKIDOKO_MANUAL) copyFileSync(from, to);
    assert.ok(existsSync(to), `${to}: AKIDOKO_MANUAL=1 ./test browser`);
    assert.deepEqual(readFileSync(to).subarray(16, 24), readFileSync(from).subarray(16, 24), 'it has another size');
});
test('the wallboard on PostgreSQL', { timeout: 240_000, skip: noPostgres }, async (t) => wall(t, await postgres(t)));
