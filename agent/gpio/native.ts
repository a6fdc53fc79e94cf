// Loads the add-on (native.c): beside the bundle where that runs, in .build where the sources run.

import { createRequire } from 'node:module';

export interface Native {
  /** Throws an error with the errno's name as `code`. */
  ioctl(fd: number, request: number, data: Buffer): void;
  /** In a thread of the pool, for what may take its time. `code`: the errno's name, or null. */
  ioctlLater(fd: number, request: number, data: Buffer, done: (code: string | null) => void): void;
  /** Calls back once when `fd` can be read, and again after each `arm`; `failed`: it never will again.
   * Reading does not block from now on. */
  watch(fd: number, ready: (failed: boolean) => void): unknown;
  arm(watch: unknown): void;
  /** Before `fd` is closed. */
  unwatch(watch: unknown): void;
}

const places = ['./gpio.node', '../../.build/gpio.node'];

/** Throws where it was not built, or was built for another machine. */
export function loadNative(): Native {
  const load = createRequire(import.meta.url);
  const missing = (place: string): boolean => {
    try {
      return load.resolve(place) === '';
    } catch {
      return true;
    }
  };
  const place = places.find((one) => !missing(one));
  if (place === undefined) throw new Error('gpio.node is missing');
  // The only border a type can cross into C.
  return load(place) as Native;
}
