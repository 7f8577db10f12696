import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { createIdentity, type Identity, operatorIdentity, systemIdentity } from '../../auth/identity.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import { poolOf } from '../../db/pool.js';
import { organizationKeys, secrets } from '../../db/tables/secrets.js';
import { withOrg } from '../../db/with-org.js';
import { newId } from '../../domain/input/id.js';
import { createIntegration } from '../../domain/integration/create-integration.js';
import { deleteIntegration } from '../../domain/secret/delete-integration.js';
import { deleteSecret } from '../../domain/secret/delete-secret.js';
import { putSecret } from '../../domain/secret/put-secret.js';
import { rotateSecret } from '../../domain/secret/rotate-secret.js';
import type { SecretStores } from '../../domain/secret/secret-stores.js';
import { HeldKeys } from '../../vault/held-keys.js';
import { openSecret } from '../../vault/open-secret.js';
import { ensureOrganizationKey } from '../../vault/organization-keys.js';
import { SealBroken } from '../../vault/seal-broken.js';
import { VaultWriter } from '../../vault/vault-writer.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let databases: TwoDatabases;
let vault: VaultWriter;
let orgId: string;
let owner: SecretStores;
let integrationId: string;

const marker = `sk_live_${randomBytes(12).toString('hex')}`;

beforeAll(async () => {
  databases = await openTwoDatabases();
  vault = new VaultWriter(databases.vaultWriter, databases.deployment, 300);
});
beforeEach(async () => {
  orgId = await databases.newOrganization();
  await ensureKey(orgId);
  owner = as(operatorIdentity(orgId, 'operator', 'test', null));
  integrationId = await newIntegration();
});
afterAll(() => databases.stop());

const as = (identity: Identity): SecretStores => ({ identity, operational: databases.operational, vault });
const ensureKey = (org: string) =>
  ensureOrganizationKey(
    databases.vaultReader,
    systemIdentity(org, 'vault', 'test'),
    new HeldKeys(databases.rootKeys),
    databases.deployment,
  );
const newIntegration = (stores = owner) =>
  withOrg(stores.operational, stores.identity, 'write', (tx) =>
    createIntegration(tx, { name: 'Hook', direction: 'EGRESS', type: 'PAGER' }),
  );

function restricted(...texts: string[]): SecretStores {
  const parsed = texts.map((text) => ({
    action: text.split(' ')[0]!,
    resourceFilter: text.slice(text.indexOf(' ') + 1),
  }));
  const scopes = parseScopes(parsed, 'scopes');
  const actor = { type: 'SYSTEM', id: 'restricted' } as const;
  return as(createIdentity({ orgId, actor, scopes, requestId: 'test', clientAddress: null }));
}

const put = (name = 'token', value = marker, stores = owner) => putSecret(stores, { integrationId, name, value });
const code = (expected: string) => expect.objectContaining({ code: expected });

/** Rows as the worker that delivers reads them. */
const stored = (org = orgId) =>
  withOrg(databases.vaultReader, systemIdentity(org, 'deliverer', 'test'), 'read', async (tx) => ({
    secrets: await tx.db.select().from(secrets).where(eq(secrets.orgId, org)).orderBy(secrets.name),
    key: (await tx.db.select().from(organizationKeys).where(eq(organizationKeys.orgId, org)))[0]!,
  }));

async function opened(name: string): Promise<string> {
  const { secrets: rows, key } = await stored();
  const row = rows.find((candidate) => candidate.name === name)!;
  return (await openSecret(new HeldKeys(databases.rootKeys), databases.deployment, row, key)).toString('utf8');
}

const audit = () => databases.admin.operational<
  { action: string; outcome: string; code: string | null; change: string }[]
>`
  select action, outcome, code, change from audit.entries where org_id = ${orgId} and action <> 'createOrganization' order by at`;
const outcomes = async () => (await audit()).map(({ action, outcome, code: fault }) => [action, outcome, fault]);

