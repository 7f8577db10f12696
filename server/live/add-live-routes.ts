import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import { addEventStreamRoute } from './event-stream-route.js';
import { liveBounds } from './live-bounds.js';
import type { LiveServices } from './live-services.js';
import { socketUpgradesOf } from './other-upgrades.js';

/** Milliseconds that sockets have to say goodbye when the gateway stops. */
const goodbyeMs = 500;

/** Lets routes take WebSockets (`wsHandler`), and adds the route of event streams; both end when the gateway stops. */
export async function addLiveRoutes(app: FastifyInstance, services: LiveServices): Promise<void> {
  await app.register(websocket, {
    options: {
      // Where upgrades come from; the type says a whole server.
      server: socketUpgradesOf(app.server) as never,
      maxPayload: liveBounds.messageBytes,
      handleProtocols,
    },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose(done) {
      services.connections.closeAll();
      const { clients } = this.websocketServer;
      const patience = setTimeout(() => {
        for (const client of clients) client.terminate();
      }, goodbyeMs);
      this.websocketServer.close(() => clearTimeout(patience));
      done();
    },
  });
  addEventStreamRoute(app, services);
}
