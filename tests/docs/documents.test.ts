import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { packageRoot } from '../../db/package-root.js';
import { settings } from '../../server/configuration-settings.js';

const maxLineLength = 120;
const schema = buildSchema(readFileSync(join(packageRoot, 'schema.graphql'), 'utf8'));
const documents = ['.', 'docs', 'docs/decisions', ...foldersOf(packageRoot)].flatMap(markdownFilesOf);

describe.each(documents)('%s', (name) => {
  const file = join(packageRoot, name);
  const text = readFileSync(file, 'utf8');

  it('links to files that are there', () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^(https?:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
    expect(local.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });

  it('asks the schema for what it has', () => {
    const blocks = [...text.matchAll(/^```graphql\n(.*?)^```$/gms)].map(([, block = '']) => block);
    const faults = blocks.flatMap((block) => validate(schema, parse(block)).map((error) => error.message));
    expect(faults).toEqual([]);
  });

  it(`has lines of at most ${maxLineLength} characters`, () => {
    expect(text.split('\n').filter((line) => [...line].length > maxLineLength)).toEqual([]);
  });
});

describe('docs/README.md', () => {
  it('is the index of all pages', () => {
    const text = readFileSync(join(packageRoot, 'docs', 'README.md'), 'utf8');
    const pages = documents.filter((name) => dirname(name) === 'docs' && name !== join('docs', 'README.md'));
    expect(pages.filter((name) => !text.includes(`](${relative('docs', name)})`))).toEqual([]);
    expect(pages.length).toBeGreaterThan(20);
  });
});

describe('docs/configuration.md', () => {
  it('names every variable, and none that is not read', () => {
    const text = readFileSync(join(packageRoot, 'docs', 'configuration.md'), 'utf8');
    const rows = text.split('\n').filter((line) => /^\| `[A-Z_]+`/.test(line));
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
    );
    expect(named.sort()).toEqual(Object.keys(settings.shape).sort());
  });
});

describe('CONTRIBUTING.md', () => {
  it('has every command of package.json that a person gives', () => {
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const text = readFileSync(join(packageRoot, 'CONTRIBUTING.md'), 'utf8');
    const missing = Object.keys(scripts).filter((name) => !text.includes(`npm run ${name}\``) && !isShown(text, name));
    expect(missing).toEqual([]);
  });
});

/** `start` and `test` have short forms; `prestart` and the like run by themselves. */
function isShown(text: string, script: string): boolean {
  return text.includes(`\`npm ${script}\``) || /^pre/.test(script);
}

function foldersOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$|docs$|coverage$)/.test(entry.name))
    .map(({ name }) => name);
}

function markdownFilesOf(folder: string): string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => relative(packageRoot, join(packageRoot, folder, name)));
}
