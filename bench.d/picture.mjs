// The picture of the nation: 8,300 invented hospitals with figures of this morning, and 365 days of 47 prefectures and 329 areas added up. Prints
// `name seconds` lines. The yardstick reads the same days out of the database and adds nothing.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { akidoko, organisation, serve, signedIn, sqlite } from '../tests/browser/harness.mjs';

const HEAD = 'gmis_id,name,postal_code,pref_code,pref_name,muni_code6,muni_name,address,phone,latitude,longitude,med_inst_code10,first_seen,last_seen';
const [ALL, ROUNDS] = [8300, 25];

const FILL = `
import json, random, sqlite3, sys
from datetime import datetime, timedelta, timezone
random.seed(47)
db = sqlite3.connect(sys.argv[1])
now = datetime.now(timezone.utc)
today = (now + timedelta(hours=9)).date()
micros = int((now - timedelta(minutes=9)).timestamp() * 1_000_000)
figures = ["secured_beds", "secured_beds_severe", "ready_beds", "ready_beds_severe", "inpatients_total", "inpatients_in_secured",
           "inpatients_severe", "available_beds", "available_beds_severe", "available_beds_moderate", "available_beds_mild"]
for hospital, prefecture in db.execute("SELECT id, pref_code FROM hospital").fetchall():
    items = {f: [random.randrange(40), micros, 0] for f in figures}
    items |= {f"item_{n}": [n, micros, 0] for n in range(20)}
    by = [{"organisation": "架空病院", "channel": "screen", "report_date": str(today), "version": 1, "received_at": micros}]
    db.execute("INSERT INTO hospital_record VALUES (?, 'daily', ?, ?, ?)", (hospital, prefecture, json.dumps({"by": by, "items": items}), now.isoformat()))
columns = [c[1] for c in db.execute("PRAGMA table_info(picture_day)")]
count = 0
for back in range(1, 366):
    day = str(today - timedelta(days=back))
    for p in range(1, 48):
        for area in [""] + [f"{p:02}{a:02}" for a in range(1, 8)]:
            row = [f"{p:02}", day, area] + [random.randrange(1, 5000) for _ in columns[3:]]
            db.execute("INSERT INTO picture_day VALUES (" + ",".join("?" * len(columns)) + ")", row)
            count += 1
db.execute("INSERT INTO report_count (survey, report_date, pref_code, listed, reported, on_time, late, corrected, on_behalf) SELECT 'daily', on_date, pref_code, 170, 160, 150, 5, 1, 1 FROM picture_day WHERE area_code = ''")
db.commit()
db.execute("ANALYZE")
db.commit()
print(count)
`;

const READ = `
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
times = []
for _ in range(15):
    start = time.perf_counter()
    rows = db.execute("SELECT on_date, pref_code, secured_rate_part, secured_rate_whole, secured_rate_hospitals FROM picture_day WHERE area_code = '' AND on_date > date('now', '-366 days')").fetchall()
    times.append(time.perf_counter() - start)
print(sorted(times)[7])
`;

const ends = [];
const t = { after: (end) => ends.push(end) };
const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];

const database = await sqlite(t);
const file = join(database.folder, 'hospitals.csv');
const rows = Array.from({ length: ALL }, (_, n) => {
    const prefecture = String((n % 47) + 1).padStart(2, '0');
    return `${90_000_000 + n},架空第${n + 1}病院,,${prefecture},,,,,0000000000,35.0,140.0,,2020-05-14,2020-05-14`;
});
writeFileSync(file, `${[HEAD, ...rows].join('\n')}\n`);
await akidoko(database, ['import', 'hospitals', file, '--as-of', '2020-05-14']);
const ministry = (await organisation(database, 'ministry', '', '厚生労働省')).operator;
const path = database.env.AKIDOKO_DATABASE_URL.replace('sqlite://', '');
const python = (script) => execFileSync('python3', ['-', path], { input: script, encoding: 'utf8' }).trim();
console.error(`${python(FILL)} days of prefectures and areas`);

const server = await serve(t, database);
const headers = await signedIn(server, ministry);
for (const [name, address, words] of [
    ['nation_year', '/nation?measure=secured_rate&weeks=52', '全国　確保病床使用率'],
    ['nation_weeks', '/nation?measure=secured_rate', '全国　確保病床使用率'],
    ['nation_reporting', '/nation?measure=reporting&weeks=52', '全国　報告率'],
    ['prefecture_year', '/picture?prefecture=12&span=year', '病床の状況'],
]) {
    const seconds = [];
    for (let n = 0; n < ROUNDS; n += 1) {
        const from = performance.now();
        const got = await server.fetch(address, { headers });
        const text = await got.text();
        seconds.push((performance.now() - from) / 1000);
        if (got.status !== 200 || !text.includes(words)) throw new Error(`${address}: ${got.status} without ${words}`);
    }
    console.error(`${address}: ${seconds.map((s) => Math.round(s * 1000)).join(' ')} ms`);
    console.log(`${name} ${middle(seconds).toFixed(4)}`);
    console.log(`${name}_worst ${Math.max(...seconds.slice(1)).toFixed(4)}`);
}
console.log(`bare ${Number(python(READ)).toFixed(4)}`);
for (const end of ends.reverse()) await end();
