import type { DatabaseSync } from 'node:sqlite';
import type { OptOutAnswer, SmsEnd, SmsText } from '../services/sms-inbox.ts';

/** A text that SNS took, and what became of it. */
export interface KeptText {
  readonly text: SmsText;
  readonly end: SmsEnd;
}

/** Texts, opt-outs and the account's settings of texts. */
export interface KeptTexts {
  /** Oldest first. */
  all(): KeptText[];
  /** Those whose end was not logged yet. */
  unlogged(): KeptText[];
  add(kept: KeptText): void;
  logged(messageId: string): void;
  optedOut(): [phoneNumber: string, answer: OptOutAnswer][];
  /** @param answer undefined for who is in again */
  keepOptOut(phoneNumber: string, answer: OptOutAnswer | undefined): void;
  settings(): [name: string, value: string][];
  /** @param value empty for none */
  keepSetting(name: string, value: string): void;
}

export function createKeptTexts(database: DatabaseSync): KeptTexts {
  database.exec(`
    CREATE TABLE IF NOT EXISTS texts (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      message TEXT NOT NULL UNIQUE,
      text TEXT NOT NULL,
      ending TEXT NOT NULL,
      logged INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS unlogged_texts ON texts (id) WHERE logged = 0;
    CREATE TABLE IF NOT EXISTS opted_out (number TEXT PRIMARY KEY, answer TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS text_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);`);
  const insert = database.prepare('INSERT INTO texts (message, text, ending) VALUES (?, ?, ?)');
  const mark = database.prepare('UPDATE texts SET logged = 1 WHERE message = ?');
  const rows = (where: string): KeptText[] =>
    database
      .prepare(`SELECT text, ending FROM texts ${where} ORDER BY id`)
      .all()
      .map((row) => ({
        text: JSON.parse(String(row.text)) as SmsText,
        end: String(row.ending) as SmsEnd,
      }));
  const pairs = <Value extends string>(sql: string): [string, Value][] =>
    database
      .prepare(sql)
      .all()
      .map((row): [string, Value] => [String(row.name), String(row.value) as Value]);
  return {
    all: () => rows(''),
    unlogged: () => rows('WHERE logged = 0'),
    add: ({ end, text }) => void insert.run(text.messageId, JSON.stringify(text), end),
    logged: (messageId) => void mark.run(messageId),
    optedOut: () => pairs('SELECT number AS name, answer AS value FROM opted_out'),
    keepOptOut(number, answer) {
      if (answer === undefined) {
        database.prepare('DELETE FROM opted_out WHERE number = ?').run(number);
      } else {
        database.prepare('INSERT OR REPLACE INTO opted_out VALUES (?, ?)').run(number, answer);
      }
    },
    settings: () => pairs('SELECT name, value FROM text_settings'),
    keepSetting(name, value) {
      if (value === '') database.prepare('DELETE FROM text_settings WHERE name = ?').run(name);
      else database.prepare('INSERT OR REPLACE INTO text_settings VALUES (?, ?)').run(name, value);
    },
  };
}
