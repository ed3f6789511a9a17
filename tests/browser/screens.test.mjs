// The screens of the demo: how they look, that they can be used by everybody, and that they say so when they are cut off.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Events, Line, browser, minded, put, screenshots, serve, signIn, signedIn, sqlite, today, token, until, window } from './harness.mjs';

const DEMO_PASSWORD_CELL = 'table.minitbl tbody tr';
const SIZES = [
    ['1280', { viewport: { width: 1280, height: 900 } }],
    ['390', { viewport: { width: 390, height: 844 }, hasTouch: true }],
];
const folder = screenshots();

/** What lives as long as this file: one demo, one browser. */
const file = {
    all: [],
    after(what) {
        this.all.push(what);
    },
};
let demo, demoData, opened, people;

before(async () => {
    demoData = await sqlite(file);
    demo = await serve(file, demoData, ['--demo']);
    opened = await browser(file);
    const page = await window(opened);
    await page.goto(`${demo.url}/sign-in`);
    people = await page.locator(DEMO_PASSWORD_CELL).evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('th,td')].map((cell) => cell.textContent.trim())).map(([words, name, password]) => ({ words, name, password })),
    );
    await page.context().close();
    assert.ok(people.length >= 8, 'one sign-in for each kind of organisation');
}, { timeout: 180_000 });

after(async () => {
    for (const what of file.all.reverse()) await what();
}, { timeout: 60_000 });

const person = (letter, nth = 0) => {
    const found = people.filter((p) => p.name.startsWith(letter));
    assert.ok(found.length > nth, `a demo sign-in that begins with ${letter}`);
    return found[nth];
};

async function enter(t, letter, options = {}) {
    const page = await window(opened, options);
    t.after(() => page.context().close());
    const who = person(letter);
    await signIn(page, demo, who.name, who.password);
    return page;
}

/** A screen that is looked at: it says that it is a demo, scrolls only downwards, and axe has nothing to say. */
async function looked(page, name, { axe = true } = {}) {
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: false });
    const text = await page.locator('body').innerText();
    const problems = [];
    if (!text.includes('デモ：架空のデータ')) problems.push('does not say that it is a demo');
    const { width, wide } = await page.evaluate(() => {
        const root = document.documentElement;
        const out = [...document.querySelectorAll('body *')].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width > 0 && box.right > root.clientWidth + 1 && !e.closest('.scroll, .chips, .b-filter, .vh, svg');
        });
        return { width: [root.scrollWidth, root.clientWidth], wide: out.slice(0, 5).map((e) => `${e.tagName}.${e.className}`) };
    });
    if (width[0] > width[1]) problems.push(`scrolls sideways: ${width[0]} > ${width[1]} (${wide.join(', ')})`);
    if (axe) problems.push(...(await minded(page)));
    problems.push(...page.troubles.splice(0));
    assert.deepEqual(problems, [], name);
}

/** What was a defect once: said when it comes back. */
async function must(t, defect, check) {
    t.diagnostic(`held: not ${defect}`);
    await check();
}

const rows = (page) => page.locator('table.board tbody tr[id]:visible').count();

