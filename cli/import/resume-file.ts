import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageMistake } from '../usage-mistake.js';

const shape = z.object({
  source: z.string(),
  target: z.string(),
  rowsDone: z.int().min(0),
  stored: z.int().min(0),
  refused: z.int().min(0),
});

/** How far an import has come. */
export interface ImportState extends Readonly<z.infer<typeof shape>> {
  /** Digest of the file's size and head: another file is not continued. */
  readonly source: string;
  /** Digest of everything that decides what a row becomes: another import is not continued. */
  readonly target: string;
  /** Rows of the file that are dealt with, stored or refused. */
  readonly rowsDone: number;
}

const headBytes = 65_536;

/** The state that a new import of this file starts with. */
export function newImportState(file: string, target: readonly unknown[]): ImportState {
  return { source: sourceDigest(file), target: digest(JSON.stringify(target)), rowsDone: 0, stored: 0, refused: 0 };
}

/**
 * Where an interrupted import of the same file to the same target stopped; the fresh state when there is none.
 * @throws UsageMistake when the state belongs to another import
 */
export function resumeImport(stateFile: string, fresh: ImportState): ImportState {
  const found = readState(stateFile);
  if (found === undefined) return fresh;
  if (found.source === fresh.source && found.target === fresh.target) return found;
  throw new UsageMistake(
    `${stateFile} is the state of an unfinished import of another file, or with other options. Finish that one, ` +
      'delete its state to start anew, or name another state file with --state.',
  );
}

/** Keeps how far the import has come: whole or not at all. */
export function keepState(stateFile: string, state: ImportState): void {
  writeFileSync(`${stateFile}.new`, `${JSON.stringify(state)}\n`);
  renameSync(`${stateFile}.new`, stateFile);
}

/** Forgets the state: the import is finished. */
export function forgetState(stateFile: string): void {
  rmSync(stateFile, { force: true });
}

function readState(stateFile: string): ImportState | undefined {
  try {
    return shape.parse(JSON.parse(readFileSync(stateFile, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageMistake(`${stateFile} is no state of an import: delete it to start anew, or name another.`);
  }
}

function sourceDigest(file: string): string {
  const head = Buffer.alloc(headBytes);
  const handle = openSync(file, 'r');
  try {
    const bytes = readSync(handle, head, 0, headBytes, 0);
    return digest(`${statSync(file).size}:${head.subarray(0, bytes).toString('base64')}`);
  } finally {
    closeSync(handle);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
