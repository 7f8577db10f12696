import { readManifest } from '../seed/manifest.js';
import { type SoakCounts, soakLoad } from './soak-load.js';

/** The process that soaks: told where to, it sends until it is told to stop, and answers with its counts. */
const counts: SoakCounts = { answered: 0, refused: 0, aborted: 0, unexpected: 0, firstUnexpected: undefined };
const stopping = new AbortController();

process.on(
  'message',
  (message: { readonly url: string; readonly folder: string; readonly connections: number } | 'stop' | 'count') => {
    if (message === 'count') process.send?.({ ...counts });
    else if (message === 'stop') stopping.abort();
    else {
      const manifest = readManifest(message.folder);
      if (manifest === undefined) throw new Error('no manifest');
      soakLoad(message.url, manifest, message.connections, counts, stopping.signal).then(() => {
        process.send?.({ ...counts });
        process.disconnect();
      });
    }
  },
);
process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
