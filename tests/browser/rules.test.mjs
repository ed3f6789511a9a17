// The rules of surveys in a real browser: the server's table of cases, what they say while one types, and a page that lacks them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT, browser, hospital, minded, noPostgres, postgres, psql, screenshots, serve, signIn, sqlite, today, until, window } from './harness.mjs';

const folder = screenshots();
const table = JSON.parse(readFileSync(join(ROOT, 'crates/domain/tests/it/rules.cases.json'), 'utf8'));

/** A hospital's screen of today's report. */
async function opened(t, database, options = {}) {
    const own = await hospital(database, '12', '架空第一病院', ['--beds', '100']);
    const server = await serve(t, database);
    const page = await window(await browser(t), options);
    t.after(() => page.context().close());
    await signIn(page, server, own.operator);
    return { page, server, own };
}

const ruled = (page) => page.waitForSelector('form[data-ruled]');
const live = (page, item) => page.locator(`#q-${item} [data-live] span`);

test('the table of cases says the same in the browser', { timeout: 120_000 }, async (t) => {
    const { page, server } = await opened(t, await sqlite(t));
    await page.goto(`${server.url}/report`);
    await ruled(page);
    const said = await page.evaluate(async ({ cases, survey }) => {
        const script = document.querySelector('script[src*="report-form.js"]').src;
        const { names, reader } = await import(new URL('rules.js', script).href);
        const read = reader(await import(new URL('../cel/evaluator.js', script).href));
        const items = survey.sections.flatMap((section) => section.items.map((item) => item.id));
        return cases.map(({ plain, answers, previous = {}, licensed_beds = null }) =>
            read(plain)(names(items, { licensed_beds, previous, report_date: '2026-04-10' }, (id) => answers[id])),
        );
    }, table);
    // Why a rule is silent, only the server tells apart.
    assert.deepEqual(said, table.cases.map((c) => (c.verdict === 'undefined' ? 'silent' : c.verdict)));
});

test('a rule speaks while one types, and falls silent when it is mended', { timeout: 120_000 }, async (t) => {
    const { page, server } = await opened(t, await sqlite(t));
    await page.goto(`${server.url}/report`);
    await ruled(page);
    await page.fill('#i-available_beds', '4');
    await page.fill('#i-available_beds_severe', '５');
    await until('the hard rule speaks', async () => (await live(page, 'available_beds_severe').textContent())?.includes('「計」を超えています'));
    await page.fill('#i-available_beds_severe', '2');
    await until('it is mended', async () => (await live(page, 'available_beds_severe').count()) === 0);
    await page.fill('#i-available_beds', '101');
    await until('the soft rule asks', () => page.locator('#q-available_beds [data-rule=available_over_licensed]').count());
    await page.fill('#i-available_beds', '');
    await until('what is unknown does not bind', async () => (await page.locator('[data-rule]').count()) === 0);
    assert.deepEqual(page.troubles, []);
});

test('without the library the page works, and the server says it all', { timeout: 120_000 }, async (t) => {
    const { page, server } = await opened(t, await sqlite(t));
    await page.route('**/cel/**', (route) => route.abort());
    await page.goto(`${server.url}/report`);
    await page.waitForSelector('form[data-ruled=false]');
    for (const item of ['emergency_status', 'inpatient_status']) await page.locator(`#q-${item} label`).first().click();
    await page.fill('#i-available_beds', '4');
    await page.fill('#i-available_beds_severe', '5');
    assert.equal(await page.locator('[data-live]').count(), 0);
    await page.locator('[data-submit]').click();
    await page.waitForSelector('[data-summary]');
    assert.match(await page.locator('#e-available_beds_severe').innerText(), /「計」を超えています/);
    // What the server said stays until its own field is touched: nobody else can judge it here.
    await page.fill('#i-ready_beds', '10');
    assert.equal(await page.locator('#e-available_beds_severe').count(), 1);
    await page.fill('#i-available_beds_severe', '3');
    assert.equal(await page.locator('#e-available_beds_severe').count(), 0);
    await page.locator('[data-submit]').click();
    await page.waitForURL(/\/versions\/1$/);
});

