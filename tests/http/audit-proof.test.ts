import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { auditSigner, formatVerifierKey, isSignatureOfStatement } from '../../audit/audit-key.js';
import { openCheckpoint } from '../../audit/log/checkpoint-note.js';
import { leafHash } from '../../audit/tree/tree-hash.js';
import { rootByInclusion } from '../../audit/tree/verify-proof.js';
import { withAdmin } from '../isolation/data-digest.js';
import { until } from '../support/bulkhead-process.js';
import { rawRequest } from '../support/raw-request.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let own: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  deployment = await startTestDeployment();
  own = await deployment.createOrganization('Proved');
  other = await deployment.createOrganization('Other');
  // Waits until the telemetry database is there: its entries come before those of the tests.
  await own.client.ok('{ retentionPreview(days: 1) { readings } }');
});
afterAll(() => deployment.stop());

const admin = <T>(work: Parameters<typeof withAdmin<T>>[1]) => withAdmin(deployment.adminUrl('operational'), work);
const proofQuery = `query ($id: ID!) { auditProof(id: $id) {
  index leaf leafSignature details treeSize path headLeaf headIndex headPath checkpoint publicKey } }`;
const hash = (base64: string) => Buffer.from(base64, 'base64');

async function newEvent(name: string) {
  await own.client.ok('mutation ($name: String!) { createFleet(input: { name: $name }) { id } }', { name });
  const { auditEvents } = await own.client.ok('{ auditEvents(first: 1) { nodes { id action change } } }');
  return auditEvents.nodes[0];
}

describe('auditProof', () => {
  it('leads from the entry to a checkpoint that is signed by the key of the deployment', async () => {
    const event = await newEvent('Proof');
    const proof = await until('a checkpoint', async () => {
      const { auditProof } = await own.client.ok(proofQuery, { id: event.id });
      return auditProof ?? undefined;
    });
    const { auditKey, deployment: id } = deployment.workerConfiguration;
    const signer = auditSigner(auditKey, id);
    expect(proof.publicKey).toBe(formatVerifierKey(signer));
    const leaf = JSON.parse(proof.leaf);
    expect(leaf).toMatchObject({ id: event.id, index: proof.index, organization: own.orgId, action: 'createFleet' });
    expect(isSignatureOfStatement(signer, 'audit-leaf', proof.leaf, hash(proof.leafSignature))).toBe(true);
    expect(createHash('sha256').update(proof.details).digest('hex')).toBe(leaf.details);
    expect(JSON.parse(JSON.parse(proof.details).change)).toEqual(event.change);
    const head = JSON.parse(proof.headLeaf);
    expect(head).toMatchObject({ type: 'head', organization: own.orgId, size: proof.treeSize, index: proof.headIndex });
    const root = rootByInclusion(
      { index: proof.index, hash: leafHash(proof.leaf) },
      proof.treeSize,
      proof.path.map(hash),
    );
    expect(root?.toString('hex')).toBe(head.root);
    const { checkpoint } = openCheckpoint(signer, proof.checkpoint) as { checkpoint: { size: number; root: Buffer } };
    const headHash = leafHash(proof.headLeaf);
    expect(
      rootByInclusion({ index: proof.headIndex, hash: headHash }, checkpoint.size, proof.headPath.map(hash)),
    ).toEqual(checkpoint.root);
    const { auditEvents, auditCheckpoint } = await own.client.ok(
      '{ auditEvents(first: 1, filter: { action: "createFleet" }) { nodes { index } } auditCheckpoint { generation number size root note publicKey } }',
    );
    expect(auditEvents.nodes[0].index).toBe(proof.index);
    expect(openCheckpoint(signer, auditCheckpoint.note)).toMatchObject({ checkpoint: { size: auditCheckpoint.size } });
  });

  it('is for those who may read the log, of their own entries', async () => {
    const { id } = await newEvent('Hidden');
    expect(await other.client.codes(proofQuery, { id })).toEqual(['NOT_FOUND']);
    expect(await own.client.codes(proofQuery, { id: randomUUID() })).toEqual(['NOT_FOUND']);
    const { client } = await own.createKey({ scopes: ['read PLACE/#/#', 'write *'] });
    expect(await client.codes(proofQuery, { id })).toEqual(['FORBIDDEN']);
    expect(await client.codes('{ auditCheckpoint { size } }')).toEqual(['FORBIDDEN']);
  });
});

