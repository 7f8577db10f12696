import { connect, rootCertificates, type SecureVersion } from 'node:tls';

/** What a TLS handshake has come to. */
export interface Handshake {
  /** Version that was agreed, such as `TLSv1.3`; null when there was no handshake. */
  readonly version: string | null;
  /** Why there was none, or why the certificate is not trusted: a code. */
  readonly fault: string | null;
  /** Last moment of the certificate. */
  readonly validTo: Date | null;
}

/** Milliseconds that a handshake may take. */
const patienceMs = 5_000;

/**
 * Shakes hands with a server by exactly one version of TLS; the certificate has to be of a trusted authority, and for its
 * name.
 * @param authorities certificates that are trusted beside those of Node, in PEM
 */
export function shakeHands(url: URL, version: SecureVersion, authorities: readonly string[]): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect({
      host: url.hostname,
      port: Number(url.port || 443),
      servername: /^[\d.:[\]]+$/.test(url.hostname) ? '' : url.hostname,
      minVersion: version,
      maxVersion: version,
      // An untrusted certificate is told apart from a refused version.
      rejectUnauthorized: false,
      ...(authorities.length === 0 ? {} : { ca: [...rootCertificates, ...authorities] }),
    });
    const end = (handshake: Handshake) => {
      socket.destroy();
      resolve(handshake);
    };
    socket.setTimeout(patienceMs, () => end({ version: null, fault: 'ETIMEDOUT', validTo: null }));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({ version: null, fault: error.code ?? 'unknown', validTo: null }),
    );
    socket.once('secureConnect', () => {
      const text = socket.getPeerCertificate().valid_to;
      const fault = socket.authorized ? null : String((socket.authorizationError as unknown) ?? 'not trusted');
      end({ version: socket.getProtocol(), fault, validTo: text === undefined ? null : new Date(text) });
    });
  });
}