for (const [size, options] of SIZES) {
    test(`sign-in, about, errors at ${size} px`, { timeout: 240_000 }, async (t) => {
        const page = await window(opened, options);
        t.after(() => page.context().close());
        await page.goto(`${demo.url}/sign-in`);
        await looked(page, `sign-in-${size}`);
        await page.fill('#name', 'F99AAAAA-01');
        await page.fill('#password', 'まちがったあいことば');
        await page.click('main button[type=submit]');
        await page.getByRole('alert').waitFor();
        page.troubles.length = 0; // the browser itself notes the 422
        await looked(page, `sign-in-wrong-${size}`);
        await page.goto(`${demo.url}/about`);
        await looked(page, `about-${size}`);
        await page.goto(`${demo.url}/nowhere`);
        page.troubles.length = 0; // and the 404
        await looked(page, `not-found-${size}`);
    });

    test(`board and hospital at ${size} px`, { timeout: 240_000 }, async (t) => {
        const page = await enter(t, 'F', options);
        await page.goto(`${demo.url}/board`);
        assert.ok((await rows(page)) >= 50);
        await looked(page, `board-${size}`);
        const first = await page.locator('table.board tbody tr[id] .c-name a').first().getAttribute('href');
        await page.goto(`${demo.url}/board?accepting=1&severity=severe`);
        const some = await rows(page);
        assert.ok(some > 0 && some < 50, `${some} rows`);
        await looked(page, `board-filtered-${size}`, { axe: false });
        await page.goto(`${demo.url}/board?q=${encodeURIComponent('そんな病院はない')}`);
        assert.equal(await rows(page), 0);
        await must(t, 'a search without a hit leaves the headings of empty groups standing, with the counts of all rows', async () =>
            assert.deepEqual(await page.locator('tr.grp:visible').allInnerTexts(), []),
        );
        await looked(page, `board-empty-${size}`, { axe: false });
        await page.goto(demo.url + first);
        await looked(page, `hospital-${size}`);
        await page.goto(`${demo.url}/sessions`);
        await looked(page, `sessions-${size}`);
    });

    test(`the report, its receipt and its history at ${size} px`, { timeout: 240_000 }, async (t) => {
        const page = await enter(t, 'H', options);
        await page.goto(`${demo.url}/report`);
        await looked(page, `report-${size}`);
        // By night and on holidays the demo's patterns fill in, and those are changes.
        const plain = page.getByRole('link', { name: 'パターンを入れずに開く' });
        if (await plain.count()) await plain.click();
        const beds = page.locator('#i-available_beds');
        const was = Number(await beds.inputValue()) || 0;
        // The first of the two sizes may come before the demo's day is reported: what changed since yesterday is then rightly a change.
        const reported = await page.getByText(/今日の報告は .* に掲載/).count();
        assert.ok(reported || size === '1280', 'the second size comes after the report of the first');
        if (reported) await must(t, 'the screen of a day that is reported counts changes against yesterday before anything was touched', async () =>
            assert.doesNotMatch(await page.locator('[data-submit]').innerText(), /変更 \d+ 件/),
        );
        await beds.fill(String(was + 1));
        await beds.dispatchEvent('change');
        await page.locator('label:has(input[name="a.accept_pediatric"]:not(:checked))').first().click();
        await until('the changes are counted', async () => Number(await page.locator('[data-changes]').textContent()) >= 2);
        await looked(page, `report-changed-${size}`);
        await page.fill('#i-available_beds_severe', String(was + 50));
        await page.fill('#i-contact_day', '12');
        await page.locator('[data-submit]').click();
        await page.locator('[data-summary]').waitFor();
        page.troubles.length = 0; // the browser notes the 422
        const named = await page.locator('[data-summary] a').evaluateAll((links) => links.map((link) => link.hash));
        for (const item of ['#i-contact_day', '#i-available_beds_severe']) {
            assert.ok(named.includes(item), `${item}: what cannot be read and the rule that is broken beside it, in ${named}`);
        }
        await looked(page, `report-errors-${size}`);
        await page.fill('#i-available_beds_severe', '0');
        await page.fill('#i-contact_day', '');
        await page.locator('[data-submit]').click();
        await page.waitForFunction(() => /versions|reports/.test(location.pathname) && (document.querySelector('[data-draft-done]') || document.querySelector('[data-said]')));
        for (const box of await page.locator('input[name=confirm]').all()) await box.check();
        if (await page.locator('input[name=reason]').count()) await page.locator('label:has(input[name=reason])').first().click();
        if (!page.url().includes('/versions/')) await page.locator('[data-submit]').click();
        await page.waitForURL(/\/versions\/\d+$/);
        page.troubles.length = 0;
        // Of the two sizes the first comes after a part update of the demo, the second after the report of the first.
        if (size === '1280') await must(t, 'a receipt after a part update shows everything that it left out as changed from 未回答', async () => {
            const changes = await page.locator('ul.diff li').allInnerTexts();
            assert.ok(changes.length <= 6, `${changes.length} changes`);
        });
        await looked(page, `receipt-${size}`);
        await page.getByRole('link', { name: '報告の履歴' }).click();
        await page.waitForURL(/\/reports$/);
        await looked(page, `history-${size}`);
    });
}

