// Lighthouse on the demo's pages, as it looks at a telephone: accessibility, best practices and how fast they are there. Lab figures are noisy, so
// each is the median of three, and how fast is judged of the board alone.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const BIN = resolve(process.env.AKIDOKO_BIN || 'target/debug/akidoko');
const PASSWORD = 'aomine-no-kumo-2026';
const FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
];
const folder = mkdtempSync(join(tmpdir(), 'akidoko-lighthouse-'));
mkdirSync(join(folder, 'profile'));
const RUNS = 3;
const server = spawn(BIN, ['serve', '--demo', '--listen', '127.0.0.1:0'], {
    env: { PATH: process.env.PATH, AKIDOKO_DATABASE_URL: `sqlite://${join(folder, 'akidoko.db')}` },
    stdio: ['ignore', 'pipe', 'ignore'],
});
let chrome;
let failed = 0;
try {
    const lines = createInterface({ input: server.stdout });
    let url = '';
    let fire = '';
    for await (const line of lines) {
        url ||= /^空きどこ：(http\S+)/.exec(line)?.[1] || '';
        fire ||= /(F\d\d[0-9A-Z]{5}-\d\d)/.exec(line)?.[1] || '';
        if (url && fire) break;
    }
    const answer = await fetch(`${url}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ name: fire, password: PASSWORD }) });
    const cookie = answer.headers.getSetCookie().find((c) => c.startsWith('__Host-akidoko=')).split(';')[0];
    chrome = await launch({ chromePath: process.env.AKIDOKO_CHROMIUM || '/usr/bin/chromium', chromeFlags: FLAGS, userDataDir: join(folder, 'profile') });
    for (const [path, headers] of [['/sign-in', {}], ['/board', { cookie }], ['/about', { cookie }]]) {
        const scores = {};
        let done;
        for (let n = 0; n < RUNS; n += 1) {
            done = await lighthouse(`${url}${path}`, { port: chrome.port, extraHeaders: headers, onlyCategories: ['performance', 'accessibility', 'best-practices'] });
            for (const category of Object.values(done.lhr.categories)) (scores[category.id] ??= []).push(Math.round(category.score * 100));
        }
        const score = Object.fromEntries(Object.entries(scores).map(([name, all]) => [name, [...all].sort((a, b) => a - b)[RUNS >> 1]]));
        const fine = score.accessibility === 100 && score['best-practices'] >= 90 && (path !== '/board' || score.performance >= 95);
        failed += fine ? 0 : 1;
        console.log(`${fine ? 'ok' : 'not ok'} ${path}: ${Object.entries(scores).map(([name, all]) => `${name} ${score[name]} (${all.join(' / ')})`).join(', ')}`);
        if (!fine) {
            const low = Object.values(done.lhr.audits).filter((a) => a.score !== null && a.score < 1 && a.scoreDisplayMode !== 'informative');
            for (const audit of low) console.log(`   ${audit.id}: ${audit.title}`);
        }
    }
} finally {
    if (chrome) await chrome.kill();
    server.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(failed ? 1 : 0);
