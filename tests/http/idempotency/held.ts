import type postgres from 'postgres';
import { until } from '../../support/bulkhead-process.js';

/** A statement that waits in PostgreSQL until it is let go. */
export interface Held {
  /** Resolves when some statement waits. */
  waiting(): Promise<void>;
  /** Ends the backends that wait, as PostgreSQL does when it notices that their client is gone. */
  endWaiting(): Promise<void>;
  release(): Promise<void>;
}

/** Advisory locks of the tests of this folder, apart from those of the product, which are hashes of 64 bits. */
const lock = 4711;

/**
 * Lets the statements wait that fire a trigger, e.g. `before insert on app.places for each row`.
 * @param admin one connection, which holds the lock
 */
export async function hold(admin: postgres.Sql, trigger: string): Promise<Held> {
  const [timing = '', table = ''] = trigger.split(/ on (\S+) .*/);
  await admin.unsafe(`
    create or replace function public.wait() returns trigger language plpgsql as $$
    begin
      -- The time-out of locks would end the waiting on a busy machine.
      perform set_config('lock_timeout', '0', true);
      perform pg_advisory_xact_lock_shared(${lock});
      return new;
    end $$;
    create trigger hold ${trigger} execute function public.wait()`);
  await admin`select pg_advisory_lock(${lock})`;
  const waiters = () => admin`
    select pid from pg_locks where locktype = 'advisory' and objid = ${lock} and objsubid = 1 and not granted
      and database = (select oid from pg_database where datname = current_database())`;
  return {
    waiting: async () => {
      await until(`a statement to wait ${timing}`, async () => ((await waiters()).length > 0 ? true : undefined));
    },
    endWaiting: async () => {
      for (const { pid } of await waiters()) await admin`select pg_terminate_backend(${pid})`;
      await until('no statement to wait', async () => ((await waiters()).length === 0 ? true : undefined));
    },
    release: async () => {
      await admin`select pg_advisory_unlock(${lock})`;
      await admin.unsafe(`drop trigger if exists hold on ${table}`);
    },
  };
}
