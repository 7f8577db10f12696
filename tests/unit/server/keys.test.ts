import { copyFileSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../../../server/configuration.js';
import { addKeyFile, keyFiles, makeKeys, readKey, readKeys } from '../../../server/keys.js';

let home: string;
const file = (name: string) => join(home, 'keys', name);
const given = (settings: Readonly<Record<string, string>> = {}) =>
  readConfiguration({ BULKHEAD_HOME: home, ...settings });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bulkhead-ring-'));
  makeKeys(given());
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the keys of a kind', () => {
  it('are those of its files, the one with the highest number first', () => {
    const [first] = readKeys(given(), 'root');
    for (let number = 2; number <= 11; number += 1) addKeyFile(given(), 'root', Buffer.alloc(32, number));
    const files = keyFiles(given(), 'root');
    expect(files.map(({ number }) => number)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(readKeys(given(), 'root')).toEqual([...files.slice(0, -1).map(({ key }) => key), first]);
    unlinkSync(file('root.key'));
    expect(makeKeys(given()).root).toHaveLength(10);
  });

  it('begin with that of a variable, each once', () => {
    const [first] = readKeys(given(), 'root');
    const other = Buffer.alloc(32, 7);
    expect(readKeys(given({ ROOT_KEY: other.toString('base64') }), 'root')).toEqual([other, first]);
    expect(readKeys(given({ ROOT_KEY_FILE: file('root.key') }), 'root')).toEqual([first]);
    copyFileSync(file('root.key'), file('root.2.key'));
    expect(readKeys(given(), 'root')).toEqual([first]);
  });

  it('are one where it is not rotated', () => {
    const audit = readKey(given(), 'audit');
    expect(addKeyFile(given(), 'audit', Buffer.alloc(32, 1))).toBe(file('audit.2.key'));
    expect(readKey(given(), 'audit')).toEqual(audit);
  });
});
