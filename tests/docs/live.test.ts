import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { type Seed, seed } from '../isolation/seed.js';
import { eventually } from '../support/live-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

const markdown = readFileSync(join(packageRoot, 'docs', 'live.md'), 'utf8');
const [, command = ''] = /^```bash\n(.*?)^```$/ms.exec(markdown) ?? [];
const [, output = ''] = /^```text\n(.*?)^```$/ms.exec(markdown) ?? [];

let deployment: TestDeployment;
let a: Seed;

beforeAll(async () => {
  deployment = await startTestDeployment();
  a = await seed(await deployment.createOrganization('A'), 'A');
});
afterAll(() => deployment.stop());

it('the command of docs/live.md shows what is ingested', async () => {
  const env = { PATH: process.env['PATH'], URL: deployment.gateway.url, KEY: a.client.key!, THING: a.ids.thing };
  const shell = spawn('bash', ['-c', `exec ${command}`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => shell.once('close', resolve));
  let text = '';
  shell.stdout.on('data', (chunk) => {
    text += chunk;
  });
  // As the page shows it: a comment, then an event.
  await eventually('the first event', () => text.split('\n\n').length > 2);
  const shape = (stream: string) =>
    stream
      .trim()
      .replace(/\[\{.*\}\]/, '[]')
      .split('\n');
  expect(shape(text.split('\n\n', 2).join('\n\n'))).toEqual(shape(output));
  await a.client.ok('mutation ($input: IngestFramesInput!) { ingestFrames(input: $input) { framesIngested } }', {
    input: {
      things: [{ thingId: a.ids.thing, frames: [{ timestamp: Date.now(), metrics: { [a.names.metric]: 4711 } }] }],
    },
  });
  await eventually('what was ingested', () => text.includes('"value":"4711"'));
  shell.kill();
  await ended;
});
