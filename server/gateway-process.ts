import { logFiles } from '../signals/log-files.js';
import { startGateway } from './gateway.js';
import { logDestination } from './log-destination.js';
import { runChild } from './start/run-child.js';

runChild((configuration: Parameters<typeof startGateway>[0]) =>
  startGateway(
    configuration,
    {},
    configuration.logFiles === undefined ? logDestination() : logFiles('gateway', configuration.logFiles),
  ),
);