describe('a secret', () => {
  it('is put, replaced and deleted by the gateway, and opened with the root key alone', async () => {
    expect(await put('token', 'one')).toEqual({ name: 'token', version: 1 });
    expect(await opened('token')).toBe('one');
    expect(await rotateSecret(owner, { integrationId, name: 'token', value: 'zwei – 二' })).toEqual({
      name: 'token',
      version: 2,
    });
    expect(await opened('token')).toBe('zwei – 二');
    const [listed] = await vault.list(owner.identity, [integrationId]);
    expect(listed).toMatchObject({ name: 'token', version: 2, createdBy: 'operator', updatedBy: 'operator' });
    expect(Object.keys(listed!)).not.toContain('sealed');
    await deleteSecret(owner, { integrationId, name: 'token' });
    expect((await stored()).secrets).toEqual([]);
    expect(await outcomes()).toEqual([
      ['putSecret', 'INTENDED', null],
      ['putSecret', 'SUCCEEDED', null],
      ['rotateSecret', 'INTENDED', null],
      ['rotateSecret', 'SUCCEEDED', null],
      ['deleteSecret', 'INTENDED', null],
      ['deleteSecret', 'SUCCEEDED', null],
    ]);
  });

  it('holds up to 8,192 bytes of well-formed UTF-8 under a plain name', async () => {
    await put('largest', 'ä'.repeat(4096));
    expect(await opened('largest')).toBe('ä'.repeat(4096));
    for (const value of ['', 'x'.repeat(8193), 'ä'.repeat(4097), '\ud800']) {
      await expect(put('bad', value)).rejects.toEqual(code('BAD_USER_INPUT'));
    }
    for (const name of ['', 'a b', 'a|b', 'ä', 'x'.repeat(101), 'x\n']) {
      await expect(put(name)).rejects.toEqual(code('BAD_USER_INPUT'));
    }
    expect((await outcomes()).length).toBe(2);
  });

  it('is not replaced by a second put, and not made by a rotation', async () => {
    await put('token', 'one');
    await expect(put('token', 'two')).rejects.toEqual(code('CONFLICT'));
    expect(await opened('token')).toBe('one');
    await expect(rotateSecret(owner, { integrationId, name: 'none', value: 'x' })).rejects.toEqual(code('NOT_FOUND'));
    await expect(deleteSecret(owner, { integrationId, name: 'none' })).rejects.toEqual(code('NOT_FOUND'));
    expect((await outcomes()).filter(([, outcome]) => outcome === 'FAILED')).toEqual([
      ['putSecret', 'FAILED', 'CONFLICT'],
      ['rotateSecret', 'FAILED', 'NOT_FOUND'],
      ['deleteSecret', 'FAILED', 'NOT_FOUND'],
    ]);
  });

  it('gets a version each from rotations at once', async () => {
    await put('token', 'one');
    const rotated = await Promise.all(
      ['a', 'b', 'c'].map((value) => rotateSecret(owner, { integrationId, name: 'token', value })),
    );
    expect(rotated.map(({ version }) => version).sort()).toEqual([2, 3, 4]);
    expect(['a', 'b', 'c']).toContain(await opened('token'));
  });

  it('has at most 49 others beside it, also when two are put at once', async () => {
    for (let index = 1; index < 50; index++)
      await vault.put(owner.identity, { integrationId, name: `s${index}`, value: Buffer.from('x') });
    const results = await Promise.allSettled([put('a'), put('b')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(put('c')).rejects.toEqual(code('LIMIT_EXCEEDED'));
  });
});

describe('the right to secrets', () => {
  it('is write on SECRET, whether or not the integration may be seen', async () => {
    const writer = restricted(`write SECRET/${integrationId}`);
    await put('token', 'one', writer);
    await rotateSecret(writer, { integrationId, name: 'token', value: 'two' });
    expect(await vault.list(writer.identity, [integrationId])).toEqual([]);
    const reader = restricted(`read SECRET/${integrationId}`, 'write INTEGRATION/#/#/#');
    expect(await vault.list(reader.identity, [integrationId])).toHaveLength(1);
    await expect(put('other', 'x', reader)).rejects.toEqual(code('FORBIDDEN'));
    await expect(deleteSecret(reader, { integrationId, name: 'token' })).rejects.toEqual(code('FORBIDDEN'));
  });

  it('does not tell who has none whether an integration exists', async () => {
    const stranger = restricted('write INTEGRATION/#/#/#');
    const missing = newId();
    await expect(put('x', 'x', stranger)).rejects.toEqual(code('FORBIDDEN'));
    await expect(putSecret(stranger, { integrationId: missing, name: 'x', value: 'x' })).rejects.toEqual(
      code('FORBIDDEN'),
    );
    await expect(putSecret(owner, { integrationId: missing, name: 'x', value: 'x' })).rejects.toEqual(
      code('NOT_FOUND'),
    );
    await expect(putSecret(owner, { integrationId: 'x', name: 'x', value: 'x' })).rejects.toEqual(code('NOT_FOUND'));
  });

  it('is refused by the vault itself, and ends at the organization', async () => {
    await put('token', 'one');
    const value = Buffer.from('x');
    const stranger = restricted('read SECRET/#').identity;
    await expect(vault.put(stranger, { integrationId, name: 'x', value })).rejects.toEqual(code('FORBIDDEN'));
    await expect(vault.delete(stranger, { integrationId, name: 'token' })).rejects.toEqual(code('NOT_FOUND'));
    const elsewhere = await databases.newOrganization();
    await ensureKey(elsewhere);
    const other = operatorIdentity(elsewhere, 'operator', 'test', null);
    expect(await vault.list(other, [integrationId])).toEqual([]);
    await expect(vault.rotate(other, { integrationId, name: 'token', value })).rejects.toEqual(code('NOT_FOUND'));
    expect(await vault.deleteAll(other, integrationId)).toBe(0);
    await expect(putSecret(as(other), { integrationId, name: 'x', value: 'x' })).rejects.toEqual(code('NOT_FOUND'));
    expect((await stored()).secrets).toHaveLength(1);
  });
});

describe('the deletion of an integration', () => {
  it('takes its secrets along, for a key that may write the integration only', async () => {
    await put('one');
    await put('two');
    const other = await newIntegration();
    await putSecret(owner, { integrationId: other, name: 'stays', value: 'x' });
    await deleteIntegration(restricted(`write INTEGRATION/EGRESS/PAGER/${integrationId}`), integrationId);
    expect((await stored()).secrets.map(({ name }) => name)).toEqual(['stays']);
    await expect(put('late')).rejects.toEqual(code('NOT_FOUND'));
    expect((await outcomes()).slice(-2)).toEqual([
      ['deleteIntegration', 'INTENDED', null],
      ['deleteIntegration', 'SUCCEEDED', null],
    ]);
  });

  it('takes nothing when it is refused', async () => {
    await put('one');
    const reader = restricted('read INTEGRATION/#/#/#', 'write SECRET/#');
    await expect(deleteIntegration(reader, integrationId)).rejects.toEqual(code('FORBIDDEN'));
    await expect(deleteIntegration(restricted('read AUDIT'), integrationId)).rejects.toEqual(code('NOT_FOUND'));
    expect((await stored()).secrets).toHaveLength(1);
  });

  it('leaves no secret behind that is put at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      integrationId = await newIntegration();
      const results = await Promise.allSettled([put('a'), deleteIntegration(owner, integrationId), put('b')]);
      expect(results[1]!.status).toBe('fulfilled');
      expect(await vault.list(owner.identity, [integrationId])).toEqual([]);
    }
  });
});

