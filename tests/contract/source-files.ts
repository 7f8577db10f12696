import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

/** An import or re-export of a module. */
export interface ModuleImport {
  /** A package, or a file of the project by its path from the root. */
  readonly module: string;
  readonly isType: boolean;
}

/** A file of TypeScript of the project. */
export interface SourceFile {
  /** Path from the root. */
  readonly path: string;
  /** First folder of the path, or the file itself where it is in none. */
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly ModuleImport[];
}

const ignored = /^(\.|node_modules$|dist$|coverage$)/;

/** All TypeScript files of the project, tests too. */
export function sourceFiles(folder = ''): SourceFile[] {
  return readdirSync(join(packageRoot, folder))
    .filter((name) => !ignored.test(name))
    .flatMap((name) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (statSync(join(packageRoot, path)).isDirectory()) return sourceFiles(path);
      return path.endsWith('.ts') ? [readSource(path)] : [];
    });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(packageRoot, path), 'utf8');
  return { path, folder: path.split('/')[0] ?? path, text, imports: importsOf(path, text) };
}

/** Static imports, re-exports, imports for effect, and `import('…')`, as an expression or as a type. */
export function importsOf(path: string, text: string): ModuleImport[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm);
  const calls = text.matchAll(/\bimport\(\s*['"`]([^'"`$]+)/g);
  return [
    ...[...statements].map(([, type, module = '']) => ({ module: resolved(path, module), isType: type !== undefined })),
    ...[...calls].map(([, module = '']) => ({ module: resolved(path, module), isType: false })),
  ];
}

function resolved(path: string, module: string): string {
  return module.startsWith('.') ? join(dirname(path), module).replace(/\.js$/, '.ts') : module;
}
