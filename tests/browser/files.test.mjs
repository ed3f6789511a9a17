// Reports that come another way than the screen of the day: a file on its way out and back, a sheet of paper, a pile of them by keyboard.
// Two windows: what one hands in the other sees on the board.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, browser, hospital, look, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const folder = screenshots();

/** At the desk, and mostly in the hand too. */
const looked = (page, name, phone = true) => look(page, { ...(phone ? { 390: `${name}-390` } : {}), 1280: name });

const quiet = (pages) => {
    for (const page of pages) assert.deepEqual(page.troubles.filter((words) => !/status of 4| 4\d\d /.test(words)), []);
};

async function files(t, database) {
    const prefecture = await organisation(database, 'prefecture_health', '12', '千葉県');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const port = await hospital(database, '12', '架空みなと病院');
    const hill = await hospital(database, '12', '架空やま病院');
    const server = await serve(t, database);
    for (const one of [port, hill]) {
        const answers = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 4, available_beds_severe: 1 };
        assert.equal((await put(server, one.code, today(1), await token(database, one.operator), answers)).status, 201);
    }
    const opened = await browser(t);
    const officer = await window(opened, { acceptDownloads: true });
    const crew = await window(opened);
    await signIn(officer, server, prefecture.operator);
    await signIn(crew, server, fire.operator);
    await crew.goto(`${server.url}/board`);

    // The template comes down; two figures are typed in, one of them wrong, a choice misspelt.
    await officer.goto(`${server.url}/report/files`);
    await looked(officer, `files-${database.kind}`);
    const [download] = await Promise.all([officer.waitForEvent('download'), officer.getByRole('button', { name: 'CSV', exact: true }).click()]);
    const path = join(database.folder, 'reports.csv');
    await download.saveAs(path);
    const lines = readFileSync(path, 'utf8').split('\r\n');
    const head = lines[0].replace('\ufeff', '').split(',');
    const at = (name) => head.indexOf(name);
    assert.ok(at('空床 計（床）') > 0, lines[0]);
    const typed = lines.map((line) => {
        const cells = line.split(',');
        if (cells[1] === '架空みなと病院') Object.assign(cells, { [at('空床 計（床）')]: '２', [at('空床 うち重症（床）')]: '▲1' });
        if (cells[1] === '架空やま病院') cells[at('救急の受入状況')] = 'ふつう';
        return cells.join(',');
    });
    writeFileSync(path, typed.join('\r\n'));

    // Dropped, mended where it stands, taken.
    const transfer = await officer.evaluateHandle((bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'reports.csv'));
        return data;
    }, [...readFileSync(path)]);
    await Promise.all([officer.waitForLoadState('load'), officer.dispatchEvent('form[data-drop]', 'drop', { dataTransfer: transfer })]);
    await officer.getByText('直すのはここだけ').waitFor();
    await looked(officer, `files-check-${database.kind}`);
    assert.equal(await officer.locator('[aria-invalid=true]').count(), 2);
    await officer.locator('input[name="c.2.available_beds_severe"], input[name="c.3.available_beds_severe"]').first().fill('0');
    await officer.locator('select[aria-invalid=true]').selectOption('停止');
    await officer.getByText('FAX', { exact: true }).click();
    await officer.getByRole('button', { name: '直して受け取る' }).click();
    await officer.getByText('2 件の報告を受け取りました').waitFor();
    await looked(officer, `files-receipt-${database.kind}`);
    // The other window follows.
    await until('the board follows', async () => {
        const words = await crew.locator('main').innerText();
        return words.includes('停止') && words.includes('代行');
    });
    // The same once more is one report.
    await officer.goto(`${server.url}/report/files`);
    const mended = readFileSync(path, 'utf8').replace('▲1', '0').replace('ふつう', '停止');
    await officer.setInputFiles('#sheet', { name: 'again.csv', mimeType: 'text/csv', buffer: Buffer.from(mended) });
    await officer.getByRole('button', { name: '取り込んで確かめる' }).click();
    await officer.getByText('同じ内容を').waitFor();
    await looked(officer, `files-again-${database.kind}`);
    // The hospital sees who entered it.
    const clerk = await window(opened);
    await signIn(clerk, server, port.operator);
    await clerk.goto(`${server.url}/hospitals/${port.code}/reports/${today()}`);
    await clerk.getByText(/千葉県が \d\d:\d\d に代わって入力しました（FAX）/).waitFor();
    await looked(clerk, `files-own-${database.kind}`);
    // And its own sheet of paper, on one page of A4.
    await clerk.goto(`${server.url}/report/sheets`);
    await looked(clerk, `files-sheet-${database.kind}`);
    const pdf = await clerk.pdf({ path: join(folder, `files-sheet-${database.kind}.pdf`), preferCSSPageSize: true });
    assert.equal(pages(pdf), 1, 'one hospital, one page');
    await officer.goto(`${server.url}/report/sheets`);
    await looked(officer, `files-sheets-choose-${database.kind}`);
    await officer.goto(`${server.url}/report/sheets?all=1`);
    const both = await officer.pdf({ preferCSSPageSize: true });
    assert.equal(pages(both), 2, 'two hospitals, two pages');
    assert.match(both.toString('latin1'), /\/MediaBox\s*\[\s*0 0 (594|595)/, 'A4 upright');
    quiet([officer, crew, clerk]);
}