/** A version of the daily survey that asks for all kinds. */
function allKinds() {
    const survey = JSON.parse(readFileSync(join(ROOT, 'crates/domain/surveys/daily-1.json'), 'utf8'));
    survey.version = 2;
    survey.valid_from = '2024-01-01';
    survey.sections.unshift({
        id: 'inspection', title: '設備の点検', items: [
            { id: 'checked_on', label: '点検した日', type: 'date', min: '2020-04-01', required: true, help: '西暦でも和暦でも入れられます。' },
            { id: 'opens_at', label: '受付の開始', type: 'time' },
            { id: 'closes_at', label: '受付の終了', type: 'time', max: '22:30' },
            { id: 'stopped', label: '停電の影響がある', type: 'yes_no' },
            { id: 'staff', label: '当直の人数', type: 'count', unit: '人', min: 1, max: 50 },
        ],
    });
    survey.rules.push(
        { id: 'checked_before', severity: 'hard', holds: 'checked_on <= report_date', message: '点検した日が報告の日より後です。日付を直してください。' },
        { id: 'opens_first', severity: 'hard', holds: 'opens_at < closes_at', item: 'closes_at', message: '終了が開始より前です。時刻を直してください。' },
        { id: 'staff_halved', severity: 'soft', holds: 'staff >= previous.staff / 2', message: '当直の人数が前の報告の半分より少なくなっています。' },
    );
    return survey;
}

for (const [size, options] of [['1280', { viewport: { width: 1280, height: 900 } }], ['390', { viewport: { width: 390, height: 844 }, hasTouch: true }]]) {
    test(`dates, times, yes or no and the last report at ${size} px`, { timeout: 180_000, skip: noPostgres }, async (t) => {
        const database = await postgres(t);
        const owner = new URL(database.env.AKIDOKO_DATABASE_URL);
        owner.username = 'akidoko_owner';
        const insert = `insert into survey_version (code, version, valid_from, definition) values ('daily', 2, '2024-01-01', $def$${JSON.stringify(allKinds())}$def$)`;
        const done = spawnSync(psql(), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', owner.href], { input: insert, encoding: 'utf8' });
        assert.equal(done.status, 0, done.stderr || String(done.error));
        const { page, server, own } = await opened(t, database, options);
        await page.goto(`${server.url}/report`);
        await ruled(page);
        const leave = async (item, typed) => {
            await page.fill(`#i-${item}`, typed);
            await page.locator(`#i-${item}`).blur();
        };
        await leave('checked_on', 'きのう');
        await until('what is no date is said', async () => (await live(page, 'checked_on').textContent())?.startsWith('日付を'));
        await leave('checked_on', 'R8');
        await leave('opens_at', '９時５分');
        assert.equal(await page.inputValue('#i-opens_at'), '09:05', 'one sees what was understood');
        await leave('closes_at', '8:00');
        await until('the rule of times speaks at its item', async () => (await live(page, 'closes_at').textContent())?.startsWith('終了が'));
        await leave('staff', '0');
        await page.locator('#q-stopped label').nth(1).click();
        for (const item of ['emergency_status', 'inpatient_status']) await page.locator(`#q-${item} label`).first().click();
        await page.evaluate(() => document.fonts.ready);
        await page.locator('#q-checked_on').scrollIntoViewIfNeeded();
        await page.screenshot({ path: join(folder, `report-kinds-live-${size}.png`) });
        await page.locator('[data-submit]').click();
        await page.waitForSelector('[data-summary]');
        page.troubles.length = 0; // the browser notes the 422
        assert.match(await page.locator('#e-checked_on').innerText(), /日付を「2026-04-10」/);
        assert.match(await page.locator('#e-closes_at').innerText(), /終了が開始より前/);
        assert.match(await page.locator('#e-staff').innerText(), /1 以上/);
        assert.deepEqual(await minded(page), []);
        await page.screenshot({ path: join(folder, `report-kinds-wrong-${size}.png`) });
        await leave('checked_on', `令和${Number(today(1).slice(0, 4)) - 2018}年${Number(today(1).slice(5, 7))}月${Number(today(1).slice(8))}日`);
        assert.equal(await page.inputValue('#i-checked_on'), today(1));
        await leave('closes_at', '午後5時');
        await leave('staff', '8');
        await page.locator('[data-submit]').click();
        await page.waitForURL(/\/versions\/1$/);
        await page.screenshot({ path: join(folder, `report-kinds-receipt-${size}.png`) });
        // The same day again: the last report is the one of this morning, here and on the server.
        await page.goto(`${server.url}/report`);
        await ruled(page);
        await page.fill('#i-staff', '3');
        await until('it is compared with the last report', () => page.locator('#q-staff [data-rule=staff_halved]').count());
        await page.locator('[data-submit]').click();
        await page.waitForSelector('[data-summary]');
        assert.equal(await page.locator('#q-staff [data-said][data-rule=staff_halved]').count(), 1, 'the server asks the same');
        page.troubles.length = 0;
        await page.locator('#q-staff input[name=confirm]').check();
        await page.locator('[data-submit]').click();
        await page.waitForURL(/\/versions\/2$/);
        assert.ok(own.code);
    });
}
