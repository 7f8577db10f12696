import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { authenticate } from '../../auth/api-keys/authenticate.js';
import { parseKey } from '../../auth/api-keys/key-format.js';
import { createIdentity, type Identity, operatorIdentity } from '../../auth/identity.js';
import type { ApiKeyStatus } from '../../db/tables/api-keys.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { createApiKey, type NewApiKey } from '../../domain/api-key/create-api-key.js';
import { getApiKey } from '../../domain/api-key/get-api-key.js';
import { readApiKeys } from '../../domain/api-key/read-api-keys.js';
import { revokeApiKey } from '../../domain/api-key/revoke-api-key.js';
import { rotateApiKey } from '../../domain/api-key/rotate-api-key.js';
import { type ApiKeyChange, updateApiKey } from '../../domain/api-key/update-api-key.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let stores: TwoDatabases;
let orgId: string;
let operator: Identity;

beforeAll(async () => {
  stores = await openTwoDatabases();
});
beforeEach(async () => {
  orgId = await stores.newOrganization();
  operator = operatorIdentity(orgId, 'operator', 'test', null);
});
afterAll(() => stores.stop());

/** A key as its holder has it. */
interface Holder {
  readonly id: string;
  readonly text: string;
  readonly identity: Identity;
}

const write = <T>(identity: Identity, work: (tx: OrgTransaction) => Promise<T>) =>
  withOrg(stores.operational, identity, 'write', work);
const scopes = (...texts: string[]) =>
  texts.map((text) => ({ action: text.split(' ')[0]!, resourceFilter: text.slice(text.indexOf(' ') + 1) }));
const authenticated = (text: string) => authenticate(stores.operational, parseKey(text)!);

function create(creator: Identity, input: Partial<NewApiKey>): Promise<{ id: string; text: string }> {
  const key: NewApiKey = { name: 'key', type: 'ADMIN', scopes: scopes('* *'), ...input };
  return write(creator, (tx) => createApiKey(tx, 'test', key));
}

async function hold(creator: Identity, input: Partial<NewApiKey>): Promise<Holder> {
  const { id, text } = await create(creator, input);
  const { scopes: granted, revision: keyRevision } = (await authenticated(text))!;
  const actor = { type: 'API_KEY', id } as const;
  const parts = { orgId, actor, scopes: granted, keyRevision, requestId: 'r', clientAddress: null };
  return { id, text, identity: createIdentity(parts) };
}

const update = (caller: Identity, change: ApiKeyChange) => write(caller, (tx) => updateApiKey(tx, change));
const rotate = (caller: Identity, id: string, graceSeconds = 60) =>
  write(caller, (tx) => rotateApiKey(tx, 'test', { id, graceSeconds }));
const revoke = (caller: Identity, id: string) => write(caller, (tx) => revokeApiKey(tx, id));
const code = (expected: string, field?: string) =>
  expect.objectContaining({ code: expected, ...(field === undefined ? {} : { details: { field } }) });
const inMs = (ms: number) => new Date(Date.now() + ms);
const day = 86_400_000;

/** Ends a key's life as the clock would. */
const expire = (id: string) =>
  stores.admin.operational`update app.api_keys set expires_at = now() - interval '1 second' where id = ${id}`;

/** Opens connections by transactions that wait for each other, so that what follows truly runs at once. */
async function openConnections(count: number): Promise<void> {
  let open = 0;
  let release = () => {};
  const allOpen = new Promise<void>((resolve) => {
    release = resolve;
  });
  const join = () => {
    open += 1;
    if (open === count) release();
    return allOpen;
  };
  await Promise.all(Array.from({ length: count }, () => write(operator, join)));
}

async function activeCount(): Promise<number> {
  const page = await readApiKeys(stores.operational, operator, { status: 'ACTIVE' }, { first: 100 });
  return page.countAll();
}

