// Surveys as data, as their people use them: the ministry makes one on screen and publishes it, a prefecture marks its items, a hospital
// answers on a telephone; and a prefecture that asks in a hurry.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PASSWORD, ROOT, akidoko, browser, hospital, look, noPostgres, organisation, postgres, screenshots, serve, signIn, signedIn, sqlite, until, window } from './harness.mjs';
import { mailServer } from './mail.mjs';

const PHONE = { viewport: { width: 390, height: 844 } };
const folder = screenshots();

/** The whole page at its own width, and mostly in the hand too. */
function looked(page, name, { narrow = true } = {}) {
    const { width } = page.viewportSize();
    return look(page, { ...(narrow && width > 390 ? { 390: `${name}-390` } : {}), [width]: name }, [390, width]);
}

async function press(page, name) {
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name, exact: true }).last().click()]);
}

async function surveys(t, database) {
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const prefecture = await organisation(database, 'prefecture_health', '12', '千葉県');
    const minato = await hospital(database, '12', '架空みなと病院');
    const server = await serve(t, database);
    const opened = await browser(t);
    const [desk, officer, clerk] = [await window(opened), await window(opened), await window(opened, PHONE)];
    await signIn(desk, server, ministry.operator);
    await signIn(officer, server, prefecture.operator);
    await signIn(clerk, server, minato.operator);
    const name = (what) => `survey-${what}-${database.kind}`;

    // The ministry begins a survey.
    await desk.goto(`${server.url}/office/surveys`);
    await desk.fill('#title', '酸素ボンベの調査');
    await desk.fill('#code', 'oxygen');
    await looked(desk, name('list'));
    await press(desk, '下書きを始める');

    // Its cadence and its due time.
    await desk.getByText('締切を決める').click();
    await press(desk, '設定を保存');

    // Two counts and a yes or no: each kind asks only for what it needs.
    for (const [id, label] of [['owned', '保有'], ['full', 'うち充填済み']]) {
        await desk.getByRole('link', { name: /項目を加える/ }).first().click();
        await desk.fill('#label', label);
        await desk.fill('#id', id);
        await desk.getByLabel('単位').fill('本');
        assert.equal(await desk.locator('#options').isVisible(), false, 'a count has no words to choose from');
        if (id === 'full') await desk.getByText('上の項目の「うち…」として並べる').click();
        if (id === 'owned') await looked(desk, name('item'));
        await press(desk, '項目を加える');
    }
    await desk.getByRole('link', { name: /項目を加える/ }).first().click();
    await desk.fill('#label', '配送を頼みたい');
    await desk.fill('#id', 'wanted');
    await desk.locator('.pick').getByText('はい・いいえ').click();
    assert.equal(await desk.getByLabel('単位').isVisible(), false);
    await press(desk, '項目を加える');

    // A rule that names what is not there is said beside its field; mended, it stands.
    await desk.getByRole('link', { name: 'ルールを加える' }).click();
    await desk.fill('#holds', 'full <= owend');
    await desk.fill('#message', '充填済みが保有を超えています。どちらかを直してください。');
    await press(desk, 'ルールを保存');
    assert.match(await desk.locator('#e-holds').textContent(), /owend/);
    await looked(desk, name('rule'));
    await desk.fill('#holds', 'full <= owned');
    await press(desk, 'ルールを保存');
    await looked(desk, name('draft'));

    // The preview is the hospital's screen, and the rules speak while one types.
    await desk.getByRole('link', { name: 'プレビュー' }).click();
    await desk.fill('#i-owned', '2');
    await desk.fill('#i-full', '3');
    await until('the rule speaks', () => desk.getByText('充填済みが保有を超えています').first().isVisible());
    await looked(desk, name('preview'), { narrow: false });
    await press(desk, 'ルールを確かめる');
    await until('the server says it too', () => desk.locator('[data-summary]').isVisible());
    await desk.fill('#i-full', '1');
    await press(desk, 'ルールを確かめる');
    assert.match(await desk.locator('main').textContent(), /報告として受け付けます/);
    await desk.getByRole('link', { name: '下書きに戻る' }).click();
    await press(desk, 'この日から公開する');
    await looked(desk, name('published'));

    // The hospital has it at once, on its telephone.
    await clerk.goto(`${server.url}/surveys`);
    await looked(clerk, name('hospital-list'));
    await clerk.getByRole('link', { name: /報告する.*酸素ボンベの調査/ }).click();
    await clerk.fill('#i-owned', '２');
    await clerk.fill('#i-full', '3');
    await until('the rule speaks', () => clerk.getByText('充填済みが保有を超えています').first().isVisible());
    await clerk.fill('#i-full', '1');
    await looked(clerk, name('hospital-answer'));
    await Promise.all([clerk.waitForURL(/versions\/1$/), clerk.locator('[data-submit]').click()]);
    await looked(clerk, name('hospital-receipt'));

    // 該当なし: one press takes a section out of the way.
    await clerk.goto(`${server.url}/surveys`);
    await clerk.getByRole('link', { name: /報告する.*個人防護具/ }).click();
    const glove = clerk.locator('.r-sec', { hasText: '非滅菌手袋' });
    assert.ok(await glove.locator('#i-glove_stock').isVisible());
    assert.ok(await glove.getByText('この区分').isVisible());
    await glove.getByText('該当なし').click();
    assert.equal(await glove.locator('#i-glove_stock').isVisible(), false);
    await looked(clerk, name('hospital-skip'));

    // The prefecture marks an item of the daily report.
    await officer.goto(`${server.url}/surveys`);
    await looked(officer, name('prefecture-list'));
    await officer.getByRole('link', { name: /項目の指定.*日次報告/ }).click();
    await officer.locator('[aria-labelledby="l-available_beds"]').getByText('必須').click();
    await officer.locator('[aria-labelledby="l-surgery_status"]').getByText('出さない').click();
    await press(officer, '項目の指定を保存');
    await looked(officer, name('items'));
    await clerk.goto(`${server.url}/report`);
    assert.equal(await clerk.locator('#q-surgery_status').count(), 0, 'at once');

    for (const page of [desk, officer, clerk]) assert.deepEqual(page.troubles.filter((words) => !/ 4\d\d /.test(words) && !/status of 4/.test(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

/** Gives an organisation its mailbox, by the link that proves the address. */
async function mailbox(server, mail, who, address) {
    const headers = { ...(await signedIn(server, who.operator)), 'sec-fetch-site': 'same-origin' };
    const post = (path, fields) => server.fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields) });
    assert.ok((await post('/operators/mailbox', { address, password: PASSWORD })).status < 400);
    const letter = await until(`the mail that proves ${address}`, () => mail.box.find((m) => m.to.includes(address) && /\/mailbox\//.test(m.text)), 20_000);
    const link = /https?:\/\/\S+\/mailbox\/\S+/.exec(letter.text)[0];
    assert.ok((await post(new URL(link).pathname, {})).status < 400);
    mail.box.length = 0;
}

async function query(t, database) {
    const mail = await mailServer(t);
    Object.assign(database.env, mail.env, { AKIDOKO_UNDO_SECONDS: '2' });
    const prefecture = await organisation(database, 'prefecture_health', '12', '千葉県');
    const minato = await hospital(database, '12', '架空みなと病院');
    const yama = await hospital(database, '12', '架空やま病院');
    const server = await serve(t, database);
    for (const [who, address] of [[minato, 'minato@hospital.example.jp'], [yama, 'yama@hospital.example.jp']]) await mailbox(server, mail, who, address);
    const opened = await browser(t);
    const [officer, clerk] = [await window(opened), await window(opened, PHONE)];
    await signIn(officer, server, prefecture.operator);
    await signIn(clerk, server, minato.operator);
    const name = (what) => `query-${what}-${database.kind}`;

    await officer.goto(`${server.url}/queries/new`);
    await officer.fill('#title', '停電の影響');
    await officer.fill('#note', '10 時の時点で答えてください。');
    await officer.locator('[name="q1.label"]').fill('受け入れられる透析患者');
    await officer.locator('[name="q1.unit"]').fill('人');
    await officer.locator('[name="q2.label"]').fill('自家発電で動いていますか');
    await officer.locator('[name="q2.kind"]').selectOption('yes_no');
    await officer.getByText('県内のすべての医療機関').click();
    await press(officer, 'だれに出すか確かめる');
    assert.match(await officer.locator('#check').textContent(), /2 医療機関に聞きます/);
    await looked(officer, name('check'));
    await press(officer, '2 医療機関に出す');
    await looked(officer, name('asked'));

    // The mail leads to the screen; the screen of the report shows it too.
    const letter = await until('the mail', () => mail.box.find((m) => m.to.includes('minato@hospital.example.jp') && /緊急調査/.test(m.subject)), 20_000);
    assert.match(letter.subject, /緊急調査：停電の影響/);
    const link = /https?:\/\/\S+\/queries\/\S+/.exec(letter.text)[0];
    await clerk.goto(`${server.url}/report`);
    assert.ok(await clerk.getByRole('link', { name: '停電の影響' }).isVisible());
    await looked(clerk, name('call'));
    await clerk.goto(`${server.url}${new URL(link).pathname}`);
    await clerk.fill('#i-q1', '4');
    await clerk.getByText('はい', { exact: true }).click();
    await looked(clerk, name('answer'));
    await press(clerk, '回答を送る');
    assert.match(await clerk.locator('main').textContent(), /回答を受け取りました/);

    // The prefecture's page follows by itself.
    await until('the answer is there', () => officer.getByText('計 4 人').isVisible(), 25_000, 250);
    await looked(officer, name('live'));
    await press(officer, '未回答の 1 医療機関にもう一度メールを送る');
    await until('the reminder', () => mail.box.filter((m) => m.to.includes('yama@hospital.example.jp') && /緊急調査/.test(m.subject)).length === 2, 20_000);
    await press(officer, '締め切る');
    await clerk.goto(`${server.url}${new URL(link).pathname}`);
    assert.match(await clerk.locator('main').textContent(), /締め切られました/);
    for (const page of [officer, clerk]) assert.deepEqual(page.troubles.filter((words) => !/ 4\d\d /.test(words) && !/status of 4/.test(words)), []);
}

/** The manual's pictures are those of these walks. */
function pictures(pages, prefix) {
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16].map((at) => readFileSync(file).readUInt32BE(at));
    for (const page of pages) {
        for (const [, name] of readFileSync(join(manual, page), 'utf8').matchAll(new RegExp(`\\(images/(${prefix}-[\\w-]+)\\.png\\)`, 'g'))) {
            const [made, shown] = [join(folder, `${name}-SQLite.png`), join(manual, 'images', `${name}.png`)];
            if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
            assert.deepEqual(size(shown), size(made), `${page}: ${name}`);
        }
    }
}

test('surveys as data on SQLite', { timeout: 240_000 }, async (t) => {
    await surveys(t, await sqlite(t));
    pictures(['surveys.md', 'prefecture-surveys.md'], 'survey');
});
test('surveys as data on PostgreSQL', { timeout: 240_000, skip: noPostgres }, async (t) => surveys(t, await postgres(t)));
test('a query in a hurry on SQLite', { timeout: 240_000 }, async (t) => {
    await query(t, await sqlite(t));
    pictures(['prefecture-surveys.md'], 'query');
});
test('a query in a hurry on PostgreSQL', { timeout: 240_000, skip: noPostgres }, async (t) => query(t, await postgres(t)));
