// The daily report of a hospital with two years behind it: how long the server takes to open its screen, to take a report, to take a quick
// update. Prints `name seconds` lines: medians.

import { performance } from 'node:perf_hooks';
import { hospital, organisation, put, serve, signedIn, sqlite, today, token } from '../tests/browser/harness.mjs';

const DAYS = 730;
const ROUNDS = 60;
const ends = [];
const t = { after: (end) => ends.push(end) };
const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];

const database = await sqlite(t);
const own = await hospital(database, '12', '架空ながねん病院', ['--beds', '300']).catch(() => hospital(database, '12', '架空ながねん病院'));
// Days that are long over are entered by the prefecture: a hospital would have to ask for each.
const bearer = await token(database, (await organisation(database, 'prefecture_health', '12', '架空の県庁')).operator);
const server = await serve(t, database);
const answers = (n) => ({
    emergency_status: 'normal', inpatient_status: 'normal', outpatient_status: 'normal', available_beds: 2 + (n % 5), available_beds_severe: n % 2,
    secured_beds: 20, ready_beds: 12, inpatients_total: 5 + (n % 7), inpatients_in_secured: 5, new_admissions: n % 4, inpatients_ventilator: n % 3,
    accept_pediatric: 'accept', accept_dialysis: 'consult', board_comment: '夜間は救急外来（内線 2100）へ', contact_day: '043-000-0000', contact_night: '043-000-0001',
    ventilators_owned: 9, ventilators_usable: 8, ventilators_in_use: n % 5,
});
for (let back = DAYS; back >= 1; back -= 1) {
    const answer = await put(server, own.code, today(back), bearer, answers(back));
    if (!answer.ok) throw new Error(`${today(back)}: ${answer.status} ${await answer.text()}`);
    // Some days are updated in between, as they are.
    if (back % 3 === 0) {
        const quick = await put(server, own.code, today(back), bearer, { available_beds: 3 }, { kind: 'quick', reason: '状況が変わった' });
        if (!quick.ok) throw new Error(`${today(back)}: ${quick.status} ${await quick.text()}`);
    }
}

const headers = { ...(await signedIn(server, own.operator)), 'accept-encoding': 'gzip' };
async function timed(path, body, status) {
    const from = performance.now();
    const answer = await server.fetch(path, { method: body ? 'POST' : 'GET', headers, body });
    await answer.arrayBuffer();
    if (answer.status !== status) throw new Error(`${path}: ${answer.status}`);
    return (performance.now() - from) / 1000;
}

const day = `/hospitals/${own.code}/reports/${today()}`;
const form = (n) => new URLSearchParams(Object.entries(answers(n)).map(([item, value]) => [`a.${item}`, String(value)]));
const [screen, submit, quick] = [[], [], []];
for (let n = 0; n < ROUNDS; n += 1) {
    screen.push(await timed(day, undefined, 200));
    submit.push(await timed(day, form(n), 303));
    quick.push(await timed(`/hospitals/${own.code}/quick`, new URLSearchParams({ 'a.available_beds': String(2 + (n % 5)) }), 303));
}
for (const [name, all] of Object.entries({ screen, submit, quick })) console.log(`${name} ${middle(all).toFixed(4)}`);
for (const end of ends.reverse()) await end();
