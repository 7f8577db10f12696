import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SegmentPlace, segmentPath } from '../log/segment.js';
import { syncDirectory } from '../sync-directory.js';

/** What became of the writing of a segment; `conflict` if there is another one under its name. */
export type Written = 'written' | 'same' | 'conflict';

/** Name of the file that holds the newest checkpoint. */
const latestName = 'checkpoint';

/**
 * Writes a segment, once: whole and on the disk, or not at all, and never over another one. The directory of home may be
 * on another machine, so this trusts nothing that is there.
 * @throws Error of the system when it cannot be written
 */
export function writeSegment(directory: string, place: SegmentPlace, file: string): Written {
  const path = join(directory, segmentPath(place));
  if (existsSync(path)) return readFileSync(path, 'utf8') === file ? 'same' : 'conflict';
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, file, { mode: 0o400, flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(path, 'utf8') === file ? 'same' : 'conflict';
  } finally {
    rmSync(draft, { force: true });
  }
  for (const each of [folder, dirname(folder), directory]) syncDirectory(each);
  return 'written';
}

/** Puts the newest checkpoint beside the segments, where it is easily found and copied. */
export function writeLatestNote(directory: string, note: string): void {
  const path = join(directory, latestName);
  writeFileSync(`${path}.new`, note, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  syncDirectory(directory);
}

/** The newest checkpoint; undefined where there is none. */
export function readLatestNote(directory: string): string | undefined {
  return readIfThere(join(directory, latestName));
}

/** The file of a segment; undefined where there is none. */
export function readSegmentFile(directory: string, place: SegmentPlace): string | undefined {
  return readIfThere(join(directory, segmentPath(place)));
}

/** Generations that have a directory, in order. */
export function generationsIn(directory: string): number[] {
  return numbersOf(namesIn(directory), /^(\d{1,9})$/);
}

/** Numbers of the segments of a generation, in order. */
export function segmentNumbers(directory: string, generation: number): number[] {
  const folder = join(directory, String(generation));
  return numbersOf(namesIn(folder), /^(\d{6})$/).flatMap((thousand) => {
    const name = String(thousand).padStart(6, '0');
    return numbersOf(namesIn(join(folder, name)), /^(\d{9})\.segment$/);
  });
}

/** The last segment of the last generation; undefined where there is none. */
export function newestPlace(directory: string): SegmentPlace | undefined {
  for (const generation of generationsIn(directory).reverse()) {
    const folder = join(directory, String(generation));
    for (const thousand of numbersOf(namesIn(folder), /^(\d{6})$/).reverse()) {
      const name = String(thousand).padStart(6, '0');
      const number = numbersOf(namesIn(join(folder, name)), /^(\d{9})\.segment$/).at(-1);
      if (number !== undefined) return { generation, number };
    }
  }
  return undefined;
}

function numbersOf(names: readonly string[], pattern: RegExp): number[] {
  return names
    .flatMap((name) => {
      const digits = pattern.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    })
    .sort((a, b) => a - b);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
