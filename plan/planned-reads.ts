import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Identity } from '../auth/identity.js';
import { isAllowed } from '../auth/permissions/define-rule.js';
import { fieldTable } from '../auth/permissions/permissions.js';
import { reachShape } from '../domain/reachable-rows.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { answerPlan, type PlannedAnswer } from './answer-plan.js';
import { compileOperation } from './compile-operation.js';
import { OperationScope, type Variables } from './operation-scope.js';
import type { Plan } from './plan.js';
import { Unplannable } from './unplannable.js';
import { variantOf } from './variant.js';

/** Plans that are kept at most, and UTF-16 units of their texts; those that were not used for longest go first. */
const maxPlans = 1000;
const maxPlanText = 8 * 1024 * 1024;
/** Reasons that are counted apart at most: they name fields of the schema, of which there are not many. */
const maxReasons = 500;

/** A query operation that is to be answered. */
export interface PlannedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Values of its variables after coercion. */
  readonly variables: Variables;
}

/** How many query operations were planned, and why others were left to the resolvers. */
export interface PlannedReadCounts {
  readonly planned: number;
  readonly fallback: Readonly<Record<string, number>>;
}

/** What of a key's scopes decides the text of its statements; the rest is left to row-level security and parameters. */
interface Reach {
  /** Fields that it may not ask for, whatever the object. */
  readonly denied: ReadonlySet<string>;
  readonly signature: string;
}

/**
 * Answers query operations from one statement a store. An operation is compiled once for each shape of its arguments and
 * each set of fields that a key may not ask for; whatever has no plan is left to the resolvers.
 */
export class PlannedReads {
  readonly #schema: GraphQLSchema;
  readonly #checksScopes: boolean;
  readonly #plans = new LRUCache<string, Plan | Unplannable>({
    max: maxPlans,
    maxSize: maxPlanText,
    sizeCalculation: (plan) => 1 + ('text' in plan ? (plan.text?.length ?? 0) : 0),
  });
  readonly #numbers = new WeakMap<OperationDefinitionNode, number>();
  readonly #reaches = new WeakMap<Identity['scopes'], Reach>();
  readonly #fallback = new Map<string, number>();
  #operations = 0;
  #planned = 0;

  /** @param checksScopes false only where a test has taken the rules of shield away, too */
  constructor(schema: GraphQLSchema, checksScopes: boolean) {
    this.#schema = schema;
    this.#checksScopes = checksScopes;
  }

  /** Since the start of the process. */
  get counts(): PlannedReadCounts {
    return { planned: this.#planned, fallback: Object.fromEntries(this.#fallback) };
  }

  /** The answer of an operation; undefined if it is left to the resolvers. */
  async answer(request: PlannedOperation, context: RequestContext): Promise<PlannedAnswer | undefined> {
    if (request.operation.operation !== 'query') return undefined;
    try {
      const answer = await this.#answerPlanned(request, context);
      this.#planned += 1;
      return answer;
    } catch (error) {
      if (error instanceof Unplannable) this.#count(error.reason);
      // Arguments that the domain refuses: which fields they fail, the resolvers tell.
      else if (error instanceof BulkheadError) this.#count(error.code);
      else throw error;
      return undefined;
    }
  }

  async #answerPlanned(request: PlannedOperation, context: RequestContext): Promise<PlannedAnswer> {
    const key = this.#keyOf(request, context.identity);
    try {
      return await answerPlan(this.#planOf(key, request, context.identity), context, request.variables);
    } catch (error) {
      if (!(error instanceof Unplannable && error.isOfPlan)) throw error;
      // The plan was made for other arguments than these: nobody may keep it from those who come after.
      this.#plans.delete(key);
      return answerPlan(this.#planOf(key, request, context.identity), context, request.variables);
    }
  }

  #keyOf({ operation, variables }: PlannedOperation, identity: Identity): string {
    const variant = variantOf(this.#schema, operation, variables);
    return `${this.#numberOf(operation)}|${variant}|${this.#reachOf(identity).signature}`;
  }

  #planOf(key: string, { document, operation, variables }: PlannedOperation, identity: Identity): Plan {
    const reach = this.#reachOf(identity);
    const known = this.#plans.get(key);
    if (known instanceof Unplannable) throw known;
    if (known !== undefined) return known;
    try {
      const scope = new OperationScope(this.#schema, document, variables);
      const isDenied = (type: string, field: string) => reach.denied.has(`${type}.${field}`);
      const plan = compileOperation(scope, operation, identity, isDenied);
      this.#plans.set(key, plan);
      return plan;
    } catch (error) {
      if (error instanceof Unplannable && !error.isOfRequest) this.#plans.set(key, error);
      throw error;
    }
  }

  #numberOf(operation: OperationDefinitionNode): number {
    let number = this.#numbers.get(operation);
    if (number === undefined) {
      this.#operations += 1;
      number = this.#operations;
      this.#numbers.set(operation, number);
    }
    return number;
  }

  #reachOf(identity: Identity): Reach {
    let reach = this.#reaches.get(identity.scopes);
    if (reach === undefined) {
      const denied = this.#checksScopes ? deniedFields(identity) : [];
      reach = { denied: new Set(denied), signature: `${reachShape(identity)}|${denied.join(' ')}` };
      this.#reaches.set(identity.scopes, reach);
    }
    return reach;
  }

  #count(reason: string): void {
    if (this.#fallback.size < maxReasons || this.#fallback.has(reason)) {
      this.#fallback.set(reason, (this.#fallback.get(reason) ?? 0) + 1);
    }
  }
}

/** Fields that the rules of shield deny to these scopes: no rule depends on anything else. */
function deniedFields(identity: Identity): string[] {
  return Object.entries(fieldTable).flatMap(([type, accesses]) =>
    Object.entries(accesses)
      .filter(([, access]) => type !== 'Mutation' && !isAllowed(access, identity))
      .map(([field]) => `${type}.${field}`),
  );
}
