import { copyFileSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../../../server/configuration.js';
import { addKeyFile, keyFiles, makeKeys, readKey, readKeys, removeKeyFiles } from '../../../server/keys.js';
import { makeNewKey } from '../../../server/new-key.js';
import { createPrivateFile } from '../../../server/private-file.js';
import { keysToHold } from '../../../server/start/keys-to-hold.js';
import { keyIdOf } from '../../../vault/held-keys.js';

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

describe('a file of a key', () => {
  it('is never one over another, and no draft of it stays', () => {
    const names = readdirSync(join(home, 'keys'));
    expect(() => createPrivateFile(file('root.key'), 'other')).toThrow('EEXIST');
    expect(readdirSync(join(home, 'keys'))).toEqual(names);
  });

  it('is not shared by keys that are made at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => makeNewKey(given(), 'root', undefined, async () => {})));
    expect(
      keyFiles(given(), 'root')
        .slice(0, 3)
        .map(({ id, path }) => ({ id, path })),
    ).toEqual(made.reverse());
  });

  it('is removed with its copies', () => {
    const [first] = readKeys(given(), 'root');
    copyFileSync(file('root.key'), file('root.2.key'));
    addKeyFile(given(), 'root', Buffer.alloc(32, 3));
    expect(removeKeyFiles(given(), 'root', keyIdOf(first))).toEqual([file('root.2.key'), file('root.key')]);
    expect(readKeys(given(), 'root')).toEqual([Buffer.alloc(32, 3)]);
  });
});

describe('the keys that processes hold', () => {
  it('follow the key ring, unless it has lost the current one', () => {
    const held = makeKeys(given());
    addKeyFile(given(), 'root', Buffer.alloc(32, 2));
    const rotated = makeKeys(given());
    expect(keysToHold(given(), 'root', held)).toEqual({ keys: rotated.root });
    unlinkSync(file('root.2.key'));
    expect(keysToHold(given(), 'root', rotated)).toEqual({
      keys: rotated.root,
      fault: expect.stringContaining(keyIdOf(rotated.root[0])),
    });
    unlinkSync(file('root.key'));
    expect(keysToHold(given(), 'root', rotated).keys).toEqual(rotated.root);
    addKeyFile(given(), 'root', Buffer.alloc(32, 9));
    expect(keysToHold(given(), 'root', rotated).keys).toEqual(rotated.root);
  });
});
