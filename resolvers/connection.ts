import type { Page } from '../domain/page.js';

/** Resolvers of a connection: the same for every list. */
export function connectionOf<Row>() {
  type Shown = Omit<Page<Row>, 'countAll'>;
  return {
    edges: (page: Shown) => page.rows.map((row) => ({ cursor: page.cursorOf(row), node: row })),
    nodes: (page: Shown) => page.rows,
    pageInfo: (page: Shown) => {
      const last = page.rows.at(-1);
      return { hasNextPage: page.hasNextPage, endCursor: last === undefined ? null : page.cursorOf(last) };
    },
  };
}

/** Resolvers of a connection that can be counted. */
export function countedConnectionOf<Row>() {
  return { ...connectionOf<Row>(), totalCount: (page: Page<Row>) => page.countAll() };
}
