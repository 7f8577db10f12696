import { connect } from './connect.js';

/**
 * Tries to connect and answers the SQLSTATE or the code of the system with which that was refused; undefined when the
 * server has let the role in.
 */
export async function refusalOfConnection(url: string): Promise<string | undefined> {
  const sql = connect(url, { max: 1, fetch_types: false, connect_timeout: 5, onnotice: () => {} });
  try {
    await sql`select 1`;
    return undefined;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return typeof code === 'string' ? code : 'unknown';
  } finally {
    await sql.end({ timeout: 1 });
  }
}
