import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that ask for another protocol, by name. */
const asking = new Set(['upgrade', 'http2-settings', 'connection']);

/**
 * The upgrades of a server to WebSockets, and no others. Node hands over every request that asks for any other protocol;
 * ordinary clients offer HTTP/2 with each of their requests (`Upgrade: h2c`), and are to be answered as if they had not
 * (RFC 9110, 7.8): what has been read goes back into the connection without the offer.
 */
export function socketUpgradesOf(server: Server): EventEmitter {
  const upgrades = new EventEmitter();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket') {
      upgrades.emit('upgrade', request, socket, head);
      return;
    }
    const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const name = request.rawHeaders[index] ?? '';
      if (!asking.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
    }
    socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
    server.emit('connection', socket);
  });
  return upgrades;
}
