/** A name or type of the schema, a variable or a directive, as messages quote them; the schema has no names with digits. */
const plainName = /^[$@]?[A-Za-z_]{1,60}([.(: ][A-Za-z_]{1,60}){0,3}[:)]*$/;
/** What the grammar is made of, e.g. `}` or `...`. */
const punctuation = /^[^\w\s]{1,3}$/;

/**
 * A message of graphql-js without what it quotes from document and variables: that may be a secret in the wrong place.
 * Values go altogether; of names, those stay that could stand in the schema.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/^(Variable "\$\w+") (?:got|has) invalid value .*$/s, '$1 has an invalid value')
    .replace(/^(Argument "\w+") has invalid value .*$/s, '$1 has an invalid value')
    .replace(/((?:cannot|must) represent [^:]*?)(?: ?: .*| value .*)$/s, '$1')
    .replace(/, found .*$/s, '')
    .replace(/^Value ".*" does not exist in "(\w+)" enum.*$/s, 'The value does not exist in enum "$1"')
    .replace(/(Syntax Error: Unexpected (?:String|BlockString|Int|Float)) .*$/s, '$1')
    .replace(/ ?Did you mean .*$/s, '')
    .replace(/"([^"]*)"/g, (quoted, text: string) => (isOurs(text) ? quoted : '"…"'));
}

function isOurs(quoted: string): boolean {
  return plainName.test(quoted.replace(/[[\]!]/g, '')) || punctuation.test(quoted);
}
