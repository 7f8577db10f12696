/** A file of an archive, made while it is read. */
export interface ArchiveFile {
  /** Path inside of the archive: lower-case letters, `_`, one `/` and `.`. */
  readonly name: string;
  /**
   * The text of the file, piece by piece.
   * @param count is told how many rows the pieces since the last time hold
   */
  content(count: (rows: number) => void): AsyncIterable<string>;
}
