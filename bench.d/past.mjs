// The board as it was known at a past minute: 600 hospitals that each report a day in full and update it six times, for nine days. Prints
// `name seconds` lines: opening the page of moments in the last day. The yardstick reads the same versions out of the database, and does nothing else.

import { performance } from 'node:perf_hooks';
import { serve, signedIn, sqlite } from '../tests/browser/harness.mjs';
import { COUNT, prefecture, python } from './prefecture.mjs';

const ROUNDS = 25;
const ends = [];
const t = { after: (end) => ends.push(end) };
const sorted = (all) => [...all].sort((a, b) => a - b);

// Each day's version of today again, at nine in the morning, and six updates of it, an hour and a half apart.
const FILL = `
import json, random, sqlite3, sys
from datetime import datetime, timedelta, timezone
random.seed(12)
db = sqlite3.connect(sys.argv[1])
columns = [c[1] for c in db.execute("PRAGMA table_info(report_version)")]
now = datetime.now(timezone.utc)
jst = timezone(timedelta(hours=9))
rows = []
for found in db.execute("SELECT * FROM report_version WHERE survey = 'daily'").fetchall():
    one = dict(zip(columns, found))
    for back in range(1, 10):
        day = (now.astimezone(jst) - timedelta(days=back)).date()
        first = datetime(day.year, day.month, day.day, 9, tzinfo=jst).astimezone(timezone.utc)
        for version in range(1, 8):
            at = (first + timedelta(minutes=90 * (version - 1), seconds=random.randrange(3600))).isoformat(timespec="microseconds")
            quick = {"available_beds": random.randrange(20), "emergency_status": random.choice(["normal", "limited", "stopped"])}
            changed = {"report_date": str(day), "version": version, "as_of": at, "received_at": at}
            if version > 1:
                changed |= {"kind": "quick", "answers": json.dumps(quick), "reason": "状況が変わった"}
            rows.append([(one | changed)[c] for c in columns])
db.executemany("INSERT INTO report_version VALUES (" + ",".join("?" * len(columns)) + ")", rows)
db.commit()
db.execute("ANALYZE")
db.commit()
print(len(rows))
`;

// What the page reads, read by Python: median seconds.
const READ = `
import json, sqlite3, sys, time
from datetime import datetime, timedelta, timezone
db = sqlite3.connect(sys.argv[1])
now = datetime.now(timezone.utc)
days = [str((now - timedelta(days=d)).date()) for d in (9, 1)]
times = []
for _ in range(9):
    start = time.perf_counter()
    rows = db.execute("SELECT * FROM report_version WHERE survey = 'daily' AND report_date BETWEEN ? AND ?", days).fetchall()
    for row in rows: json.loads(row[9])
    times.append(time.perf_counter() - start)
print(len(rows), sorted(times)[4])
`;

const database = await sqlite(t);
const { officer } = await prefecture(t, database);
console.error(`${python(database, FILL)} versions`);
const [read, bare] = python(database, READ).split(' ');
console.error(`${read} versions read by the yardstick`);
const server = await serve(t, database);
const headers = { ...(await signedIn(server, officer)), 'accept-encoding': 'gzip' };
const seconds = [];
for (let n = 0; n < ROUNDS; n += 1) {
    // As of another minute each time, in Japan, yesterday evening and before.
    const at = new Date(Date.now() + 9 * 3_600_000 - (14 + (n % 12)) * 3_600_000 - n * 60_000).toISOString().slice(0, 16);
    const from = performance.now();
    const answer = await server.fetch(`/board/past?at=${at}`, { headers });
    const text = await answer.text();
    seconds.push((performance.now() - from) / 1000);
    const rows = [...text.matchAll(/<th scope="row"><a href="\/hospitals/g)].length;
    if (answer.status !== 200 || rows !== COUNT) throw new Error(`${at}: ${answer.status}, ${rows} rows`);
}
console.error(`rounds: ${seconds.map((s) => Math.round(s * 1000)).join(' ')} ms`);
console.log(`past ${sorted(seconds)[ROUNDS >> 1].toFixed(4)}`);
console.log(`past-worst ${Math.max(...seconds).toFixed(4)}`);
console.log(`past-bare ${Number(bare).toFixed(4)}`);
for (const end of ends.reverse()) await end();