describe('the making of keys', () => {
  it('stores a hash of the secret and canonical scopes, and finds the key by its text', async () => {
    const key = await hold(operator, {
      scopes: scopes('read PLACE/#/#/THING/#/#', 'read THING/#/#', 'write PLACE/Site/#'),
    });
    const found = await authenticated(key.text);
    expect(found).toMatchObject({
      orgId,
      active: true,
      allowedCidrs: [],
      key: { id: key.id, type: 'ADMIN', name: 'key' },
    });
    expect(found?.key.scopes).toEqual(scopes('read THING/#/#', 'write PLACE/Site/#'));
    const secret = key.text.split('_')[3]!;
    const rows = await stores.admin.operational`
      select k::text || s::text as text from app.api_keys k join app.api_key_secrets s on s.key_id = k.id where k.id = ${key.id}`;
    expect(rows).toHaveLength(1);
    expect(rows[0]!['text']).not.toContain(secret);
  });

  it('knows neither an unknown id, nor a wrong secret, nor a wrong type', async () => {
    const { text } = await create(operator, {});
    const parsed = parseKey(text)!;
    expect(await authenticate(stores.operational, { ...parsed, id: 'aaaaaaaaaaaa' })).toBeUndefined();
    expect(await authenticate(stores.operational, { ...parsed, secretHash: Buffer.alloc(32) })).toBeUndefined();
    expect(await authenticate(stores.operational, { ...parsed, type: 'EXTERNAL' })).toBeUndefined();
    expect(await authenticate(stores.operational, { ...parsed, type: 'OPERATOR' })).toBeUndefined();
  });

  it('needs admin on all keys', async () => {
    for (const scope of ['read APIKEY/#', 'write APIKEY/#', 'admin APIKEY/aaaaaaaaaaaa', 'admin ORGANIZATION/#']) {
      const { identity } = await hold(operator, { scopes: scopes(scope) });
      await expect(create(identity, { scopes: scopes(scope) })).rejects.toEqual(code('FORBIDDEN'));
    }
  });

  it('never makes a key that may do more than its maker', async () => {
    const { identity } = await hold(operator, {
      scopes: scopes('admin APIKEY/#', 'read PLACE/Site/#', 'write THING/#/#'),
    });
    const beyond = [
      '* *',
      'read *',
      'admin *',
      '* APIKEY/#',
      'write PLACE/Site/#',
      'read PLACE/#/#',
      'read PLACE/Fleet/#',
      'read THING/#/#',
      'write APIKEY/#',
      'admin ORGANIZATION/#',
      'read AUDIT',
    ];
    const before = await activeCount();
    for (const scope of beyond) {
      const attempt = create(identity, { scopes: scopes('read PLACE/Site/#', scope) });
      await expect(attempt).rejects.toEqual(code('FORBIDDEN', 'input.scopes'));
    }
    expect(await activeCount()).toBe(before);
    await create(identity, { scopes: scopes('admin APIKEY/#', 'read PLACE/Site/#', 'write PLACE/Site/#/THING/#/#') });
  });

  it('keeps addresses and expiry within those of its maker', async () => {
    const { identity } = await hold(operator, { allowedCidrs: ['10.0.0.0/8'], expiresAt: inMs(day) });
    const within = { allowedCidrs: ['10.1.0.0/16'], expiresAt: inMs(day / 2) };
    await create(identity, within);
    for (const allowedCidrs of [[], ['*'], ['0.0.0.0/0'], ['11.0.0.1'], ['10.0.0.1', '::1']]) {
      const attempt = create(identity, { ...within, allowedCidrs });
      await expect(attempt).rejects.toEqual(code('FORBIDDEN', 'input.allowedCidrs'));
    }
    for (const expiresAt of [null, inMs(2 * day)]) {
      await expect(create(identity, { ...within, expiresAt })).rejects.toEqual(code('FORBIDDEN', 'input.expiresAt'));
    }
    const own = await write(operator, (tx) => getApiKey(tx, identity.actor.id));
    await create(identity, { allowedCidrs: own.allowedCidrs, expiresAt: own.expiresAt });
  });

  it('knows the bounds of a maker that may not read itself', async () => {
    const maker = await hold(operator, { scopes: scopes('admin APIKEY/#'), allowedCidrs: ['10.0.0.1'] });
    await expect(
      write(maker.identity, (tx) =>
        createApiKey(tx, 'test', { name: 'x', type: 'ADMIN', scopes: scopes('admin APIKEY/#') }),
      ),
    ).rejects.toEqual(code('FORBIDDEN', 'input.allowedCidrs'));
  });

  it('gives EXTERNAL keys neither admin nor a wildcard', async () => {
    for (const scope of ['admin APIKEY/#', '* THING/#/#', 'read *', '* *']) {
      const attempt = create(operator, { type: 'EXTERNAL', scopes: scopes(scope) });
      await expect(attempt).rejects.toEqual(code('BAD_USER_INPUT', 'input.scopes'));
    }
    const { id } = await create(operator, { type: 'EXTERNAL', scopes: scopes('read THING/#/#') });
    await expect(update(operator, { id, scopes: scopes('admin APIKEY/#') })).rejects.toEqual(
      code('BAD_USER_INPUT', 'input.scopes'),
    );
  });

  it('refuses bad input', async () => {
    const bad: [Partial<NewApiKey>, string][] = [
      [{ name: '' }, 'input.name'],
      [{ scopes: [] }, 'input.scopes'],
      [{ scopes: scopes('read NOTHING/#') }, 'input.scopes[0].resourceFilter'],
      [{ scopes: scopes('read MONITOR/#/#') }, 'input.scopes[0].resourceFilter'],
      [{ scopes: scopes('read THING/Unheard of/#') }, 'input.scopes'],
      [{ allowedCidrs: ['10.0.0.1/8'] }, 'input.allowedCidrs[0]'],
      [{ expiresAt: inMs(-1000) }, 'input.expiresAt'],
      [{ expiresAt: new Date(Number.NaN) }, 'input.expiresAt'],
      [{ expiresAt: new Date('+012000-01-01T00:00:00Z') }, 'input.expiresAt'],
    ];
    for (const [input, field] of bad)
      await expect(create(operator, input)).rejects.toEqual(code('BAD_USER_INPUT', field));
    await create(operator, { expiresAt: new Date('9999-12-31T23:59:59Z') });
  });

  it('stops at 1,000 active keys, also with four makers at once', async () => {
    await stores.admin.operational`
      insert into app.api_keys (org_id, id, type, name, scopes, created_by)
      select ${orgId}, lpad(i::text, 12, '0'), 'ADMIN', 'many', '[{"action":"read","resourceFilter":"AUDIT"}]', 'test'
      from generate_series(1, 999) i`;
    await openConnections(4);
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => create(operator, {})));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(create(operator, {})).rejects.toEqual(code('LIMIT_EXCEEDED'));
    await revoke(operator, '000000000001');
    await create(operator, {});
  });
});

