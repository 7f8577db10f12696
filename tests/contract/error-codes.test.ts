import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { errorCodes } from '../../errors/error-codes.js';

const documented = new Map(
  [
    ...readFileSync(join(packageRoot, 'docs/errors.md'), 'utf8').matchAll(
      /^\| `([A-Z_]+)` \| (\d+) \| (.+) \| (.+) \|$/gm,
    ),
  ].map(([, code, status, title, remedy]) => [code, { status: Number(status), title, remedy }]),
);

/** Source files that can raise errors. */
function sources(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.generated.ts'))
    .map((file) => readFileSync(join(packageRoot, folder, file), 'utf8'));
}

describe('the registry of error codes', () => {
  it('is what docs/errors.md says, both ways', () => {
    expect(Object.fromEntries(documented)).toEqual(errorCodes);
  });

  it('holds no code that nothing raises', () => {
    const text = ['auth', 'db', 'domain', 'errors', 'resolvers', 'server', 'telemetry', 'vault']
      .flatMap(sources)
      .join('\n');
    const registry = readFileSync(join(packageRoot, 'errors/error-codes.ts'), 'utf8');
    const raised = (code: string) =>
      text.replace(registry, '').includes(`'${code}'`) || text.includes(`${code}: '${code}'`);
    expect(Object.keys(errorCodes).filter((code) => !raised(code))).toEqual([]);
  });
});
