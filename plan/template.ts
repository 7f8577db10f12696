/** Arguments of one call of concat(); PostgreSQL takes 100. */
const maxArguments = 90;

/**
 * JSON text that a statement builds: fixed text, and SQL expressions whose values are put in between. Fixed text holds
 * names of the schema and of the document only, never a value.
 */
export class Template {
  readonly #parts: { readonly isSql: boolean; text: string }[] = [];

  constructor(text = '') {
    this.text(text);
  }

  /** Adds fixed text. */
  text(text: string): this {
    const last = this.#parts.at(-1);
    if (last?.isSql === false) last.text += text;
    else if (text !== '') this.#parts.push({ isSql: false, text });
    return this;
  }

  /** Adds the text form of an SQL expression; null adds nothing. */
  sql(expression: string): this {
    this.#parts.push({ isSql: true, text: expression });
    return this;
  }

  /** Adds all of another template. */
  append(other: Template): this {
    for (const part of other.#parts) {
      if (part.isSql) this.sql(part.text);
      else this.text(part.text);
    }
    return this;
  }

  /** The text where it needs no SQL. */
  get constant(): string | undefined {
    if (this.#parts.some(({ isSql }) => isSql)) return undefined;
    return this.#parts.map(({ text }) => text).join('');
  }

  /** An SQL expression of type text, never null. */
  toSql(): string {
    const parts = this.#parts.map(({ isSql, text }) => (isSql ? text : sqlText(text)));
    if (parts.length === 0) return "''";
    if (parts.length === 1 && this.constant !== undefined) return parts[0] ?? "''";
    return concat(parts);
  }
}

/**
 * concat() is the fastest way to text: json_build_object looks up the type of each of its values in every call.
 */
function concat(parts: readonly string[]): string {
  if (parts.length <= maxArguments) return `concat(${parts.join(', ')})`;
  const groups: string[] = [];
  for (let index = 0; index < parts.length; index += maxArguments) {
    groups.push(concat(parts.slice(index, index + maxArguments)));
  }
  return concat(groups);
}

/** A literal of type text. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'::text`;
}
