// A hospital's road to its ID, as the people on it walk it: the hospital with a form and its mail, the prefecture with its register, the office
// with its list. A real mail server, and a window for each.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, akidoko, bothWidths, browser, noPostgres, organisation, postgres, screenshots, serve, signIn, sqlite, until, window } from './harness.mjs';
import { mailServer } from './mail.mjs';

const folder = screenshots();
const MAIL = 'iji@kaku.hospital.example.jp';

const looked = bothWidths;

const link = (mail) => /http\S+/.exec(mail.text)[0];

async function road(t, database) {
    const mail = await mailServer(t);
    Object.assign(database.env, mail.env, { AKIDOKO_UNDO_SECONDS: '2' });
    const prefecture = await organisation(database, 'prefecture_health', '12', '千葉県');
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const create = (where, name) => akidoko(database, ['admin', 'create-hospital', '--prefecture', where, '--name', name]);
    const near = await create('12', '架空中央病院');
    await create('12', '架空北病院');
    await create('13', '架空東京病院');
    const server = await serve(t, database);
    const arrived = (words) => until(`a mail: ${words}`, () => mail.box.find((m) => m.to[0] === MAIL && m.subject.includes(words)), 30_000);

    const opened = await browser(t);
    const [door, officer, clerk] = [await window(opened), await window(opened), await window(opened)];
    await signIn(officer, server, prefecture.operator);
    await signIn(clerk, server, ministry.operator);

    // The hospital finds the form beside the sign-in. A code with a wrong check digit is told, and nothing typed is lost.
    await door.goto(`${server.url}/sign-in`);
    await door.getByRole('link', { name: '医療機関の ID を申請する' }).click();
    await looked(door, `hospital-form-${database.kind}`);
    await door.selectOption('#i-prefecture', '12');
    const typed = {
        name: '架空中央病院', name_kana: 'かくうちゅうおうびょういん', institution_code: '1210110701', postal_code: '2600001', address: '千葉県架空市1-1',
        phone: '０４３（０００）００００', department: '医事課', contact_name: '架空 花子', contact_kana: 'カクウ ハナコ', email: MAIL, email_again: MAIL,
    };
    for (const [name, value] of Object.entries(typed)) await door.fill(`#i-${name}`, value);
    await door.getByRole('button', { name: '確認のメールを送る' }).click();
    await door.getByText('検査数字が合いません').first().waitFor();
    assert.equal(await door.inputValue('#i-contact_name'), '架空 花子');
    await looked(door, `hospital-wrong-${database.kind}`);
    await door.fill('#i-institution_code', '1210110700');
    await door.getByRole('button', { name: '確認のメールを送る' }).click();
    await door.getByRole('heading', { name: '確認のメールを送りました' }).waitFor();
    await looked(door, `hospital-sent-${database.kind}`);
    const proof = await arrived('メールアドレスの確認');
    assert.ok(!proof.text.includes('架空'), 'what was typed is not passed on');
    await officer.goto(`${server.url}/applications/hospitals`);
    await officer.getByText('まだ申請がありません').waitFor();

    // By the link it is looked at once more, and sent.
    await door.goto(link(proof));
    await looked(door, `hospital-proved-${database.kind}`);
    await door.getByRole('button', { name: '申請する' }).click();
    await door.getByText('都道府県が内容を確かめています').waitFor();
    await looked(door, `hospital-stands-${database.kind}`);

    // The prefecture sends it back, the hospital mends it by the mail's link.
    await officer.goto(`${server.url}/applications`);
    await officer.getByText('確認を待っている申請が 1 件').waitFor();
    await looked(officer, `hospital-prefecture-${database.kind}`);
    await officer.getByRole('link', { name: '医療機関の申請を見る' }).click();
    await looked(officer, `hospital-list-${database.kind}`);
    await officer.getByRole('link', { name: '架空中央病院' }).click();
    await looked(officer, `hospital-vouch-${database.kind}`);
    await officer.locator('#h-which').scrollIntoViewIfNeeded();
    await officer.evaluate(() => document.querySelector('#h-which').scrollIntoView());
    await looked(officer, `hospital-which-${database.kind}`);
    await officer.fill('#words', '電話番号を確かめてください。');
    await officer.getByRole('button', { name: '差し戻す' }).click();
    await officer.getByText('都道府県が差し戻し').first().waitFor();
    await looked(officer, `hospital-returned-${database.kind}`);
    await door.goto(link(await arrived('差し戻し')));
    await door.getByText('電話番号を確かめてください。').waitFor();
    await looked(door, `hospital-mend-${database.kind}`);
    await door.fill('#i-phone', '043-111-1111');
    await door.getByRole('button', { name: '申請する' }).click();
    await door.getByText('都道府県が内容を確かめています').waitFor();

    // Its register has a hospital of this name: that is proposed, and nothing of another prefecture.
    await officer.reload();
    assert.ok(!(await officer.content()).includes('架空東京病院'), 'the wall');
    assert.ok(await officer.locator('input[name=hospital]').first().isChecked());
    await officer.getByRole('button', { name: '承認する' }).click();
    await officer.getByText('承認しました。厚生労働省が審査しています。').waitFor();
    await looked(officer, `hospital-vouched-${database.kind}`);

    // The office approves; notice, link, password, and the hospital is at its report.
    await clerk.goto(`${server.url}/office?who=hospital`);
    await looked(clerk, `hospital-office-${database.kind}`);
    await clerk.getByRole('link', { name: '架空中央病院' }).click();
    await clerk.getByText(`名簿の病院：架空中央病院（${near}）`).waitFor();
    await looked(clerk, `hospital-decide-${database.kind}`);
    await clerk.getByRole('button', { name: '1 件を承認する' }).click();
    await clerk.getByText('承認しました').first().waitFor();
    const notice = await arrived('先立つご連絡');
    assert.ok(notice.text.includes('貴院') && !notice.text.includes('本部'));
    await door.goto(link(notice));
    await door.getByText('メールが届いたことを確認しました').waitFor();
    const password = await arrived('パスワード設定');
    assert.ok(password.text.includes(`${near}-01`), 'the ID that the hospital has');
    await door.goto(link(password));
    for (const field of await door.locator('input[type=password]').all()) await field.fill('kirin-no-kubi-9153');
    await door.locator('main form button.fill[type=submit]').first().click();
    await door.waitForURL(/\/welcome\/terms/);
    await door.getByText('医療機関の ID は、その医療機関の外と共有しません。').waitFor();
    await door.locator('main input[type=checkbox]').first().check();
    await door.locator('main button.fill[type=submit]').first().click();
    await door.waitForURL(/\/welcome\/second-factor/);
    await door.locator('form[action="/welcome/second-factor/skip"] button').click();
    await door.waitForURL((url) => !url.pathname.includes('second-factor'));
    await door.goto(`${server.url}/`);
    await door.waitForURL(/\/reports\//);
    await door.getByText('架空中央病院').first().waitFor();
    await looked(door, `hospital-report-${database.kind}`);
    await officer.reload();
    await officer.getByText('利用中').first().waitFor();

    // The ministry invites a prefecture's officers.
    await clerk.goto(`${server.url}/office/invitations`);
    await looked(clerk, `hospital-invitation-${database.kind}`);
    await clerk.getByRole('button', { name: '招待する' }).click();
    await clerk.getByText('都道府県を選んでください').first().waitFor();
    await clerk.selectOption('#i-prefecture', '13');
    await clerk.selectOption('#i-organisation_kind', 'prefecture_health');
    const invited = { name: '東京都保健医療局', department: '医療政策部', contact_name: '架空 三郎', email: 'iryo@tokyo.example.jp', email_again: 'iryo@tokyo.example.jp' };
    for (const [name, value] of Object.entries(invited)) await clerk.fill(`#i-${name}`, value);
    await clerk.getByRole('button', { name: '招待する' }).click();
    await clerk.getByText('招待済み').first().waitFor();
    await looked(clerk, `hospital-invited-${database.kind}`);
    await until('the notice of an invitation', () => mail.box.find((m) => m.to[0] === 'iryo@tokyo.example.jp'), 30_000);
    const noise = (words) => / 4\d\d /.test(words) || /status of 4/.test(words);
    for (const page of [door, officer, clerk]) assert.deepEqual(page.troubles.filter((words) => !noise(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

test("a hospital's road to its ID on SQLite", { timeout: 240_000 }, async (t) => {
    await road(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const page of ['hospital.md', 'prefecture.md', 'office.md']) {
        for (const [, name] of readFileSync(join(manual, page), 'utf8').matchAll(/\(images\/(hospital-\w+)\.png\)/g)) {
            const [made, shown] = [join(folder, `${name}-SQLite.png`), join(manual, 'images', `${name}.png`)];
            if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
            assert.deepEqual(size(shown), size(made), `${page}: ${name}`);
        }
    }
});
test("a hospital's road to its ID on PostgreSQL", { timeout: 240_000, skip: noPostgres }, async (t) => road(t, await postgres(t)));
