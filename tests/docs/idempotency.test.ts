import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let folder: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Docs');
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-idempotency-'));
});
afterAll(async () => {
  await deployment?.stop();
  rmSync(folder, { recursive: true });
});

describe('docs/idempotency.md', () => {
  it('shows what its commands print', async () => {
    const markdown = readFileSync(join(packageRoot, 'docs', 'idempotency.md'), 'utf8');
    const [, script = '', output = ''] = /^```bash\n(.*?)^```\n\n```text\n(.*?)^```$/ms.exec(markdown) ?? [];
    const { client } = organization;
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', script], {
      cwd: folder,
      env: { PATH: process.env['PATH'], BULKHEAD_URL: client.url, BULKHEAD_KEY: client.key },
    });
    expect(stdout.replaceAll('\r', '')).toBe(output);
    const { fleets } = await client.ok('{ fleets(first: 10) { nodes { name } } }');
    expect(fleets.nodes).toEqual([{ name: 'Vans' }]);
  });
});
