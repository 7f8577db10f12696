import canonicalize from 'canonicalize';
import { isSignatureOfStatement, parseVerifierKey } from '../../audit/audit-key.js';
import { newestDrill } from '../../domain/backup/newest-drill.js';
import { type Check, fail, notProvided, pass } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** Days that a drill may be old, and hours of a working day. */
const [maxAgeDays, workingHours] = [35, 8];

/** A drill has restored the whole from nothing but the repository and the keys, and has signed how long that took. */
export const restoredWithinADay: Check = {
  id: 'restored-within-a-day',
  title: 'A drill has restored the whole within a working day',
  canWait: true,
  look: async (context) => {
    const drill = await asSystem(context, newestDrill);
    if (drill === null) return notProvided('no drill has shown how long a restore takes');
    const key = parseVerifierKey(context.configuration.auditKey);
    const signature = Buffer.from(drill.signature, 'base64');
    if (key === undefined || !isSignatureOfStatement(key, 'drill', canonicalize(drill.statement) ?? '', signature)) {
      return fail('the last drill was not signed by this deployment');
    }
    const days = Math.floor((context.now.getTime() - drill.endedAt.getTime()) / 86_400_000);
    if (days > maxAgeDays) return fail(`the last drill was ${days} days ago`);
    const restored = drill.statement.findings?.restored ?? [];
    if (restored.length === 0) return fail('the last drill has restored nothing');
    const seconds = Math.max(...restored.map((one) => one.seconds));
    const words = `the last drill restored the whole in ${Math.ceil(seconds)} s on this machine`;
    return seconds <= workingHours * 3600 ? pass(words) : fail(words);
  },
};
