import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { parseKey } from '../../auth/api-keys/key-format.js';
import type { ApiAccess } from '../../client/api-client.js';
import { UsageMistake } from '../usage-mistake.js';

/** Where address and key come from. */
export interface AccessSource {
  readonly url: string | undefined;
  /** `-` for standard input. */
  readonly keyFile: string | undefined;
  /** The file with address and key of the demo organization, where that is asked for. */
  readonly demoFile: string | undefined;
}

const json = z.object({ apiKey: z.string(), url: z.string().optional() });

/**
 * Address and key of an import. A key is never an argument, where every user of the machine could read it.
 * @throws UsageMistake when one is missing or is none
 */
export async function readAccess({ url, keyFile, demoFile }: AccessSource): Promise<ApiAccess> {
  const file = keyFile ?? demoFile;
  if (file === undefined) throw new UsageMistake('Give the key with --key-file <path>, or use --demo.');
  const found = readKeyText(await contentOf(file), file);
  const address = url ?? found.url;
  if (address === undefined) throw new UsageMistake('Give the address of the gateway with --url <url>.');
  if (!URL.canParse(address) || !/^https?:\/\//i.test(address)) {
    throw new UsageMistake('--url is no address: write it like http://127.0.0.1:4000.');
  }
  return { url: address, apiKey: found.apiKey };
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageMistake(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function readKeyText(content: string, file: string): { apiKey: string; url?: string | undefined } {
  const found = content.trimStart().startsWith('{') ? readJson(content) : { apiKey: content.trim() };
  if (found !== undefined && parseKey(found.apiKey) !== undefined) return found;
  throw new UsageMistake(`${file === '-' ? 'Standard input' : file} holds no key of Bulkhead, or only a part of one.`);
}

function readJson(content: string): z.infer<typeof json> | undefined {
  try {
    return json.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}
