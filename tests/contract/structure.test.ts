import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../db/package-root.js';
import { folderImports, onlyFiles } from './folder-imports.js';
import { importsOf, type SourceFile, sourceFiles } from './source-files.js';

const files = sourceFiles();
const product = files.filter(({ folder }) => !['tests', 'bench', 'deploy'].includes(folder));
const maxLines = { product: 300, tests: 500 };

/** Product files outside the given places for which the condition holds. */
function offenders(condition: (file: SourceFile) => boolean, places: RegExp): string[] {
  return product.filter((file) => condition(file) && !places.test(file.path)).map(({ path }) => path);
}

const imports = (module: string) => (file: SourceFile) => file.imports.some((one) => one.module === module);
const says = (pattern: RegExp) => (file: SourceFile) => pattern.test(withoutComments(file.text));

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)\/\/.*$/gm, '');
}

describe('folders', () => {
  it('are all in the table', () => {
    expect([...new Set(product.map(({ folder }) => folder))].sort()).toEqual(Object.keys(folderImports).sort());
  });

  it('import what the table allows, and nothing else', () => {
    const faults = edges()
      .filter(({ from, to, isType }) => !allows(from.folder, to, isType))
      .map(({ from, module }) => `${from.path} imports ${module}`);
    expect(faults).toEqual([]);
  });

  it('need everything that the table allows', () => {
    const needed = new Set(edges().map(({ from, to, isType }) => `${from.folder} ${isType ? 'type ' : ''}${to}`));
    const unused = Object.entries(folderImports).flatMap(([from, allowed]) =>
      allowed.filter((to) => !needed.has(`${from} ${to}`)).map((to) => `${from} ${to}`),
    );
    expect(unused).toEqual([]);
  });

  it('import all of the named files, and no other, where only these are allowed', () => {
    for (const rule of onlyFiles) {
      const own = edges().filter(({ from, to }) => from.folder === rule.from && to === rule.folder);
      expect([...new Set(own.map(({ module }) => module))].sort()).toEqual(rule.files);
    }
  });
});

describe('single doors', () => {
  it('only db/ and telemetry/ import the driver', () => {
    expect(offenders(imports('postgres'), /^(db|telemetry)\//)).toEqual([]);
  });

  it('only db/ imports its pools', () => {
    expect(offenders(imports('db/pool.ts'), /^db\//)).toEqual([]);
  });

  it('only auth/permissions/ imports graphql-shield, and nothing negates a rule', () => {
    expect(offenders(imports('graphql-shield'), /^auth\/permissions\//)).toEqual([]);
    const negated = /import[^;]*[{,]\s*not\b[^;]*'graphql-shield'|\bshield\.not\(|(?<![\w.'"`])not\(/;
    expect(offenders(says(negated), /^$/)).toEqual([]);
  });

  it('only domain/telemetry/open-things.ts issues handles of things', () => {
    const issues = product.filter(says(/\bissueThingHandle\b/)).map(({ path }) => path);
    expect(issues.sort()).toEqual(['domain/telemetry/open-things.ts', 'telemetry/thing-handle.ts']);
  });

  it('only server/configuration.ts reads the environment', () => {
    const reads = product.filter(says(/\bprocess\.env\b|\bprocess\[|import[^;]*\benv\b[^;]*'(node:)?process'/));
    expect(reads.map(({ path }) => path)).toEqual(['server/configuration.ts']);
  });

  it('no resolver holds SQL, and no folder below the door speaks GraphQL', () => {
    expect(
      offenders(
        says(/\btx\.sql\b|\bsql`/),
        /^(db|telemetry|domain|audit|auth|vault|export|jobs|backups|posture|signals|alerts|recovery|server|scripts|cli)\//,
      ),
    ).toEqual([]);
    const speaking = product.filter((file) =>
      /^(db|telemetry|domain|audit|vault|export|jobs|backups|signals|alerts|recovery)\//.test(file.path),
    );
    expect(speaking.filter(imports('graphql')).map(({ path }) => path)).toEqual([]);
  });
});

describe('files', () => {
  it('are short', () => {
    const long = files
      .filter(({ path, folder, text }) => {
        const limit = folder === 'tests' ? maxLines.tests : maxLines.product;
        return !path.endsWith('.generated.ts') && text.split('\n').length - 1 > limit;
      })
      .map(({ path }) => path);
    expect(long).toEqual([]);
  });

  it('are named in kebab-case, or after a GraphQL type, and not after everything', () => {
    const names = product.map(({ path }) => [path, path.split('/').at(-1) ?? ''] as const);
    const odd = names.filter(([path, name]) => {
      const pattern = path.startsWith('resolvers/')
        ? /^([a-z0-9-]+|[A-Z][A-Za-z]+)(\.generated)?\.ts$/
        : /^[a-z0-9-]+\.ts$/;
      return !pattern.test(name) || /\b(utils?|helpers?|managers?|misc|common)\b/.test(name);
    });
    expect(odd.map(([path]) => path)).toEqual([]);
  });
});

describe('the reading of imports', () => {
  it('finds every form', () => {
    const text = [
      "import a from 'one';",
      "import type { B } from '../db/two.js';",
      "import {\n  c,\n  type D,\n} from './three.js';",
      "import './four.js';",
      "export * from '../errors/five.js';",
      "const six = await import('./six.js');",
    ].join('\n');
    expect(importsOf('domain/x.ts', text)).toEqual([
      { module: 'one', isType: false },
      { module: 'db/two.ts', isType: true },
      { module: 'domain/three.ts', isType: false },
      { module: 'domain/four.ts', isType: false },
      { module: 'errors/five.ts', isType: false },
      { module: 'domain/six.ts', isType: false },
    ]);
  });
});

describe('files of tests', () => {
  it('that are begun first are there', () => {
    const longest: string[] = JSON.parse(
      readFileSync(join(packageRoot, 'tests', 'support', 'longest-files.json'), 'utf8'),
    );
    expect(longest.filter((name) => !existsSync(join(packageRoot, 'tests', `${name}.test.ts`)))).toEqual([]);
  });
});

/** Imports of the product that lead from one folder to another. */
function edges() {
  const folders = new Set(files.map(({ folder }) => folder));
  return product.flatMap((from) =>
    from.imports
      .map(({ module, isType }) => ({ from, module, isType, to: module.split('/')[0] ?? module }))
      .filter(({ to }) => folders.has(to) && to !== from.folder),
  );
}

function allows(from: string, to: string, isType: boolean): boolean {
  const allowed = folderImports[from] ?? [];
  return allowed.includes(to) || (isType && allowed.includes(`type ${to}`));
}
