/** A WAL file by its place. */
export interface WalPlace {
  readonly timeline: number;
  /** Number of the file from the begin of the WAL: its LSN divided by the size of a file. */
  readonly number: number;
}

const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');

/** Whether a name is one of a whole WAL file. */
export function isWalFile(name: string): boolean {
  return /^[0-9A-F]{24}$/.test(name);
}

/** Whether a name is one that PostgreSQL archives: WAL files, histories of timelines, labels of backups, partial files. */
export function isArchived(name: string): boolean {
  return /^(?:[0-9A-F]{24}(?:\.partial|\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history)$/.test(name);
}

/** Number of WAL files that one value of the middle part of a name stands for. */
const filesPerPart = (walFileBytes: number) => 0x1_0000_0000 / walFileBytes;

/** The name of a WAL file. */
export function walFileName({ timeline, number }: WalPlace, walFileBytes: number): string {
  const perPart = filesPerPart(walFileBytes);
  return hex(timeline) + hex(Math.floor(number / perPart)) + hex(number % perPart);
}

/** The place of a WAL file, or of the file that a label or partial file belongs to. */
export function walPlaceOf(name: string, walFileBytes: number): WalPlace {
  const part = (at: number) => Number.parseInt(name.slice(at, at + 8), 16);
  return { timeline: part(0), number: part(8) * filesPerPart(walFileBytes) + part(16) };
}

/** An LSN (`0/1A2B3C`) as a number of bytes. */
export function lsnBytes(lsn: string): bigint {
  const [, high = '', low = ''] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn) ?? [];
  if (high === '') throw new RangeError(`no LSN: ${lsn}`);
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Number of the WAL file that holds an LSN; of an end, which belongs to the byte before, with `isEnd`. */
export function walNumberOf(lsn: string, walFileBytes: number, isEnd = false): number {
  const bytes = lsnBytes(lsn) - (isEnd ? 1n : 0n);
  return Number(bytes / BigInt(walFileBytes));
}
