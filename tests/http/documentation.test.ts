import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { closeDatabase, openDatabase } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import type { Status } from '../../posture/check.js';
import { checks } from '../../posture/checks.js';
import { keepPosture } from '../../posture/last-posture.js';
import { promises } from '../../posture/promises.js';
import { until } from '../support/bulkhead-process.js';
import { operatorClient } from '../support/operator-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

let deployment: TestDeployment;
beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment?.stop());

const get = (path: string) => fetch(`${deployment.gateway.url}${path}`);
const evidence = 'canary-of-evidence';

/** Keeps a run in which every check has found the same. */
async function keep(status: Status): Promise<void> {
  const database = openDatabase({ ...worker(), maxConnections: 1, applicationName: 'test' });
  const results = checks.map(({ id }) => ({ check: id, status, evidence, at: new Date(), durationMs: 1 }));
  await withOrg(database, systemIdentity(deploymentOrgId, 'posture', randomUUID()), 'write', (tx) =>
    keepPosture(tx, new Date(), results),
  );
  await closeDatabase(database);
}

function worker() {
  const { operationalUrl: url, contextKey } = deployment.workerConfiguration;
  return { url, contextKey };
}

describe('the documentation', () => {
  it('is listed in /llms.txt; every page is served, and its twin has the same headings', async () => {
    const index = await (await get('/llms.txt')).text();
    const paths = [...index.matchAll(/\]\((\/[^)]+)\)/g)].map(([, path = '']) => path);
    expect(paths).toContain('/docs/security');
    // What the embedded default keeps is not what this deployment keeps.
    expect([paths.includes('/docs/trust'), (await get('/docs/trust')).status]).toEqual([false, 404]);
    expect(paths.length).toBeGreaterThan(60);
    for (const path of paths) {
      const [page, twin] = [await get(path), await get(`${path}.md`)];
      expect([path, page.status, twin.status]).toEqual([path, 200, 200]);
      expect(twin.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
      const markdown = (await twin.text()).replaceAll(/^(```|~~~).*?^\1/gms, '');
      const headings = markdown.match(/^#{1,6} /gm) ?? [];
      const html = await page.text();
      expect([path, html.match(/<h[1-6] /g)?.length]).toEqual([path, headings.length]);
      const links = [...html.matchAll(/href="(\/[^"#]*)/g)].map(([, link]) => link);
      expect(links.filter((link) => !known(link!, paths))).toEqual([]);
    }
  });

  it('runs no script and asks no other origin', async () => {
    const { headers } = await get('/docs/index');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
    expect((await get('/docs/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect((await get('/docs/../package.json')).status).toBe(404);
    expect((await get('/docs/..%2fpackage.json')).status).toBe(404);
  });
});

describe('/trust', () => {
  it('has each promise once, from the last run, and no evidence; an operator sees that', async () => {
    const operator = await operatorClient(deployment);
    const query = '{ posture { promises { id status } checks { id title status evidence } } }';
    expect(await operator.ok(query)).toEqual({ posture: null });
    await keep('FAIL');
    await keep('PASS');

    const text = await until('the page to be made anew', async () => {
      const page = await (await get('/trust.md')).text();
      return page.includes('**P003** PASS') ? page : undefined;
    });
    const marks = [...text.matchAll(/^- \*\*(P\d{3})\*\* (PASS|FAIL|NOT PROVIDED|NOT LOOKED AT),/gm)];
    expect(marks.map(([, id]) => id).sort()).toEqual(promises.map(({ id }) => id).sort());
    const unprovided = promises.filter(({ reason }) => reason !== undefined).length;
    expect(marks.filter(([, , status]) => status === 'PASS')).toHaveLength(promises.length - unprovided);
    expect(text).not.toContain(evidence);

    const { posture } = (await operator.ok(query)) as { posture: Record<string, Record<string, unknown>[]> };
    expect(posture['promises']).toHaveLength(promises.length);
    expect(posture['checks']!.map(({ id }) => id)).toEqual(checks.map(({ id }) => id));
    expect(posture['checks']![0]).toMatchObject({ status: 'PASS', evidence, title: checks[0]!.title });
  });
});

function known(link: string, paths: readonly string[]): boolean {
  return [...paths, '/explorer', '/schema.graphql', '/docs/style.css'].includes(link);
}
