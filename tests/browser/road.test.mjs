// The whole road of an ID, as the people on it walk it: the prefecture with its sheet, the office with its list, the headquarters with its
// mail. A real mail server, and two windows at once.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, akidoko, browser, hospital, look, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';
import { bounced, mailServer } from './mail.mjs';

const DATA = process.env.AKIDOKO_TEST_DATA;
const NAMES = DATA ? join(DATA, '05_fire_departments/fire_departments.csv') : '';
const skip = !DATA ? 'AKIDOKO_TEST_DATA is not set' : false;
if (DATA) assert.ok(existsSync(NAMES), `${NAMES} is not there`);

const HEAD = ['No.', '都道府県名', '消防本部名', '消防本部名（フリガナ）', '種別', '管轄市区町村', '郵便番号', '所在地', '電話番号', '担当部署', '担当者氏名', '担当者氏名（フリガナ）', 'メールアドレス', 'メールアドレス（確認）', 'やむを得ない事情', '備考'];

/** A sheet as an officer saves it: real names of headquarters, everything else invented. */
function sheet(mend = (row) => row) {
    const lines = readFileSync(NAMES, 'utf8').trim().split(/\r?\n/).map((line) => line.split(','));
    const names = lines.filter((l) => l[1] === '12').map((l) => l[3]).slice(0, 22);
    assert.equal(names.length, 22);
    const rows = names.map((name, n) => {
        const mail = `keibou${String(n + 1).padStart(2, '0')}@fd.chiba.example.jp`;
        const row = [n + 1, '千葉県', name, 'ショウボウホンブ', '', '', '260-0001', `千葉県架空町${n + 1}番地`, '043-000-0119', '警防課', '架空 太郎', 'カクウ タロウ', mail, mail, '', ''];
        return mend(row.map(String), n);
    });
    return `\ufeff${[HEAD, ...rows].map((row) => row.join(',')).join('\r\n')}\r\n`;
}

