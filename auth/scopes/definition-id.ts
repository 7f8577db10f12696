/** The kinds of definitions, as a resource path writes them. */
export const definitionTypes = ['Metric', 'ThingType', 'ThingTypeVersion'] as const;

/** One kind of definition. */
export type DefinitionType = (typeof definitionTypes)[number];

/** The prefix that the ids of each kind of definition carry. No prefix is the start of another one. */
export const definitionIdPrefixes: Readonly<Record<DefinitionType, string>> = {
  Metric: 'mdef_',
  ThingType: 'tdefi_',
  ThingTypeVersion: 'tdef_',
};

/** What follows the prefix: 26 lower-case letters and digits, a UUID in base 32. */
const idBody = /^[0-9a-z]{26}$/;

/** The kind of definition that an id belongs to, by its whole prefix; undefined when it is no id of a definition. */
export function definitionTypeOf(id: string): DefinitionType | undefined {
  return definitionTypes.find((type) => {
    const prefix = definitionIdPrefixes[type];
    return id.startsWith(prefix) && idBody.test(id.slice(prefix.length));
  });
}
