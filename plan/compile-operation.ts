import { getArgumentValues, type OperationDefinitionNode } from 'graphql';
import type { Identity } from '../auth/identity.js';
import type { NodeRoot } from '../model/entity.js';
import { roots } from '../model/model.js';
import { type Compilation, type CompiledRow, entityOf } from './compilation.js';
import { compileRootList } from './compile-list.js';
import { compileObject } from './compile-object.js';
import { tableSql } from './compile-relation.js';
import type { OperationScope, SelectedField, Variables } from './operation-scope.js';
import type { Plan } from './plan.js';
import { columnSql, Row } from './row.js';
import { Statement } from './statement.js';
import { sqlText, Template } from './template.js';
import { Unplannable } from './unplannable.js';

/**
 * Compiles a query operation to one statement that builds the JSON of its answer.
 * @param isDenied whether the caller's scopes forbid a field, whatever the object
 * @throws Unplannable for what is left to the resolvers
 * @throws BulkheadError for arguments that the domain refuses
 */
export function compileOperation(
  scope: OperationScope,
  operation: OperationDefinitionNode,
  identity: Identity,
  isDenied: Compilation['isDenied'],
): Plan {
  const statement = new Statement();
  const compilation: Compilation = {
    scope,
    statement,
    identity,
    isDenied,
    object: (type, row, selectionSets) => compileObject(compilation, type, row, selectionSets),
  };
  const query = scope.schema.getQueryType();
  if (operation.operation !== 'query' || !query) throw new Unplannable(operation.operation);
  const fields = scope.fieldsOf(query, [operation.selectionSet]);
  const body = new Template('{');
  fields.forEach((field, index) => {
    body.text(`${index === 0 ? '' : ','}"${field.key}":`).append(compileRoot(compilation, query.name, field));
  });
  body.text('}');
  const { constant } = body;
  const { errors, lists, telemetry, parameters } = statement;
  return {
    fields,
    errors,
    lists,
    telemetry,
    parameters,
    ...(constant === undefined ? { text: textOf(statement, body) } : { constant }),
  };
}

function compileRoot(compilation: Compilation, queryName: string, field: SelectedField): Template {
  if (field.name === '__typename') return new Template(`"${queryName}"`);
  const root = roots[field.name];
  if (root === undefined) throw new Unplannable(`${queryName}.${field.name}`);
  if (compilation.isDenied(queryName, field.name)) {
    const message = `The key has no scope for ${queryName}.${field.name}`;
    return new Template(compilation.statement.error({ code: 'FORBIDDEN', message, nodes: field.nodes }));
  }
  return root.kind === 'list' ? compileRootList(compilation, root, field) : compileNode(compilation, root, field);
}

/** One row by its id, or the organization's own. */
function compileNode(compilation: Compilation, root: NodeRoot, field: SelectedField): Template {
  const { statement, scope } = compilation;
  const entity = entityOf(root.type);
  const row = new Row(statement.name('rows'));
  const conditions = [`${columnSql(entity.table.orgId)} = $1::uuid`];
  let knownId: CompiledRow['knownId'];
  if (root.idOf !== undefined) {
    knownId = idReader(root.idOf, field);
    // Refuses the id of this request too; a bad one has no plan to spoil.
    knownId(scope.variables);
    const read = knownId;
    conditions.push(`${columnSql(entity.id)} = ${statement.parameter(({ variables }) => read(variables))}`);
  }
  if (entity.where !== undefined) {
    conditions.push(`${columnSql(entity.where.column)} = ${sqlText(entity.where.value)}`);
  }
  const json = compilation.object(root.type, { row, knownId, isSingle: true }, field.selectionSets);
  const source = statement.source(
    row,
    `select ${row.columns} from ${tableSql(entity)} where ${conditions.join(' and ')}`,
  );
  const missing = statement.error({ code: 'NOT_FOUND', message: `${root.noun} not found`, nodes: field.nodes });
  return new Template().sql(`coalesce((select ${json.toSql()} from ${source}), ${sqlText(missing)})`);
}

function idReader(idOf: (id: string) => string | undefined, { definition, nodes }: SelectedField) {
  const [node] = nodes;
  return (variables: Variables): string => {
    const id = idOf(getArgumentValues(definition, node, variables)['id'] as string);
    if (id === undefined) throw new Unplannable('text that is no id', { isOfRequest: true });
    return id;
  };
}

/**
 * The whole statement; where telemetry follows, with how the other store is reached. Which metrics the things have is
 * known by the versions of their types and only asked for with objects of their definitions.
 */
function textOf(statement: Statement, body: Template): string {
  if (statement.telemetry.length === 0) return statement.text(`select ${body.toSql()}`);
  const access = `access.oldest_ms::text, access.now_ms::text, access.host, access.port::text, access.database_name,
    encode(access.sealed_password, 'base64'), access.state`;
  if (statement.metricObjects.length === 0) {
    return statement.text(`select ${body.toSql()}, null, ${access} from platform.telemetry_access() access`);
  }
  statement.table(
    'metrics',
    `select version_id, ordinal, metric_id, name, data_type, default_aggregation
     from app.metrics_of_things(array(${statement.things.join(' union ')}))`,
  );
  const columns = ['version_id', 'metric_id', 'name', 'data_type', 'default_aggregation'].map(
    (name) => `metrics.${name}`,
  );
  return statement.text(
    `select ${body.toSql()},
      (select json_agg(json_build_array(${[...columns, ...statement.metricObjects].join(', ')}) order by ordinal)
       from metrics)::text, ${access}
     from platform.telemetry_access() access`,
  );
}
