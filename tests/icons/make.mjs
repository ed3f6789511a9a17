// The icons of the app, drawn from the same shapes as assets/favicon.svg: `node tests/icons/make.mjs` writes them, `icon.test.js` says
// when they are old. Pictures of a handful of strokes need no library.

import { writeFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';

const BLUE = [0x00, 0x17, 0xc1];
const WIDTH = 1.2; // half of a stroke, in units of a 32 × 32 picture
const STROKES = [
    [6.5, 8.5, 6.5, 24], [6.5, 19.5, 25.5, 19.5], [25.5, 19.5, 25.5, 24],
    ...[11, 15.8, 20.6, 25.4].map((x) => [x, 15, Math.min(x + 0.1, 25.5), 15]),
];

/** name, pixels, how much of the picture the mark fills, and whether the ground has round corners. */
export const ICONS = [
    ['icon-192.png', 192, 1, true],
    ['icon-512.png', 512, 1, true],
    ['maskable-512.png', 512, 0.7, false],
    ['touch-180.png', 180, 0.86, false],
];

function toStroke(x, y, [ax, ay, bx, by]) {
    const [dx, dy] = [bx - ax, by - ay];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - ax - t * dx, y - ay - t * dy) - WIDTH;
}

function toGround(x, y) {
    const [qx, qy] = [Math.abs(x - 16) - 9, Math.abs(y - 16) - 9];
    return Math.hypot(Math.max(qx, 0), Math.max(qy, 0)) + Math.min(Math.max(qx, qy), 0) - 7;
}

/** The pixels, RGBA. */
export function draw(size, fill, round) {
    const pixels = Buffer.alloc(size * size * 4);
    const unit = 32 / size;
    const cover = (distance) => Math.max(0, Math.min(1, 0.5 - distance / unit));
    for (let row = 0; row < size; row += 1) {
        for (let column = 0; column < size; column += 1) {
            const [x, y] = [(column + 0.5) * unit, (row + 0.5) * unit];
            const [mx, my] = [16 + (x - 16) / fill, 16 + (y - 16) / fill];
            const ink = cover(Math.min(...STROKES.map((stroke) => toStroke(mx, my, stroke))) * fill);
            const ground = round ? cover(toGround(x, y)) : 1;
            const at = (row * size + column) * 4;
            BLUE.forEach((channel, n) => (pixels[at + n] = Math.round(channel + (255 - channel) * ink)));
            pixels[at + 3] = Math.round(255 * ground);
        }
    }
    return pixels;
}

function crc(bytes) {
    let rest = 0xffffffff;
    for (const byte of bytes) {
        rest ^= byte;
        for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    }
    return (rest ^ 0xffffffff) >>> 0;
}

function chunk(name, data) {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
}

export function png(size, pixels) {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(size, 0);
    head.writeUInt32BE(size, 4);
    head.set([8, 6, 0, 0, 0], 8);
    const lines = Buffer.concat(Array.from({ length: size }, (_, row) => Buffer.concat([Buffer.alloc(1), pixels.subarray(row * size * 4, (row + 1) * size * 4)])));
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(lines, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/** The pixels of a picture that this file made, whatever packed them. */
export function pixelsOf(file) {
    const size = file.readUInt32BE(16);
    const parts = [];
    for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
        if (file.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
    }
    const lines = inflateSync(Buffer.concat(parts));
    return Buffer.concat(Array.from({ length: size }, (_, row) => lines.subarray(row * (size * 4 + 1) + 1, (row + 1) * (size * 4 + 1))));
}

if (import.meta.url === `file://${process.argv[1]}`) {
    for (const [name, size, fill, round] of ICONS) {
        writeFileSync(new URL(`../../crates/web/assets/icon/${name}`, import.meta.url), png(size, draw(size, fill, round)));
    }
}
