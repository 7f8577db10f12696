import type { ProvisionerConnection } from './with-provisioner.js';

/** Pages of a table that are read at most, and in how many pieces, spread evenly over it: 2 MiB. */
const sample = { pages: 256, pieces: 32 };

/** Bytes of a page that rows and what points to them can take: 8,192 less its header. */
const usableBytes = 8168;

interface TableSize {
  readonly name: string;
  readonly pages: number;
  /** With its indexes and what lies beside it. */
  readonly totalBytes: number;
}

/**
 * Bytes of the telemetry of an organization: of each table of its database, with its indexes, as large a part as rows
 * take of its pages. Room that deleted rows have left counts no more, whether or not PostgreSQL has given it back. Pages
 * of a table above 2 MiB are read in 32 evenly spread pieces, always the same ones, so that it costs as much for a year
 * of readings as for a week of them: where what was deleted lies scattered, that may miss a few per cent of a table.
 */
export async function measureTelemetry(owner: ProvisionerConnection): Promise<number> {
  const tables = await owner<TableSize[]>`
    select c.oid::regclass::text as name, pg_total_relation_size(c.oid)::float8 as "totalBytes",
           (pg_relation_size(c.oid) / current_setting('block_size')::integer)::integer as pages
    from pg_class c where c.relnamespace = 'telemetry'::regnamespace and c.relkind = 'r'`;
  let bytes = 0;
  for (const table of tables) bytes += table.totalBytes * (await filledPart(owner, table));
  return Math.round(bytes);
}

async function filledPart(owner: ProvisionerConnection, { name, pages }: TableSize): Promise<number> {
  if (pages === 0) return 0;
  const pieces = piecesOf(pages);
  // Names and numbers of the catalogue only. Rows begin at multiples of 8 bytes; 4 more point to each.
  const statements = pieces.map(
    ({ from, to }) =>
      `select count(*) as rows, sum((pg_column_size(t.*) + 7) / 8 * 8 + 4) as bytes from ${name} t ` +
      `where t.ctid >= '(${from},0)' and t.ctid < '(${to},0)'`,
  );
  const [found = { rows: 0, bytes: 0 }] = await owner.unsafe<{ rows: number; bytes: number }[]>(
    `select sum(rows)::float8 as rows, coalesce(sum(bytes), 0)::float8 as bytes from (${statements.join(' union all ')}) p`,
  );
  if (found.rows === 0) return 0;
  const pagesRead = pieces.reduce((sum, { from, to }) => sum + to - from, 0);
  const rowsOfFullPage = Math.max(1, Math.floor((usableBytes * found.rows) / found.bytes));
  // Values that lie beside their rows are counted with these, so that a part may come out above the whole.
  return Math.min(1, found.rows / (pagesRead * rowsOfFullPage));
}

/** The pages to be read: all of a small table. */
function piecesOf(pages: number): { readonly from: number; readonly to: number }[] {
  if (pages <= sample.pages) return [{ from: 0, to: pages }];
  const each = sample.pages / sample.pieces;
  return Array.from({ length: sample.pieces }, (_, index) => {
    const from = Math.floor((index * (pages - each)) / (sample.pieces - 1));
    return { from, to: from + each };
  });
}