describe('the key of an organization', () => {
  it('is made once, also by several workers at once', async () => {
    const org = await databases.newOrganization();
    await Promise.all([ensureKey(org), ensureKey(org), ensureKey(org)]);
    await ensureKey(org);
    const rows = await databases.admin.vault`select from vault.organization_keys where org_id = ${org}`;
    expect(rows).toHaveLength(1);
  });

  it('is waited for, and its absence says when to come again', async () => {
    orgId = await databases.newOrganization();
    const fresh = as(operatorIdentity(orgId, 'operator', 'test', null));
    integrationId = await newIntegration(fresh);
    const failed = await put('token', marker, fresh).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'VAULT_PROVISIONING', details: { retryAfterMs: 1000 } });
    const patient = new VaultWriter(databases.vaultWriter, databases.deployment);
    const waiting = put('token', 'late', { ...fresh, vault: patient });
    await ensureKey(orgId);
    expect(await waiting).toEqual({ name: 'token', version: 1 });
    expect(await opened('token')).toBe('late');
  });
});

describe('the role of the gateway', () => {
  const tried = (statement: string) =>
    poolOf(databases.vaultWriter)
      .unsafe(statement)
      .then(
        () => 'ok',
        (error: { code?: string }) => error.code,
      );

  it('can read neither sealed bytes nor private keys, nor make keys', async () => {
    await put();
    const refused = [
      'select sealed from vault.secrets',
      'select * from vault.secrets',
      'select secrets from vault.secrets',
      'update vault.secrets set sealed = sealed returning sealed',
      'delete from vault.secrets returning *',
      'select wrapped_private_key from vault.organization_keys',
      'select * from vault.organization_keys',
      'insert into vault.organization_keys select org_id, 2, public_key, public_key from vault.organization_keys',
      'update vault.organization_keys set public_key = public_key',
      'copy vault.secrets to stdout',
      'set role bulkhead_vault_reader',
    ];
    for (const statement of refused) expect([statement, await tried(statement)]).toEqual([statement, '42501']);
    expect(await tried('select name, version from vault.secrets')).toBe('ok');
  });
});

