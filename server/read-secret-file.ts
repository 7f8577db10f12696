import { startFault } from '../db/embedded/start-fault.js';
import { readPrivateFile } from './private-file.js';

/**
 * The text of a private file that a setting names, without blanks around it.
 * @throws BulkheadError UNAVAILABLE when it is not there or not private
 */
export function readSecretFile(setting: string, file: string): string {
  const content = readPrivateFile(file);
  if (content === undefined) throw startFault(`${setting}: ${file} is not there.`);
  return content.toString('utf8').trim();
}
