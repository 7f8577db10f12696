import type postgres from 'postgres';
import { arrayLiteral } from '../../../db/array-literal.js';

interface Rows {
  readonly orgId: string;
  readonly things: readonly string[];
  readonly sites: readonly string[];
  readonly apiKeys: readonly string[];
}

/** Names that an object of JavaScript treats unlike others, and values at the ends of what JSON can say. */
const oddAttributes = String.raw`{"b": 1, "": "empty", "__proto__": {"a": 1}, "constructor": "c", "10": 10, "9": 9, "-1": -1,
  "toString": null, "1.5": -0.0, "quote\"d": "\" \\ \/ \b \f \u0001 \u007f \u2028 \u2029 é 👩‍🔧", "nested": {"z": [], "a": {}},
  "numbers": [0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 9007199254740991, -9007199254740991, 1.0, 100, 1e2, -0]}`;

/** Writes behind the API what it would refuse: rows may be older than a rule. */
export async function writeOddValues(admin: postgres.Sql, { orgId, things, sites, apiKeys }: Rows): Promise<void> {
  const [first, second, third] = things;
  await admin`update app.things set attributes = ${oddAttributes}::text::jsonb, properties = ${oddAttributes}::text::jsonb
              where org_id = ${orgId} and id in (${first ?? null}, ${String(third)})`;
  await admin`update app.things set name = ${'control \u0001 \u007f \u200e\u202e " \\ \u2028 end'}
              where org_id = ${orgId} and id = ${String(second)}`;
  await admin`update app.places set attributes = ${oddAttributes}::text::jsonb
              where org_id = ${orgId} and id = ${String(sites[2])}`;
  await admin`update app.api_keys set expires_at = created_at + interval '1 second'
              where org_id = ${orgId} and id = ${String(apiKeys[5])}`;
}

/**
 * Keeps the last use of every key as it is: it would be noted between two requests. Nobody notes a moment before the last
 * one. Of keys that were never used that stays so.
 */
export async function freezeUseOfKeys(admin: postgres.Sql, neverUsed: readonly string[]): Promise<void> {
  await admin`update app.api_keys set last_used_at = '2200-01-01T00:00:00.123456Z'
              where id <> all (${arrayLiteral([...neverUsed])}::text[])`;
}
