import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';

/** Bytes that the disk takes at once, and in all. */
const disk = { atOnce: 7, left: Number.POSITIVE_INFINITY };

jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  writeSync: (file: number, text: Buffer, offset: number, length: number, position: number) => {
    const taken = Math.min(length, disk.atOnce, disk.left);
    disk.left -= taken;
    return fs.writeSync(file, text, offset, taken, position);
  },
}));
const { auditSigner } = await import('../../../audit/audit-key.js');
const { enterInLedger, readSignedLedger } = await import('../../../audit/ledger/ledger.js');

const directory = fs.mkdtempSync(join(tmpdir(), 'bulkhead-ledger-'));
afterAll(() => fs.rmSync(directory, { recursive: true }));

describe('a disk that takes a part of what is written', () => {
  const signer = auditSigner(randomBytes(32), 'example');
  const enter = (subject: string) =>
    enterInLedger(directory, signer, [
      { event: 'OPERATOR_REVOKED', organization: 'o', subject, at: '2026-11-22T00:00:00.000Z' },
    ]);

  it('gets the rest, and leaves the ledger as it was where it takes no more', () => {
    enter('one');
    disk.left = 100;
    expect(() => enter('two')).toThrow('takes no more');
    expect(readSignedLedger(directory, signer)).toHaveLength(2);
    disk.left = Number.POSITIVE_INFINITY;
    enter('two');
    expect(readSignedLedger(directory, signer).map(({ subject }) => subject)).toEqual([signer.name, 'one', 'two']);
  });
});