/** The code that an authenticator shows now（RFC 6238）. */
function code(secret, at = Date.now()) {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
    const mac = createHmac('sha1', key).update(counter).digest();
    const from = mac[19] & 15;
    return String((mac.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const folder = screenshots();

const looked = look;

async function road(t, database) {
    const refused = new Set(['keibou03@fd.chiba.example.jp']);
    const mail = await mailServer(t, refused);
    Object.assign(database.env, mail.env, { AKIDOKO_UNDO_SECONDS: '2' });
    const prefecture = await organisation(database, 'prefecture_health', '12', '千葉県');
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const near = await hospital(database, '12', '架空中央病院');
    const far = await hospital(database, '13', '架空東京病院');
    const server = await serve(t, database);
    const bearer = await token(database, near.operator);
    const answers = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 4 };
    assert.equal((await put(server, near.code, today(), bearer, answers)).status, 201);

    const opened = await browser(t);
    const officer = await window(opened);
    const clerk = await window(opened);
    await signIn(officer, server, prefecture.operator);
    await signIn(clerk, server, ministry.operator);

    // The prefecture drops its sheet. Two rows are wrong: the two addresses differ, and a telephone number is too short.
    const wrong = join(database.folder, 'sheet.csv');
    writeFileSync(wrong, sheet((row, n) => (n === 4 ? row.with(13, 'keibo05@fd.chiba.example.jp') : n === 7 ? row.with(8, '12') : row)));
    await officer.goto(`${server.url}/applications/sheet`);
    await looked(officer, `road-sheet-${database.kind}`);
    await officer.setInputFiles('input[type=file]', wrong);
    await officer.locator('form:has(input[type=file]) button[type=submit]').click();
    const wrongCells = officer.locator('table.sheet.focus input[aria-invalid=true]');
    await wrongCells.first().waitFor();
    assert.equal(await wrongCells.count(), 2);
    await looked(officer, `road-check-${database.kind}`);
    officer.troubles.length = 0; // the browser notes the 422
    // Nothing is saved yet.
    const other = await officer.context().newPage();
    await other.goto(`${server.url}/applications`);
    assert.ok(!(await other.locator('main').innerText()).includes('keibou01@'), 'a check saves nothing');
    await other.close();
    // Mended in place.
    for (const cell of await wrongCells.all()) {
        const value = await cell.inputValue();
        await cell.fill(value === '12' ? '043-000-0119' : 'keibou05@fd.chiba.example.jp');
    }
    await officer.locator('.r-bar button.fill').click();
    await officer.waitForURL(/\/applications(\?|$)/);
    await looked(officer, `road-list-${database.kind}`);
    const complete = officer.locator('main input[type=checkbox][name=id]');
    await until('22 rows stand', async () => (await complete.count()) === 22);
    await officer.locator('.r-bar button.fill').click();
    await officer.getByText(/受付 /).first().waitFor();
    await looked(officer, `road-submitted-${database.kind}`);

    // The office returns one and approves the rest.
    await clerk.goto(`${server.url}/office`);
    await looked(clerk, `road-office-${database.kind}`);
    const boxes = clerk.locator('input[name=decision]');
    await until('22 rows on the desk', async () => (await boxes.count()) === 22);
    await boxes.first().check();
    await clerk.locator('.of-more summary').click();
    await clerk.fill('textarea[name=reason]', '所在地の番地を確かめてください。');
    await clerk.locator('button[value=return]').click();
    await until('21 rows on the desk', async () => (await boxes.count()) === 21);
    await clerk.getByRole('button', { name: /^すべて選ぶ/ }).click();
    await clerk.locator('button[value=approve]').click();
    await clerk.getByText('21 件を承認しました').first().waitFor();
    await looked(clerk, `road-approved-${database.kind}`);
    await officer.goto(`${server.url}/applications`);
    await officer.getByText('所在地の番地を確かめてください。').first().waitFor();

    // Mails leave after the time to undo; one address is refused, one mail comes back later.
    const notices = () => mail.box.filter((m) => m.subject.includes('先立つご連絡'));
    await until('20 notices', () => notices().length === 20, 60_000);
    assert.equal(new Set(notices().map((m) => m.to[0])).size, 20, 'each once');
    const lost = notices().find((m) => m.to[0] === 'keibou09@fd.chiba.example.jp');
    const said = await akidoko(database, ['mail', 'bounce'], bounced(lost));
    assert.match(said, /受け付けた通知 1 件/);
    await officer.reload();
    await until('two rows say that mail came back', async () => {
        await officer.reload();
        return (await officer.getByText('不達').count()) >= 2;
    });
    await looked(officer, `road-bounced-${database.kind}`);
    // The address is corrected: a sheet with the right one updates the row.
    refused.clear();
    const right = join(database.folder, 'right.csv');
    writeFileSync(right, sheet((row, n) => (n === 2 ? row.with(12, 'keibou23@fd.chiba.example.jp').with(13, 'keibou23@fd.chiba.example.jp') : row)));
    await officer.goto(`${server.url}/applications/sheet`);
    await officer.setInputFiles('input[type=file]', right);
    await officer.locator('form:has(input[type=file]) button[type=submit]').click();
    await officer.locator('.r-bar button.fill').click();
    await officer.waitForURL(/\/applications(\?|$)/);
    await until('the notice goes to the corrected address', () => notices().some((m) => m.to[0] === 'keibou23@fd.chiba.example.jp'), 60_000);

    // One headquarters opens its mail.
    const notice = notices().find((m) => m.to[0] === 'keibou02@fd.chiba.example.jp');
    const link = /http\S+/.exec(notice.text)[0];
    const desk = await window(opened);
    await desk.goto(link);
    await looked(desk, `road-notice-${database.kind}`);
    const second = await until('the mail with the link', () => mail.box.find((m) => m.to[0] === notice.to[0] && m.subject.includes('パスワード設定')), 30_000);
    assert.ok(!/パスワードは/.test(second.text), 'no password is mailed');
    const [name] = /F12[0-9A-Z]{5}-01/.exec(second.text);
    await desk.goto(/http\S+/.exec(second.text)[0]);
    await looked(desk, `road-password-${database.kind}`);
    const password = 'kirin-no-kubi-9153';
    for (const field of await desk.locator('input[type=password]').all()) await field.fill(password);
    await desk.locator('main form button.fill[type=submit]').first().click();
    await desk.waitForURL(/\/welcome/);
    await looked(desk, `road-terms-${database.kind}`);
    await desk.locator('main input[type=checkbox]').first().check();
    await desk.locator('main button.fill[type=submit]').first().click();
    await desk.waitForURL(/\/welcome\/second-factor/);
    await looked(desk, `road-factor-${database.kind}`);
    const secret = (await desk.locator('[data-secret], .secret, code').first().textContent()).trim();
    await desk.fill('input[name=code]', code(secret));
    await desk.locator('main form:has(input[name=code]) button[type=submit]').first().click();
    await desk.waitForURL(/\/welcome\/recovery-codes/);
    await looked(desk, `road-codes-${database.kind}`);
    for (const box of await desk.locator('main input[type=checkbox]').all()) await box.check();
    await desk.locator('main button.fill[type=submit]').first().click();
    await desk.waitForURL((url) => !url.pathname.includes('recovery-codes'));

    // Signs in anew with both factors, and sees the board of 12 and nothing else.
    const crew = await window(opened);
    await crew.goto(`${server.url}/sign-in`);
    await crew.fill('#name', name);
    await crew.fill('#password', password);
    await crew.click('main button[type=submit]');
    await crew.locator('#code').waitFor();
    await crew.fill('#code', code(secret, Date.now() + 30_000)); // one code is good once
    await crew.locator('form:has(#code) button[type=submit]').click();
    await crew.waitForURL(/\/board/);
    await crew.getByText('架空中央病院').first().waitFor();
    assert.ok(!(await crew.content()).includes('架空東京病院'), 'the wall');
    for (const path of ['/board?prefecture=13', `/hospitals/${far.code}`, '/applications', '/office']) {
        const answer = await crew.goto(`${server.url}${path}`);
        assert.ok([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
        assert.ok(!(await crew.content()).includes('架空東京病院'), path);
    }
    await officer.goto(`${server.url}/applications`);
    await until('the prefecture sees that the ID is in use', async () => {
        await officer.reload();
        return (await officer.getByText('利用中').count()) > 0;
    });
    for (const page of [officer, clerk, desk]) assert.deepEqual(page.troubles.filter((words) => !/ 4\d\d /.test(words) && !/status of 4/.test(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

test('the road of an ID on SQLite', { timeout: 240_000, skip }, async (t) => {
    await road(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const page of ['prefecture.md', 'office.md']) {
        for (const [, name] of readFileSync(join(manual, page), 'utf8').matchAll(/\(images\/(road-\w+)\.png\)/g)) {
            const [made, shown] = [join(folder, `${name}-SQLite.png`), join(manual, 'images', `${name}.png`)];
            if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
            assert.deepEqual(size(shown), size(made), `${page}: ${name}`);
        }
    }
});
test('the road of an ID on PostgreSQL', { timeout: 240_000, skip: skip || noPostgres }, async (t) => road(t, await postgres(t)));
