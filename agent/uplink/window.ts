// What is in flight: published, PUBACK still out. Bounds it by count and bytes and keeps slots free
// for alarms. Pure: knows neither MQTT.js nor time. On a thin link (20 kB/s) 16 messages fill the
// line with an alarm acknowledged in 178 ms; 64 took 685 ms (field notes). MQTT.js ignores the
// broker's Receive Maximum, so it is minded here.

export const windowCountMax = 16;
export const windowBytesMax = 4096;
/** Slots and bytes that only alarms, answers and the birth message may use. */
export const reservedCount = 4;
export const reservedBytes = 1024;

export interface Flight {
  readonly bytes: number;
  readonly sentMs: number;
}

export class Window<F extends Flight> {
  #flights = new Set<F>();
  #bytes = 0;
  #countMax = windowCountMax;

  /** At each connect: empty, and no wider than the broker's Receive Maximum. */
  open(receiveMaximum: number): void {
    this.#flights.clear();
    this.#bytes = 0;
    this.#countMax = Math.max(1, Math.min(windowCountMax, receiveMaximum));
  }

  /** At least one message may always fly, however large it is. */
  fits(urgent: boolean, bytes: number): boolean {
    const count = this.#flights.size;
    if (count === 0) return true;
    const reserved = urgent ? 0 : Math.min(reservedCount, this.#countMax - 1);
    const bytesMax = urgent ? windowBytesMax : windowBytesMax - reservedBytes;
    return count < this.#countMax - reserved && this.#bytes + bytes <= bytesMax;
  }

  add(flight: F): void {
    this.#flights.add(flight);
    this.#bytes += flight.bytes;
  }

  done(flight: F): void {
    if (this.#flights.delete(flight)) this.#bytes -= flight.bytes;
  }

  get count(): number {
    return this.#flights.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** PUBACKs come in order, so the oldest is the one to wait for. */
  get oldest(): F | undefined {
    return this.#flights.values().next().value;
  }
}