test('no link leads nowhere', { timeout: 240_000 }, async (t) => {
    const dead = [];
    const walk = async (who) => {
        const headers = await signedIn(demo, who.name, who.password);
        const seen = new Set();
        const waiting = [['/', '(start)'], ['/sign-in', '(start)'], ['/about', '(start)']];
        const perKind = new Map();
        while (waiting.length > 0) {
            const [path, from] = waiting.shift();
            const address = new URL(path, demo.url);
            if (address.origin !== demo.url || seen.has(address.pathname + address.search)) continue;
            seen.add(address.pathname + address.search);
            // Of a hundred pages of one kind some are enough.
            const kind = address.pathname.replace(/[A-Z]\d{2}[0-9A-Z]{5}/, 'CODE').replace(/\d{4}-\d\d-\d\d.*/, 'DAY') + [...address.searchParams.keys()].join();
            perKind.set(kind, (perKind.get(kind) || 0) + 1);
            if (perKind.get(kind) > 4) continue;
            const answer = await demo.fetch(address, { headers });
            if (answer.status >= 300 && answer.status < 400) {
                waiting.push([answer.headers.get('location'), path]);
            } else if (answer.status !== 200) {
                // A start page that is not for this kind of organisation may say so; a link to it may not be shown.
                dead.push(`${who.words}: ${from} → ${path} ${answer.status}`);
            }
            const text = answer.headers.get('content-type')?.startsWith('text/html') ? await answer.text() : (await answer.body?.cancel(), '');
            if (!text) continue;
            if (!text.includes('デモ：架空のデータ')) dead.push(`${path} does not say that it is a demo`);
            const ids = new Set([...text.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]));
            for (const [, found] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
                const target = found.replaceAll('&amp;', '&');
                if (target.startsWith('#')) {
                    if (target.length > 1 && !ids.has(target.slice(1))) dead.push(`${path} → ${target}, which is not on the page`);
                } else if (!/^(tel|mailto|data):/.test(target)) {
                    waiting.push([new URL(target, address).href, path]);
                }
            }
        }
    };
    await Promise.all(people.map(walk));
    const unread = (words) => /とりまとめ団体.*\/board(\?\S*)? 403$/.test(words);
    await must(t, 'an association may not read the board, but its pages of a hospital and of a history link to it', async () =>
        assert.deepEqual(dead.filter(unread), []),
    );
    assert.deepEqual([...new Set(dead.filter((words) => !unread(words)))], []);
});