describe('names of thing types in scopes', () => {
  it('become ids, so that a rename changes nothing', async () => {
    const typeId = `tdefi_${'0'.repeat(26)}`;
    await stores.admin.operational.begin(async (sql) => {
      const versionId = `tdef_${'0'.repeat(26)}`;
      await sql`insert into app.thing_types (org_id, id, display_name, latest_version_id, latest_version_number, created_by)
        values (${orgId}, ${typeId}, 'EV "Charger"', ${versionId}, 1, 'test')`;
      await sql`insert into app.thing_type_versions (org_id, id, thing_type_id, version, display_name, created_by)
        values (${orgId}, ${versionId}, ${typeId}, 1, 'EV "Charger"', 'test')`;
    });
    const { identity } = await hold(operator, { scopes: scopes('admin APIKEY/#', `read THING/${typeId}/#`) });
    const { text } = await create(identity, { scopes: scopes('read THING/EV "Charger"/#', `read THING/${typeId}/#`) });
    expect((await authenticated(text))?.key.scopes).toEqual(scopes(`read THING/${typeId}/#`));
  });
});

describe('changes of keys', () => {
  const manager = () => hold(operator, { scopes: scopes('admin APIKEY/#', 'read APIKEY/#', 'read THING/#/#') });

  it('changes what is given and leaves the rest', async () => {
    const expiresAt = inMs(day);
    const { id } = await create(operator, { name: 'before', allowedCidrs: ['10.0.0.0/8'], expiresAt });
    const { before, after } = await update(operator, { id, name: 'after' });
    expect(before).toMatchObject({ name: 'before', updatedBy: null });
    expect(after).toMatchObject({
      name: 'after',
      allowedCidrs: ['10.0.0.0/8'],
      expiresAt,
      status: 'ACTIVE',
      updatedBy: 'operator',
    });
    const opened = (await update(operator, { id, allowedCidrs: null, expiresAt: null, scopes: scopes('read AUDIT') }))
      .after;
    expect(opened).toMatchObject({ name: 'after', allowedCidrs: [], expiresAt: null, scopes: scopes('read AUDIT') });
    await expect(update(operator, { id, name: null })).rejects.toEqual(code('BAD_USER_INPUT', 'input.name'));
    await expect(update(operator, { id, scopes: null })).rejects.toEqual(code('BAD_USER_INPUT', 'input.scopes'));
    await expect(update(operator, { id, expiresAt: inMs(-1) })).rejects.toEqual(
      code('BAD_USER_INPUT', 'input.expiresAt'),
    );
  });

  it('is not for a key that may do more than the caller: not even to revoke it', async () => {
    const { identity } = await manager();
    const { id } = await create(operator, { scopes: scopes('admin APIKEY/#', 'write THING/#/#') });
    for (const attempt of [update(identity, { id, name: 'x' }), rotate(identity, id), revoke(identity, id)]) {
      await expect(attempt).rejects.toEqual(code('FORBIDDEN'));
    }
    await stores.admin.operational`
      update app.api_keys set scopes = '[{"action":"read","resourceFilter":"NOT_KNOWN_YET/#"}]' where id = ${id}`;
    await expect(rotate(identity, id)).rejects.toEqual(code('FORBIDDEN'));
    await rotate(operator, id);
  });

  it('gives no key scopes, addresses or time beyond the caller, itself included', async () => {
    const caller = await hold(operator, {
      scopes: scopes('admin APIKEY/#', 'read THING/#/#'),
      allowedCidrs: ['10.0.0.0/8'],
      expiresAt: inMs(day),
    });
    const { id } = caller;
    await expect(update(caller.identity, { id, scopes: scopes('* *') })).rejects.toEqual(
      code('FORBIDDEN', 'input.scopes'),
    );
    await expect(update(caller.identity, { id, allowedCidrs: [] })).rejects.toEqual(
      code('FORBIDDEN', 'input.allowedCidrs'),
    );
    await expect(update(caller.identity, { id, expiresAt: null })).rejects.toEqual(
      code('FORBIDDEN', 'input.expiresAt'),
    );

    const wider = await create(operator, { scopes: scopes('read THING/#/#') });
    const widen = { id: wider.id, scopes: scopes('admin APIKEY/#') };
    await expect(update(caller.identity, widen)).rejects.toEqual(code('FORBIDDEN', 'input.allowedCidrs'));
    await expect(rotate(caller.identity, wider.id)).rejects.toEqual(code('FORBIDDEN', 'input.allowedCidrs'));
    await update(caller.identity, { ...widen, allowedCidrs: ['10.9.9.9'], expiresAt: inMs(day / 2) });
    await rotate(caller.identity, wider.id);
  });

  it('tells what may be seen but not changed from what may not be seen', async () => {
    const { id } = await create(operator, { scopes: scopes('read AUDIT') });
    const reader = await hold(operator, { scopes: scopes('read APIKEY/#', 'read AUDIT') });
    const stranger = await hold(operator, { scopes: scopes('read AUDIT') });
    for (const attempt of [update(reader.identity, { id }), rotate(reader.identity, id), revoke(reader.identity, id)]) {
      await expect(attempt).rejects.toEqual(code('FORBIDDEN'));
    }
    const unknown = ['aaaaaaaaaaaa', '', 'x\u0000', '../../etc/pass'].map((other) => revoke(operator, other));
    for (const attempt of [revoke(stranger.identity, id), rotate(stranger.identity, id), ...unknown]) {
      await expect(attempt).rejects.toEqual(code('NOT_FOUND'));
    }
    const elsewhere = operatorIdentity(await stores.newOrganization(), 'operator', 'test', null);
    await expect(revoke(elsewhere, id)).rejects.toEqual(code('NOT_FOUND'));
  });

  it('leaves expired and revoked keys as they are', async () => {
    const expired = await create(operator, {});
    await expire(expired.id);
    const revoked = await create(operator, {});
    await revoke(operator, revoked.id);
    for (const { id } of [expired, revoked]) {
      await expect(update(operator, { id, expiresAt: inMs(day) })).rejects.toEqual(code('CONFLICT'));
      await expect(rotate(operator, id)).rejects.toEqual(code('CONFLICT'));
    }
    expect((await revoke(operator, expired.id)).after.status).toBe('REVOKED');
  });
});

