import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homeJson, readHomeJson } from './home-json.js';
import { replacePrivateFile } from './private-file.js';

const addressShape = z.object({ url: z.url() });

/**
 * Notes in `<home>/gateway.json` where the gateway of a home listens, for the commands that ask it: they are not given
 * the PORT that it was started with.
 * @param url address for clients on this machine
 * @throws BulkheadError UNAVAILABLE when it cannot be written
 */
export function noteGatewayAddress(home: string, url: string): void {
  replacePrivateFile(fileOf(home), homeJson({ url }));
}

/** Forgets it: the gateway listens no more. */
export function forgetGatewayAddress(home: string): void {
  rmSync(fileOf(home), { force: true });
}

/**
 * Port of the gateway that was started last on a home; undefined where none was, or where it was stopped.
 * @throws BulkheadError UNAVAILABLE when the file is damaged or other users can read it
 */
export function notedGatewayPort(home: string): number | undefined {
  const noted = readHomeJson(fileOf(home), addressShape);
  return noted === undefined ? undefined : Number(new URL(noted.url).port);
}

function fileOf(home: string): string {
  return join(home, 'gateway.json');
}