test('nothing scrolls sideways where the page is zoomed to 200 %', { timeout: 240_000 }, async (t) => {
    // A window of 1280 px at the desk; what is zoomed has half of it.
    const zoomed = { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 };
    const wide = [];
    let looks = 0;
    for (const [letter, more] of [['F', ['/help', '/help/fire', '/board/kept', '/board?q=x']], ['P', ['/picture/settings', '/completeness/settings']], ['H', ['/quick']], ['C', []], ['M', ['/nation?measure=reporting', '/board?prefecture=99']]]) {
        const page = await enter(t, letter, zoomed);
        const led = await page.locator('nav a, .account-menu a, main a').evaluateAll((links) => links.map((link) => new URL(link.href)).filter((url) => url.origin === location.origin && !/\.(csv|xlsx|json)|#|why/.test(url.href)).map((url) => url.pathname + url.search));
        // Of a hundred hospitals one is enough.
        const kinds = new Map(led.map((path) => [path.replace(/[A-Z]\d{2}[0-9A-Z]{5}/, 'CODE').replace(/\d{4}-\d\d-\d\d.*/, 'DAY').replace(/\?.*/, ''), path]));
        for (const path of new Set([new URL(page.url()).pathname, ...kinds.values(), ...more])) {
            await page.goto(demo.url + path);
            looks += 1;
            await page.evaluate(() => document.fonts.ready);
            const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            if (content > room) wide.push(`${letter} ${path}: ${content} > ${room}`);
        }
    }
    assert.deepEqual(wide, []);
    assert.ok(looks >= 40, `${looks} pages`);
});

test('without JavaScript: sign in, filter the board, send a report', { timeout: 240_000 }, async (t) => {
    const options = { javaScriptEnabled: false };
    const fire = await enter(t, 'F', options);
    await fire.goto(`${demo.url}/board`);
    const all = await rows(fire);
    await fire.locator('label:has(#f-accepting)').click();
    await fire.locator('[data-apply]').click();
    await fire.waitForURL(/accepting=1/);
    const some = await rows(fire);
    assert.ok(some > 0 && some < all, `${some} of ${all}`);
    await fire.locator('[data-clear]').click();
    await fire.waitForURL((url) => !url.search.includes('accepting'));
    assert.equal(await rows(fire), all);
    await looked(fire, 'no-script-board', { axe: false });

    const own = await enter(t, 'H', options);
    await own.goto(`${demo.url}/report`);
    const code = /\/hospitals\/([^/]+)\//.exec(own.url())[1];
    const beds = (Number(await own.inputValue('#i-available_beds')) || 0) === 3 ? 2 : 3;
    await own.fill('#i-available_beds', String(beds));
    for (const part of ['severe', 'moderate', 'mild']) await own.fill(`#i-available_beds_${part}`, '');
    for (let i = 0; i < 3 && !own.url().includes('/versions/'); i += 1) {
        if (await own.locator('input[name=reason]').count()) await own.locator('label:has(input[name=reason])').first().click();
        for (const box of await own.locator('input[name=confirm]').all()) await box.check();
        await own.locator('[data-submit]').click();
        await own.locator('h1').first().waitFor();
    }
    assert.match(own.url(), /\/versions\/\d+$/);
    await looked(own, 'no-script-receipt', { axe: false });
    await fire.goto(`${demo.url}/board`);
    assert.ok((await fire.locator(`#h-${code} .c-tot`).innerText()).includes(String(beds)));
});

test('keyboard only: sign in, to the board, to the search', { timeout: 120_000 }, async (t) => {
    const page = await window(opened);
    t.after(() => page.context().close());
    await page.goto(`${demo.url}/sign-in`);
    const who = person('F');
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim() || '');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), '本文へ移動');
    await page.keyboard.press('Enter');
    const to = async (wanted, most = 60) => {
        for (let i = 0; i < most; i += 1) {
            if ((await focused()) === wanted) return;
            await page.keyboard.press('Tab');
            const hidden = await page.evaluate(() => {
                const box = document.activeElement?.getBoundingClientRect();
                return document.activeElement !== document.body && (!box || box.width === 0 || box.height === 0);
            });
            assert.ok(!hidden, `the focus is on something that cannot be seen: ${await focused()}`);
        }
        assert.fail(`not reached by Tab: ${wanted}`);
    };
    await to('name');
    await page.keyboard.type(who.name);
    await to('password');
    await page.keyboard.type(who.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/board/);
    await to('q');
    await page.keyboard.type('そんな病院はない');
    await page.keyboard.press('Enter');
    await until('the search is made', async () => (await rows(page)) === 0);
});

