// The table of wrong configurations: one edit of the right text each, and what must be told.

import { type Case, serialCases } from './serial-cases.ts';

export const terminal = 'terminal: { id: hz-0012 }';
const button = '1: { id: desk-button, name: 值班台, kind: emergency }';
export const claim = '4: { id: claim, name: 误报, role: false-alarm }';
export const url = 'url: mqtt://localhost:1883';
export const cases: readonly Case[] = [
  ...serialCases,
  { what: 'a missing group', from: terminal, to: '', wrong: { terminal: 'missing: a group' } },
  { what: 'an empty group', from: terminal, to: 'terminal:', wrong: { terminal: 'missing' } },
  { what: 'a list for a group', from: terminal, to: 'terminal: [a]', wrong: { terminal: 'id' } },
  {
    what: 'a slash in the id of the terminal',
    from: 'hz-0012 }',
    to: 'hz/0012 }',
    wrong: { 'terminal.id': 'letters, digits' },
  },
  {
    what: 'a mistyped field',
    from: 'jurisdiction',
    to: 'juristiction',
    wrong: {
      'identity.juristiction': 'did you mean jurisdiction?',
      'identity.jurisdiction': 'missing: the police station',
    },
  },
  {
    what: 'a field nobody knows',
    from: 'capMb: 64',
    to: 'zz: 1',
    wrong: { 'data.zz': 'known are: dir, capMb' },
  },
  {
    what: 'a division code too short',
    from: '330106',
    to: '33010',
    wrong: { 'identity.divisionCode': '6 or 12 digits' },
  },
  {
    what: 'a place off the globe',
    from: 'lat: 30.28, lon: 120.09',
    to: 'lat: 91, lon: east',
    wrong: { 'identity.position.lat': 'latitude', 'identity.position.lon': 'longitude' },
  },
  {
    what: 'letters in a phone number',
    from: '13800000012',
    to: 'call me',
    wrong: { 'identity.contacts[0].phone': 'a phone number' },
  },
  { what: 'a disk of nothing', from: '64', to: '1', wrong: { 'data.capMb': '16 to 4096' } },
  { what: 'half a megabyte', from: '64', to: '64.5', wrong: { 'data.capMb': 'a whole number' } },
  {
    what: 'a rate no port has',
    from: 'path: /dev/ttyDESK',
    to: 'path: /dev/a\n    baud: 9601',
    wrong: { 'boxes[0].baud': '9600' },
  },
  {
    what: 'a device without a directory',
    from: '/dev/ttyDESK',
    to: 'ttyDESK',
    wrong: { 'boxes[0].path': 'absolute' },
  },
  { what: 'an input 17', from: '4: {', to: '17: {', wrong: { 'boxes[0].inputs.17': '1 to 16' } },
  {
    what: 'a kind nobody knows',
    from: 'kind: emergency',
    to: 'kind: loud',
    wrong: { 'boxes[0].inputs.1.kind': 'one of: emergency' },
  },
  {
    what: 'a button without kind',
    from: ', kind: emergency',
    to: '',
    wrong: { 'boxes[0].inputs.1.kind': 'missing: what a press means' },
  },
  {
    what: 'a kind for what is no button',
    from: 'role: false-alarm',
    to: 'role: local-reset, kind: fire',
    wrong: { 'boxes[0].inputs.4.kind': 'only a button' },
  },
  {
    what: 'no button at all',
    from: button,
    to: '2: { id: r, name: r, role: local-reset }',
    wrong: { boxes: 'at least one input with role: button' },
  },
  {
    what: 'two inputs of one id',
    from: 'id: claim',
    to: 'id: desk-button',
    wrong: { 'boxes[0].inputs.4.id': 'another input has this id' },
  },
  {
    what: 'plain MQTT across a network',
    from: 'localhost',
    to: '10.0.0.9',
    wrong: { 'broker.url': 'use mqtts:// and ca' },
  },
  {
    what: 'a name that looks like loopback',
    from: 'localhost',
    to: '127.0.0.1.example',
    wrong: { 'broker.url': 'use mqtts:// and ca' },
  },
  {
    what: 'a password in the address',
    from: 'mqtt://',
    to: 'mqtt://me:hunter2@',
    wrong: { 'broker.url': 'no user or password' },
  },
  {
    what: 'TLS without an authority',
    from: url,
    to: 'url: mqtts://b.example',
    wrong: { 'broker.ca': 'missing: the file' },
  },
  {
    what: 'an authority without TLS',
    from: url,
    to: `${url}\n  ca: dome.yaml`,
    wrong: { 'broker.ca': 'has no effect' },
  },
  {
    what: 'a certificate without key',
    from: url,
    to: `${url}\n  cert: dome.yaml`,
    wrong: { 'broker.key': 'cert needs key', 'broker.cert': 'has no effect' },
  },
  {
    what: 'a user without password',
    from: '  passwordFile: broker.secret\n',
    to: '',
    wrong: { 'broker.passwordFile': 'username needs passwordFile' },
  },
  {
    what: 'a path in the address of the broker',
    from: ':1883',
    to: ':1883/x',
    wrong: { 'broker.url': 'host and port only' },
  },
  {
    what: 'a second broker that is the first',
    from: url,
    to: `${url}\n  second: { url: "mqtt://localhost" }`,
    wrong: { 'broker.second.url': 'the same place as broker.url' },
  },
  {
    what: 'a second broker without TLS across a network, and half a login',
    from: url,
    to: `${url}\n  second: { url: "mqtt://10.0.0.9", username: me }`,
    wrong: {
      'broker.second.url': 'use mqtts:// and ca',
      'broker.second.passwordFile': 'username needs passwordFile',
    },
  },
  {
    what: 'a second broker without authority, with a certificate that is none',
    from: url,
    to: `${url}\n  second: { url: "mqtts://b", cert: dome.yaml, key: dome.secret }`,
    wrong: {
      'broker.second.ca': 'missing: the file',
      'broker.second.cert': 'no certificate in it',
      'broker.second.key': 'no private key in it',
    },
  },
  {
    what: 'a second of the second',
    from: url,
    to: `${url}\n  second: { url: "mqtt://localhost:1884", second: { url: "mqtt://localhost:1885" } }`,
    wrong: { 'broker.second.second': 'unknown here' },
  },
  {
    what: 'another protocol',
    from: 'http://192',
    to: 'rtsp://192',
    wrong: { 'dome.url': 'http://host or https://host' },
  },
  {
    what: 'an authority of the dome without TLS',
    from: 'url: http://192.168.1.64',
    to: 'url: http://192.168.1.64\n  ca: dome.secret',
    wrong: { 'dome.ca': 'has no effect with http://' },
  },
  {
    what: 'a missing certificate of the dome',
    from: 'url: http://192.168.1.64',
    to: 'url: https://192.168.1.64\n  ca: gone.pem',
    wrong: { 'dome.ca': 'no such file' },
  },
  {
    what: 'a password in the file',
    from: 'username: gate',
    to: 'username: gate\n  password: hunter2',
    wrong: { 'dome.password': 'did you mean passwordFile?' },
  },
  {
    what: 'a missing secret',
    from: 'dome.secret',
    to: 'gone.secret',
    wrong: { 'dome.passwordFile': 'no such file' },
  },
  {
    what: 'a missing profile',
    from: 'dome.yaml',
    to: 'gone.yaml',
    wrong: { 'dome.profile': 'no such file' },
  },
  {
    what: 'no bounce at all',
    from: 'debounceMs: 40',
    to: 'debounceMs: 0',
    wrong: { debounceMs: '1 to 300' },
  },
  {
    what: 'a level nobody knows',
    from: 'level: warn',
    to: 'level: loud',
    wrong: { 'log.level': 'one of: debug' },
  },
  {
    what: 'a key that stands twice',
    from: 'debounceMs: 40',
    to: 'debounceMs: 40\ndebounceMs: 41',
    wrong: { debounceMs: 'stands twice' },
  },
  {
    what: 'an anchor and its alias',
    from: 'school: 文新小学\n  address: 文二西路 12 号',
    to: 'school: &a x\n  address: *a',
    wrong: {
      'identity.school': 'no &anchors',
      'identity.address': 'no *aliases',
    },
  },
  {
    what: 'a tag',
    from: '文新小学',
    to: '!!binary aGk=',
    wrong: { '(file)': 'in quotes', 'identity.school': 'no !tags' },
  },
  { what: 'a tab', from: '  school', to: '\tschool', wrong: { '(file)': 'tabs' } },
  {
    what: 'a prototype',
    from: terminal,
    to: `${terminal}\n__proto__: { a: 1 }`,
    wrong: { ['__proto__']: 'unknown here' },
  },
];
