// A prefecture as large as the largest, invented: 600 hospitals in 60 municipalities and 9 medical areas, no two rows alike. Their last reports came
// over the last thirty hours. What compresses well because it repeats is not what a prefecture looks like.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { akidoko, organisation, put, serve, today, token } from '../tests/browser/harness.mjs';

export const COUNT = 600;
const CLIENTS = 8;
const HEAD = 'gmis_id,name,postal_code,pref_code,pref_name,muni_code6,muni_name,address,phone,latitude,longitude,med_inst_code10,first_seen,last_seen';
const PLACES = '凪浦 汐止 鳴砂 白帆 遠見 磯笛 霞野 藍染 青嶺 赤松 若竹 朝霧 夕凪 蛍沢 柏台 梅ヶ丘 桐生野 榎本 樫山 栗原 楓町 椿坂 桂木 杉並木 松風 竹林 笹原 萩野 菊川 蓮池'.split(' ');
const OWNERS = ['市民', '中央', '総合', '記念', '共立', '東部', '西部', '協同', '第一', '第二'];
const KINDS = ['病院', '病院', '医療センター', 'クリニック附属病院'];
const COMMENTS = ['夜間は内科のみ受け入れます。', '整形外科は電話で相談してください。', '月曜と木曜は脳外科の当番です。', '小児は20時まで。', 'CT点検中（16時まで）。', '発熱外来は裏の入口へ。', '循環器は常時受け入れます。'];

/** The same number for the same `n`, as if by chance: 0 to `of` - 1. */
function chance(n, of, salt) {
    let x = (n + 1) * 2_654_435_761 + salt * 40_503;
    x ^= x >>> 15;
    x = Math.imul(x, 2_246_822_519);
    x ^= x >>> 13;
    return (x >>> 0) % of;
}

function name(n) {
    return `架空${PLACES[n % 30]}${OWNERS[Math.floor(n / 30) % 10]}${KINDS[chance(n, 4, 1)]}${n >= 300 ? '分院' : ''}`;
}

/** 全国地方公共団体コード: five digits and their check digit. */
function checked(five) {
    const sum = [...five].reduce((all, digit, at) => all + Number(digit) * (6 - at), 0);
    return `${five}${(11 - (sum % 11)) % 10}`;
}

function answers(n) {
    const of = (many, salt) => chance(n, many, salt);
    const one = (words, salt) => words[of(words.length, salt)];
    const care = (salt) => one(['active', 'accept', 'accept', 'consult', 'refuse', undefined], salt);
    const status = (salt) => one(['normal', 'normal', 'normal', 'limited', 'stopped'], salt);
    const digits = (salt) => `043-${200 + of(700, salt)}-${String(of(10_000, salt + 1)).padStart(4, '0')}`;
    const [severe, moderate, mild] = [of(3, 12), of(6, 13), of(9, 14)];
    const parts = of(5, 15) === 0 ? {} : { available_beds_severe: severe, available_beds_moderate: moderate, available_beds_mild: mild };
    const [usable, ecmo] = [2 + of(12, 16), of(3, 17)];
    const ready = 20 + of(60, 18);
    return {
        emergency_status: status(10), inpatient_status: status(11), outpatient_status: 'normal',
        ...(of(12, 19) === 0 ? {} : { available_beds: severe + moderate + mild, ...parts }),
        secured_beds: ready + of(10, 20), ready_beds: ready, inpatients_total: of(ready, 21),
        accept_pediatric: care(22), accept_perinatal: care(23), accept_dialysis: care(24), accept_psychiatric: care(25),
        accept_dementia: care(26), accept_nursing_care: care(27),
        ...(of(5, 28) < 2 ? { board_comment: one(COMMENTS, 29) } : {}),
        contact_day: digits(30), ...(of(3, 33) > 0 ? { contact_night: digits(34) } : {}),
        ventilators_owned: usable, ventilators_usable: usable, ventilators_in_use: of(usable, 36),
        ecmo_owned: ecmo, ecmo_usable: ecmo, ecmo_in_use: of(ecmo + 1, 37),
    };
}

