/** Which way the data of an integration goes: from the third party to us, or from us to it. */
export type Direction = 'INGRESS' | 'EGRESS';

/** Form of each text of a property. */
export type ValueFormat = 'URL' | 'SCHEME' | 'PAYLOAD_FIELD' | 'TEMPLATE_ID' | 'THING_ID' | 'POINTER';

/** A setting that a type of integration declares. */
export interface CatalogProperty {
  readonly key: string;
  readonly description: string;
  /** Whether an integration is refused without it. */
  readonly isRequired: boolean;
  /** Whether it can be changed after the integration was made. */
  readonly isEditable: boolean;
  readonly format: ValueFormat;
  /** Texts of its list at most. */
  readonly maxValues: number;
}

/** A secret that a type of integration uses. */
export interface CatalogSecret {
  readonly name: string;
  readonly description: string;
  /** Whether the integration cannot work without it. */
  readonly isRequired: boolean;
}

/** A type of integration that Bulkhead delivers to or accepts from. */
export interface CatalogEntry {
  readonly direction: Direction;
  readonly type: string;
  readonly description: string;
  /** Whether integrations of the type can be made in this deployment. */
  readonly isAvailable: boolean;
  readonly properties: readonly CatalogProperty[];
  readonly secrets: readonly CatalogSecret[];
}

/** Name of the secret that webhooks are signed and verified with. */
export const signingSecret = 'signingSecret';
/** Name of the secret before it: signatures of both are sent and accepted while a third party changes over. */
export const formerSigningSecret = 'formerSigningSecret';

/** Ways in which a third party signs what it posts. */
export const schemes = ['STANDARD_WEBHOOKS', 'STRIPE'] as const;
/** A way in which a third party signs what it posts. */
export type Scheme = (typeof schemes)[number];

const optional = { isRequired: false, isEditable: true, maxValues: 1 } as const;

const secrets: readonly CatalogSecret[] = [
  {
    name: signingSecret,
    description:
      'Key of the signatures. Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. Stripe: the text that Stripe shows.',
    isRequired: true,
  },
  {
    name: formerSigningSecret,
    description: 'The key before it, for as long as both are to be good.',
    isRequired: false,
  },
];

/** Every type that is built. Integrations of other types are plain records: nothing is delivered to or accepted from them. */
export const catalog: readonly CatalogEntry[] = [
  {
    direction: 'EGRESS',
    type: 'WEBHOOK',
    description: 'Posts events as JSON to an address, signed as Standard Webhooks 1.0 says.',
    isAvailable: true,
    properties: [
      {
        key: 'url',
        description: 'Address that events are posted to: https, port 443 or 8443, without user and password.',
        isRequired: true,
        isEditable: true,
        format: 'URL',
        maxValues: 1,
      },
      {
        ...optional,
        key: 'payload',
        description:
          'Fields of the body instead of the whole event: `name=/pointer` takes a value of the event by its JSON Pointer, ' +
          '`name="text"` is a constant (any JSON value).',
        format: 'PAYLOAD_FIELD',
        maxValues: 50,
      },
    ],
    secrets,
  },
  {
    direction: 'INGRESS',
    type: 'WEBHOOK',
    description:
      'Accepts signed events at /hooks/<id>, each once, and writes them as readings of things by a template.',
    isAvailable: true,
    properties: [
      {
        ...optional,
        key: 'scheme',
        description: 'How the third party signs: STANDARD_WEBHOOKS (the default) or STRIPE.',
        format: 'SCHEME',
      },
      {
        ...optional,
        key: 'templateId',
        description: 'Template that makes readings of a document. Without it events are verified and listed only.',
        format: 'TEMPLATE_ID',
      },
      {
        ...optional,
        key: 'thingId',
        description: 'Thing that all readings belong to; instead of thingPointer.',
        format: 'THING_ID',
      },
      {
        ...optional,
        key: 'thingPointer',
        description:
          'JSON Pointer to the third party’s id of the thing, which resource mappings lead to things; instead of thingId.',
        format: 'POINTER',
      },
    ],
    secrets,
  },
];

/** What the catalog says of a direction and type; undefined for one that it does not have. */
export function catalogEntry(direction: Direction, type: string): CatalogEntry | undefined {
  return catalog.find((entry) => entry.direction === direction && entry.type === type);
}

/** How an INGRESS webhook is signed, by the first text of its property. */
export function schemeOf(scheme: string | null | undefined): Scheme {
  return schemes.find((one) => one === scheme) ?? 'STANDARD_WEBHOOKS';
}
