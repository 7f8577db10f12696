import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseKey } from '../../auth/api-keys/key-format.js';
import { type Check, passUnless } from '../check.js';

/** What is no part of the program: other packages, the history, data. */
const foreign = /^(node_modules|coverage|\..*)$/;
const maxBytes = 2 * 1024 * 1024;
const keyForm = /bh(?:ad|ex|op)_[a-z0-9]{1,16}_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}/g;
const privateKeyForm = /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40}/;

/** Public ids of keys that are examples in documentation and were never made by a deployment. */
const examples = ['R5RJq2XWynCQ'];

/** The files of the program hold no API key whose checksum is right, and no private key. */
export const noSecretsInProgram: Check = {
  id: 'no-secrets-in-program',
  title: 'The files of the program hold no keys',
  look: async ({ program }) => {
    let count = 0;
    const faults: string[] = [];
    for (const file of filesBelow(program)) {
      count += 1;
      const text = readFileSync(file, 'latin1');
      const isKey = (text.match(keyForm) ?? []).some((key) => isReal(parseKey(key)?.id));
      if (isKey || (privateKeyForm.test(text) && !/(^|[/\\])tests[/\\]/.test(relative(program, file)))) {
        faults.push(relative(program, file));
      }
    }
    return passUnless(faults, `${count} files were read`);
  },
};

function isReal(id: string | undefined): boolean {
  return id !== undefined && !examples.includes(id);
}

function* filesBelow(folder: string): Generator<string, void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (foreign.test(entry.name)) continue;
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && statSync(path).size <= maxBytes) yield path;
  }
}
