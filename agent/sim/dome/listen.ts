// Opens a TCP server, on loopback unless it is told where.

import type { AddressInfo, Server } from 'node:net';

/** The port it listens on; 0 asks the system for one. Rejects where the port is taken. */
export async function listen(server: Server, port: number, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.on('error', failed);
    server.listen(port, host, done);
  });
  const address = server.address() as AddressInfo;
  return address.port;
}
