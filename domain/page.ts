/** One page of a list, and how to count the whole of it. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Cursor of a row of this list. */
  cursorOf(row: Row): string;
  readonly hasNextPage: boolean;
  /** Rows in the whole list that the caller may read; asked only when it is wanted. */
  countAll(): Promise<number>;
}

/** Bounds of a page. */
export interface PageRequest {
  /** Rows at most, 1–100. */
  readonly first: number;
  /** Cursor after which the page starts. */
  readonly after?: string | null | undefined;
}
