// Thirty seconds: what a report costs its author, counted in real taps and key presses, from the sign-in to the receipt. The budget is that
// of the issue: an unchanged day is one tap, a usual day (four figures change) at most twelve presses. Beside a desk and on a telephone.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FULL, ROOT, account, browser, hospital, look, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const SIZES = [
    ['1280', { viewport: { width: 1280, height: 900 } }],
    ['390', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
];
const CONFIRMED = ['available_parts_over', 'available_over_ready', 'inpatients_over_ready', 'ready_over_secured'];
const folder = screenshots();
const MANUAL = ['report-unchanged', 'report-usual', 'report-pattern', 'report-conflict', 'report-patterns', 'quick-screen'];

const file = { all: [], after(what) { this.all.push(what); } };
let database, server, opened;

before(async () => {
    database = await sqlite(file);
    server = await serve(file, database);
    opened = await browser(file);
}, { timeout: 120_000 });

after(async () => {
    for (const what of file.all.reverse()) await what();
}, { timeout: 60_000 });

/** A hospital whose last week is reported: three figures and the beds change from day to day. */
async function week(name) {
    const own = await hospital(database, '12', name);
    const bearer = await token(database, own.operator);
    for (let back = 7; back >= 1; back -= 1) {
        const answers = {
            emergency_status: 'normal', inpatient_status: 'normal', available_beds: 3 + (back % 3), inpatients_total: 7 + (back % 2), new_admissions: back % 4,
            inpatients_ventilator: back % 2, secured_beds: 20, ready_beds: 12, inpatients_in_secured: 7, board_comment: '夜間は救急外来（内線 2100）へ',
        };
        const answer = await put(server, own.code, today(back), bearer, answers, { confirmed: CONFIRMED });
        assert.ok(answer.ok, await answer.text());
    }
    return { ...own, bearer };
}

/** A window that counts what a person does in it. */
async function counted(options) {
    const page = await window(opened, options);
    page.presses = 0;
    page.press = async (key) => {
        page.presses += 1;
        await page.keyboard.press(key);
    };
    page.tapOn = async (target) => {
        page.presses += 1;
        await (options.hasTouch ? target.tap() : target.click());
    };
    return page;
}

async function looked(page, name) {
    await look(page, name);
    assert.deepEqual(page.troubles.splice(0), [], name);
}

const onScreen = (target) => target.evaluate((e) => {
    const box = e.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
});

