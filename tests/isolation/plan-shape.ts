/** A node of a plan of PostgreSQL, as `explain (format json)` shows it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** How a plan reads a table. */
export interface Scan {
  readonly table: string;
  /** Index by which rows are found; undefined where the whole table is read. */
  readonly index: string | undefined;
  /** Conditions that the index answers, so that other rows are not even looked at. */
  readonly condition: string;
  /** Whether rows are sorted before a limit takes the first of them: all of them are read, however few are wanted. */
  readonly isSorted: boolean;
}

/** The scans of a plan, in its order. */
export function scansOf(explained: string): Scan[] {
  const [{ Plan }] = JSON.parse(explained) as [{ readonly Plan: PlanNode }];
  return scansBelow(Plan, { isLimited: false, isSorted: false });
}

/** What stands above a node, up to the next limit. */
interface Above {
  readonly isLimited: boolean;
  readonly isSorted: boolean;
}

function scansBelow(node: PlanNode, above: Above): Scan[] {
  const type = node['Node Type'];
  const table = node['Relation Name'];
  const below = { isLimited: above.isLimited || type === 'Limit', isSorted: isSortedAt(type, above) };
  const inner = (node.Plans ?? []).flatMap((child) =>
    type === 'Bitmap Heap Scan' && table !== undefined ? bitmapScans(table, child, below) : scansBelow(child, below),
  );
  return table === undefined || type === 'Bitmap Heap Scan' ? inner : [scan(table, node, below), ...inner];
}

function isSortedAt(type: string, { isLimited, isSorted }: Above): boolean {
  return type === 'Limit' ? false : isSorted || (isLimited && type.endsWith('Sort'));
}

function bitmapScans(table: string, node: PlanNode, above: Above): Scan[] {
  if (node['Node Type'].startsWith('Bitmap Index')) return [scan(table, node, above)];
  return (node.Plans ?? []).flatMap((part) => bitmapScans(table, part, above));
}

function scan(table: string, node: PlanNode, { isSorted }: Above): Scan {
  return { table, index: node['Index Name'], condition: node['Index Cond'] ?? '', isSorted };
}
