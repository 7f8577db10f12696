import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

/** A page of the documentation. */
export interface DocumentationPage {
  /** Address without an ending; its Markdown is at the same one with `.md`. */
  readonly address: string;
  /** File below the program, with forward slashes. */
  readonly file: string;
  readonly title: string;
  readonly markdown: string;
}

const folders = ['docs', 'docs/decisions'];
/** Of the embedded default: whoever reads at a deployment gets what that deployment has found of itself. */
const unserved = ['docs/trust.md'];

/** All pages of `docs/`, read once; the README of a folder is its index. */
export function documentationPages(): readonly DocumentationPage[] {
  return folders.flatMap((folder) =>
    readdirSync(join(packageRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `${folder}/${name}`)
      .filter((file) => !unserved.includes(file))
      .map(pageOf),
  );
}

function pageOf(file: string): DocumentationPage {
  const markdown = readFileSync(join(packageRoot, file), 'utf8');
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? file;
  return { address: `/${file.replace(/\.md$/, '').replace(/README$/, 'index')}`, file, title, markdown };
}
