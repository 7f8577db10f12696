import { LRUCache } from 'lru-cache';
import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { LastStatements, type OrgTransaction, withOrg } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { forgetThing } from '../../telemetry/forget-thing.js';
import { TelemetryPools } from '../../telemetry/pools.js';
import type { TelemetryDatabase, TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import { traced } from '../../tracing/traced.js';
import { publishLive } from '../live/publish-live.js';
import type { WritableThings } from './open-for-writing.js';
import { openPlacement } from './open-placement.js';
import { type OpenThings, openThings } from './open-things.js';

/** Milliseconds to wait for the telemetry database of a new organization. */
const provisioningPatienceMs = 10_000;
/** Milliseconds between two looks. */
const provisioningPollMs = 100;
/** Milliseconds after which a caller should try again. */
const provisioningRetryMs = 2_000;

/** The way from the operational database, which knows what may be done, to the telemetry database that does it. */
export class TelemetryService {
  readonly #operational: Database;
  readonly #operationalUrl: string;
  readonly #telemetryKey: Buffer;
  readonly #pools: TelemetryPools;
  /** Placements whose credential is open, by what they were opened from. */
  readonly #placements: LRUCache<string, TelemetryPlacement>;

  /**
   * @param operationalUrl address of the operational database: placements without an address are on its cluster
   * @param options the key that opens the credentials of telemetry databases, 32 bytes, and how many databases are kept
   * connected at a time
   */
  constructor(
    operational: Database,
    operationalUrl: string,
    { telemetryKey, maxPools }: { readonly telemetryKey: Buffer; readonly maxPools: number },
  ) {
    this.#operational = operational;
    this.#operationalUrl = operationalUrl;
    this.#telemetryKey = telemetryKey;
    this.#pools = new TelemetryPools({ maxPools });
    this.#placements = new LRUCache({ max: maxPools });
  }

  /**
   * Runs `work` on the telemetry of things that `select` returns from a transaction of the identity. Waits up to 10 s for
   * a telemetry database that is being provisioned.
   * @throws BulkheadError TELEMETRY_PROVISIONING when it is still not ready
   */
  async read<T>(
    identity: Identity,
    select: (tx: OrgTransaction) => Promise<readonly { readonly id: string }[]>,
    work: (database: TelemetryDatabase, open: OpenThings) => Promise<T>,
  ): Promise<T> {
    const open = await withOrg(this.#operational, identity, 'read', async (tx) => openThings(tx, await select(tx)));
    return this.use(identity, open, (database) => work(database, open));
  }

  /** Runs `work` on the telemetry database of things that were opened before. */
  async use<T>(identity: Identity, open: OpenThings, work: (database: TelemetryDatabase) => Promise<T>): Promise<T> {
    const ready = open.placement.isReady ? open : await this.#awaitReady(identity);
    return traced('telemetry', {}, () => this.#pools.use(this.#placementOf(ready), work));
  }

  /**
   * The same for a change, of which those are told who subscribe to the things. What is stored is stored though nobody
   * could be told: subscriptions to readings look for themselves too.
   */
  async write<T>(
    identity: Identity,
    open: WritableThings,
    work: (database: TelemetryDatabase) => Promise<T>,
  ): Promise<T> {
    const result = await this.use(identity, open, work);
    if (open.watched.length > 0) await this.#publish(identity, open.watched).catch(() => {});
    return result;
  }

  /**
   * Removes all readings of a thing and closes it to new ones, for good.
   * @param identity must have been found to be allowed to delete the thing
   */
  async forgetThing(identity: Identity, thingId: string): Promise<void> {
    await this.read(
      identity,
      async () => [],
      (database) => forgetThing(database, identity.orgId, thingId),
    );
  }

  /** Closes all connections. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  #publish(identity: Identity, thingIds: readonly string[]): Promise<void> {
    return withOrg(
      this.#operational,
      identity,
      'read',
      async (tx) =>
        new LastStatements(Promise.all(thingIds.map((id) => publishLive(tx, 'READINGS', id))).then(() => {})),
    );
  }

  async #awaitReady(identity: Identity): Promise<OpenThings> {
    const deadline = Date.now() + provisioningPatienceMs;
    for (;;) {
      const open = await withOrg(this.#operational, identity, 'read', (tx) => openThings(tx, []));
      if (open.placement.isReady) return open;
      if (Date.now() > deadline) {
        throw new BulkheadError('TELEMETRY_PROVISIONING', 'The telemetry database is being provisioned', {
          retryAfterMs: provisioningRetryMs,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, provisioningPollMs));
    }
  }

  #placementOf({ orgId, placement }: OpenThings): TelemetryPlacement {
    const { databaseName, sealedPassword } = placement;
    const key = [orgId, placement.host, placement.port, databaseName, sealedPassword.toString('base64')].join('|');
    const known = this.#placements.get(key);
    if (known !== undefined) return known;
    const opened = openPlacement(
      { orgId, operationalUrl: this.#operationalUrl, telemetryKey: this.#telemetryKey },
      placement,
    );
    this.#placements.set(key, opened);
    return opened;
  }
}
