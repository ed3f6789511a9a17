// The board on paper: each sheet says of which moment it is and how many there are, no row is cut in two or lost, and the last line says how many
// hospitals there were, so that a part of it never looks whole.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { akidoko, browser, organisation, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const COUNT = 90;

/** Why a PDF cannot be read here; `false` when it can. */
const noPoppler = (() => {
    try {
        execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
        return false;
    } catch {
        return 'pdftotext (poppler-utils) is not there';
    }
})();

/** The pages of a PDF as text, and the size of a page in mm, the longer side first. */
function read(file, pdf) {
    writeFileSync(file, pdf);
    const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
    const size = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(execFileSync('pdfinfo', [file], { encoding: 'utf8' }));
    return { pages: text.split('\f').slice(0, -1), size: [size[1], size[2]].map((points) => Math.round((Number(points) / 72) * 25.4)) };
}

test('a printed board is whole, and says of which moment it is', { timeout: 180_000, skip: noPoppler }, async (t) => {
    const database = await sqlite(t);
    for (let n = 1; n <= COUNT; n += 1) await akidoko(database, ['admin', 'create-hospital', '--prefecture', '12', '--name', `架空第${String(n).padStart(3, '0')}病院`, '--phone', `043-000-${1000 + n}`]);
    const officer = await organisation(database, 'prefecture_health', '12', '架空の県庁');
    const bearer = await token(database, officer.operator);
    const codes = (await akidoko(database, ['admin', 'list', '--kind', 'hospital'])).split('\n').map((line) => line.split(/\s+/)[0]).filter((code) => /^H12/.test(code));
    assert.equal(codes.length, COUNT);
    const server = await serve(t, database);
    for (const [n, code] of codes.entries()) {
        if (n % 9 === 0) continue;
        const comment = n % 4 === 0 ? { board_comment: '夜間は内科のみ受け入れます。整形外科は電話で相談してください。' } : {};
        const answers = { emergency_status: ['normal', 'limited', 'stopped'][n % 3], inpatient_status: 'normal', available_beds: n % 7, available_beds_severe: Math.min(n % 7, n % 2), secured_beds: 40, ready_beds: 30, inpatients_total: 20, accept_dialysis: n % 2 ? 'accept' : 'refuse', ...comment };
        const answer = await put(server, code, today(), bearer, answers);
        assert.ok(answer.ok, await answer.text());
    }
    const page = await window(await browser(t));
    await signIn(page, server, officer.operator);
    await page.goto(`${server.url}/board`);
    await page.getByText('ライブ').waitFor();
    // Nothing here has a printer.
    await page.evaluate(() => (globalThis.print = () => {}));

    async function printed(name, paper) {
        await page.locator('.menu-tools summary').click();
        await page.getByRole('button', { name: paper }).click();
        const file = join(screenshots(), `${name}.pdf`);
        const got = read(file, await page.pdf({ preferCSSPageSize: true, printBackground: false }));
        execFileSync('pdftoppm', ['-r', '60', '-png', file, join(screenshots(), name)]);
        await page.evaluate(() => dispatchEvent(new Event('afterprint')));
        await page.keyboard.press('Escape');
        return got;
    }

    /** As many hospitals as `count`, each on one line of one page; every page with moment, total and number; the end at the end. */
    function whole({ pages }, count, words, conditions = '') {
        const found = pages.flatMap((text) => [...text.matchAll(/架空第(\d{3})病院/g)].map((match) => match[1]));
        assert.equal(found.length, count, 'each row once');
        assert.equal(new Set(found).size, count);
        for (const [n, text] of pages.entries()) {
            assert.match(text, /千葉県 病床ボード\s+\d+月\d+日（.）\d\d:\d\d 時点の情報/, `page ${n + 1} says of when it is`);
            assert.match(text, new RegExp(`${words}${conditions && `\\s+${conditions}`}`), `page ${n + 1} says ${words}`);
            assert.equal(text.includes('条件：'), conditions !== '');
            assert.match(text, new RegExp(`${n + 1} / ${pages.length} ページ`));
            assert.equal(/ここまで/.test(text), n + 1 === pages.length, `page ${n + 1} of ${pages.length}`);
        }
        assert.match(pages.at(-1), new RegExp(`ここまで\\s+${words}（全 ${COUNT} 病院のうち${conditions && `\\s+${conditions}`}）`));
    }

    const a4 = await printed('print-a4', 'A4 で印刷');
    assert.deepEqual(a4.size, [297, 210]);
    assert.ok(a4.pages.length > 1);
    whole(a4, COUNT, `${COUNT} 病院`);
    assert.match(a4.pages[0], /特別対応/);
    assert.doesNotMatch(a4.pages[0], /病床の内訳/);

    // The larger sheet has room for all columns.
    const a3 = await printed('print-a3', 'A3 で印刷');
    assert.deepEqual(a3.size, [420, 297]);
    assert.ok(a3.pages.length < a4.pages.length);
    whole(a3, COUNT, `${COUNT} 病院`);
    assert.match(a3.pages[0], /特別対応.*病床の内訳/);

    // What a filter leaves out is said, and which filter.
    await page.locator('#f-care').getByText('透析').click();
    const some = await page.locator('table.board tbody tr:not(.grp):visible').count();
    assert.ok(some > 20 && some < COUNT);
    const part = await printed('print-part', 'A4 で印刷');
    whole(part, some, `条件に合う ${some} 病院`, '条件：透析');

    // Without a script: the browser's own printing, as the page came.
    const plain = await window(await browser(t), { javaScriptEnabled: false });
    await signIn(plain, server, officer.operator);
    await plain.goto(`${server.url}/board`);
    const bare = read(join(screenshots(), 'print-plain.pdf'), await plain.pdf({ preferCSSPageSize: true }));
    assert.deepEqual(bare.size, [297, 210]);
    whole(bare, COUNT, `${COUNT} 病院`);
    // And a filter that came with the address, in the same words.
    await plain.goto(`${server.url}/board?care=dialysis&accepting=1&severity=severe&within=6&q=${encodeURIComponent('架空')}`);
    const few = await plain.locator('table.board tbody tr:not(.grp)').count();
    assert.ok(few > 0 && few < some);
    const narrow = read(join(screenshots(), 'print-narrow.pdf'), await plain.pdf({ preferCSSPageSize: true }));
    const asked = '条件：「架空」、重症、受入可のみ、透析、更新 6時間以内';
    whole(narrow, few, `条件に合う ${few} 病院`, asked);
    await page.goto(`${server.url}/board?care=dialysis&accepting=1&severity=severe&within=6&q=${encodeURIComponent('架空')}`);
    await page.getByText('ライブ').waitFor();
    assert.deepEqual(await page.locator('[data-conditions]').allTextContents(), [`　${asked}`, `　${asked}`]);
    assert.deepEqual(page.troubles, []);
    await until('the size is forgotten', () => page.evaluate(() => document.adoptedStyleSheets.length === 0 && !document.documentElement.dataset.paper));
});
