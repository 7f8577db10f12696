import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OrganizationKeyRow } from '../../../db/tables/secrets.js';
import { HeldKeys } from '../../../vault/held-keys.js';
import { newOrganizationKey } from '../../../vault/new-organization-key.js';
import { openSecret } from '../../../vault/open-secret.js';
import { SealBroken } from '../../../vault/seal-broken.js';
import { sealSecret } from '../../../vault/seal-secret.js';
import { secretPlaceBytes } from '../../../vault/secret-place.js';

const rootKeys = new HeldKeys([randomBytes(32)]);
const deployment = 'deployment-1';
const orgId = '0190a0a0-0000-7000-8000-000000000001';
const place = { orgId, integrationId: '0190a0a0-0000-7000-8000-00000000000a', name: 'token', version: 1 };
const value = Buffer.from('sk_live_never-to-be-seen', 'utf8');

let key: OrganizationKeyRow;
let otherKey: OrganizationKeyRow;
let sealed: Buffer;

const newKey = async (org: string): Promise<OrganizationKeyRow> => ({
  ...(await newOrganizationKey(rootKeys, deployment, org)),
  createdAt: new Date(),
});
const open = (changed: Partial<typeof place & { sealed: Buffer; keyVersion: number }> = {}, withKey = key) =>
  openSecret(rootKeys, deployment, { ...place, keyVersion: 1, sealed, ...changed }, withKey);

beforeAll(async () => {
  key = await newKey(orgId);
  otherKey = await newKey(orgId);
  sealed = await sealSecret(key.publicKey, { deployment, ...place }, value);
});

describe('a sealed secret', () => {
  it('opens with the private key of the organization', async () => {
    expect((await open()).equals(value)).toBe(true);
    expect(sealed.includes(value)).toBe(false);
    expect(sealed.length).toBe(1 + 65 + 48 + 12 + 16 + value.length);
  });

  it('gives back every value there can be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 8192 }), async (bytes) => {
        const other = await sealSecret(key.publicKey, { deployment, ...place }, bytes);
        expect((await open({ sealed: other })).equals(bytes)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('does not open with one bit changed in any byte of version, keys, IV, tag or ciphertext', async () => {
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1 << (index % 8);
      await expect(open({ sealed: altered })).rejects.toThrow(SealBroken);
    }
  });

  it('does not open shortened, lengthened or empty', async () => {
    for (const length of [0, 1, 65, 66, 113, 114, 126, 141, sealed.length - 1]) {
      await expect(open({ sealed: sealed.subarray(0, length) })).rejects.toThrow(SealBroken);
    }
    await expect(open({ sealed: Buffer.concat([sealed, Buffer.of(0)]) })).rejects.toThrow(SealBroken);
  });

  it('does not open in any other place', async () => {
    const elsewhere = [
      { orgId: '0190a0a0-0000-7000-8000-000000000002' },
      { integrationId: '0190a0a0-0000-7000-8000-00000000000b' },
      { name: 'token2' },
      { version: 2 },
      { keyVersion: 2 },
    ];
    for (const changed of elsewhere) await expect(open(changed)).rejects.toThrow(SealBroken);
  });

  it('does not open with the key of anyone else, another root key, or in another deployment', async () => {
    const row = { ...place, keyVersion: 1, sealed };
    await expect(open({}, otherKey)).rejects.toThrow(SealBroken);
    await expect(openSecret(new HeldKeys([randomBytes(32)]), deployment, row, key)).rejects.toThrow(SealBroken);
    await expect(openSecret(rootKeys, 'deployment-2', row, key)).rejects.toThrow(SealBroken);
  });

  it('does not open when the public half of the key pair was exchanged', async () => {
    await expect(open({}, { ...key, publicKey: otherKey.publicKey })).rejects.toThrow(SealBroken);
  });

  it('has an error that carries nothing', async () => {
    const error = await open({ name: 'token2' }).catch((caught: unknown) => caught);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error)).toLowerCase()).not.toContain('sk_live');
    expect((error as Error).cause).toBeUndefined();
  });
});

describe('the bytes of a place', () => {
  it('differ for different places, whatever the deployment is called', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/);
    const somewhere = fc.record({
      deployment: fc.string(),
      orgId: part,
      integrationId: part,
      name: part,
      version: fc.integer({ min: 1, max: 99 }),
    });
    fc.assert(
      fc.property(somewhere, somewhere, (a, b) => {
        const alike = secretPlaceBytes(a).equals(secretPlaceBytes(b));
        expect(alike).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});
