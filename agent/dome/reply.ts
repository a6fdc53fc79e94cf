// Reads what a dome answered to one operation: the response element, its SOAP fault, a refused login. A
// 200 proves nothing: only the response of the operation that was asked is an answer.

import { DomeError, type SoapFault } from './error.ts';
import type { HttpReply } from './line.ts';
import { all, at, text, type XmlNode } from './xml.ts';

const local = (name: string): string => name.slice(name.indexOf(':') + 1).trim();

/** SOAP 1.2, and the 1.1 fault that some domes send regardless. */
function faultOf(body: XmlNode): SoapFault | null {
  const fault = at(body, 'Fault');
  if (!fault) return null;
  const codes: string[] = [];
  for (let level = at(fault, 'Code'); level; level = at(level, 'Subcode'))
    codes.push(local(text(level, 'Value') ?? ''));
  const [code = local(text(fault, 'faultcode') ?? ''), ...subcodes] = codes;
  const reason = text(fault, 'Reason', 'Text') ?? text(fault, 'faultstring') ?? '';
  return { code, subcodes, reason };
}

const authenticationFaults = [
  'NotAuthorized',
  'FailedAuthentication',
  'InvalidSecurity',
  'FailedCheck',
];

/** Whether it is user or password that were not taken. */
export function refused(reply: HttpReply, answer: XmlNode | DomeError): boolean {
  if (reply.status === 401) return true;
  const fault = answer instanceof DomeError ? null : faultOf(answer);
  return (
    fault !== null &&
    [fault.code, ...fault.subcodes].some((one) => authenticationFaults.includes(one))
  );
}

export function refusalOf(reply: HttpReply, answer: XmlNode | DomeError): DomeError {
  const fault = answer instanceof DomeError ? null : faultOf(answer);
  const more = { challenges: reply.challenges, ...(fault ? { fault } : {}) };
  return new DomeError('unauthorized', fault?.reason || 'user or password refused', more);
}

/** The response element; throws a `DomeError` where there is another one, a fault, or none. */
export function responseOf(
  operation: string,
  reply: HttpReply,
  answer: XmlNode | DomeError,
): XmlNode {
  if (answer instanceof DomeError)
    throw reply.status === 200
      ? answer
      : new DomeError('http', `HTTP ${reply.status}`, { cause: answer });
  const fault = faultOf(answer);
  if (fault) {
    const codes = [fault.code, ...fault.subcodes].join('/');
    throw new DomeError('fault', `${codes}: ${fault.reason}`, { fault });
  }
  const response = at(answer, `${operation}Response`);
  if (response === null || all(answer, `${operation}Response`).length !== 1) {
    const found = typeof answer === 'string' ? [] : Object.keys(answer);
    throw new DomeError('wrong-reply', `asked ${operation}, answered ${found.join() || 'nothing'}`);
  }
  return response;
}
