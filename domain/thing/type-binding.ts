import type { PropertyDefinition } from '../../db/tables/definitions.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { isDefinitionId } from '../input/id.js';
import { requireText } from '../input/text.js';

/** The version of a type that a thing is bound to, with what its properties obey. */
export interface TypeBinding {
  readonly thingTypeId: string;
  readonly thingTypeVersionId: string;
  readonly propertyDefinitions: readonly PropertyDefinition[];
}

/** Which type a new thing is to have: by id, by display name, or by both if they agree. */
export interface TypeChoice {
  readonly typeId?: string | null | undefined;
  readonly typeName?: string | null | undefined;
}

/**
 * The latest version of the active type that is chosen, whether the actor may read it or not.
 * @throws BulkheadError BAD_USER_INPUT for an unknown or deleted type, or an id and a name of two types
 */
export async function bindByChoice(tx: OrgTransaction, choice: TypeChoice): Promise<TypeBinding> {
  const typeId = choice.typeId ?? null;
  const typeName = choice.typeName ?? null;
  if (typeId === null && typeName === null) throw invalidInput('input.typeId', 'typeId or typeName must be given');
  if (typeName !== null) requireText('input.typeName', typeName, { max: 100 });
  const possible = typeId === null || isDefinitionId(typeId, 'tdefi');
  const binding = possible ? await resolve(tx, typeId, typeName, null) : undefined;
  if (binding !== undefined) return binding;
  if (typeId === null) throw invalidInput('input.typeName', 'is not the name of an active thing type');
  throw invalidInput('input.typeId', `is not an active thing type${typeName === null ? '' : ' of this name'}`);
}

/**
 * A version of the type, also of a deleted one; without a version id the latest of an active one.
 * @throws BulkheadError BAD_USER_INPUT for a version of another type, or none where the type is deleted
 */
export async function bindToVersion(
  tx: OrgTransaction,
  typeId: string,
  versionId: string | null | undefined,
): Promise<TypeBinding> {
  const field = 'input.typeVersionId';
  const wanted = versionId ?? null;
  const possible = wanted === null || isDefinitionId(wanted, 'tdef');
  const binding = possible ? await resolve(tx, typeId, null, wanted) : undefined;
  if (binding !== undefined) return binding;
  throw invalidInput(
    field,
    wanted === null ? 'must be given: the thing type is deleted' : "is not a version of the thing's type",
  );
}

async function resolve(
  tx: OrgTransaction,
  typeId: string | null,
  typeName: string | null,
  versionId: string | null,
): Promise<TypeBinding | undefined> {
  const [binding] = await tx.sql<TypeBinding[]>`
    select thing_type_id as "thingTypeId", thing_type_version_id as "thingTypeVersionId",
           property_definitions as "propertyDefinitions"
    from app.resolve_thing_type(${typeId}, ${typeName}, ${versionId})`;
  return binding;
}
