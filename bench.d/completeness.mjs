// Who has not reported, at the size of the nation: 8,300 invented hospitals over 365 days, and reminders for the 3,000 of one prefecture that are
// missing today. Prints `name seconds` lines.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { akidoko, organisation, serve, signedIn, sqlite } from '../tests/browser/harness.mjs';

const HEAD = 'gmis_id,name,postal_code,pref_code,pref_name,muni_code6,muni_name,address,phone,latitude,longitude,med_inst_code10,first_seen,last_seen';
const PREFECTURES = '北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県'.split(' ');
const [ALL, ONE] = [8300, 3000];

// A year of days, the last of them yesterday; today, nobody of prefecture 12 has reported.
const FILL = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE organisation SET created_at = datetime('now', '-400 days') || '+00:00', mailbox = 'iji@' || lower(code) || '.example.jp' WHERE kind = 'hospital'")
db.execute("""INSERT INTO report_day (hospital_id, survey, report_date, pref_code, first_full_at, on_time, late, corrected_at, on_behalf, unanswered)
    WITH RECURSIVE day (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n < 365)
    SELECT h.id, 'daily', date('now', '+9 hours', -n || ' days'), h.pref_code, date('now', '+9 hours', -n || ' days') || ' 00:42:00+00:00',
           abs(random()) % 10 <> 0, 0, NULL, 0, ''
    FROM day CROSS JOIN hospital h WHERE abs(random()) % 20 <> 0 AND (n > 0 OR h.pref_code <> '12')""")
db.commit()
print(db.execute("SELECT COUNT(*) FROM report_day").fetchone()[0])
`;

const ends = [];
const t = { after: (end) => ends.push(end) };
const middle = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];

async function timed(what) {
    const from = performance.now();
    const value = await what();
    return [value, (performance.now() - from) / 1000];
}

const database = await sqlite(t);
const file = join(database.folder, 'hospitals.csv');
const rows = Array.from({ length: ALL }, (_, n) => {
    const prefecture = n < ONE ? 12 : [...PREFECTURES.keys()].map((k) => k + 1).filter((k) => k !== 12)[n % 46];
    const id = String(90_000_000 + n);
    return `${id},架空第${n + 1}病院,,${String(prefecture).padStart(2, '0')},${PREFECTURES[prefecture - 1]},,,,0000000000,35.0,140.0,,2020-05-14,2020-05-14`;
});
writeFileSync(file, `${[HEAD, ...rows].join('\n')}\n`);
await akidoko(database, ['import', 'hospitals', file, '--as-of', '2020-05-14']);
const officer = (await organisation(database, 'prefecture_health', '12', '千葉県')).operator;
const ministry = (await organisation(database, 'ministry', '', '厚生労働省')).operator;
const filled = execFileSync('python3', ['-', database.env.AKIDOKO_DATABASE_URL.replace('sqlite://', '')], { input: FILL, encoding: 'utf8' }).trim();
console.error(`${filled} days of hospitals`);

const server = await serve(t, database);
async function ask(headers, path, body) {
    const got = await server.fetch(path, { method: body === undefined ? 'GET' : 'POST', headers, body });
    if (got.status >= 400) throw new Error(`${path}: ${got.status} ${await got.text()}`);
    return [got, await got.text()];
}

async function rounds(headers, path, words) {
    const seconds = [];
    for (let n = 0; n < 15; n += 1) {
        const [[, text], one] = await timed(() => ask(headers, path));
        if (!text.includes(words)) throw new Error(`${path} does not show ${words}`);
        seconds.push(one);
    }
    console.error(`${path}: ${seconds.map((s) => Math.round(s * 1000)).join(' ')} ms`);
    return middle(seconds);
}

const nation = await rounds(await signedIn(server, ministry), '/completeness?unit=week', '千葉県');
const chiba = await signedIn(server, officer);
const prefecture = await rounds(chiba, '/completeness?unit=week', '未報告の 3000 病院に催促を送る');
const [[answer], reminders] = await timed(() => ask(chiba, '/completeness/reminders', ''));
if (answer.headers.get('location') !== '/completeness?reminded=3000') throw new Error(`reminded: ${answer.headers.get('location')}`);
for (const [name, seconds] of Object.entries({ nation, prefecture, reminders })) console.log(`${name} ${seconds.toFixed(4)}`);
for (const end of ends.reverse()) await end();
