// The keys of a headquarters: a passkey on the road of the first sign-in, the mailbox, a new device, a forgotten password, and an
// announcement on everybody's screen. With a real mail server and an authenticator inside the browser.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, akidoko, browser, freePort, look, noPostgres, organisation, postgres, screenshots, serve, signIn, sqlite, until, window } from './harness.mjs';
import { mailServer } from './mail.mjs';

const folder = screenshots();

/** In the hand and at the desk. */
const looked = (page, name, { kind }) => look(page, { 390: `account-${name}-390-${kind}`, 1280: `account-${name}-1280-${kind}` }, [390]);

/** An authenticator that says yes, as a telephone with a fingerprint does. */
async function authenticator(page) {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
    return { credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials, session, authenticatorId };
}

const PASSWORD = 'kirin-no-kubi-9153';

async function keys(t, database) {
    const mail = await mailServer(t);
    const port = await freePort();
    const site = `http://localhost:${port}`;
    Object.assign(database.env, mail.env, { AKIDOKO_PUBLIC_URL: site, AKIDOKO_UNDO_SECONDS: '2' });
    const code = await akidoko(database, ['admin', 'create-organisation', '--kind', 'fire_headquarters', '--prefecture', '12', '--name', '架空広域消防本部']);
    const [name, link] = (await akidoko(database, ['admin', 'create-account', code, '--name', '通信指令課'])).split('\n');
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    await serve(t, database, [], port);
    const opened = await browser(t);
    const letter = (to, words) => until(`a mail to ${to}: ${words}`, () => mail.box.findLast((m) => m.to[0] === to && m.subject.includes(words)), 30_000);

    // The first sign-in with a passkey.
    const desk = await window(opened);
    const device = await authenticator(desk);
    await desk.goto(`${site}${link}`);
    for (const field of await desk.locator('input[type=password]').all()) await field.fill(PASSWORD);
    await desk.locator('main form button.fill[type=submit]').click();
    await desk.locator('main input[type=checkbox]').first().check();
    await desk.locator('main button.fill[type=submit]').click();
    await desk.waitForURL(/\/welcome\/second-factor/);
    await looked(desk, 'factor', database);
    await desk.getByRole('button', { name: 'パスキーを登録する' }).click();
    await desk.waitForURL(/\/welcome\/recovery-codes/);
    assert.equal((await device.credentials()).length, 1);
    const recovery = await desk.locator('.codes code').first().textContent();
    await desk.locator('main button.fill[type=submit]').click();
    await desk.waitForURL(/\/welcome\/operators/);

    // The mailbox, proved by its link.
    await desk.goto(`${site}/operators`);
    await desk.locator('#mailbox summary').click();
    await desk.fill('#address', 'shirei@fd.example.jp');
    await desk.fill('#mailbox-password', PASSWORD);
    await looked(desk, 'operators', database);
    await desk.getByRole('button', { name: '確認のメールを送る' }).click();
    await desk.getByText('に確認のメールを送りました').waitFor();
    const proof = await letter('shirei@fd.example.jp', '連絡先メールアドレスの確認');
    const elsewhere = await window(opened);
    await elsewhere.goto(/http\S+/.exec(proof.text)[0]);
    await looked(elsewhere, 'mailbox', database);
    await elsewhere.getByRole('button', { name: 'このアドレスに変える' }).click();
    await elsewhere.getByRole('heading', { name: '連絡先を変えました' }).waitFor();

    // Every later sign-in: password and passkey.
    await desk.goto(`${site}/security`);
    await looked(desk, 'security', database);
    await desk.locator('details.account summary').click();
    await desk.getByRole('button', { name: 'サインアウト' }).click();
    await desk.goto(`${site}/sign-in`);
    await desk.fill('#name', name);
    await desk.fill('#password', PASSWORD);
    await desk.click('main button[type=submit]');
    await desk.waitForURL(/\/sign-in\/code/);
    await looked(desk, 'sign-in-passkey', database);
    await desk.getByRole('button', { name: 'パスキーでサインイン' }).click();
    await desk.waitForURL(/\/board/);

    // A tablet that nobody knows, by a recovery code: the mailbox is told, the administrator sees to it.
    const tablet = await window(opened, { userAgent: 'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1' });
    await tablet.goto(`${site}/sign-in`);
    await tablet.fill('#name', name);
    await tablet.fill('#password', PASSWORD);
    await tablet.click('main button[type=submit]');
    await tablet.locator('details summary').last().click();
    await tablet.fill('#recovery', recovery);
    await tablet.getByRole('button', { name: '復旧コードでサインイン' }).click();
    await tablet.waitForURL(/\/board/);
    const told = await letter('shirei@fd.example.jp', '新しい端末からのサインイン');
    assert.ok(told.text.includes('iPad') && told.text.includes(name));
    await desk.goto(`${site}/operators`);
    await desk.getByText('Safari、iPad').waitFor();
    await looked(desk, 'new-device', database);
    await desk.getByRole('button', { name: /件を確認しました/ }).click();
    await desk.getByText('通信指令課が確認').first().waitFor();

    // Another password: the tablet is out.
    await desk.goto(`${site}/security`);
    const second = 'panda-no-mimi-2864';
    await desk.fill('#p-current', PASSWORD);
    await desk.fill('#password', second);
    await desk.fill('#again', second);
    await desk.getByRole('button', { name: 'このパスワードに変える' }).click();
    await desk.getByText('パスワードを変えました').waitFor();
    await until('the tablet is signed out', async () => (await tablet.goto(`${site}/security`)).url().includes('/sign-in'));

    // Forgotten: the mailbox and the passkey together.
    await desk.context().clearCookies();
    await desk.goto(`${site}/forgotten-password`);
    await looked(desk, 'forgotten', database);
    await desk.fill('#name', name);
    await desk.getByRole('button', { name: 'リンクを送る' }).click();
    await desk.getByText('受け付けました').waitFor();
    const reset = await letter('shirei@fd.example.jp', 'パスワードの再設定（');
    await desk.goto(/http\S+/.exec(reset.text)[0]);
    await looked(desk, 'reset', database);
    await desk.getByRole('button', { name: 'パスキーで確かめる' }).click();
    await desk.waitForURL(/\/set-password\//);
    for (const field of await desk.locator('input[type=password]').all()) await field.fill(PASSWORD);
    await desk.locator('main form button.fill[type=submit]').click();
    await desk.waitForURL(/\/sign-in/);
    await desk.fill('#name', name);
    await desk.fill('#password', PASSWORD);
    await desk.click('main button[type=submit]');
    await desk.getByRole('button', { name: 'パスキーでサインイン' }).click();
    await desk.waitForURL(/\/board/);

    // The ministry writes; it stands on their screen, and is read.
    const clerk = await window(opened);
    await signIn(clerk, { url: site }, ministry.operator);
    await clerk.goto(`${site}/office/announcements`);
    await clerk.getByRole('link', { name: 'お知らせを書く' }).click();
    await clerk.getByLabel('消防本部').check();
    await clerk.fill('#subject', '操作研修会のご案内');
    await clerk.fill('#body', '4 月 20 日に操作研修会を開きます。\n\n場所：架空会館　10 時から');
    await clerk.getByRole('button', { name: /プレビューを見る/ }).click();
    await clerk.getByRole('heading', { name: /プレビュー/ }).waitFor();
    await looked(clerk, 'announcement', database);
    await clerk.getByRole('button', { name: /組織に送る/ }).click();
    const arrived = await letter('shirei@fd.example.jp', '操作研修会のご案内');
    assert.ok(arrived.text.includes('場所：架空会館') && arrived.html.includes('架空会館'));
    await desk.reload();
    await desk.getByRole('link', { name: '操作研修会のご案内' }).waitFor();
    await looked(desk, 'news', database);
    await desk.getByRole('link', { name: '操作研修会のご案内' }).click();
    await desk.getByText('場所：架空会館').waitFor();
    await looked(desk, 'announcement-read', database);
    await clerk.reload();
    await clerk.getByText(/未読 0/).waitFor();
    await looked(clerk, 'announcement-sent', database);
    await clerk.goto(`${site}/ids`);
    await looked(clerk, 'ids', database);

    // Removed, a passkey opens nothing any more.
    await desk.goto(`${site}/security`);
    await desk.locator('details.r-fold summary').first().click();
    await desk.locator('details.r-fold input[type=password]').fill(PASSWORD);
    await desk.getByRole('button', { name: 'このパスキーを削除する' }).click();
    await desk.getByText('まだ使っていません。使うと').waitFor();
    await desk.context().clearCookies();
    await signIn(desk, { url: site }, name, PASSWORD);
    await desk.waitForURL(/\/board/);
    for (const page of [desk, clerk, tablet, elsewhere]) assert.deepEqual(page.troubles.filter((words) => !/status of 4|401|ERR_/.test(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

test('the keys of a headquarters on SQLite', { timeout: 180_000 }, async (t) => {
    await keys(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const [, name] of readFileSync(join(manual, 'operators.md'), 'utf8').matchAll(/\(images\/(account-[\w-]+)\.png\)/g)) {
        const [made, shown] = [join(folder, `${name}-1280-SQLite.png`), join(manual, 'images', `${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.deepEqual(size(shown), size(made), name);
    }
});
test('the keys of a headquarters on PostgreSQL', { timeout: 180_000, skip: noPostgres }, async (t) => keys(t, await postgres(t)));
