import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SealBroken } from '../../../vault/seal-broken.js';
import { openTelemetryPassword, sealTelemetryPassword } from '../../../vault/telemetry-credential.js';

const key = randomBytes(32);
const place = { orgId: '0190a0a0-0000-7000-8000-000000000001', databaseName: 't_0123456789abcdef' };
const password = 'kxK2l0Q5Zc8vPq1rT7uWb3nYd6eJfGhA9sMi4oXy0Lz';

describe('the credential of a telemetry database', () => {
  it('opens to the password and holds nothing of it in the clear', () => {
    const sealed = sealTelemetryPassword(key, place, password);
    expect(openTelemetryPassword(key, place, sealed)).toBe(password);
    expect(sealed.includes(password)).toBe(false);
  });

  it('is another one each time', () => {
    const sealed = sealTelemetryPassword(key, place, password);
    expect(sealTelemetryPassword(key, place, password).equals(sealed)).toBe(false);
  });

  it('opens for no other organization, database or key', () => {
    const sealed = sealTelemetryPassword(key, place, password);
    const other = { orgId: '0190a0a0-0000-7000-8000-000000000002', databaseName: 't_fedcba9876543210' };
    const attempts = [
      () => openTelemetryPassword(key, { ...place, orgId: other.orgId }, sealed),
      () => openTelemetryPassword(key, { ...place, databaseName: other.databaseName }, sealed),
      () => openTelemetryPassword(randomBytes(32), place, sealed),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(SealBroken);
  });

  it('does not open with any bit changed, nor shortened', () => {
    const sealed = sealTelemetryPassword(key, place, password);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => openTelemetryPassword(key, place, altered)).toThrow(SealBroken);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => openTelemetryPassword(key, place, sealed.subarray(0, length))).toThrow(SealBroken);
    }
  });
});
