import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import yazl from 'yazl';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { ArchiveFile } from './archive-file.js';
import { decisionFaults, type ExportedTable, requireDecided } from './exported-table.js';
import { type Manifest, type ManifestFile, manifestOf } from './manifest.js';
import { type ReadingNames, readingNames, readingsFiles } from './readings-files.js';
import type { ExportSources } from './sources.js';
import { countRows, tableFiles, tablesOf } from './table-files.js';

/** How far an archive is. */
export interface ExportProgress {
  /** Tables that are written, the readings being one; each is written twice, as NDJSON and as CSV. */
  readonly tablesDone: number;
  readonly tablesTotal: number;
  /** Rows that are written, each counted once for each of both forms. */
  readonly rowsWritten: number;
  /** Bytes that are written, before they are packed. */
  readonly bytesWritten: number;
}

/** An archive under way: a ZIP (ZIP64 where it is needed) that is made as it is read, in bounded memory. */
export interface Archive {
  readonly stream: Readable;
  readonly progress: ExportProgress;
  /** The manifest, once the stream has ended. */
  readonly manifest: Manifest | undefined;
}

interface PlannedFile {
  readonly file: ArchiveFile;
  /** Rows that the snapshot counts; undefined for readings. */
  readonly expectedRows: number | undefined;
  /** What is to be done when it is written. */
  readonly whenDone?: () => Promise<void>;
}

/**
 * Begins an archive. Snapshots are ended as soon as nothing more is read from them.
 * @throws BulkheadError INTERNAL when the decisions on tables do not cover the catalogue
 */
export async function beginArchive(sources: ExportSources): Promise<Archive> {
  const { operational, vault, telemetry } = sources;
  await requireTelemetryDecisions(sources);
  const ofVault = await plannedTables(vault, await tablesOf('vault', vault));
  const ofOperational = await plannedTables(operational, await tablesOf('operational', operational));
  const names = await readingNames(operational);
  const planned = [
    ...ending(ofVault, vault),
    ...ending(ofOperational, operational),
    ...ending(plannedReadings(sources, names), telemetry),
  ];
  return new ArchiveWriter(sources, planned);
}

async function requireTelemetryDecisions({ telemetry }: ExportSources): Promise<void> {
  const columns = (await telemetry.tables()).flatMap((table) =>
    table.columns.map((name) => ({ table: table.name, name })),
  );
  requireDecided('telemetry', decisionFaults('telemetry', columns));
}

async function plannedTables(
  snapshot: ExportSources['vault'],
  tables: readonly ExportedTable[],
): Promise<PlannedFile[]> {
  const planned: PlannedFile[] = [];
  for (const table of tables) {
    const expectedRows = await countRows(snapshot, table);
    planned.push(...tableFiles(snapshot, table).map((file) => ({ file, expectedRows })));
  }
  return planned;
}

function plannedReadings({ telemetry, organization }: ExportSources, names: ReadingNames): PlannedFile[] {
  return readingsFiles(telemetry, names, organization.retentionDays).map((file) => ({ file, expectedRows: undefined }));
}

/** Ends a snapshot with the last file that is read from it. */
function ending(planned: readonly PlannedFile[], snapshot: { finish(): Promise<void> }): PlannedFile[] {
  return planned.map((each, index) =>
    index === planned.length - 1 ? { ...each, whenDone: () => snapshot.finish() } : each,
  );
}

class ArchiveWriter implements Archive {
  readonly stream: Readable;
  readonly progress = { tablesDone: 0, tablesTotal: 0, rowsWritten: 0, bytesWritten: 0 };
  manifest: Manifest | undefined;
  readonly #sources: ExportSources;
  readonly #zip = new yazl.ZipFile();
  readonly #files: ManifestFile[] = [];
  #current: Readable | undefined;

  constructor(sources: ExportSources, planned: readonly PlannedFile[]) {
    this.#sources = sources;
    this.progress.tablesTotal = planned.length / 2;
    this.stream = this.#zip.outputStream as Readable;
    for (const each of planned) this.#add(each.file.name, () => this.#textOf(each));
    this.#add('manifest.json', () => this.#manifestText());
    this.#zip.on('error', (error) => this.stream.destroy(error as Error));
    // Whoever stops reading ends what is being read, and its cursor.
    this.stream.once('close', () => this.#current?.destroy());
    this.#zip.end();
  }

  #add(name: string, text: () => AsyncIterable<string>): void {
    const options = { mtime: new Date(this.#sources.operational.at), mode: 0o100600 };
    this.#zip.addReadStreamLazy(name, options, (begin) => {
      const content = Readable.from(text(), { objectMode: false });
      content.once('error', (error) => this.stream.destroy(error));
      this.#current = content;
      begin(null, content);
    });
  }

  async *#textOf({ file, expectedRows, whenDone }: PlannedFile): AsyncGenerator<string, void> {
    const hash = createHash('sha256');
    const { progress } = this;
    let bytes = 0;
    let rows = 0;
    const count = (more: number) => {
      rows += more;
      progress.rowsWritten += more;
    };
    for await (const text of file.content(count)) {
      const size = Buffer.byteLength(text);
      hash.update(text);
      bytes += size;
      progress.bytesWritten += size;
      yield text;
    }
    // Row-level security hides rows, it does not refuse them: an archive that lacks some must not look whole.
    if (expectedRows !== undefined && rows !== expectedRows)
      throw new BulkheadError('UNAVAILABLE', `${file.name} lacks rows`);
    await whenDone?.();
    this.#files.push({ name: file.name, rows, bytes, sha256: hash.digest('hex') });
    progress.tablesDone = Math.floor(this.#files.length / 2);
  }

  async *#manifestText(): AsyncGenerator<string, void> {
    const { organization, operational, vault, telemetry, deployment } = this.#sources;
    this.manifest = manifestOf({
      deployment,
      organization: { id: organization.id, name: organization.name },
      retentionDays: organization.retentionDays,
      instants: { operational: operational.at, vault: vault.at, telemetry: telemetry.at },
      files: this.#files,
    });
    yield `${JSON.stringify(this.manifest, null, 2)}\n`;
  }
}