describe('rotation', () => {
  it('lets the secret before work for the grace period and no longer', async () => {
    const { id, text } = await create(operator, {});
    const { after, text: second } = await rotate(operator, id, 3600);
    expect(after.rotatedAt).toBeInstanceOf(Date);
    expect(parseKey(second)).toMatchObject({ id, type: 'ADMIN' });
    expect(await authenticated(text)).toBeDefined();
    expect(await authenticated(second)).toBeDefined();

    const third = (await rotate(operator, id, 0)).text;
    expect(await authenticated(text)).toBeUndefined();
    expect(await authenticated(second)).toBeUndefined();
    expect(await authenticated(third)).toBeDefined();
  });

  it('never lengthens a grace period', async () => {
    const { id, text } = await create(operator, {});
    await rotate(operator, id, 0);
    await rotate(operator, id, 604_800);
    expect(await authenticated(text)).toBeUndefined();
  });

  it('has bounds', async () => {
    const { id } = await create(operator, {});
    for (const seconds of [-1, 604_801, 0.5]) {
      await expect(rotate(operator, id, seconds)).rejects.toEqual(code('BAD_USER_INPUT', 'input.graceSeconds'));
    }
  });
});

describe('revocation', () => {
  it('is felt by the next transaction of the key, and is for good', async () => {
    const key = await hold(operator, { scopes: scopes('read APIKEY/#') });
    const read = () => withOrg(stores.operational, key.identity, 'read', (tx) => getApiKey(tx, key.id));
    await read();
    const { after } = await revoke(operator, key.id);
    expect(after).toMatchObject({ status: 'REVOKED', revokedBy: 'operator' });
    await expect(read()).rejects.toEqual(code('UNAUTHENTICATED'));
    expect((await authenticated(key.text))?.active).toBe(false);
    expect((await revoke(operator, key.id)).after.revokedAt).toEqual(after.revokedAt);
  });

  it('lets a key revoke itself', async () => {
    const key = await hold(operator, {});
    await revoke(key.identity, key.id);
    await expect(revoke(key.identity, key.id)).rejects.toEqual(code('UNAUTHENTICATED'));
  });

  it('waits for a change under way and has the last word', async () => {
    const { id } = await create(operator, {});
    const results = await Promise.allSettled([
      rotate(operator, id),
      revoke(operator, id),
      update(operator, { id, name: 'n' }),
    ]);
    expect(results[1]!.status).toBe('fulfilled');
    expect((await write(operator, (tx) => getApiKey(tx, id))).status).toBe('REVOKED');
  });
});

