import { type Check, notProvided, passUnless } from '../check.js';

const maxLagSeconds = 30;

/** Another PostgreSQL follows this one, over TLS, and is not far behind. */
export const replicaFollows: Check = {
  id: 'replica-follows',
  title: 'Another server follows, encrypted and without lag',
  look: async ({ operational }) => {
    const replicas = await operational.ask<{ state: string | null; isEncrypted: boolean; lagSeconds: number }>(`
      select r.state, coalesce(s.ssl, false) as "isEncrypted",
             coalesce(extract(epoch from r.replay_lag), 0)::int as "lagSeconds"
      from pg_stat_replication r left join pg_stat_ssl s on s.pid = r.pid
      where r.state is distinct from 'backup' and r.application_name not like 'pg_%'`);
    if (replicas.length === 0) return notProvided('no other server follows this one');
    const faults = replicas.flatMap(({ state, isEncrypted, lagSeconds }) => [
      ...(state === 'streaming' ? [] : ['a replica does not stream']),
      ...(isEncrypted ? [] : ['a replica follows without TLS']),
      ...(lagSeconds <= maxLagSeconds ? [] : [`a replica is ${lagSeconds} s behind`]),
    ]);
    return passUnless(faults, `${replicas.length} replicas stream over TLS`);
  },
};
