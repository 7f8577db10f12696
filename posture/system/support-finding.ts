import { type Finding, fail, pass } from '../check.js';
import { supportedUntil } from './supported-until.js';

/** Whether a version gets repairs at a moment; one whose line is not known counts as one that does not. */
export function supportFinding(program: keyof typeof supportedUntil, version: string, now: Date): Finding {
  const lines: Readonly<Record<string, string>> = supportedUntil[program];
  const [major = '', minor = ''] = version.split('.');
  const until = lines[program === 'openssl' ? `${major}.${minor}` : major];
  if (until === undefined) return fail(`${version} is of no line that is known to get repairs`);
  return now.getTime() <= Date.parse(`${until}T23:59:59Z`)
    ? pass(`${version} gets repairs until ${until}`)
    : fail(`${version} gets no repairs since ${until}: use a newer line`);
}
