import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { change } from '../isolation/seed.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';

const markdown = readFileSync(join(packageRoot, 'docs', 'templates.md'), 'utf8');
const blocks = (language: string) =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);
const operation = (name: string): string => blocks('graphql').find((block) => block.includes(` ${name}(`))!;

let deployment: TestDeployment;
let client: GraphqlClient;
const variables: Record<string, unknown> = {};

beforeAll(async () => {
  deployment = await startTestDeployment();
  ({ client } = await deployment.createOrganization('Reader of docs'));
  for (const name of ['soc', 'power']) {
    variables[name] = (
      await change(client, 'createMetric', { name, dataType: 'DOUBLE', defaultAggregation: 'LAST' })
    ).id;
  }
  const type = { displayName: 'Battery', metricIds: [variables['soc'], variables['power']] };
  const { id: typeId } = await change(client, 'createThingType', type);
  const { id: placeId } = await change(client, 'createFleet', { name: 'Fleet' });
  variables['thing'] = (await change(client, 'createThing', { placeId, typeId, name: 'Battery' })).id;
});
afterAll(() => deployment.stop());

describe('docs/templates.md', () => {
  it('makes a template, tries it and sends a document, as it says', async () => {
    const created = await client.ok(operation('CreateTemplate'), variables);
    variables['template'] = created['createTemplate'].id;
    const [document = '', report = ''] = blocks('json');
    variables['document'] = JSON.parse(document.replaceAll('NOW', new Date().toISOString()));
    const { testTemplate } = await client.ok(operation('TestTemplate'), variables);
    expect(testTemplate.records).toHaveLength(1);
    const { ingestViaTemplate } = await client.ok(operation('IngestViaTemplate'), variables);
    expect(ingestViaTemplate.report).toEqual(JSON.parse(report.replaceAll('SOC', String(variables['soc']))));
  });

  it('has a handler that runs', async () => {
    const [source = ''] = blocks('js');
    const spec = { source: source.replace('mdef_…', String(variables['soc'])) };
    const timestamp = Date.now();
    const input = { format: 'JAVASCRIPT_HANDLER', spec, document: { frames: [{ t: timestamp, v: 615 }] } };
    const { records } = await change(
      client,
      'testTemplate',
      input,
      'records { timestampMs fields { metricId value } }',
    );
    expect(records).toEqual([{ timestampMs: timestamp, fields: [{ metricId: variables['soc'], value: 61.5 }] }]);
  });
});
