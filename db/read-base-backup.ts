import type pg from 'pg';
import { queueConnection } from './queue-connection.js';

/** What is told while a base backup is read. */
export interface BaseBackupReceiver {
  /** Bytes to come, as the server estimates them. */
  readonly onTotal: (bytes: number) => void;
  /** An archive in tar format begins: `base.tar`, or `<oid>.tar` of a tablespace. */
  readonly onArchive: (name: string) => void;
  /**
   * Bytes of the archive; the buffer is the library's and is written over later: copy what is to be kept.
   * @returns a promise while no more is wanted
   */
  readonly onData: (chunk: Buffer) => Promise<void> | undefined;
  /** Bytes of PostgreSQL's manifest; to be copied too. */
  readonly onManifest: (chunk: Buffer) => void;
}

/** How a base backup is read. */
export interface BaseBackupRequest {
  /** Address as a role with REPLICATION. */
  readonly url: string;
  /** Kilobytes a second at most, 32 to 1,048,576. */
  readonly maxRateKb: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The cluster as it tells of itself (`IDENTIFY_SYSTEM`). */
export interface IdentifiedSystem {
  /** Identifier of the cluster. */
  readonly system: string;
  readonly timeline: number;
}

/** Milliseconds of silence after which the server counts as gone. */
const silenceMs = 300_000;

/**
 * Reads a base backup by the replication protocol, on a connection of its own that is thrown away. WAL is not part of it,
 * and its archiving is not waited for.
 * @throws Error of the server or the connection, of the signal, or of the receiver
 */
export async function readBaseBackup(request: BaseBackupRequest, receiver: BaseBackupReceiver): Promise<void> {
  request.signal.throwIfAborted();
  const client = replicationClient(request.url);
  const giveUp = () => client.connection.stream.destroy();
  request.signal.addEventListener('abort', giveUp, { once: true });
  try {
    await client.connect();
    // Commands of this protocol are capital letters, in its options letters do not matter.
    const options = `label 'bulkhead', progress true, checkpoint 'fast', wal false, wait false, max_rate ${request.maxRateKb},
      manifest 'yes', manifest_checksums 'SHA256'`;
    const query = new CopyQuery(`BASE_BACKUP (${options})`, receiver);
    client.on('error', (error) => query.fail(error));
    client.query(query);
    await query.ended;
  } finally {
    request.signal.removeEventListener('abort', giveUp);
    await closed(client);
    request.signal.throwIfAborted();
  }
}

/** Asks a server who it is. */
export async function identifySystem(url: string): Promise<IdentifiedSystem> {
  const client = replicationClient(url);
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ systemid: string; timeline: number | string }>('IDENTIFY_SYSTEM');
    const [row] = rows;
    if (row === undefined) throw new Error('the server does not say who it is');
    return { system: row.systemid, timeline: Number(row.timeline) };
  } finally {
    await closed(client);
  }
}

/** `connection` is what the library's own queries are submitted to; its types leave it out. */
type ReplicationClient = pg.Client & { readonly connection: pg.Connection };

function replicationClient(url: string): ReplicationClient {
  const { Client, connectionString } = queueConnection(url);
  const options: pg.ClientConfig & { replication: string } = {
    connectionString,
    replication: 'true',
    application_name: 'bulkhead backup',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 0,
    keepAlive: true,
  };
  return new Client(options) as ReplicationClient;
}

async function closed(client: ReplicationClient): Promise<void> {
  const late = setTimeout(() => client.connection.stream.destroy(), 1_000);
  await client.end().catch(() => {});
  clearTimeout(late);
}

/** A query of the library (`Submittable`) that hands on what is copied out, as it comes. */
class CopyQuery implements pg.Submittable {
  /** Settles when the server is ready for the next query, or with the first failure. */
  readonly ended: Promise<void>;
  readonly #command: string;
  readonly #receiver: BaseBackupReceiver;
  #connection: pg.Connection | undefined;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #watchdog: NodeJS.Timeout | undefined;
  #isManifest = false;

  constructor(command: string, receiver: BaseBackupReceiver) {
    this.#command = command;
    this.#receiver = receiver;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may fail before it is awaited.
    this.ended.catch(() => {});
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection;
    this.#watch();
    connection.query(this.#command);
  }

  fail(error: unknown): void {
    clearTimeout(this.#watchdog);
    this.#reject(error);
    this.#connection?.stream.destroy();
  }

  handleRowDescription(): void {}

  /** The row of the main archive, among those of tablespaces: no oid, no place, its size in kB. */
  handleDataRow({ fields }: { fields: readonly (Buffer | string | null)[] }): void {
    if (fields.length === 3 && fields[0] === null) this.#receiver.onTotal(Number(fields[2]) * 1024);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.#watch();
    try {
      const kind = String.fromCharCode(chunk[0] ?? 0);
      if (kind === 'n') this.#beginArchive(chunk);
      else if (kind === 'm') this.#isManifest = true;
      else if (kind === 'd' && this.#isManifest) this.#receiver.onManifest(chunk.subarray(1));
      else if (kind === 'd') this.#receive(chunk.subarray(1));
    } catch (error) {
      this.fail(error);
    }
  }

  #beginArchive(chunk: Buffer): void {
    this.#isManifest = false;
    this.#receiver.onArchive(chunk.toString('utf8', 1, chunk.indexOf(0, 1)));
  }

  #receive(data: Buffer): void {
    const stream = this.#connection?.stream;
    const busy = this.#receiver.onData(data);
    if (busy === undefined) return;
    clearTimeout(this.#watchdog);
    stream?.pause();
    busy.then(
      () => {
        this.#watch();
        stream?.resume();
      },
      (error) => this.fail(error),
    );
  }

  handleCommandComplete(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}

  handleError(error: unknown): void {
    this.fail(error);
  }

  handleReadyForQuery(): void {
    clearTimeout(this.#watchdog);
    this.#resolve();
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.fail(new Error('the server went silent during a base backup')), silenceMs);
  }
}