describe('/audit.csv', () => {
  const download = (key: string | undefined) =>
    rawRequest(deployment.gateway.url, { path: '/audit.csv', method: 'GET', key });

  it('has the last 90 days, without formulas, and is itself recorded', async () => {
    await admin(async (sql) => {
      for (const [action, age] of [
        ['inside', '89 days 23 hours'],
        ['outside', '90 days 1 hour'],
      ] as const) {
        await sql`insert into audit.entries (org_id, at, actor_type, actor_id, action, resource, outcome, request_id, change)
                  values (${own.orgId}, now() - ${age}::interval, 'SYSTEM', 'test', ${action}, 'x', 'SUCCEEDED', 'x', '{}')`;
      }
      for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a "quoted", text\r\nwith lines']) {
        await sql`insert into audit.entries (org_id, actor_type, actor_id, action, resource, outcome, request_id, change)
                  values (${own.orgId}, 'SYSTEM', ${text}, 'formula', 'x', 'SUCCEEDED', 'x', '{}')`;
      }
      // More than a page.
      await sql`insert into audit.entries (org_id, actor_type, actor_id, action, resource, outcome, request_id, change)
                select ${own.orgId}, 'SYSTEM', 'n' || n, 'many', 'x', 'SUCCEEDED', 'x', '{}' from generate_series(1, 450) n`;
    });
    const { status, headers, text } = await download(own.client.key);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"$/);
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    const [{ count, other: foreign }] = (await admin(
      (sql) => sql`select count(*) filter (where org_id = ${own.orgId})::int as count,
                          count(*) filter (where org_id <> ${own.orgId})::int as other from audit.entries
                   where at >= now() - interval '90 days'`,
    )) as unknown as [{ count: number; other: number }];
    expect(foreign).toBeGreaterThan(0);
    // Neither the announcement of the export nor what came of it.
    expect(rows).toHaveLength(count - 2);
    const actions = new Set(rows.map(({ action }) => action));
    expect([actions.has('inside'), actions.has('outside')]).toEqual([true, false]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.filter(({ action }) => action === 'formula').map(({ actorId }) => actorId)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\tx",
      "'\rx",
      'a "quoted", text\r\nwith lines',
    ]);
    const { auditEvents } = await own.client.ok(
      '{ auditEvents(first: 5, filter: { action: "exportAuditLog" }) { nodes { outcome resourcePath change } } }',
    );
    expect(auditEvents.nodes).toMatchObject([
      { outcome: 'SUCCEEDED', resourcePath: 'AUDIT', change: { entries: rows.length } },
      { outcome: 'INTENDED', resourcePath: 'AUDIT' },
    ]);
  });

  it('is refused without a key, and without read AUDIT, which is recorded', async () => {
    expect((await download(undefined)).status).toBe(401);
    const { id, text } = await own.createKey({ scopes: ['read PLACE/#/#', 'write *'] });
    expect((await download(text)).status).toBe(403);
    const recorded = await admin((sql) => sql`select outcome, code from audit.entries where actor_id = ${id}`);
    expect([...recorded]).toEqual([{ outcome: 'REFUSED', code: 'FORBIDDEN' }]);
  });
});

describe('a change', () => {
  it('is refused, and not made, while the audit log cannot be written', async () => {
    await admin((sql) =>
      sql
        .unsafe(`
      create function public.full() returns trigger language plpgsql as $$
        begin raise exception 'no space left' using errcode = 'disk_full'; end $$;
      create trigger full_disk before insert on audit.entries for each row execute function public.full()`)
        .simple(),
    );
    const answer = await own.client.send('mutation { createFleet(input: { name: "Unrecorded" }) { id } }');
    await admin((sql) => sql.unsafe('drop trigger full_disk on audit.entries; drop function public.full()').simple());
    expect(answer.errors).toHaveLength(1);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    const rows = await admin((sql) => sql`select from app.places where name = 'Unrecorded'`);
    expect(rows).toHaveLength(0);
    await own.client.ok('mutation { createFleet(input: { name: "Recorded" }) { id } }');
  });
});
