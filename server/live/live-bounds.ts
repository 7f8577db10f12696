/** Bounds of live connections and subscriptions, as in `docs/limits.md`. */
export const liveBounds = {
  /** Connections of one gateway, WebSockets and event streams together. */
  connections: 1000,
  /** Of these, connections of one organization. */
  connectionsOfOrganization: 50,
  /** Of these, sockets that have not said yet whose they are. */
  unknownConnections: 100,
  /** Milliseconds that a socket has to say whose it is. */
  initMs: 5000,
  /** Bytes of one message to the server. */
  messageBytes: 64 * 1024,
  /** Messages of one socket to the server, for each ten seconds. */
  messagesPerTenSeconds: 200,
  /** Milliseconds between two pings of a connection; one that has not answered by the next is cut. */
  pingMs: 15_000,
  /** Bytes that may wait for a client to read them. */
  bufferedBytes: 1024 * 1024,
  /** Milliseconds that one event may wait for a client to read it. */
  flushMs: 10_000,
  /** Milliseconds between two reads of one subscription. */
  eventMs: 1000,
  /** Milliseconds after which a subscription looks for itself whether there is something new. */
  lookMs: 15_000,
  /** Milliseconds after which a read that the databases did not answer is tried again. */
  retryMs: 2000,
  /** Notices that one subscription keeps until it reads. */
  notices: 1000,
  /** Milliseconds between two confirmations of the key of a connection, which prolong its leases of 15 s. */
  confirmMs: 3000,
  /** Milliseconds that a new subscription waits for the connection of notices. */
  listeningMs: 5000,
} as const;
