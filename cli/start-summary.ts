import { relative } from 'node:path';
import type { Configuration } from '../server/configuration.js';
import type { Demo } from '../server/start/demonstrate.js';
import type { RunningBulkhead } from '../server/start/start-bulkhead.js';

const dayMs = 86_400_000;

/** What a person reads when everything serves: where, with which key, what to try; the key once, when it was made. */
export function startSummary({ url, demo }: RunningBulkhead, configuration: Configuration): string {
  const lines = ['Bulkhead is ready.', '', `  API        ${url}/graphql`, `  Explorer   ${url}/explorer`];
  if (demo === undefined) {
    if (!configuration.isGatewayApart) {
      lines.push('', 'Make an organization and its first key:  npx bulkhead org create "My Organization"');
    }
  } else {
    const file = shortPath(demo.file);
    if (demo.isNew)
      lines.push(`  Key        ${demo.apiKey}`, `             shown this once; kept in ${file}`, ...toTry(url, demo));
    else lines.push(`  Demo key   in ${file}`);
  }
  return [...lines, '', 'Ctrl-C stops it.'].join('\n');
}

function shortPath(file: string): string {
  const short = relative('', file);
  return short.startsWith('..') ? file : short;
}

function toTry(url: string, { apiKey }: Demo): string[] {
  const end = new Date();
  const window = `start: \\"${new Date(end.getTime() - dayMs).toISOString()}\\", end: \\"${end.toISOString()}\\"`;
  return [
    '',
    'Three things to try in another terminal:',
    ...curl(url, apiKey, '1. What each thing of the demo reported last', [
      '{ things(first: 10) { nodes { name latest { metricName value at } } } }',
    ]),
    ...curl(url, apiKey, '2. The last 24 hours of each site, in hourly means', [
      '{ sites(first: 10) { nodes { name',
      `timeseries(${window},`,
      'bin: { unit: HOUR }, metricIds: [\\"Temperature\\"]) { points { at value } } } } }',
    ]),
    ...curl(url, apiKey, '3. A site of your own', [
      'mutation { createSite(input: { name: \\"My Site\\", latitude: 52.37,',
      'longitude: 4.9, address: \\"Main Street 1\\" }) { site { id name } } }',
    ]),
  ];
}

/** One command to paste; the document is broken between its words, since a JSON string holds no line feed. */
function curl(url: string, apiKey: string, title: string, document: readonly string[]): string[] {
  const [first = '', ...rest] = document;
  const parts = [`{"query":"${first}`, ...rest];
  const last = parts.length - 1;
  return [
    '',
    `  ${title}`,
    `  curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `    -H 'x-api-key: ${apiKey}' \\`,
    ...parts.map(
      (part, index) =>
        `${index === 0 ? '    -d ' : ''}'${part}${index === last ? '"}' : ' '}'${index === last ? '' : '\\'}`,
    ),
  ];
}
