// Who has not reported, as an officer lives it: the list, the ladder, one press to remind, a real mail, the hospital that reports by its link, the row
// that turns on the open screen, a call and its note. A real mail server, and a window for each.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PASSWORD, ROOT, account, akidoko, bothWidths, browser, hospital, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';
import { mailServer } from './mail.mjs';

const folder = screenshots();
const MAIL = 'iji@muteki.hospital.example.jp';

const looked = (page, name) => bothWidths(page, name, [390]);

/** Proves a mailbox for an organisation, as its administrator does. */
async function mailbox(opened, server, mail, operator, address) {
    const page = await window(opened);
    await signIn(page, server, operator);
    await page.goto(`${server.url}/operators`);
    await page.locator('#mailbox summary').click();
    await page.fill('input[name=address]', address);
    await page.locator('#mailbox input[name=password]').fill(PASSWORD);
    await page.locator('#mailbox button[type=submit]').click();
    const proof = await until('the mail that proves the address', () => mail.box.find((m) => m.to[0] === address), 30_000);
    await page.goto(/http\S+/.exec(proof.text)[0]);
    await page.locator('main form button[type=submit]').first().click();
    await until('the mailbox stands', async () => {
        await page.goto(`${server.url}/operators`);
        return (await page.content()).includes(address);
    });
    await page.context().close();
}

