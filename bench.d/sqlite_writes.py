#!/usr/bin/env python3
"""The yardstick of writes on SQLite: bare transactions of four rows by one writer at synchronous=FULL. Prints transactions a second.

Python's sqlite3 calls SQLite in its own thread, so that little but SQLite is measured."""

import sqlite3
import sys
import time

path, body_file, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
with open(body_file, encoding="utf-8") as file:
    body = file.read()
db = sqlite3.connect(path, isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.executescript("""
    CREATE TABLE version (hospital INTEGER, number INTEGER, body TEXT, PRIMARY KEY (hospital, number));
    CREATE TABLE event (id INTEGER PRIMARY KEY, hospital INTEGER, at TEXT);
    CREATE TABLE log (id INTEGER PRIMARY KEY, who TEXT, what TEXT, mac BLOB);
    CREATE TABLE current (hospital INTEGER PRIMARY KEY, body TEXT);
""")
mac = bytes(32)
count = 0
start = time.perf_counter()
while time.perf_counter() - start < seconds:
    hospital = count % 600
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO version VALUES (?, ?, ?)", (hospital, count, body))
    db.execute("INSERT INTO event (hospital, at) VALUES (?, ?)", (hospital, "2026-01-01T00:00:00Z"))
    db.execute("INSERT INTO log (who, what, mac) VALUES (?, ?, ?)", ("9999999999-01", "report", mac))
    db.execute("INSERT INTO current VALUES (?, ?) ON CONFLICT (hospital) DO UPDATE SET body = excluded.body", (hospital, body))
    db.execute("COMMIT")
    count += 1
print(f"{count / (time.perf_counter() - start):.0f}")
