// 病床の状況, as an officer and the ministry live it: a threshold is reached and shows on the open page by itself, a phase moves on an open board, the
// line goes back over two weeks of reports, and the nation stands as tiles and as a map of real outlines.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, bothWidths, browser, hospital, noPostgres, organisation, postgres, put, screenshots, serve, signIn, sqlite, today, token, until, window } from './harness.mjs';

const DATA = process.env.AKIDOKO_TEST_DATA || '';
const OUTLINES = join(DATA, '06_geo_codes/prefectures.geojson');

/** A report with beds: `inpatients` of 100 secured ones. */
const beds = (inpatients) => ({
    emergency_status: 'normal',
    inpatient_status: 'normal',
    secured_beds: 100,
    ready_beds: 80,
    inpatients_total: inpatients,
    available_beds: Math.max(0, 80 - inpatients),
});

async function picture(t, database) {
    const prefecture = await organisation(database, 'prefecture_health', '12', '架空県 健康医療部');
    const fire = await organisation(database, 'fire_headquarters', '12', '架空消防本部');
    const ministry = await organisation(database, 'ministry', '', '厚生労働省');
    const harbour = await hospital(database, '12', '霧笛病院');
    const far = await hospital(database, '13', '花筏病院');
    const server = await serve(t, database, DATA ? ['--outlines', OUTLINES] : []);
    const opened = await browser(t);
    const [bearer, other] = [await token(database, harbour.operator), await token(database, far.operator)];
    const report = async (who, key, back, inpatients, more = {}) => {
        const answer = await put(server, who.code, today(back), key, beds(inpatients), more);
        assert.ok(answer.status < 300, await answer.text());
    };
    for (let back = 13; back >= 1; back -= 1) {
        await report(harbour, bearer, back, 20 + back);
        await report(far, other, back, 70 - back);
    }
    await report(harbour, bearer, 0, 48);
    const [officer, dispatcher, desk] = [await window(opened), await window(opened), await window(opened)];
    await signIn(officer, server, prefecture.operator);
    await signIn(dispatcher, server, fire.operator);
    await signIn(desk, server, ministry.operator);

    // Days that are over are added up by themselves, from reports that came late; the line has them all.
    await until('two weeks are added up', async () => {
        await officer.goto(`${server.url}/picture?measure=secured_rate`);
        return (await officer.locator('details tbody tr').count()) >= 14;
    }, 20_000);
    await officer.getByText('表で見る').click();
    const rows = await officer.locator('details tbody tr').evaluateAll((all) => all.map((row) => row.children[1].textContent));
    assert.deepEqual(rows.slice(0, 14), ['48.0 %', ...Array.from({ length: 13 }, (_, n) => `${21 + n}.0 %`)], 'today, and each day before');
    await officer.getByText('表で見る').click();
    assert.match(await officer.locator('.co-chart').getAttribute('aria-label'), /最後の値は.*48\.0 %、最も低い日は 21\.0 %、最も高い日は 48\.0 %/);
    await bothWidths(officer, 'picture', [390]);

    // Phases: set on one screen, on every open board of the prefecture a moment later.
    await dispatcher.goto(`${server.url}/board`);
    assert.equal(await dispatcher.getByText('フェーズ').count(), 0);
    await officer.getByRole('link', { name: 'フェーズとしきい値の設定' }).click();
    for (const [n, name, plan] of [[0, '1', '60'], [1, '2', '120']]) {
        await officer.getByLabel(`${n + 1} 行目の名前`).fill(name);
        await officer.getByLabel(`${n + 1} 行目の計画の即応病床`).fill(plan);
    }
    await officer.getByRole('button', { name: 'フェーズを保存する' }).click();
    await until('the open board says the phase', () => dispatcher.getByText('フェーズ 1／2').isVisible());

    // A threshold that is not reached yet; then a report comes, and the open page calls within the minute, without a hand on it.
    await officer.getByLabel('知らせる値').fill('50');
    await officer.getByLabel('解除する値').fill('45');
    await officer.getByRole('button', { name: 'しきい値を加える' }).click();
    await officer.getByText('50.0 %以上で知らせ、45.0 %未満で解除').waitFor();
    await bothWidths(officer, 'picture-settings', [1280]);
    await officer.goto(`${server.url}/picture?measure=secured_rate`);
    assert.equal(await officer.locator('#alerts').count(), 0);
    await report(harbour, bearer, 0, 61, { reason: '入院が続いたため' });
    await until('the figure follows the report', async () => (await officer.locator('tr.pi-on b').first().innerText()) === '61.0 %', 5_000);
    await until('the alert stands on the open page', () => officer.locator('#alerts').isVisible(), 75_000, 250);
    assert.match(await officer.locator('#alerts').innerText(), /確保病床使用率が 61\.0 %になり、しきい値 50\.0 %以上に達しました（入院 61 ÷ 病床 100、1 病院の回答）/);
    await officer.goto(`${server.url}/completeness`);
    assert.ok(await officer.locator('header .call').getByText('に達しました').isVisible(), 'on every page');
    await officer.locator('header .call a').click();
    await bothWidths(officer, 'picture-alert');
    await officer.getByRole('button', { name: /確認しました/ }).click();
    await officer.getByText('確認：今日').waitFor();
    assert.equal(await officer.locator('header .call').count(), 0, 'it no longer calls');

    // The nation: tiles, the map, the table; a colour scheme for the night.
    await desk.goto(`${server.url}/nation?measure=secured_rate`);
    assert.equal(await desk.locator('.pi-tile').count(), 47);
    assert.match(await desk.getByRole('link', { name: /^千葉県/ }).first().getAttribute('aria-label'), /千葉県　61\.0 %　前週差 ▲ 34\.0/);
    assert.ok(await desk.getByText('45 は未集計').isVisible());
    const inside = await desk.locator('.pi-tile').evaluateAll((all) => all.filter((tile) => tile.scrollWidth > tile.clientWidth + 1).map((tile) => tile.textContent));
    assert.deepEqual(inside, [], 'what a tile says stays in it');
    await bothWidths(desk, 'nation');
    await desk.setViewportSize({ width: 1920, height: 1080 });
    await desk.screenshot({ path: join(screenshots(), 'nation-wall.png') });
    if (DATA && existsSync(OUTLINES)) {
        await desk.getByRole('link', { name: '地図' }).click();
        assert.equal(await desk.locator('.pi-map path').count(), 47);
        const box = async (name) => desk.locator(`.pi-map [aria-label^="${name}"] path`).boundingBox();
        const [north, chiba, south] = [await box('北海道'), await box('千葉県'), await box('沖縄県')];
        assert.ok(north.y < chiba.y && chiba.y < south.y && south.x < chiba.x, 'north is up, and Okinawa in the south-west');
        await bothWidths(desk, 'nation-map', [1280]);
        // By keyboard: a prefecture is a link.
        await desk.locator('.pi-map a[aria-label^="千葉県"]').focus();
        await desk.keyboard.press('Enter');
        await desk.waitForURL(/\/picture\?prefecture=12/);
        await desk.getByRole('heading', { name: /千葉県\s+病床の状況/ }).waitFor();
    }
    await desk.emulateMedia({ colorScheme: 'dark' });
    await desk.goto(`${server.url}/nation?measure=secured_rate`);
    await bothWidths(desk, 'nation-night');
    await officer.emulateMedia({ colorScheme: 'dark' });
    await officer.goto(`${server.url}/picture`);
    await bothWidths(officer, 'picture-night');
}

test('thresholds, phases and lines of a prefecture, and the nation, on SQLite', { timeout: 240_000 }, async (t) => picture(t, await sqlite(t)));
test('the same on PostgreSQL', { timeout: 240_000, skip: noPostgres }, async (t) => picture(t, await postgres(t)));

test('the pictures of the manual', () => {
    const manual = join(ROOT, 'docs/manual');
    for (const [, name] of readFileSync(join(manual, 'prefecture-picture.md'), 'utf8').matchAll(/\(images\/([\w-]+)\.png\)/g)) {
        const [made, shown] = [join(screenshots(), `${name}.png`), join(manual, 'images', `${name}.png`)];
        if (process.env.AKIDOKO_MANUAL) copyFileSync(made, shown);
        assert.ok(existsSync(made) && existsSync(shown), `${name}: AKIDOKO_MANUAL=1 ./test browser`);
    }
});
