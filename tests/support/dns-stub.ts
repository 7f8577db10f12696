import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A DNS server on this machine (RFC 1035, A records only). */
export interface DnsStub {
  /** As `EGRESS_DNS_SERVERS` takes it. */
  readonly server: string;
  /** Addresses of a name, for each question anew. */
  answer: (name: string) => readonly string[];
  /** Names that were asked for, type A. */
  readonly asked: string[];
  close(): Promise<void>;
}

const typeA = 1;

/** Starts a DNS server that answers what a test says. */
export async function startDnsStub(): Promise<DnsStub> {
  const socket = createSocket('udp4');
  const stub: DnsStub & { server: string } = {
    server: '',
    answer: () => [],
    asked: [],
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, sender) => {
    const { name, end, type } = question(query);
    if (type === typeA) stub.asked.push(name);
    const addresses = type === typeA ? stub.answer(name) : [];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(
      Buffer.concat([header, query.subarray(12, end), ...addresses.map(record)]),
      sender.port,
      sender.address,
    );
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  stub.server = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  return stub;
}

function question(query: Buffer): { name: string; end: number; type: number } {
  const labels: string[] = [];
  let position = 12;
  for (let length = query[position] ?? 0; length > 0; length = query[position] ?? 0) {
    labels.push(query.toString('latin1', position + 1, position + 1 + length));
    position += length + 1;
  }
  return { name: labels.join('.'), end: position + 5, type: query.readUInt16BE(position + 1) };
}

/** An A record of the name in the question, to be kept for no time at all. */
function record(address: string): Buffer {
  const fixed = Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4]);
  return Buffer.concat([fixed, Buffer.from(address.split('.').map(Number))]);
}
