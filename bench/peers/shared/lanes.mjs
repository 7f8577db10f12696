import postgres from 'postgres';
import { signContext } from './product.mjs';

/** Connections of every contender to the operational database, as many as the product opens. */
const laneCount = 10;

/** Prepared also where there are no parameters: postgres.js would otherwise send the text, to be planned each time. */
const prepared = { prepare: true, simple: false };

const generic = { plan_cache_mode: 'force_generic_plan' };

/** One connection each, so that the process id of its backend is known and statements stay in one order. */
export async function openLanes({ operationalUrl, connection = {} }) {
  const lanes = Array.from({ length: laneCount }, () => ({
    // The driver would replace it after half an hour or more, and with it the process id.
    sql: postgres(operationalUrl, { max: 1, max_lifetime: null, fetch_types: false, onnotice: () => {}, connection }),
    load: 0,
    pid: 0,
  }));
  for (const lane of lanes) [{ pid: lane.pid }] = await lane.sql`select pg_backend_pid() as pid`;
  let turn = 0;
  /** The lane with the fewest transactions under way. */
  const pick = () => {
    turn = (turn + 1) % laneCount;
    let best = lanes[turn];
    for (const lane of lanes) if (lane.load < best.load) best = lane;
    return best;
  };
  return { pick };
}

/** Lanes whose transactions are pipelined: begin, signed context, statements and commit leave in one go. */
export async function openPipelinedLanes({ operationalUrl, contextKey }) {
  const { pick } = await openLanes({ operationalUrl, connection: generic });

  /** Rows of each statement, given as `[text, parameters]`, as arrays of values. */
  const run = async (identity, purpose, statements) => {
    const lane = pick();
    lane.load += 1;
    const { sql } = lane;
    try {
      const begun = sql.unsafe('begin').execute();
      const context = signContext(contextKey, identity, purpose, lane.pid);
      const entered = sql.unsafe('select app.enter($1)', [context], prepared).execute();
      const results = statements.map(([text, parameters]) => sql.unsafe(text, parameters, prepared).values().execute());
      const committed = sql.unsafe('commit').execute();
      const settled = await Promise.allSettled([begun, entered, ...results, committed]);
      const failed = settled.find(({ status }) => status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return settled.slice(2, -1).map(({ value }) => value);
    } finally {
      lane.load -= 1;
    }
  };
  return { run };
}
