// Links the shared libraries of the embedded PostgreSQL, which npm cannot pack: `link-libraries.mjs NATIVE`.
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { argv } from 'node:process';

const native = argv[2] ?? '';
const list = join(native, 'pg-symlinks.json');
for (const { source, target } of existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []) {
  const link = join(native, '..', target);
  if (!existsSync(link)) symlinkSync(relative(dirname(link), join(native, '..', source)), link);
}
