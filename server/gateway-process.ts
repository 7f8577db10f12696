import { startGateway } from './gateway.js';
import { runChild } from './start/run-child.js';

runChild(startGateway);