async function day(t, database) {
    const mail = await mailServer(t);
    Object.assign(database.env, mail.env);
    const prefecture = await organisation(database, 'prefecture_health', '12', '架空県 健康医療部');
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const colleague = await account(database, prefecture.code, '医療対策課 二席');
    const silent = await hospital(database, '12', '霧笛病院', ['--phone', '000-000-0130']);
    const early = await hospital(database, '12', '花筏病院', ['--phone', '000-000-0125']);
    const alone = await hospital(database, '12', '遠鳴病院', ['--phone', '000-000-0128']);
    const server = await serve(t, database);
    const opened = await browser(t);
    await mailbox(opened, server, mail, silent.operator, MAIL);
    // What was before: some days of reports, and today's of one.
    for (const [who, days] of [[early, [0, 1, 2, 3, 4, 6]], [silent, [2, 3, 5]], [alone, [1, 4, 9]]]) {
        const bearer = await token(database, who.operator);
        for (const back of days) {
            const answer = await put(server, who.code, today(back), bearer, { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 4 });
            assert.ok(answer.status < 300, await answer.text());
        }
    }
    const [officer, other, clerk] = [await window(opened), await window(opened), await window(opened)];
    await signIn(officer, server, prefecture.operator);
    await signIn(other, server, colleague);

    // The list: who has not reported, with number and last report.
    await officer.goto(`${server.url}/board`);
    await officer.getByRole('link', { name: '報告状況' }).first().click();
    await officer.getByRole('heading', { name: /まだの病院\s*2/ }).waitFor();
    const row = (page, who) => page.locator(`#c-${who.code}`);
    assert.match(await row(officer, silent).innerText(), /霧笛病院[\s\S]*2日前[\s\S]*000-000-0130/);
    assert.equal(await row(officer, early).count(), 0, 'who has reported is not in the list');
    await looked(officer, `completeness-day-${database.kind}`);
    await officer.getByText('表で見る').click();
    await officer.getByRole('table').last().scrollIntoViewIfNeeded();
    await looked(officer, `completeness-table-${database.kind}`);

    // The ladder, and an exemption that is refused first.
    await officer.goto(`${server.url}/completeness/settings`);
    await officer.fill('input[name=minutes0]', '３０');
    await officer.fill('input[name=minutes1]', '15');
    await officer.selectOption('select[name=days1]', 'working');
    await officer.getByRole('button', { name: '催促を保存する' }).click();
    await officer.getByText('締切の 30 分前（毎日）').waitFor();
    await officer.getByText('締切の 15 分後（平日）').waitFor();
    await officer.getByText('免除を加える').first().click();
    await officer.selectOption('#hospital', alone.code);
    await officer.fill('#reason', '改修のため');
    await officer.getByRole('button', { name: '免除を加える' }).click();
    await officer.getByText('「いつまで」も入れてください').waitFor();
    assert.equal(await officer.inputValue('#reason'), '改修のため', 'nothing typed is lost');
    await officer.getByText('締切を変える').click();
    await looked(officer, `completeness-settings-${database.kind}`);

    // One press, after a look at who gets a mail and who has none.
    await officer.goto(`${server.url}/completeness`);
    await officer.getByRole('link', { name: '未報告の 2 病院に催促を送る' }).click();
    await officer.getByText(/メールアドレスのない病院\s*1/).waitFor();
    await looked(officer, `completeness-remind-${database.kind}`);
    await officer.getByRole('button', { name: '1 病院に催促を送る' }).click();
    await officer.getByText('1 病院への催促を送信待ちに入れました').waitFor();
    const reminder = await until('the reminder', () => mail.box.find((m) => m.to[0] === MAIL && m.subject.includes('報告')), 30_000);
    assert.match(reminder.text, /霧笛病院[\s\S]*変更なしで報告/);
    await until('the list says that it left', async () => (await row(officer, silent).innerText()).includes('送信済') || (await officer.reload(), false), 15_000, 500);

    // A call; the colleague sees the note without doing anything.
    await other.goto(`${server.url}/completeness/calls`);
    await officer.goto(`${server.url}/completeness/calls`);
    await officer.locator(`#c-${alone.code} select`).selectOption('later');
    await officer.locator(`#c-${alone.code} input[name=words]`).fill('鈴木さんに伝えた');
    await officer.locator(`#c-${alone.code} button`).click();
    await officer.getByText('患者の名前でないことを確かめてください').waitFor();
    await looked(officer, `completeness-call-warned-${database.kind}`);
    await officer.locator(`#c-${alone.code} input[name=confirmed]`).check();
    await officer.locator(`#c-${alone.code} button`).click();
    await officer.getByText('電話の結果を記録しました').waitFor();
    await other.locator(`#c-${alone.code}`).getByText('鈴木さんに伝えた').waitFor();
    await looked(other, `completeness-calls-${database.kind}`);

    // The hospital opens its mail's link, signs in, and reports with one tap; the officer's row turns by itself.
    await officer.goto(`${server.url}/completeness`);
    await row(officer, silent).waitFor();
    await clerk.goto(/http\S+/.exec(reminder.text)[0].replace(/^https?:\/\/[^/]+/, server.url));
    await clerk.fill('#name', silent.operator);
    await clerk.fill('#password', PASSWORD);
    await clerk.click('main button[type=submit]');
    await clerk.getByRole('button', { name: '変更なしで報告' }).first().waitFor();
    const from = performance.now();
    await clerk.getByRole('button', { name: '変更なしで報告' }).first().click();
    await row(officer, silent).waitFor({ state: 'detached' });
    const took = performance.now() - from;
    assert.ok(took < 3_000, `the row turned after ${Math.round(took)} ms`);
    await officer.getByRole('heading', { name: /まだの病院\s*1/ }).waitFor();
    // After the late time of this day it is 遅延 instead.
    await officer.getByRole('link', { name: /^すべて 3/ }).click();
    assert.match(await row(officer, silent).innerText(), /報告済|遅延/);
    assert.match(await officer.locator('main').innerText(), /2 \/ 3 病院\s*66.6 %/);
    await looked(officer, `completeness-reported-${database.kind}`);

    // The ministry sees it from above, and goes into it.
    const above = await window(opened);
    await signIn(above, server, ministry.operator);
    await above.goto(`${server.url}/completeness?unit=week`);
    await above.getByRole('row', { name: /千葉県/ }).waitFor();
    await looked(above, `completeness-nation-${database.kind}`);
    await above.getByRole('link', { name: '千葉県' }).click();
    await above.getByRole('heading', { name: /まだの病院\s*1/ }).waitFor();
    assert.equal(await above.getByText('催促を送る').count(), 0, 'it looks, and does nothing');

    // Again at once: nobody is reminded twice.
    await officer.goto(`${server.url}/completeness/reminders`);
    await officer.getByText('いまメールで催促できる病院はありません').waitFor();
    for (const page of [officer, other, clerk]) assert.deepEqual(page.troubles.filter((words) => !/ 4\d\d /.test(words) && !/status of 4/.test(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

test('who has not reported on SQLite', { timeout: 180_000 }, async (t) => {
    await day(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    const manual = join(ROOT, 'docs/manual');
    for (const [, name] of readFileSync(join(manual, 'prefecture.md'), 'utf8').matchAll(/\(images\/(completeness-[\w-]+)\.png\)/g)) {
        const [made, shown] = [join(folder, `${name}-SQLite.png`), join(manual, 'images', `${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.deepEqual(size(shown), size(made), `prefecture.md: ${name}`);
    }
});
test('who has not reported on PostgreSQL', { timeout: 180_000, skip: noPostgres }, async (t) => day(t, await postgres(t)));
