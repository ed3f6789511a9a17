// What a report did and how it can be explained, as its people see it: the hospital that reports and corrects, the fire headquarters that reads, the
// prefecture that consents, the ministry that sets the window.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FULL, ROOT, akidoko, bothWidths, browser, hospital, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const folder = screenshots();

const looked = (page, name, full = false) => bothWidths(page, name, full ? [390, 1280] : []);

async function walk(t, database) {
    const prefecture = await organisation(database, 'prefecture_health', '12', '千葉県');
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空広域消防本部');
    const near = await hospital(database, '12', '架空中央病院');
    await hospital(database, '12', '架空北病院');
    const bearer = await token(database, near.operator);
    const server = await serve(t, database);

    // Some weeks of reports, with a gap, none of them older than the window.
    for (let back = 13; back > 0; back -= 1) {
        if (back === 6) continue;
        const beds = { ...FULL, available_beds: (back * 5) % 9, secured_beds: 16, inpatients_total: 4 + (back % 7), inpatients_in_secured: 4 + (back % 7) };
        assert.equal((await put(server, near.code, today(back), bearer, beds)).status, 201, `${back} days ago`);
    }
    const opened = await browser(t);
    const [ward, desk, officer, clerk] = [await window(opened), await window(opened), await window(opened), await window(opened)];
    await signIn(ward, server, near.operator);
    await signIn(desk, server, fire.operator);

    // The hospital reports, the headquarters has the board open, the hospital learns that it was seen.
    await ward.goto(`${server.url}/report`);
    await ward.fill('#i-available_beds', '5');
    await ward.locator('[data-submit]').click();
    await ward.getByRole('heading', { name: '報告を受け取りました' }).waitFor();
    const receipt = ward.url();
    await desk.goto(`${server.url}/board`);
    await desk.getByText('架空中央病院').first().waitFor();
    await until('the hospital learns of it', async () => {
        await ward.goto(receipt);
        return (await ward.content()).includes('1 消防本部が見ました');
    });
    await ward.locator('#give summary').click();
    await ward.locator('#give').scrollIntoViewIfNeeded();
    await looked(ward, `history-receipt-${database.kind}`, true);
    await ward.goto(`${server.url}/hospitals/${near.code}`);
    await ward.getByText('1 消防本部が見ました').waitFor();
    await looked(ward, `history-own-${database.kind}`, true);
    await ward.goto(`${server.url}/report`);
    await ward.getByText('1 消防本部が見ました').waitFor();

    // Why: from the number on the board, without a word of who typed it.
    const quick = { available_beds: 2 };
    assert.equal((await put(server, near.code, today(), bearer, quick, { kind: 'quick' })).status, 200);
    const figure = desk.locator(`#h-${near.code} .c-tot a`);
    await until('the board changes', async () => (await figure.innerText()) === '2');
    await looked(desk, `history-board-${database.kind}`);
    await figure.click();
    await desk.getByRole('heading', { name: 'なぜ変わった？' }).waitFor();
    await desk.getByText('5 床 → 2 床').waitFor();
    await desk.locator('main').getByText('API').first().waitFor();
    assert.ok(!(await desk.locator('main').innerText()).includes('当直'), 'a dispatcher learns no name');
    await looked(desk, `history-why-${database.kind}`, true);
    await signIn(officer, server, prefecture.operator);
    await officer.goto(desk.url());
    await officer.getByText('当直').first().waitFor();
    await looked(officer, `history-why-officer-${database.kind}`, true);

    // Yesterday is corrected with a reason.
    const yesterday = `${server.url}/hospitals/${near.code}/reports/${today(1)}`;
    await ward.goto(yesterday);
    await ward.fill('#i-available_beds', '7');
    await ward.locator('[data-submit]').click();
    await ward.getByText('過ぎた日の訂正には理由が必要です').first().waitFor();
    await ward.getByText('入力の誤り', { exact: true }).click();
    await ward.locator('[data-submit]').click();
    await ward.getByRole('heading', { name: '報告を受け取りました' }).waitFor();
    await ward.goto(`${server.url}/hospitals/${near.code}/reports?month=${today(1).slice(0, 7)}`);
    await ward.getByText('空床 計 5 → 7').waitFor();
    await looked(ward, `history-month-${database.kind}`, true);
    await ward.getByRole('link', { name: '第 2 版' }).last().click();
    await ward.getByRole('heading', { name: '第 2 版' }).waitFor();
    await looked(ward, `history-version-${database.kind}`, true);
    await ward.goto(`${server.url}/hospitals/${near.code}/reports`);
    await ward.getByText('過去の時点で分かっていたこと').click();
    await ward.fill('#at', `${today()}T00:00`);
    await ward.getByRole('button', { name: 'この時点を見る' }).click();
    await ward.getByRole('heading', { name: 'の時点で分かっていた値' }).waitFor();
    await looked(ward, `history-at-${database.kind}`);

    // The ministry closes the window; the next correction of yesterday waits for the prefecture.
    await signIn(clerk, server, ministry.operator);
    await clerk.goto(`${server.url}/office/settings`);
    await clerk.fill('#days', '四');
    await clerk.getByRole('button', { name: '訂正できる期間を定める' }).click();
    await clerk.getByText('日数は 0 から 3650').waitFor();
    await looked(clerk, `history-window-${database.kind}`, true);
    await clerk.fill('#days', '0');
    await clerk.getByRole('button', { name: '訂正できる期間を定める' }).click();
    await clerk.getByText('保存しました').waitFor();
    await ward.goto(yesterday);
    await ward.getByText('訂正できる期間（0 日').waitFor();
    assert.equal(await ward.locator('[data-submit]').innerText(), '訂正を申請する');
    await ward.fill('#i-available_beds', '8');
    assert.equal(await ward.locator('[data-submit]').innerText(), '訂正を申請する', 'the script keeps the word');
    await looked(ward, `history-closed-${database.kind}`);
    await ward.getByText('入力の誤り', { exact: true }).click();
    await ward.locator('[data-submit]').click();
    await ward.getByText('都道府県の同意を待っています').waitFor();
    await looked(ward, `history-asked-${database.kind}`);
    await officer.goto(`${server.url}/board`);
    await officer.getByRole('link', { name: '訂正の申請' }).first().click();
    await officer.getByText('空床 計 7 → 8').waitFor();
    await looked(officer, `history-requests-${database.kind}`);
    await officer.getByRole('link', { name: '確かめて決める' }).click();
    await officer.getByRole('button', { name: '同意しない' }).click();
    await officer.getByText('同意しない理由を書いてください').waitFor();
    await looked(officer, `history-decide-${database.kind}`, true);
    await officer.getByRole('button', { name: '同意する', exact: true }).click();
    await officer.getByText('都道府県が同意しました').waitFor();
    await ward.reload();
    await ward.getByText('第 3 版になりました').waitFor();
    await looked(ward, `history-consented-${database.kind}`);
    const noise = (words) => / 4\d\d /.test(words) || /status of 4/.test(words);
    for (const page of [ward, desk, officer, clerk]) assert.deepEqual(page.troubles.filter((words) => !noise(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

test('what a report did, its history and why it changed, on SQLite', { timeout: 240_000 }, async (t) => {
    await walk(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const page of ['hospital-history.md', 'prefecture-corrections.md']) {
        for (const [, name] of readFileSync(join(manual, page), 'utf8').matchAll(/\(images\/(history-\w+)\.png\)/g)) {
            const [made, shown] = [join(folder, `${name}-SQLite.png`), join(manual, 'images', `${name}.png`)];
            if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
            assert.deepEqual(size(shown), size(made), `${page}: ${name}`);
        }
    }
});
test('what a report did, its history and why it changed, on PostgreSQL', { timeout: 240_000, skip: noPostgres }, async (t) => walk(t, await postgres(t)));