for (const [size, options] of SIZES) {
    test(`an unchanged day is one tap after the sign-in, at ${size} px`, { timeout: 120_000 }, async (t) => {
        const own = await week(`架空いつも病院${size}`);
        const page = await counted(options);
        t.after(() => page.context().close());
        await signIn(page, server, own.operator);
        assert.ok(page.url().endsWith(`/reports/${today()}`), 'the sign-in leads to the report of today');
        const same = page.getByRole('button', { name: '変更なしで報告' }).first();
        assert.ok(await onScreen(same), 'in reach at once');
        for (const field of await page.locator('[data-usual] [data-step]').all()) assert.ok(await onScreen(field), 'what usually changes is on the first screen');
        await looked(page, `report-unchanged-${size}`);
        const from = performance.now();
        await page.tapOn(same);
        await page.getByText('報告を受け取りました').waitFor();
        assert.equal(page.presses, 1);
        t.diagnostic(`1 tap, ${Math.round(performance.now() - from)} ms until the receipt`);
    });

    test(`a usual day, four figures, is at most twelve presses, at ${size} px`, { timeout: 120_000 }, async (t) => {
        const own = await week(`架空ふだん病院${size}`);
        const page = await counted(options);
        t.after(() => page.context().close());
        await signIn(page, server, own.operator);
        const items = await page.locator('[data-usual] [data-item]').evaluateAll((all) => all.map((e) => e.dataset.item));
        assert.deepEqual(items, ['available_beds', 'inpatients_total', 'inpatients_ventilator', 'new_admissions'], 'what changed in its own week');
        const wanted = { available_beds: '2', inpatients_total: '9', inpatients_ventilator: '0', new_admissions: '3' };
        if (options.hasTouch) await page.tapOn(page.locator('#i-available_beds'));
        assert.equal(await page.evaluate(() => document.activeElement?.id), 'i-available_beds', 'at a desk the first figure is chosen already');
        assert.equal(await page.locator('#i-available_beds').getAttribute('inputmode'), 'numeric');
        if (options.hasTouch) await page.locator('#i-available_beds').evaluate((e) => e.select()); // as the telephone does
        for (const [item, value] of Object.entries(wanted)) {
            assert.equal(await page.evaluate(() => document.activeElement?.id), `i-${item}`, 'Enter moves on');
            for (const digit of value) await page.press(digit);
            await page.press('Enter');
        }
        await until('the button counts', async () => /変更 \d 件を報告/.test(await page.locator('[data-submit]').innerText()));
        assert.match(await page.locator('[data-figures]').innerText(), /即応病床の使用率 75 %（9／12 床）/);
        await looked(page, `report-usual-${size}`);
        assert.equal(await page.evaluate(() => document.activeElement?.hasAttribute('data-submit')), true, 'and at the end to the button');
        await page.press('Enter');
        await page.getByText('報告を受け取りました').waitFor();
        assert.ok(page.presses <= 12, `${page.presses} presses`);
        t.diagnostic(`${page.presses} presses`);
        const day = await (await server.fetch(`/api/v1/hospitals/${own.code}/reports/${today()}`, { headers: { authorization: `Bearer ${own.bearer}` } })).json();
        for (const [item, value] of Object.entries(wanted)) assert.equal(day.versions[0].answers[item], Number(value));
        assert.equal(day.versions[0].answers.secured_beds, 20, 'what was not touched stands as yesterday');
    });

    test(`patterns and two operators at ${size} px`, { timeout: 180_000 }, async (t) => {
        const own = await week(`架空みんな病院${size}`);
        const [one, two] = [await counted(options), await counted(options)];
        t.after(() => Promise.all([one.context().close(), two.context().close()]));
        await signIn(one, server, own.operator);
        await signIn(two, server, await account(database, own.code, '外来当直'));
        // A pattern for all hours of all days, so that it fits whenever this runs.
        await one.goto(`${server.url}/hospitals/${own.code}/patterns`);
        await looked(one, `report-patterns-none-${size}`);
        await one.goto(`${server.url}/hospitals/${own.code}/patterns?new=night`);
        await one.fill('#name', '夜間');
        for (const day of ['sat', 'sun', 'holiday']) await one.locator(`label:has(input[value=${day}])`).click();
        await one.fill('#starts', '00:00');
        await one.fill('#ends', '00:00');
        await one.selectOption('#p-emergency_status', 'limited');
        await one.fill('#p-board_comment', '夜間は内科当直のみです');
        await looked(one, `report-patterns-form-${size}`);
        await one.getByRole('button', { name: '保存する' }).click();
        await one.getByText('いまの時間').waitFor();
        await looked(one, `report-patterns-${size}`);
        // It fills in, is shown as such, and goes back with one press.
        await one.goto(`${server.url}/report`);
        await one.getByRole('button', { name: '夜間のパターンで報告' }).waitFor();
        assert.equal(await one.locator('#q-emergency_status input:checked').getAttribute('value'), 'limited');
        assert.equal(await one.locator('[data-pattern]').count(), 2);
        await one.locator('#q-emergency_status').scrollIntoViewIfNeeded();
        await looked(one, `report-pattern-${size}`);
        await one.locator('#q-emergency_status [data-pattern-back]').click();
        assert.equal(await one.locator('#q-emergency_status input:checked').getAttribute('value'), 'normal');
        assert.equal(await one.locator('#q-emergency_status [data-pattern]').count(), 0);
        // The quick screen offers it with one tap; nothing changes before.
        await one.goto(`${server.url}/quick`);
        await one.locator('main[data-kept]').waitFor();
        await looked(one, `quick-screen-${size}`);
        // Two at once: the second sees what the first did, beside their own, and chooses.
        await one.goto(`${server.url}/hospitals/${own.code}/reports/${today()}?pattern=0`);
        await two.goto(`${server.url}/hospitals/${own.code}/reports/${today()}?pattern=0`);
        await one.fill('#i-available_beds', '6');
        await one.fill('#i-inpatients_total', '10');
        await one.locator('[data-submit]').click();
        await one.getByText('報告を受け取りました').waitFor();
        await two.fill('#i-available_beds', '1');
        await two.fill('#i-new_admissions', '9');
        await two.locator('[data-submit]').click();
        await two.getByRole('heading', { name: /さんが先に報告しました/ }).waitFor();
        two.troubles.length = 0; // the browser notes the 409
        assert.equal(await two.inputValue('#i-inpatients_total'), '10', 'what the second did not touch follows the first');
        assert.equal(await two.inputValue('#i-available_beds'), '1');
        await two.locator('.conflict').scrollIntoViewIfNeeded();
        await looked(two, `report-conflict-${size}`);
        await two.locator('[data-take=available_beds][value=theirs]').check();
        assert.equal(await two.inputValue('#i-available_beds'), '6', 'a choice fills the field');
        await two.fill('#i-available_beds', '1');
        assert.ok(await two.locator('[data-take=available_beds][value=mine]').isChecked(), 'a typed field chooses');
        await two.locator('[data-take=available_beds][value=theirs]').check();
        await two.locator('[data-submit]').click();
        await two.getByText('報告を受け取りました').waitFor();
        const day = await (await server.fetch(`/api/v1/hospitals/${own.code}/reports/${today()}`, { headers: { authorization: `Bearer ${own.bearer}` } })).json();
        const { available_beds, inpatients_total, new_admissions } = day.versions[0].answers;
        assert.deepEqual([available_beds, inpatients_total, new_admissions], [6, 10, 9]);
    });
}