describe('lists of keys', () => {
  it('go page by page from the oldest, by state and by name', async () => {
    const made: string[] = [];
    for (const name of ['one', 'two', 'three', 'four']) made.push((await create(operator, { name })).id);
    await revoke(operator, made[1]!);
    await expire(made[2]!);
    const ids = async (status: ApiKeyStatus | null, search?: string) =>
      (await readApiKeys(stores.operational, operator, { status, search }, { first: 100 })).rows.map((row) => row.id);
    expect(await ids(null)).toEqual(made);
    expect(await ids('ACTIVE')).toEqual([made[0], made[3]]);
    expect(await ids('REVOKED')).toEqual([made[1]]);
    expect(await ids('EXPIRED')).toEqual([made[2]]);
    expect(await ids(null, 'T')).toEqual([made[1], made[2]]);
    expect(await ids(null, made[0])).toEqual([made[0]]);

    const paged: string[] = [];
    let after: string | undefined;
    do {
      const page = await readApiKeys(stores.operational, operator, { status: null }, { first: 1, after });
      paged.push(...page.rows.map((row) => row.id));
      after = page.hasNextPage ? page.cursorOf(page.rows.at(-1)!) : undefined;
      expect(await page.countAll()).toBe(4);
    } while (after !== undefined);
    expect(paged).toEqual(made);
  });

  it('show only what the reader may see', async () => {
    const { id } = await create(operator, {});
    await create(operator, {});
    const { identity } = await hold(operator, { scopes: scopes(`read APIKEY/${id}`) });
    const page = await readApiKeys(stores.operational, identity, {}, { first: 10 });
    expect(page.rows.map((row) => row.id)).toEqual([id]);
    expect(await page.countAll()).toBe(1);
  });
});

describe('stored scopes that this version cannot read', () => {
  it('grant nothing and break nothing', async () => {
    const { id, text } = await create(operator, { scopes: scopes('read AUDIT') });
    const stored = JSON.stringify(scopes('read MARS/#', 'fly THING/#/#', 'read AUDIT'));
    await stores.admin.operational.unsafe(`update app.api_keys set scopes = '${stored}' where id = '${id}'`);
    expect((await authenticated(text))?.scopes).toHaveLength(1);
    const alien = JSON.stringify(scopes('read MARS/#'));
    await stores.admin.operational.unsafe(`update app.api_keys set scopes = '${alien}' where id = '${id}'`);
    expect((await authenticated(text))?.scopes).toEqual([]);
  });
});
