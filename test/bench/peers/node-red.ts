// Node-RED: a flow of a TCP input, a function that notes the time, and mqtt out with QoS 1. Taken: the
// flow has handed it to mqtt out, which tells a flow nothing more, and drops what it is given while
// it is not connected.

import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { type Candidate, Letters, type Sent } from './candidate.ts';
import { Answers, type Place, Tool } from './process.ts';

export class NodeRed implements Candidate {
  readonly #program: string;
  readonly #place: Place;
  readonly #letters: Letters;
  readonly #answers = new Answers();
  #server: Server | null = null;
  #flow: Socket | null = null;
  #tool: Tool | null = null;
  #port = 0;

  /** `program`: see `installedNodeRed`. */
  constructor(program: string, place: Place) {
    this.#program = program;
    this.#place = place;
    this.#letters = new Letters('node-red', place.bytes);
  }

  get pid(): number {
    return this.#tool?.pid ?? 0;
  }

  async start(): Promise<void> {
    const dir = join(this.#place.dir, 'node-red');
    mkdirSync(dir, { recursive: true });
    const inputPort = await this.#listen();
    this.#port ||= await freePort();
    writeFileSync(join(dir, 'settings.cjs'), settings);
    writeFileSync(join(dir, 'flows.json'), flowsOf(inputPort, this.#place.cityPort));
    const args = ['--settings', join(dir, 'settings.cjs'), '--userDir', dir, '--port'];
    const tool = new Tool(process.execPath, [this.#program, ...args, `${this.#port}`]);
    this.#tool = tool;
    await until(
      () => {
        if (tool.child.exitCode !== null) throw new Error(`Node-RED ended: ${tool.said}`);
        return this.#flow;
      },
      { withinMs: 60_000, what: `Node-RED's flow; it said: ${tool.said}` },
    );
  }

  async send(): Promise<Sent> {
    const { id, text } = this.#letters.next();
    const answer = this.#answers.of(id);
    this.#flow?.write(`${text}\n`);
    const callMs = await answer;
    const { city } = this.#place;
    return { taken: true, callMs: async () => callMs, arrivals: () => city.of(id) };
  }

  async rest(): Promise<void> {}

  async kill(): Promise<void> {
    await this.#tool?.end('SIGKILL');
    this.#flow?.destroy();
    this.#flow = null;
  }

  async close(): Promise<void> {
    await this.#tool?.end('SIGTERM');
    this.#flow?.destroy();
    this.#server?.close();
  }

  /** The flow connects to us: a TCP input that listens would do so on every interface. */
  async #listen(): Promise<number> {
    if (!this.#server) {
      this.#server = createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => socket.destroy());
        createInterface({ input: socket }).on('line', (line) => this.#answers.take(line));
        this.#flow = socket;
      }).listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
    }
    return (this.#server.address() as AddressInfo).port;
  }
}

const settings = `module.exports = {
  uiHost: '127.0.0.1',
  httpAdminRoot: false,
  httpNodeRoot: false,
  flowFile: 'flows.json',
  credentialSecret: false,
  socketReconnectTime: 200,
  mqttReconnectTime: 1000,
  telemetry: { enabled: false },
  functionGlobalContext: { monotonicNs: () => process.hrtime.bigint().toString() },
};
`;

const flowsOf = (inputPort: number, cityPort: number): string => {
  const on = { z: 'tab' };
  const noteTime = `const at = global.get('monotonicNs')();
const id = msg.payload.slice(0, msg.payload.indexOf(' '));
return [{ topic: 'peer/node-red', payload: msg.payload }, { ...msg, payload: id + ' ' + at + '\\n' }];`;
  return JSON.stringify([
    { id: 'tab', type: 'tab', label: 'bench' },
    {
      ...{ ...on, id: 'in', type: 'tcp in', server: 'client', host: '127.0.0.1', port: inputPort },
      ...{ datamode: 'stream', datatype: 'utf8', newline: '\\n', wires: [['note']] },
    },
    {
      ...{ ...on, id: 'note', type: 'function', func: noteTime, outputs: 2 },
      wires: [['out'], ['answer']],
    },
    { ...on, id: 'out', type: 'mqtt out', topic: '', qos: '1', retain: 'false', broker: 'city' },
    { ...on, id: 'answer', type: 'tcp out', beserver: 'reply', end: false },
    {
      ...{ id: 'city', type: 'mqtt-broker', broker: '127.0.0.1', port: `${cityPort}` },
      ...{ clientid: 'node-red', protocolVersion: '5', cleansession: false, keepalive: '10' },
      ...{ autoConnect: true, usetls: false, sessionExpiry: '3600' },
    },
  ]);
};
