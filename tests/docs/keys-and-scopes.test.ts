import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { leastScopes } from '../../auth/permissions/least-scopes.js';
import { covers } from '../../auth/scopes/covers.js';
import { formatResourceFilter } from '../../auth/scopes/format-resource-filter.js';
import { nouns, nounsNotBuilt, segmentKindsOf } from '../../auth/scopes/noun.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import { packageRoot } from '../../db/package-root.js';
import { createSchema } from '../../server/schema.js';

const markdown = readFileSync(join(packageRoot, 'docs', 'keys-and-scopes.md'), 'utf8');

/** What the letters of the page stand for. */
const ids: Readonly<Record<string, string>> = {
  S1: '00000000-0000-7000-8000-000000000001',
  S2: '00000000-0000-7000-8000-000000000002',
  F1: '00000000-0000-7000-8000-000000000003',
  T1: '00000000-0000-7000-8000-000000000004',
  T2: '00000000-0000-7000-8000-000000000005',
  I1: '00000000-0000-7000-8000-000000000006',
  Battery: `tdefi_${'b'.repeat(26)}`,
  Charger: `tdefi_${'c'.repeat(26)}`,
};

describe('docs/keys-and-scopes.md', () => {
  const examples = workedExamples();

  it('has worked examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(20);
  });

  it.each(examples)('key with %s, request %s: %s', (scope, request, allowed) => {
    const { action, path } = readScope(request);
    const granted = readScope(scope);
    const scopes = parseScopes([{ action: granted.action, resourceFilter: granted.path }], 'scopes');
    expect(covers(scopes, action as 'read', path)).toBe(allowed === 'yes');
  });

  it('lists every noun with its segments, and the words that are reserved', () => {
    const documented = rowsBelow('### Filters').map(([resource]) => resource.replaceAll('`', ''));
    expect(documented).toEqual(
      nouns.map((noun) => [noun, ...segmentKindsOf(noun).map(({ name }) => `{${name}}`)].join('/')),
    );
    for (const word of nounsNotBuilt) expect(markdown).toContain(`\`${word}\``);
  });

  it('shows the scopes that the command prints for its document', () => {
    const [, document = ''] = /^```graphql\n(.*?)^```$/ms.exec(markdown) ?? [];
    const printed = leastScopes(createSchema(), parse(document)).map(
      (scope) => `--scope "${scope.action} ${formatResourceFilter(scope)}"`,
    );
    expect(markdown).toContain(`\`\`\`text\n${printed.join('\n')}\n\`\`\``);
  });
});

/** Cells of the first table below a heading, without its head. */
function rowsBelow(heading: string): [string, ...string[]][] {
  const lines = markdown.slice(markdown.indexOf(heading)).split('\n');
  const start = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) => {
    const [first = '', ...rest] = line.split('|').slice(1, -1);
    return [first.trim(), ...rest.map((cell) => cell.trim())];
  });
}

/** Scope, request and answer of each row; an empty scope is the one above it. */
function workedExamples(): [string, string, string][] {
  let scope = '';
  return rowsBelow('### Worked examples').map(([given, request = '', allowed = '']) => {
    scope = given === '' ? scope : given;
    return [scope, request, allowed];
  });
}

/** `action PATH` in code marks, with real ids. */
function readScope(text: string): { action: string; path: string } {
  const [, action = '', path = ''] = /^`(\S+) ([^`]+)`$/.exec(text) ?? [];
  const segments = path.split('/').map((segment) => ids[segment] ?? segment);
  return { action, path: segments.join('/') };
}