test('nothing typed is lost when the sign-in ends in between', { timeout: 120_000 }, async (t) => {
    const own = await week('架空とちゅう病院');
    const page = await window(opened);
    t.after(() => page.context().close());
    await signIn(page, server, own.operator);
    await page.fill('#i-available_beds', '8');
    await page.fill('#i-board_comment', '整形当直なし');
    await page.locator('#q-emergency_status label', { hasText: '制限' }).click();
    await page.context().clearCookies({ name: '__Host-akidoko' });
    await page.locator('[data-submit]').click();
    await page.getByText('この端末に残っています').waitFor();
    page.troubles.length = 0; // the browser notes the 401
    await page.getByRole('link', { name: 'サインインへ' }).click();
    await page.fill('#name', own.operator);
    await page.fill('#password', 'kirin-no-kubi-4731');
    await page.locator('main button[type=submit]').click();
    await page.waitForURL(new RegExp(`/reports/${today()}$`));
    await page.locator('[data-draft-notice]:visible').waitFor();
    assert.equal(await page.inputValue('#i-available_beds'), '8');
    assert.equal(await page.inputValue('#i-board_comment'), '整形当直なし');
    assert.equal(await page.locator('#q-emergency_status input:checked').getAttribute('value'), 'limited');
    await page.locator('[data-submit]').click();
    await page.getByText('報告を受け取りました').waitFor();
});

test('what was typed outlives other screens, other reports and refusals', { timeout: 180_000 }, async (t) => {
    const own = await week('架空つづき病院');
    const page = await window(opened);
    t.after(() => page.context().close());
    await signIn(page, server, own.operator);
    const day = `${server.url}/hospitals/${own.code}/reports/${today()}`;
    // 変更なし is one press, as long as nothing was typed: then it would throw that away.
    const lead = page.getByRole('button', { name: '変更なしで報告' }).first();
    await lead.waitFor();
    await page.fill('#i-available_beds', '8');
    await page.locator('form[data-unchanged]').waitFor({ state: 'hidden' });
    await page.getByText('変えたところがあります。下のボタンで報告してください。').waitFor();
    const before = await page.locator('#i-available_beds').evaluate((field) => field.defaultValue);
    await page.fill('#i-available_beds', before);
    await page.locator('form[data-unchanged]').waitFor({ state: 'visible' });
    await page.fill('#i-available_beds', '8');
    await page.fill('#i-board_comment', '整形当直なし');

    // Another survey is opened and begun; both stay.
    await page.goto(`${server.url}/surveys`);
    await page.locator('main a[href*="/ppe_weekly/"]').first().click();
    await page.fill('#i-n95_mask_stock', '1234');
    const weekly = page.url();
    await page.goto(day);
    await page.locator('[data-draft-notice]:visible').waitFor();
    assert.equal(await page.inputValue('#i-available_beds'), '8');
    await page.goto(weekly);
    assert.equal(await page.inputValue('#i-n95_mask_stock'), '1234', 'the other survey is there as well');

    // A colleague reports meanwhile: what nobody typed here is theirs, what was typed is there, and it is said.
    const answer = await put(server, own.code, today(), own.bearer, { ...FULL, available_beds: 3, inpatients_total: 10 });
    assert.ok(answer.ok, await answer.text());
    await page.goto(day);
    await page.getByText('そのあと第 1 版が報告されています').waitFor();
    assert.equal(await page.inputValue('#i-available_beds'), '8');
    assert.equal(await page.inputValue('#i-inpatients_total'), '10');

    // Refused, mended, and the sign-in ends before it is sent: all of it is there again.
    await page.fill('#i-available_beds_severe', '9');
    await page.locator('[data-submit]').click();
    await page.locator('[data-summary]').waitFor();
    await page.fill('#i-available_beds_severe', '1');
    await page.context().clearCookies({ name: '__Host-akidoko' });
    await page.locator('[data-submit]').click();
    await page.getByText('この端末に残っています').waitFor();
    page.troubles.length = 0; // the browser notes the 401
    await signIn(page, server, own.operator);
    await page.goto(day);
    for (const [item, value] of [['available_beds', '8'], ['available_beds_severe', '1'], ['board_comment', '整形当直なし']]) {
        assert.equal(await page.inputValue(`#i-${item}`), value, item);
    }
    await page.locator('[data-submit]').click();
    await page.getByText('報告を受け取りました').waitFor();
    // What was sent is no draft any more.
    await page.goto(day);
    await page.locator('#i-available_beds').waitFor();
    assert.equal(await page.locator('[data-draft-notice]:visible').count(), 0);
    assert.deepEqual(page.troubles.filter((words) => !/ 4\d\d /.test(words) && !/status of 4/.test(words)), []);
});

test('the pictures of the manual', () => {
    for (const name of MANUAL) {
        const made = join(folder, `${name}-390.png`);
        const shown = join(ROOT, `docs/manual/images/${name}.png`);
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.ok(existsSync(shown), `${shown}: AKIDOKO_MANUAL=1 ./test browser`);
        assert.deepEqual(readFileSync(shown).subarray(16, 24), readFileSync(made).subarray(16, 24), `${name} has another size`);
    }
    const page = readFileSync(join(ROOT, 'docs/manual/hospital-report.md'), 'utf8');
    for (const [, image] of page.matchAll(/images\/([a-z-]+)\.png/g)) assert.ok(MANUAL.includes(image) || image.startsWith('offline-'), image);
});
