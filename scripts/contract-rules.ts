// Rules of the contract that concern dispatchers: the floor of a call, and how a person logs in.

import { loginLimits } from '../agent/contract.ts';

const tokenMin = loginLimits.tokenS / 60;
const tokenKb = loginLimits.tokenBytes / 1000;

export const deskRules = `
14. **Floor.** All who are in a call hear the gate room and the one who is heard there; callers who are not,
    do not hear each other. session.floor takes, asks for, gives or leaves it; session.floor notices say who
    has it, why, and who asks. A higher role takes it at once (the order of rule 13, of those who may talk);
    both hear a short tone, the gate room none. Whoever leaves the call or the floor leaves it to who has
    asked, then to the highest role, then to the oldest call. The birth message shows all callers.
15. **Login.** A person's program logs in with a token (JWT, ES256) as MQTT password, its sub as user name:
    ${tokenMin} minutes from iat to exp at most, claims sub, role, jurisdiction, and acl with pub and sub,
    lists of topics; what is in neither is refused. Topics carry no district: the platform knows whose each
    terminal is and writes those of the jurisdiction into acl, for a whole city "+". acl.sub names each level
    and never ends in + above a deeper one. A token has ${tokenKb} kB at most, some 300 terminals; more are
    two logins. The broker ends a connection at exp. A client makes the next one beforehand, under another
    client id, and ends the old one when that has subscribed. Examples for brokers: config/broker.
`.trim();
