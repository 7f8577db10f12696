/** What becomes of the rows of a table when its organization is put back in time. */
export type RowDecision =
  /** They are as they were at the moment. */
  | 'RESTORED'
  /** They stay as they are now, and why; those that refer to a row that goes go with it. */
  | { readonly kept: string };

/** Stores that have tables of organizations. */
export type RowStore = 'operational' | 'vault';

/**
 * Every table with rows of organizations. One of the catalogue that is missing here fails a test and every restore of an
 * organization: nothing is forgotten unnoticed. Telemetry is not put back by row: its whole database is exchanged.
 */
export const rowDecisions: Readonly<Record<RowStore, Readonly<Record<string, RowDecision>>>> = {
  operational: {
    'app.organizations': 'RESTORED',
    'app.metric_definitions': 'RESTORED',
    'app.thing_types': 'RESTORED',
    'app.thing_type_versions': 'RESTORED',
    'app.thing_type_metrics': 'RESTORED',
    'app.places': 'RESTORED',
    'app.level_types': 'RESTORED',
    'app.level_type_parents': 'RESTORED',
    'app.levels': 'RESTORED',
    'app.level_groups': 'RESTORED',
    'app.level_group_members': 'RESTORED',
    'app.things': 'RESTORED',
    'app.integrations': 'RESTORED',
    'app.thing_integrations': 'RESTORED',
    'app.resource_mappings': 'RESTORED',
    'app.monitors': 'RESTORED',
    'app.monitor_things': 'RESTORED',
    'app.monitor_metrics': 'RESTORED',
    'app.monitor_alerts': 'RESTORED',
    'app.monitor_alert_integrations': 'RESTORED',
    'app.monitor_states': 'RESTORED',
    'app.alert_events': 'RESTORED',
    'app.templates': 'RESTORED',
    'app.template_revisions': 'RESTORED',
    // What was answered since then has no effect any more, and may be done again.
    'app.idempotency_keys': 'RESTORED',
    'app.api_keys': kept('keys that were revoked stay so, and those that were made since go on'),
    'app.api_key_secrets': kept('like their keys'),
    'app.deliveries': kept('what was sent was sent'),
    'app.inbound_events': kept('what has come has come'),
    'app.hook_posts': kept('what has come and is not verified yet, for seconds'),
    'app.exports': kept('archives that were made'),
    'app.retention_states': kept('how far retention has come by the clock'),
    'audit.entries': kept('the log says what happened, this too'),
    'audit.usage': kept('what was counted'),
    'audit.trees': kept('proves the log'),
    'audit.leaves': kept('proves the log'),
    'audit.nodes': kept('proves the log'),
    'audit.heads': kept('proves the log'),
    'platform.unsealed_entries': kept('entries of the log'),
    'platform.unledgered': kept('revocations on their way to the ledger'),
    'platform.deletions': kept('an organization that is deleted is not put back'),
    'platform.organizations': kept('that it is there'),
    'platform.api_key_owners': kept('an index of its keys'),
    'platform.telemetry_databases': kept('placement, which is exchanged by itself'),
    'platform.live_subscriptions': kept('leases of seconds'),
    'platform.hooks': kept('an index of integrations, made anew'),
    'platform.integration_work': kept('what deliveries and events wait for'),
    'platform.job_runs': kept('what became of jobs'),
    'platform.rate_limits': kept('limits that the operator sets'),
    'platform.data_packages': kept('the limit that the operator sets, and what was measured, which is measured again'),
    'platform.rate_buckets': kept('state of the limiter, of seconds'),
  },
  vault: {
    'vault.secrets': kept(
      'values that were replaced or deleted stay so; those of integrations that come back come back',
    ),
    'vault.organization_keys': kept('open the secrets'),
    'platform.unledgered': kept('ends of secrets on their way to the ledger'),
  },
};

function kept(reason: string): RowDecision {
  return { kept: reason };
}
