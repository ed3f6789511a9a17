// Judges what agree.rs sends, as the browser would: one JSON line in, one out.

import { readFileSync } from 'node:fs';

const root = new URL('../../../../', import.meta.url);
const { names, reader } = await import(new URL('crates/web/assets/js/rules.js', root));
const cel = await import(new URL('node_modules/@marcbachmann/cel-js/lib/evaluator.js', root));
const read = reader(cel);
const verdicts = JSON.parse(readFileSync(0, 'utf8')).map(({ plain, items, facts, answers }) => read(plain)(names(items, facts, (id) => answers[id])));
process.stdout.write(JSON.stringify(verdicts));
