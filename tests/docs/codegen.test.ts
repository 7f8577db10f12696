import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import type { CodegenPlugin, Types } from '@graphql-codegen/plugin-helpers';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { afterAll, describe, expect, it } from '@jest/globals';
import { transform } from '@swc/core';
import { buildSchema, parse, validate } from 'graphql';
import { packageRoot } from '../../db/package-root.js';

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-codegen-'));
afterAll(() => rmSync(folder, { recursive: true }));

const markdown = readFileSync(join(packageRoot, 'docs', 'codegen.md'), 'utf8');
const [configBlock = '', usageBlock = ''] = blocksOf('ts');
const [operation = ''] = blocksOf('graphql');
const sdl = readFileSync(join(packageRoot, 'schema.graphql'), 'utf8');

const plugins: Record<string, CodegenPlugin> = {
  typescript: typescript as unknown as CodegenPlugin,
  'typescript-operations': typescriptOperations as unknown as CodegenPlugin,
};

describe("a consumer's own codegen, as docs/codegen.md shows it", () => {
  it('runs an operation that the schema knows', () => {
    expect(validate(buildSchema(sdl), parse(operation))).toEqual([]);
  });

  it('names every scalar of the schema', async () => {
    const { output } = await readConfig();
    const scalars = [...sdl.matchAll(/^scalar (\w+)/gm)].map(([, name]) => name);
    expect(Object.keys(output.config?.['scalars'] ?? {}).sort()).toEqual(scalars.sort());
  });

  it('generates types with which the sample type-checks, strictly', async () => {
    const { filename, output } = await readConfig();
    const generated = await codegen({
      filename,
      schema: parse(sdl),
      documents: [{ location: 'batteries.graphql', document: parse(operation) }],
      config: output.config ?? {},
      plugins: (output.plugins as string[]).map((name) => ({ [name]: {} })),
      pluginMap: plugins,
    });
    const file = join(folder, filename);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, generated);
    writeFileSync(join(dirname(file), 'batteries.ts'), usageBlock);
    expect(typeFaults(['batteries.ts'], dirname(file))).toBe('');
    writeFileSync(join(dirname(file), 'wrong.ts'), usageBlock.replace('({ name, place', '({ nmae: name, place'));
    expect(typeFaults(['wrong.ts'], dirname(file))).toContain('nmae');
  });
});

function blocksOf(language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);
}

/** The configuration of the page, read as the generator's command line reads it. */
async function readConfig(): Promise<{ filename: string; output: Types.ConfiguredOutput }> {
  const { code } = await transform(configBlock, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  const file = join(folder, 'codegen.mjs');
  writeFileSync(file, code);
  const { default: config } = (await import(pathToFileURL(file).href)) as { default: Types.Config };
  const [[filename, output] = []] = Object.entries(config.generates);
  return { filename: filename ?? '', output: output as Types.ConfiguredOutput };
}

function typeFaults(files: readonly string[], cwd: string): string {
  const compiler = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom'];
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, ...options, ...files], { cwd, encoding: 'utf8' });
  return stdout + stderr;
}