// Moves the moment of each hospital's figures back by up to thirty hours, in its record and in its version. Gives each its reading and, to some, their
// level of emergency care, which the register of the import does not have.
const SPREAD = `
import json, random, re, sqlite3, sys
random.seed(12)
db = sqlite3.connect(sys.argv[1])
moment = re.compile(r"\\b1[0-9]{15}\\b")
for hospital, cells in db.execute("SELECT hospital_id, cells FROM hospital_record WHERE survey = 'daily'").fetchall():
    by = random.randrange(60, 3600 if random.random() < 0.2 else 30 * 3600) * 1_000_000 + random.randrange(1_000_000)
    cells = moment.sub(lambda found: str(int(found.group(0)) - by), cells)
    db.execute("UPDATE hospital_record SET cells = ? WHERE hospital_id = ? AND survey = 'daily'", (cells, hospital))
readings = dict(zip("凪浦 汐止 鳴砂 白帆 遠見 磯笛 霞野 藍染 青嶺 赤松 若竹 朝霧 夕凪 蛍沢 柏台 梅ヶ丘 桐生野 榎本 樫山 栗原 楓町 椿坂 桂木 杉並木 松風 竹林 笹原 萩野 菊川 蓮池 市民 中央 総合 記念 共立 東部 西部 協同 第一 第二 病院 医療センター クリニック附属病院 分院 架空".split(),
    "ナギウラ シオドメ ナルスナ シラホ トオミ イソブエ カスミノ アイゾメ アオネ アカマツ ワカタケ アサギリ ユウナギ ホタルザワ カシワダイ ウメガオカ キリュウノ エノモト カシヤマ クリハラ カエデマチ ツバキザカ カツラギ スギナミキ マツカゼ チクリン ササハラ ハギノ キクカワ ハスイケ シミン チュウオウ ソウゴウ キネン キョウリツ トウブ セイブ キョウドウ ダイイチ ダイニ ビョウイン イリョウセンター クリニックフゾクビョウイン ブンイン カクウ".split()))
for hospital, attributes in db.execute("SELECT id, attributes FROM hospital").fetchall():
    attributes = json.loads(attributes)
    attributes["name_kana"] = re.sub("|".join(readings), lambda found: readings[found.group(0)], attributes["name"])
    level = random.choice([None, None, None, "secondary", "secondary", "tertiary"])
    if level:
        attributes["emergency_level"] = level
    db.execute("UPDATE hospital SET attributes = ? WHERE id = ?", (json.dumps(attributes, ensure_ascii=False), hospital))
db.commit()
`;

/** Runs Python on the database of the embedded server, which must not be serving. */
export function python(database, script) {
    return execFileSync('python3', ['-', database.env.AKIDOKO_DATABASE_URL.replace('sqlite://', '')], { input: script, encoding: 'utf8' }).trim();
}

/** Fills a database with the prefecture; a health officer and a fire headquarters of it. */
export async function prefecture(t, database) {
    const write = (file, lines) => {
        const path = join(database.folder, file);
        writeFileSync(path, `${lines.join('\n')}\n`);
        return path;
    };
    const area = (m) => `12${String(1 + (m % 9)).padStart(2, '0')}`;
    const city = (m) => `${PLACES[m % 30]}${m < 30 ? '市' : '町'}`;
    const code = (m) => checked(`12${String(100 + m)}`);
    const cities = Array.from({ length: 60 }, (_, m) => `${code(m)},${code(m).slice(0, 5)},12,千葉県,${city(m)},,municipality,,${area(m)},${PLACES[m % 9]}圏域,`);
    await akidoko(database, ['import', 'areas', write('areas.csv', ['area_code,area_name,pref_code,pref_name,population_2020,area_km2', ...Array.from({ length: 9 }, (_, m) => `${area(m)},${PLACES[m]}圏域,12,千葉県,100000,100.0`)])]);
    await akidoko(database, ['import', 'municipalities', write('municipalities.csv', ['muni_code6,muni_code5,pref_code,pref_name,muni_name,muni_kana,type,parent_code6,area_code,area_name,note', ...cities])]);
    const hospitals = Array.from({ length: COUNT }, (_, n) => {
        const m = chance(n, 60, 2);
        const phone = `043${2_000_000 + chance(n, 7_999_999, 3)}`;
        const place = `35.${String(1000 + chance(n, 8999, 4))},140.${String(1000 + chance(n, 8999, 5))}`;
        return `12${String(n).padStart(8, '0')},${name(n)},260-0000,12,千葉県,${code(m)},${city(m)},${city(m)}架空町${n},${phone},${place},12${String(n).padStart(8, '0')},2026-01-01,2026-01-01`;
    });
    await akidoko(database, ['import', 'hospitals', write('hospitals.csv', [HEAD, ...hospitals])]);
    const officer = (await organisation(database, 'prefecture_health', '12', '千葉県')).operator;
    const fire = (await organisation(database, 'fire_headquarters', '12', '架空消防本部')).operator;
    const codes = (await akidoko(database, ['admin', 'list', '--kind', 'hospital'])).split('\n').map((line) => line.split(/\s+/)).filter((line) => line[2] === 'hospital').map((line) => line[0]);
    if (codes.length !== COUNT) throw new Error(`${codes.length} hospitals`);
    const bearer = await token(database, officer);
    const server = await serve(t, database);
    await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
        // One in fifty has not reported at all.
        for (let n = client; n < COUNT; n += CLIENTS) {
            if (n % 50 === 49) continue;
            const answer = await put(server, codes[n], today(), bearer, answers(n));
            if (!answer.ok) throw new Error(`${codes[n]}: ${answer.status} ${await answer.text()}`);
        }
    }));
    await server.stop();
    python(database, SPREAD);
    return { officer, fire, codes, bearer };
}
