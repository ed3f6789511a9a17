// A key of the API, from the screen of its administrator to a program that uses it: made, tried, limited, revoked. The program is this test.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, akidoko, browser, hospital, look, noPostgres, organisation, postgres, screenshots, serve, signIn, sqlite, today, until, window } from './harness.mjs';

const folder = screenshots();

/** In the hand and at the desk. */
const looked = (page, name, { kind }) => look(page, { 390: `keys-${name}-390-${kind}`, 1280: `keys-${name}-1280-${kind}` }, [390]);

/** A program with a key. */
function program(server, key) {
    return async (path, { method = 'GET', body, once } = {}) => {
        const headers = { authorization: `Bearer ${key}` };
        if (body) headers['content-type'] = 'application/json';
        if (once) headers['idempotency-key'] = once;
        const answer = await server.fetch(path, { method, headers, body: body && JSON.stringify(body) });
        return { status: answer.status, headers: answer.headers, json: await answer.json() };
    };
}

async function theKeyOfAnAssociation(t, database) {
    const [a, b] = [await hospital(database, '12', '架空港病院'), await hospital(database, '12', '架空丘の上病院')];
    const union = await organisation(database, 'association', '12', '架空の医師会');
    for (const one of [a, b]) await akidoko(database, ['admin', 'add-member', union.code, one.code]);
    const fire = await organisation(database, 'fire_headquarters', '12', '架空広域消防本部');
    const server = await serve(t, database);
    const opened = await browser(t);
    const desk = await window(opened);
    await signIn(desk, server, union.operator);

    // The administrator finds the page in the menu, and makes a key for one of the members.
    await desk.locator('details.account summary').click();
    await desk.getByRole('link', { name: 'API キー' }).click();
    await desk.getByText('使えるキーはまだありません').waitFor();
    await desk.fill('#name', '会員の報告');
    await desk.getByLabel('下で選んだものだけ').check();
    await desk.getByText('医療機関を選ぶ').click();
    await desk.getByLabel(new RegExp(a.name)).check();
    await looked(desk, 'form', database);
    // What cannot be a network is told, and what was typed stays.
    await desk.fill('#networks', 'うちのネットワーク');
    await desk.getByRole('button', { name: '作って、キーを表示する' }).click();
    await desk.getByText('ネットワークとして読めません').waitFor();
    assert.equal(await desk.inputValue('#name'), '会員の報告');
    assert.equal(await desk.getByLabel(new RegExp(a.name)).isChecked(), true);
    await looked(desk, 'wrong', database);
    await desk.fill('#networks', '127.0.0.0/8');
    await desk.getByRole('button', { name: '作って、キーを表示する' }).click();
    await desk.getByRole('heading', { name: 'キーを控えてください' }).waitFor();
    const key = await desk.locator('#secret').textContent();
    assert.match(key, /^akidoko_[0-9a-f]{64}$/);
    await looked(desk, 'made', database);

    // A program tries, reports, and reports again after the line broke: one report.
    const ask = program(server, key);
    const known = await ask('/api/v1/hospitals');
    assert.deepEqual(known.json.hospitals.map((h) => h.code), [a.code]);
    const report = { hospital: a.code, report_date: today(), answers: { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 4 } };
    const tried = await ask('/api/v1/reports?dry_run=true', { method: 'POST', body: { reports: [report] } });
    assert.equal(tried.json.results[0].changes.find((c) => c.item === 'available_beds').to, 4);
    const first = await ask('/api/v1/reports', { method: 'POST', body: { reports: [report] }, once: 'morning' });
    assert.equal(first.status, 200, JSON.stringify(first.json));
    const second = await ask('/api/v1/reports', { method: 'POST', body: { reports: [report] }, once: 'morning' });
    assert.deepEqual([second.status, second.json, second.headers.get('idempotency-replayed')], [200, first.json, 'true']);
    const beyond = await ask('/api/v1/reports', { method: 'POST', body: { reports: [{ ...report, hospital: b.code }] } });
    assert.deepEqual([beyond.status, beyond.json.results[0].code], [422, 'forbidden']);

    // The board shows it, and who wrote it; the administrator sees that the key is used.
    const wall = await window(opened);
    await signIn(wall, server, fire.operator);
    await wall.getByText(a.name).first().waitFor();
    await until('the board shows the beds', async () => (await wall.locator(`#h-${a.code} .c-tot`).textContent()).trim() === '4');
    await desk.getByRole('link', { name: '控えたので、一覧へ' }).click();
    await desk.getByText('127.0.0.0/24').waitFor();
    await looked(desk, 'list', database);

    // Limited to two a minute: the third waits. Then to another network: none.
    await desk.getByRole('link', { name: /変更.*会員の報告/ }).click();
    await desk.fill('#per_minute', '2');
    await looked(desk, 'change', database);
    await desk.getByRole('button', { name: 'このように変える' }).click();
    await desk.waitForURL(/\/keys$/);
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await ask('/api/v1/hospitals')).status);
    assert.deepEqual(statuses, [200, 200, 429]);
    await desk.getByRole('link', { name: /変更.*会員の報告/ }).click();
    await desk.fill('#networks', '192.0.2.0/24');
    await desk.fill('#per_minute', '600');
    await desk.getByRole('button', { name: 'このように変える' }).click();
    await desk.waitForURL(/\/keys$/);
    const elsewhere = await ask('/api/v1/hospitals');
    assert.deepEqual([elsewhere.status, elsewhere.json.code], [403, 'network']);

    // Revoked: the next call is 401.
    await desk.locator('details.r-fold summary', { hasText: '取り消す' }).click();
    await desk.getByRole('button', { name: /このキーを取り消す/ }).click();
    await desk.getByText('使えるキーはまだありません').waitFor();
    await desk.locator('details.r-fold summary', { hasText: '使えなくなったキー' }).click();
    await desk.getByText('取り消し済み').waitFor();
    await looked(desk, 'revoked', database);
    assert.equal((await ask('/api/v1/hospitals')).status, 401);

    // The page for people, without sign-in.
    const reader = await window(opened);
    await reader.goto(`${server.url}/api`);
    await reader.getByRole('link', { name: 'まとめて報告' }).click();
    await reader.locator('#batch details summary').first().click();
    await looked(reader, 'api', database);
    // And without JavaScript a key is made all the same.
    const plain = await window(opened, { javaScriptEnabled: false });
    await signIn(plain, server, union.operator);
    await plain.goto(`${server.url}/keys`);
    await plain.fill('#name', '予備');
    await plain.getByRole('button', { name: '作って、キーを表示する' }).click();
    assert.equal((await program(server, await plain.locator('#secret').textContent())('/api/v1/hospitals')).json.hospitals.length, 2);
    for (const page of [desk, wall, reader, plain]) assert.deepEqual(page.troubles.filter((words) => !/status of 4/.test(words)), []);
    await akidoko(database, ['audit', 'verify']);
}

test('the key of an association on SQLite', { timeout: 180_000 }, async (t) => {
    await theKeyOfAnAssociation(t, await sqlite(t));
    // The manual's pictures are those of this walk.
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const [, name] of readFileSync(join(manual, 'keys.md'), 'utf8').matchAll(/\(images\/(keys-[\w-]+)\.png\)/g)) {
        const [made, shown] = [join(folder, `${name}-1280-SQLite.png`), join(manual, 'images', `${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.deepEqual(size(shown), size(made), name);
    }
});
test('the key of an association on PostgreSQL', { timeout: 180_000, skip: noPostgres }, async (t) => theKeyOfAnAssociation(t, await postgres(t)));
