// Life of a peer process: it is told its configuration by IPC, says where it serves, and ends with its parent.

/** Waits for `{ type: 'start', configuration }`, runs `start` and answers `{ type: 'ready', url }`. */
export function serve(start) {
  process.once('message', ({ configuration }) => {
    start(configuration).then(
      (port) => process.send({ type: 'ready', url: `http://127.0.0.1:${port}` }),
      (error) => process.send({ type: 'failed', reason: error?.stack ?? String(error) }, () => process.exit(1)),
    );
  });
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  process.on('SIGINT', () => {});
}

/** Port of a node:http server that listens on any free one. */
export function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}
