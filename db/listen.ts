import type { Database } from './database.js';
import { poolOf } from './pool.js';

/**
 * Listens on a channel by a connection of its own. Notices carry no data: every role may listen on every channel.
 * @returns how to stop
 */
export async function listen(database: Database, channel: string, onNotice: () => void): Promise<() => Promise<void>> {
  const { unlisten } = await poolOf(database).listen(channel, onNotice);
  return unlisten;
}
