import { latestStatement, listStatement } from '../raw/read-list.mjs';
import { thingStatement } from '../raw/thing-statement.mjs';
import { updateStatement } from '../shared/update-statement.mjs';

// pgbench draws numbers only: ids are made of them in SQL as the seed made them, and the organization is that of the
// context. All else is the text that `raw` sends.

const thing = `('01900000-' || lpad(to_hex(:organization::int), 4, '0') || '-7000-8000-' ||
  lpad(to_hex(:thing::int), 12, '0'))::uuid`;
const organization = '(select id from asking)';
const asking = 'asking as materialized (select app.org_id() as id)';

/** The statement of a script, with what stands for each of its parameters. */
function scripted(statement, ...values) {
  const bound = values.reduce((text, value, index) => text.replaceAll(`$${index + 1}`, value), statement.trim());
  // `:MI` would be a variable of pgbench. Text between quotation marks is kept by to_char as it is.
  const text = bound.replace(/:(?=MI|SS)/g, '":"');
  return text.startsWith('with ') ? `with ${asking}, ${text.slice('with '.length)}` : `with ${asking} ${text}`;
}

/** Latest values of a page from the table that stands for the telemetry database, in one statement with the page. */
const listOfOneDatabase = `
  with listed (id, json, ids, names) as materialized (${listStatement}),
  latest (thing_id, json) as materialized (${latestStatement
    .replace(
      'from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as p (thing_id, metric_id, name, position)',
      `from (
      select l.id as thing_id, m.metric_id, m.name, m.position
      from listed l cross join unnest(l.ids::text[], l.names::text[]) with ordinality as m (metric_id, name, position)
    ) p`,
    )
    .replace('telemetry.latest l on', 'bench.latest l on l.org_id = $1 and')
    .replace('where l.at >= $4::timestamptz', '')})
  select listed.id, concat(listed.json, latest.json, ']}') from listed left join latest on latest.thing_id = listed.id
  order by listed.id`;

/** By `scenario/operation`: why the transaction is opened, what is drawn, its statement, and its rows as an answer. */
export const scripts = {
  'W1/list': {
    purpose: 'read',
    draws: {},
    statement: scripted(listOfOneDatabase, organization),
    answer: (rows) => {
      const nodes = rows.slice(0, 50).map(([, json]) => JSON.parse(json));
      return { things: { nodes, pageInfo: { hasNextPage: rows.length > 50 } } };
    },
  },
  'W2/get': {
    purpose: 'read',
    draws: { thing: 'things' },
    statement: scripted(thingStatement, organization, thing),
    answer: ([[json]]) => JSON.parse(json).data,
  },
  'W3/update': {
    purpose: 'write',
    draws: { thing: 'things', name: 'names' },
    statement: scripted(updateStatement, organization, thing, "('Thing ' || :name::int)", "'pgbench'"),
    answer: ([[id, name]]) => ({ updateThing: { thing: { id, name } } }),
  },
};

/** A script as pgbench reads it: the transaction form of the product, in one go. */
export function pgbenchScript({ purpose, draws, statement }, greatest) {
  const set = Object.entries({ organization: 'organizations', ...draws });
  return [
    ...set.map(([name, range]) => `\\set ${name} random(0, ${greatest[range]})`),
    '\\startpipeline',
    'begin;',
    `select bench.enter(:organization::int, '${purpose}');`,
    `${statement};`,
    'commit;',
    '\\endpipeline',
    '',
  ].join('\n');
}
