// A prefecture's whole sheet: 600 invented hospitals with a report of yesterday each, the template out, every row changed, checked, taken,
// and taken again. Prints `name seconds` lines.

import { performance } from 'node:perf_hooks';
import { akidoko, organisation, serve, signedIn, sqlite, until } from '../tests/browser/harness.mjs';

const COUNT = 600;
const ends = [];
const t = { after: (end) => ends.push(end) };
const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const say = (name, seconds) => console.log(`${name} ${seconds.toFixed(4)}`);

async function timed(what) {
    const from = performance.now();
    const value = await what();
    return [value, (performance.now() - from) / 1000];
}

const database = await sqlite(t);
const officer = (await organisation(database, 'prefecture_health', '12', '千葉県')).operator;
for (let n = 0; n < COUNT; n += 1) await akidoko(database, ['admin', 'create-hospital', '--prefecture', '12', '--name', `架空第${n + 1}病院`]);
const server = await serve(t, database);
const headers = await signedIn(server, officer);

async function ask(path, body) {
    const got = await server.fetch(path, { method: body ? 'POST' : 'GET', headers, body });
    if (got.status >= 400) throw new Error(`${path}: ${got.status} ${(await got.text()).slice(0, 2000)}`);
    return got;
}

const unescaped = (text) => text.replace(/&#34;|&quot;/g, '"').replace(/&#39;/g, "'").replace(/&#60;|&lt;/g, '<').replace(/&#62;|&gt;/g, '>').replace(/&#38;|&amp;/g, '&');
const hidden = (page, name) => unescaped(new RegExp(`name="${name}" value="([^"]*)"`).exec(page)[1]);

/** The template with a figure in every row. */
function filled(template, beds) {
    const [head, ...rows] = template.replace('\ufeff', '').trim().split('\r\n');
    const names = head.split(',');
    const at = (name) => names.indexOf(name);
    const row = (line, n) => {
        const cells = line.split(',');
        cells[at('救急の受入状況')] = '通常';
        cells[at('入院の受入状況')] = '通常';
        cells[at('空床 計（床）')] = String((n + beds) % 40);
        cells[at('確保病床数（床）')] = '40';
        return cells.join(',');
    };
    return `\ufeff${[head, ...rows.map(row)].join('\r\n')}\r\n`;
}

async function check(text) {
    const file = new FormData();
    file.append('sheet', new Blob([text]), 'reports.csv');
    return (await ask('/report/files', file)).text();
}

async function take(page) {
    const form = new FormData();
    for (const name of ['day', 'rows']) form.append(name, hidden(page, name));
    form.append('behalf', 'fax');
    form.append('notes', '1');
    form.append('unchanged', 'take');
    return (await ask('/report/files/save', form)).headers.get('location');
}

const template = await (await ask('/report/files/template.csv')).text();
const first = filled(template, 1);
const [page, check0] = await timed(() => check(first));
const [to, save] = await timed(() => take(page));
if (to !== '/report/files/1') throw new Error(`not taken: ${to}`);
const [, board] = await timed(() => until('the board follows', async () => (await (await ask('/board.csv')).text()).split('\n').filter((l) => l.includes('代行')).length === COUNT + 1, 30_000));
const checks = [check0];
for (let n = 0; n < 5; n += 1) checks.push((await timed(() => check(filled(template, n + 2))))[1]);
const [, book] = await timed(async () => (await ask('/report/files/template.xlsx')).arrayBuffer());
console.error(`${COUNT} rows checked, rounds: ${checks.map((s) => Math.round(s * 1000)).join(' ')} ms`);
say('check', middle(checks));
say('save', save);
say('board', board);
say('book', book);
for (const end of ends.reverse()) await end();