test('a lost connection says so with its age, and recovers with what was missed', { timeout: 240_000 }, async (t) => {
    const line = await Line.to(t, demo);
    const page = await window(opened);
    t.after(() => page.context().close());
    const who = person('F');
    await signIn(page, line, who.name, who.password);
    await page.goto(`${line.url}/board`);
    const live = page.locator('[data-conn]:has-text("ライブ")');
    await live.waitFor();
    let loads = 0;
    page.on('framenavigated', () => (loads += 1));
    const lost = page.getByText('接続が切れました').first();
    assert.ok(!(await lost.isVisible()));
    const own = person('H');
    const code = own.name.split('-')[0];
    const bearer = await token(demoData, own.name);
    const count = () => page.locator(`#h-${code} .c-tot`).innerText();
    const confirmed = ['available_parts_over', 'available_over_ready', 'available_over_licensed'];
    const report = async (beds) => {
        const parts = { available_beds_severe: null, available_beds_moderate: null, available_beds_mild: null };
        const answer = await put(demo, code, today(), bearer, { available_beds: beds, ...parts }, { kind: 'quick', confirmed });
        assert.ok(answer.ok, await answer.text());
    };

    line.cut();
    await lost.waitFor({ state: 'visible', timeout: 15_000 });
    assert.match(await page.locator('body').innerText(), /接続が切れました[\s\S]{0,80}(秒|分|\d\d:\d\d)/);
    await until('the browser has noted a vain attempt', () => page.troubles.length > 0);
    page.troubles.length = 0;
    const looks = async (name) => {
        await looked(page, name).catch((error) => {
            // The browser notes each further attempt while axe looks.
            if (!/ERR_(CONNECTION|EMPTY|SOCKET)/.test(error.message) || /scrolls|: .*×/.test(error.message)) throw error;
        });
    };
    await looks('board-lost-1280');
    await page.setViewportSize({ width: 390, height: 844 });
    await looks('board-lost-390');
    await page.setViewportSize({ width: 1280, height: 900 });
    await report(11);
    assert.ok(!(await count()).includes('11'));
    line.mend();
    await lost.waitFor({ state: 'hidden', timeout: 30_000 });
    await until('what was missed', async () => (await count()).includes('11'));
    await live.waitFor();

    // A line that says nothing any more, though nobody closed it.
    line.fallSilent();
    await lost.waitFor({ state: 'visible', timeout: 60_000 });
    await report(13);
    line.mend();
    await lost.waitFor({ state: 'hidden', timeout: 60_000 });
    await until('what was missed in the silence', async () => (await count()).includes('13'));
    assert.equal(loads, 0, 'the page was loaded anew');
});

test('in the dark', { timeout: 240_000 }, async (t) => {
    for (const [size, options] of SIZES) {
        const fire = await enter(t, 'F', { ...options, colorScheme: 'dark' });
        await fire.goto(`${demo.url}/board`);
        const ground = await fire.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
        assert.ok(Math.max(...ground) < 64, `the ground is ${ground}`);
        await looked(fire, `board-dark-${size}`);
        const own = await enter(t, 'H', { ...options, colorScheme: 'dark' });
        await own.goto(`${demo.url}/report`);
        await looked(own, `report-dark-${size}`);
    }
});

test('a session that is ended elsewhere closes its screen', { timeout: 120_000 }, async (t) => {
    const who = person('F');
    const page = await enter(t, 'F');
    await page.goto(`${demo.url}/board`);
    await page.locator('[data-conn]:has-text("ライブ")').waitFor();
    const headers = await signedIn(demo, who.name, who.password);
    const mine = await Events.open(t, demo, '/board/events', headers);
    const ended = await demo.fetch('/sessions/end-others', { method: 'POST', headers });
    assert.equal(ended.status, 303);
    await page.waitForURL(/\/sign-in/, { timeout: 5000 });
    assert.ok(!mine.ended, 'its own stays');
    await mine.close();
});