describe('sealed bytes', () => {
  it('open in no other row', async () => {
    await put('a', 'value of a');
    await put('b', 'value of b');
    await databases.admin.vault`
      update vault.secrets t set sealed = o.sealed from vault.secrets o
      where t.org_id = ${orgId} and o.org_id = t.org_id and o.integration_id = t.integration_id and o.name <> t.name`;
    for (const name of ['a', 'b']) await expect(opened(name)).rejects.toThrow(SealBroken);
    await databases.admin.vault`update vault.secrets set name = 'c' where org_id = ${orgId} and name = 'a'`;
    await expect(opened('c')).rejects.toThrow(SealBroken);
  });

  it('open for no older version', async () => {
    await put('a', 'old');
    const [old] = await databases.admin.vault`select sealed from vault.secrets where org_id = ${orgId}`;
    await rotateSecret(owner, { integrationId, name: 'a', value: 'new' });
    await databases.admin.vault`update vault.secrets set sealed = ${old!['sealed']} where org_id = ${orgId}`;
    await expect(opened('a')).rejects.toThrow(SealBroken);
  });

  it('do not open with a changed row of the key', async () => {
    await put('a', 'x');
    const elsewhere = await databases.newOrganization();
    await ensureKey(elsewhere);
    await databases.admin.vault`
      update vault.organization_keys k set public_key = o.public_key from vault.organization_keys o
      where k.org_id = ${orgId} and o.org_id = ${elsewhere}`;
    await expect(opened('a')).rejects.toThrow(SealBroken);
  });
});

describe('the value of a secret', () => {
  it('is in no row of either database, no answer and no error', async () => {
    const answers: unknown[] = [await put()];
    answers.push(await rotateSecret(owner, { integrationId, name: 'token', value: `${marker}2` }));
    answers.push(await vault.list(owner.identity, [integrationId]));
    const failures = [
      put(),
      put('bad name'),
      put('lone', `${marker}\ud800`),
      put('long', marker.repeat(1000)),
      put('forbidden', marker, restricted('read AUDIT')),
      rotateSecret(owner, { integrationId, name: 'none', value: marker }),
      rotateSecret(as({ ...owner.identity, orgId: newId() }), { integrationId, name: 'token', value: marker }),
    ];
    for (const failure of failures) answers.push(await failure.catch((error: unknown) => error));
    expect(answers.filter((answer) => answer instanceof Error)).toHaveLength(failures.length);
    expect(inspect(answers, { depth: null, showHidden: true })).not.toContain(marker);
    for (const sql of [databases.admin.operational, databases.admin.vault])
      expect(await dump(sql)).not.toContain(marker);
    expect(await dump(databases.admin.operational)).toContain('putSecret');
    expect(await opened('token')).toBe(`${marker}2`);
  });
});

/** Every row of every table of ours as text, bytes as what they would be in ASCII. */
async function dump(sql: TwoDatabases['admin']['vault']): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname in ('app', 'audit', 'platform', 'vault')`;
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const row of await sql.unsafe(`select * from ${name}`)) {
      texts.push(
        ...Object.values(row).map((cell) =>
          Buffer.isBuffer(cell) ? cell.toString('latin1') : (JSON.stringify(cell) ?? ''),
        ),
      );
    }
  }
  return texts.join('\n');
}
