// An announcement, as the ministry writes it and as headquarters get it: a real mail server, one mail that comes back, one headquarters
// without a mailbox, one of another prefecture. On PostgreSQL its readers are at another node.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PASSWORD, ROOT, akidoko, browser, freePort, look, noPostgres, organisation, postgres, screenshots, serve, signIn, sqlite, until, window } from './harness.mjs';
import { bounced, mailServer } from './mail.mjs';

const folder = screenshots();
const SIZES = [[390, 844], [1280, 900]];

/** In the hand and at the desk. */
const looked = (page, name, { kind }) => look(page, { 390: `notices-${name}-390-${kind}`, 1280: `notices-${name}-1280-${kind}` }, [390]);

const SUBJECT = '年度替わりの担当者変更について';
const BODY = '各消防本部 御担当者様\n\n4 月に担当者が替わる本部は、次のことをお願いします。\n\n　1. 新しい担当者を操作者に加える\n　2. 異動した担当者を削除する\n\n<script>alert(1)</script> は文字のまま載ります。';

async function notices(t, database) {
    const refused = new Set();
    const mail = await mailServer(t, refused);
    const port = await freePort();
    const site = `http://localhost:${port}`;
    Object.assign(database.env, mail.env, { AKIDOKO_PUBLIC_URL: site, AKIDOKO_UNDO_SECONDS: '3' });
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const headquarters = (prefecture, name) => organisation(database, 'fire_headquarters', prefecture, name);
    const [near, lost, silent] = [await headquarters('12', '青波市消防本部'), await headquarters('12', '白帆町消防本部'), await headquarters('12', '緑丘市消防本部')];
    const far = await headquarters('13', '架空東消防本部');
    await serve(t, database, [], port);
    const office = { url: site };
    // Its readers: at the same node, or, where there can be two, at another.
    const desk = database.kind === 'PostgreSQL' ? await serve(t, database) : office;
    const opened = await browser(t);
    const mails = (to, words) => mail.box.filter((m) => m.to[0] === to && m.subject.includes(words));

    /** A headquarters that has told its mailbox. */
    const at = async (who, address) => {
        const page = await window(opened);
        await signIn(page, office, who.operator);
        if (!address) return page;
        await page.goto(`${site}/operators`);
        await page.locator('#mailbox summary').click();
        await page.fill('#address', address);
        await page.fill('#mailbox-password', PASSWORD);
        await page.getByRole('button', { name: '確認のメールを送る' }).click();
        const proof = await until(`the proof of ${address}`, () => mails(address, '連絡先メールアドレスの確認')[0], 30_000);
        await page.goto(/http\S+/.exec(proof.text)[0]);
        await page.getByRole('button', { name: 'このアドレスに変える' }).click();
        await page.getByRole('heading', { name: '連絡先を変えました' }).waitFor();
        return page;
    };
    await at(near, 'keibo@aonami.example.jp');
    await at(lost, 'keibo@shiraho.example.jp');
    // One signs in at the reader's node before anything is sent: what its frame says must follow.
    const crew = await window(opened);
    await signIn(crew, desk, near.operator);
    const others = await window(opened);
    await signIn(others, desk, far.operator);
    const quiet = await window(opened);
    await signIn(quiet, desk, silent.operator);
    for (const page of [crew, others, quiet]) await page.goto(`${desk.url}/board`);
    assert.equal(await crew.locator('.news').count(), 0, 'no news, no line');

    // Written. Too long a subject is told, and nothing typed is lost.
    const clerk = await window(opened);
    await signIn(clerk, office, ministry.operator);
    await clerk.goto(`${site}/office/announcements`);
    await looked(clerk, 'none', database);
    await clerk.getByRole('link', { name: 'お知らせを書く' }).click();
    await clerk.getByLabel('消防本部', { exact: true }).check();
    await clerk.getByLabel('選んだ都道府県だけ').check();
    await clerk.getByText('都道府県を選ぶ').click();
    await clerk.getByLabel('千葉県').check();
    await clerk.fill('#subject', 'あ'.repeat(101));
    await clerk.fill('#body', BODY);
    await clerk.getByRole('button', { name: /プレビューを見る/ }).click();
    await clerk.getByRole('alert').waitFor();
    assert.equal(await clerk.inputValue('#body'), BODY);
    assert.equal((await clerk.inputValue('#subject')).length, 101);
    assert.ok(await clerk.getByLabel('千葉県').isChecked());
    await looked(clerk, 'wrong', database);
    clerk.troubles.length = 0; // the browser notes the 422
    await clerk.fill('#subject', SUBJECT);
    await clerk.getByRole('button', { name: /プレビューを見る/ }).click();
    const preview = clerk.locator('#preview');
    await preview.getByText('いまの宛先 3 組織').waitFor();
    assert.equal(await preview.getByText('<script>alert(1)</script>').count(), 2, 'the page and the mail, as they will be');
    await preview.getByText('画面だけで読む組織').click();
    await preview.getByText('緑丘市消防本部').waitFor();
    await looked(clerk, 'preview', database);

    // Planned for another day, and taken back.
    const address = clerk.url().split('#')[0];
    await clerk.getByRole('button', { name: 'この日時に送る' }).click();
    await clerk.getByText('に送ります').first().waitFor();
    await looked(clerk, 'scheduled', database);
    await clerk.getByRole('button', { name: /取りやめて/ }).click();
    await clerk.getByRole('button', { name: '3 組織に送る' }).waitFor();
    // What is changed beside the preview is not sent unseen.
    await clerk.fill('#subject', '書きかけ');
    await clerk.getByRole('button', { name: '3 組織に送る' }).click();
    await clerk.getByText('保存していない変更がある').waitFor();
    assert.equal(await clerk.inputValue('#subject'), '書きかけ');
    clerk.troubles.length = 0;
    await clerk.goto(address);
    await clerk.getByRole('button', { name: '3 組織に送る' }).click();

    // It arrives, once each; and stands on the screens of those it went to, on every node.
    await until('two mails', () => mails('keibo@aonami.example.jp', SUBJECT).length + mails('keibo@shiraho.example.jp', SUBJECT).length === 2, 30_000);
    const [arrived] = mails('keibo@aonami.example.jp', SUBJECT);
    assert.ok(arrived.text.includes('　1. 新しい担当者を操作者に加える') && arrived.text.includes('<script>alert(1)</script>'), arrived.text);
    assert.ok(!arrived.html.includes('<script>'), 'text is text');
    for (const page of [crew, quiet]) {
        await until('the news', async () => {
            await page.goto(`${desk.url}/board`);
            return (await page.locator('.news').count()) === 1;
        }, 5_000, 100);
    }
    await looked(crew, 'board', database);
    await others.goto(`${desk.url}/board`);
    assert.ok(!(await others.content()).includes(SUBJECT), 'the wall');
    const inside = new URL(await crew.getByRole('link', { name: SUBJECT }).getAttribute('href'), desk.url).href;
    assert.equal((await others.goto(inside)).status(), 404);
    await crew.getByRole('link', { name: SUBJECT }).click();
    await crew.getByRole('heading', { name: SUBJECT }).waitFor();
    await crew.getByText('<script>alert(1)</script>').waitFor();
    await looked(crew, 'read', database);
    await crew.goto(`${desk.url}/board`);
    assert.equal(await crew.locator('.news').count(), 0, 'read, and out of the way');
    await crew.goto(`${desk.url}/announcements`);
    await crew.getByRole('link', { name: SUBJECT }).waitFor();
    await looked(crew, 'inbox', database);

    // The figures follow: read, and come back.
    await clerk.goto(address);
    await clerk.getByRole('link', { name: /既読 1/ }).waitFor();
    const [back] = mails('keibo@shiraho.example.jp', SUBJECT);
    assert.match(await akidoko(database, ['mail', 'bounce'], bounced(back)), /受け付けた通知 1 件/);
    await clerk.reload();
    for (const words of [/届いた 1/, /不達 1/, /送信待ち 0/, /宛先なし 1/, /未読 2/]) await clerk.getByRole('link', { name: words }).waitFor();
    await looked(clerk, 'sent', database);
    await clerk.getByRole('link', { name: /不達 1/ }).click();
    await clerk.getByText('550 5.1.1 user unknown').waitFor();
    assert.equal(await clerk.getByText('青波市消防本部').count(), 0);
    await clerk.goto(`${site}/office/announcements`);
    await looked(clerk, 'list', database);
    assert.equal(mail.box.filter((m) => m.subject.includes(SUBJECT)).length, 2, 'each once');
    for (const page of [clerk, crew, quiet]) assert.deepEqual(page.troubles, []);
    await akidoko(database, ['audit', 'verify']);
}

test('an announcement on SQLite', { timeout: 180_000 }, async (t) => {
    await notices(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const [, name] of readFileSync(join(manual, 'office.md'), 'utf8').matchAll(/\(images\/(notices-\w+)\.png\)/g)) {
        const [made, shown] = [join(folder, `${name}-1280-SQLite.png`), join(manual, 'images', `${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.deepEqual(size(shown), size(made), `office.md: ${name}`);
    }
});
test('an announcement on PostgreSQL', { timeout: 180_000, skip: noPostgres }, async (t) => notices(t, await postgres(t)));
