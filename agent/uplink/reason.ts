// Why the line to the broker is down, in one sentence with a hint: what the installer reads.

const byCode: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused; is the broker running, and is the port right?',
  ECONNRESET: 'the broker or something on the way cut the connection',
  EPIPE: 'the broker or something on the way cut the connection',
  ETIMEDOUT: 'no answer; check network, address and firewall',
  EHOSTUNREACH: 'host unreachable; check cable, gateway and address',
  ENETUNREACH: 'network unreachable; check cable and network settings',
  ENOTFOUND: 'the name cannot be resolved (DNS); check the address and the DNS server',
  EAI_AGAIN: 'the name cannot be resolved (DNS server silent); check the network',
  CERT_HAS_EXPIRED: 'certificate of the broker has expired; check the date here and renew it there',
  CERT_NOT_YET_VALID: 'certificate of the broker is not valid yet; check the clock of this PC',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate of the broker is self-signed; give its CA in broker.ca',
  SELF_SIGNED_CERT_IN_CHAIN:
    'certificate of the broker is from an unknown CA; give it in broker.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'certificate of the broker is from an unknown CA; give it in broker.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'certificate of the broker is from an unknown CA; give it in broker.ca',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'certificate of the broker is for another name; use the name that it bears',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'the broker asks for a client certificate; give broker.cert and broker.key',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the broker refuses our certificate',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN': 'the broker refuses our certificate',
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': 'the broker refuses our certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA:
    'certificate of this terminal is from a CA the broker does not know',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'certificate of this terminal has expired; renew it',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED': 'certificate of this terminal has expired; renew it',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the port does not speak TLS; use mqtt:// or the TLS port',
};

/** Reason codes of CONNACK and DISCONNECT (MQTT 5, chapter 2.4), and CONNACK codes of 3.1.1. */
const byReasonCode: { readonly [code: number]: string } = {
  1: 'the broker does not speak MQTT 5',
  2: 'the broker refuses the client id',
  4: 'wrong user name or password',
  5: 'not authorised; check user, certificate and the ACL of the broker',
  129: 'the broker could not read our packet',
  130: 'protocol error',
  132: 'the broker does not speak MQTT 5',
  133: 'the broker refuses the client id',
  134: 'wrong user name or password',
  135: 'not authorised; check user, certificate and the ACL of the broker',
  136: 'the broker is unavailable',
  137: 'the broker is busy',
  138: 'this terminal is banned at the broker',
  139: 'the broker is shutting down',
  141: 'the broker heard nothing of us in time (keep alive)',
  142: 'another client uses our client id; each terminal needs its own',
  149: 'packet too large for the broker',
  151: 'quota of the broker exceeded',
  152: 'closed by the administrator of the broker',
  156: 'the broker sends us to another server',
  157: 'the broker has moved',
  159: 'the broker limits connections for now',
};

/** Sentence for a reason code of 128 and more in a PUBACK. */
export const refusalOf = (code: number): string => {
  if (code === 135) return 'not authorised (135); check the ACL of the broker';
  if (code === 144) return 'topic name invalid (144)';
  if (code === 149) return 'packet too large (149)';
  if (code === 151) return 'quota exceeded (151)';
  return `reason code ${code}`;
};

export const disconnectReason = (code: number | undefined): string =>
  byReasonCode[code ?? -1] ?? `the broker closed the connection (reason ${code ?? 0})`;

/** The connection ended without a word. */
export const isCut = (code: unknown): boolean => code === 'ECONNRESET' || code === 'EPIPE';

/** One sentence for what MQTT.js, TLS or the socket threw. */
export function errorReason(error: Error): string {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'number' && byReasonCode[code]) return byReasonCode[code];
  if (typeof code === 'string' && byCode[code]) return `${byCode[code]} (${code})`;
  if (error.message === 'connack timeout') return 'no answer from the broker within 15 s';
  if (error.message === 'Keepalive timeout') return 'the broker no longer answers (keep alive)';
  return error.message || String(code ?? error.name);
}