const pages = (pdf) => (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length;

async function pile(t, database) {
    const centre = await organisation(database, 'health_centre', '12', '架空保健所');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const port = await hospital(database, '12', '架空みなと病院');
    const hill = await hospital(database, '12', '架空やま病院');
    const server = await serve(t, database);
    for (const one of [port, hill]) {
        const answers = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 4, secured_beds: 4 };
        assert.equal((await put(server, one.code, today(1), await token(database, one.operator), answers)).status, 201);
    }
    const opened = await browser(t);
    const desk = await window(opened);
    const crew = await window(opened);
    await signIn(desk, server, centre.operator);
    await signIn(crew, server, fire.operator);
    await crew.goto(`${server.url}/board`);
    await desk.goto(`${server.url}/report`);
    await looked(desk, `pile-${database.kind}`);

    // Nothing but the keyboard from here.
    const key = (name) => desk.keyboard.press(name);
    const type = (words) => desk.keyboard.type(words);
    const heading = (words) => desk.getByRole('heading', { name: words }).waitFor();
    await type(port.code.slice(3).toLowerCase());
    await key('Enter');
    await heading('架空みなと病院');
    await looked(desk, `pile-entry-${database.kind}`);
    await desk.reload();
    await key('Enter'); // no time on the sheet
    await type('2'); // 救急 制限
    await key('Enter');
    await key('Enter'); // 入院 as before
    await key('Enter'); // 外来
    await type('7'); // 空床
    await key('Enter');
    await until('Enter goes on', () => desk.evaluate(() => document.activeElement.name === 'a.available_beds_severe'));
    await key('Control+Enter');
    await desk.getByText('第 1 版を保存しました').waitFor();
    assert.match(await desk.locator('.p-done').innerText(), /1 枚/);
    await until('the board follows', async () => (await crew.locator('main').innerText()).includes('代行'));

    // Ready beds above the secured ones: a warning, confirmed by Enter alone.
    await type('やま');
    await key('Enter');
    await heading('架空やま病院');
    const order = await desk.evaluate(() => [...document.querySelectorAll('form[data-entry] input.in')].map((f) => f.name));
    for (let n = 0; n < order.indexOf('a.ready_beds'); n += 1) await key('Enter');
    await type('9');
    await key('Control+Enter');
    await desk.getByText('用紙のとおりで正しい').waitFor();
    await looked(desk, `pile-warned-${database.kind}`);
    await desk.locator('button[name=confirmed]').focus();
    await key('Enter');
    await desk.getByText('架空やま病院').first().waitFor();
    await desk.getByText('第 1 版を保存しました').waitFor();
    assert.match(await desk.locator('.p-done').innerText(), /2 枚/);

    // A third hospital's sheet says the same as before: one key.
    const sea = await hospital(database, '12', '架空うみ病院');
    const before = { emergency_status: 'normal', inpatient_status: 'normal', available_beds: 1 };
    assert.equal((await put(server, sea.code, today(1), await token(database, sea.operator), before)).status, 201);
    await type(sea.code);
    await key('Enter');
    await heading('架空うみ病院');
    await key('+');
    await desk.getByText('第 1 版を保存しました').waitFor();
    assert.match(await desk.locator('.p-done').innerText(), /3 枚/);
    quiet([desk, crew]);
}

/** The manual's pictures are those of this walk. */
function pictured(prefix) {
    const manual = join(ROOT, 'docs/manual');
    const size = (file) => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
    for (const [, name] of readFileSync(join(manual, 'report-files.md'), 'utf8').matchAll(/\(images\/([\w-]+)\.png\)/g)) {
        if (!name.startsWith(prefix)) continue;
        const [made, shown] = [join(folder, `${name}-SQLite.png`), join(manual, 'images', `${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.deepEqual(size(shown), size(made), name);
    }
}

const timeout = 120_000;
test('a file goes out, comes back, is mended and taken, and the board follows (SQLite)', { timeout }, async (t) => {
    await files(t, await sqlite(t));
    pictured('files');
});
test('the same on PostgreSQL', { timeout, skip: noPostgres }, async (t) => files(t, await postgres(t)));
test('a pile of sheets by keyboard alone (SQLite)', { timeout }, async (t) => {
    await pile(t, await sqlite(t));
    pictured('pile');
});
