import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../client/api-client.js';
import { packageRoot } from '../../db/package-root.js';
import { buildModel } from '../../demo/build-model.js';
import { createKeyAsSystem, firstKey } from '../../server/create-key-as-system.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

/** A block of the README that is run, and the output that the README shows for it. */
interface TestedBlock {
  readonly script: string;
  readonly expected: { readonly language: string; readonly text: string } | undefined;
}

/** `npx` would compile the checkout anew, under the feet of tests that run beside this one. */
const preamble = 'npx() { shift; node cli/bulkhead.mjs "$@"; }\n';

/** Printed between two blocks, to tell their outputs apart. */
const separator = '---- next block ----';

let deployment: TestDeployment;
let folder: string;

/** A deployment as `npm start` leaves it: a demo organization, and its address and first key in home. */
beforeAll(async () => {
  deployment = await startTestDeployment();
  const { orgId } = await deployment.createOrganization('Demo Organization');
  const request = { orgId, part: 'demo', environment: 'test', key: firstKey };
  const { text: apiKey } = await createKeyAsSystem(deployment.operational, request);
  const { url } = deployment.gateway;
  await buildModel(new ApiClient({ url, apiKey }));
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-readme-'));
  writeFileSync(join(folder, 'demo.json'), JSON.stringify({ url, orgId, apiKey }), { mode: 0o600 });
});
afterAll(async () => {
  await deployment.stop();
  rmSync(folder, { recursive: true });
});

describe('the README', () => {
  const blocks = testedBlocks(readFileSync(join(packageRoot, 'README.md'), 'utf8'));

  it('has blocks to run', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(8);
  });

  it('shows what its commands really print, pasted in order into one shell', async () => {
    const script = blocks.map((block) => block.script).join(`\necho '${separator}'\n`);
    const { status, stdout, stderr } = await runBash(preamble + script);
    expect(status === 0 ? '' : `status ${status}\n${stdout}${stderr}`).toBe('');
    const outputs = stdout.split(`${separator}\n`);
    expect(outputs).toHaveLength(blocks.length);
    for (const [index, { expected }] of blocks.entries()) {
      const output = outputs[index] ?? '';
      if (expected === undefined) expect(output).toBe('');
      else if (expected.language === 'json') {
        expect(withoutErrors(JSON.parse(leveled(output)))).toEqual(JSON.parse(leveled(expected.text)));
      } else expect(leveled(output).trim()).toBe(leveled(expected.text).trim());
    }
  });
});

/** Fenced blocks marked `sh tested`, each with the `json` or `text` block that follows before the next one. */
function testedBlocks(markdown: string): TestedBlock[] {
  const fences = [...markdown.matchAll(/^```(\w+)( tested)?\n(.*?)^```$/gms)];
  return fences.flatMap(([, , tested, script = ''], index) => {
    if (tested === undefined) return [];
    const [, language = '', , text = ''] = fences[index + 1] ?? [];
    return [{ script, expected: ['json', 'text'].includes(language) ? { language, text } : undefined }];
  });
}

/** Ids, moments and keys differ from run to run. */
function leveled(text: string): string {
  return text
    .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, '<moment>')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replace(/\b(mdef|tdefi|tdef)_[0-9a-z]{26}\b/g, '<id>');
}

function withoutErrors(answer: { data?: unknown; errors?: unknown }): unknown {
  expect(answer.errors).toBeUndefined();
  return answer;
}

/** As a stranger's shell runs it, but stopping at the first command that fails. */
function runBash(script: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'] ?? '', TMPDIR: folder, BULKHEAD_HOME: folder };
  // Standard input is no pipe: Node's pipes are sockets, on which bash takes itself for a remote shell.
  const shell = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
    cwd: packageRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  shell.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  shell.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => shell.once('close', (status) => resolve({ status, stdout, stderr })));
}
