import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Seed, seed } from '../isolation/seed.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
let own: Seed;
let reader: Awaited<ReturnType<Seed['organization']['createKey']>>;

beforeAll(async () => {
  deployment = await startTestDeployment();
  own = await seed(await deployment.createOrganization('Audited'), 'A');
  reader = await own.organization.createKey({ scopes: ['read *'] });
});
afterAll(() => deployment.stop());

describe('auditEvents', () => {
  const list = async (filter: object, first = 100, after?: string) => {
    const { auditEvents } = await own.client.ok(
      `query ($first: Int!, $after: String, $filter: AuditFilter) {
        auditEvents(first: $first, after: $after, filter: $filter) {
          nodes { id at actorType actorId action resourcePath outcome code clientAddress requestId change }
          edges { cursor node { id } } pageInfo { hasNextPage endCursor }
        }
      }`,
      { first, filter, ...(after === undefined ? {} : { after }) },
    );
    return auditEvents;
  };

  it('pages from the newest entry to the oldest, each once', async () => {
    const filter = { resourcePrefix: `PLACE/Site/${own.ids.site}` };
    const whole = await list(filter);
    expect(whole.pageInfo).toEqual({ hasNextPage: false, endCursor: whole.edges.at(-1).cursor });
    const moments = whole.nodes.map(({ at }: { at: string }) => at);
    expect(moments).toEqual([...moments].sort().reverse());
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await list(filter, 3, after);
      ids.push(...page.nodes.map(({ id }: { id: string }) => id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
    } while (after !== undefined);
    expect(ids.length).toBeGreaterThan(6);
    expect(ids).toEqual(whole.nodes.map(({ id }: { id: string }) => id));
  });

  it('is restricted by every condition of its filter, all at once too', async () => {
    const answer = await reader.client.send('mutation { setRetention(input: { days: 30 }) { __typename } }');
    const requestId = answer.headers.get('x-request-id');
    const [event] = (await list({}, 1)).nodes;
    const resourcePath = `ORGANIZATION/${own.ids.organization}`;
    const is = { action: 'setRetention', actorId: reader.id, outcome: 'REFUSED', resourcePath };
    expect(event).toMatchObject({
      ...is,
      actorType: 'API_KEY',
      code: 'FORBIDDEN',
      clientAddress: '127.0.0.1',
      requestId,
    });
    expect(event.change).toEqual({ input: { days: 30, confirm: false } });
    for (const field of ['action', 'actorId', 'outcome'] as const) {
      const { nodes } = await list({ [field]: is[field] }, 50);
      expect(nodes.length).toBeGreaterThan(0);
      expect(nodes.filter((node: typeof is) => node[field] !== is[field])).toEqual([]);
    }
    const { nodes } = await list({ resourcePrefix: resourcePath.slice(0, -4) });
    expect(new Set(nodes.map((node: typeof is) => node.resourcePath))).toEqual(new Set([resourcePath]));
    const next = new Date(Date.parse(event.at) + 1).toISOString();
    const all = { action: is.action, actorId: is.actorId, outcome: is.outcome, resourcePrefix: 'ORG' };
    expect((await list({ ...all, from: event.at, to: next })).nodes).toEqual([event]);
    expect((await list({ ...all, from: next })).nodes).toEqual([]);
    expect((await list({ from: next, to: event.at })).nodes).toEqual([]);
    expect((await list({ ...all, resourcePrefix: 'PLACE' })).nodes).toEqual([]);
    // A prefix is no pattern.
    expect((await list({ resourcePrefix: 'ORGANIZATION/%' })).nodes).toEqual([]);
  });

  it('shows what Bulkhead itself and the operator did', async () => {
    const { nodes } = await list({ actorId: 'provisioning' });
    const is = { actorType: 'SYSTEM', action: 'provisionTelemetry', clientAddress: null, change: {} };
    expect(nodes).toMatchObject([
      { ...is, outcome: 'SUCCEEDED' },
      { ...is, outcome: 'INTENDED' },
    ]);
    const [created] = (await list({ action: 'createOrganization' })).nodes;
    expect(created).toMatchObject({
      actorType: 'OPERATOR',
      outcome: 'SUCCEEDED',
      change: { input: { name: 'Audited' } },
    });
  });

  it('has no count, refuses cursors of another list and needs read AUDIT', async () => {
    expect(await own.client.codes('{ auditEvents(first: 1) { totalCount } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    const { pageInfo } = await list({ action: 'createSite' }, 1);
    const query = 'query ($after: String) { auditEvents(first: 1, after: $after) { nodes { id } } }';
    expect(await own.client.codes(query, { after: pageInfo.endCursor })).toEqual(['BAD_USER_INPUT']);
    expect(await own.client.codes('{ auditEvents(first: 101) { nodes { id } } }')).toEqual(['BAD_USER_INPUT']);
    const blind = await own.organization.createKey({ scopes: ['write *', 'admin *', 'read PLACE/#/#'] });
    expect(await blind.client.codes('{ auditEvents(first: 1) { nodes { id } } }')).toEqual(['FORBIDDEN']);
    const seeing = await own.organization.createKey({ scopes: ['read AUDIT'] });
    expect((await seeing.client.ok('{ auditEvents(first: 1) { nodes { id } } }')).auditEvents.nodes).toHaveLength(1);
  });
});
