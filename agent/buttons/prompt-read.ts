// Reads a serial port as soon as the system says that there is something, on the loop's own thread.
// The binding reads in a thread of the pool, and once more in vain before it waits: 0.2 ms a press.
// The port is opened non-blocking, so that this never waits; whatever is not plain data is the binding's.

import { readSync } from 'node:fs';
import type { SerialPort } from 'serialport';

type Port = NonNullable<SerialPort['port']>;
/** Bindings of systems that can wait for a file descriptor. */
type Pollable = Extract<Port, { readonly poller: unknown }>;

/** For an open port, right after it was opened. */
export function readPromptly({ port }: SerialPort): void {
  if (!port || !('poller' in port)) return;
  const plainRead = port.read.bind(port);
  port.read = async (buffer, offset, length) => {
    if (!port.isOpen) return plainRead(buffer, offset, length);
    await readable(port);
    const bytesRead = port.fd === null ? 0 : readNow(port.fd, buffer, offset, length);
    return bytesRead > 0 ? { bytesRead, buffer } : plainRead(buffer, offset, length);
  };
}

const readable = ({ poller }: Pollable): Promise<void> =>
  new Promise((done, fail) => {
    poller.once('readable', (error: Error | null) => (error ? fail(error) : done()));
  });

/** 0 where there is nothing, or something wrong: the binding's own read then finds out what. */
function readNow(fd: number, buffer: Buffer, offset: number, length: number): number {
  try {
    return readSync(fd, buffer, offset, length, null);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return 0;
    throw error;
  }
}
