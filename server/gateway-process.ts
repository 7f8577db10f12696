import { startGateway } from './gateway.js';
import { logDestination } from './log-destination.js';
import { runChild } from './start/run-child.js';

runChild((configuration: Parameters<typeof startGateway>[0]) => startGateway(configuration, {}, logDestination()));
