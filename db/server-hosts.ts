/** One of the servers of an address. */
export interface ServerHost {
  /** Name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** scheme, user and password, hosts (several for a replicated server), database, parameters such as sslmode */
const form = /^(postgres(?:ql)?:\/\/)([^@/?#]+@)([^@/?#]+)((?:\/[^/?#]*)?)((?:\?[^#]*)?)$/;
const hostForm = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/;
/** Where PostgreSQL listens unless told otherwise. */
const defaultPort = 5432;

/** Whether the text is an address of one PostgreSQL, or of several of which one is the primary. */
export function isServerAddress(text: string): boolean {
  const [, , , hosts, , parameters] = form.exec(text) ?? [];
  if (hosts === undefined) return false;
  const attributes = new URLSearchParams(parameters).getAll('target_session_attrs');
  return hosts.split(',').every((host) => hostForm.test(host)) && attributes.every((value) => value === 'primary');
}

/**
 * The servers of an address, in its order.
 * @throws Error for what is no address; says nothing of it
 */
export function serverHosts(url: string): ServerHost[] {
  const hosts = form.exec(url)?.[3]?.split(',') ?? [];
  const parsed = hosts.map((text) => hostForm.exec(text) ?? []);
  if (parsed.length === 0 || parsed.some(([whole]) => whole === undefined)) {
    throw new Error('not an address of a PostgreSQL');
  }
  return parsed.map(([, bracketed, plain = '', port]) => ({
    host: bracketed ?? plain,
    port: Number(port ?? defaultPort),
  }));
}

/** The address with one of its servers only, as drivers understand it that know of one. */
export function addressOf(url: string, { host, port }: ServerHost): string {
  const [, scheme = '', credentials = '', , database = '', parameters = ''] = form.exec(url) ?? [];
  const others = new URLSearchParams(parameters);
  others.delete('target_session_attrs');
  const kept = others.size === 0 ? '' : `?${others}`;
  return `${scheme}${credentials}${host.includes(':') ? `[${host}]` : host}:${port}${database}${kept}`;
}

/**
 * The same servers with another user and database; parameters stay.
 * @param credentials `user:password`, neither with special characters
 * @throws Error for what is no address; says nothing of it
 */
export function addressFor(url: string, credentials: string, database: string): string {
  const [, scheme, , hosts, , parameters = ''] = form.exec(url) ?? [];
  if (scheme === undefined) throw new Error('not an address of a PostgreSQL');
  return `${scheme}${credentials}@${hosts}/${database}${parameters}`;
}

/**
 * The same servers and user with another database; parameters stay.
 * @throws Error for what is no address; says nothing of it
 */
export function inDatabase(url: string, database: string): string {
  const [, scheme, credentials, hosts, , parameters = ''] = form.exec(url) ?? [];
  if (scheme === undefined) throw new Error('not an address of a PostgreSQL');
  return `${scheme}${credentials}${hosts}/${database}${parameters}`;
}

/** Name of the user of an address; empty for what is no address. */
export function userOf(url: string): string {
  const [name = ''] = (form.exec(url)?.[2] ?? '').slice(0, -1).split(':');
  return decodeURIComponent(name);
}
