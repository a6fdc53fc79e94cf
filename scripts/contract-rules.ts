// Rules of the contract that concern dispatchers: the floor of a call, how a person logs in, drills.

import { loginLimits } from '../agent/contract.ts';
import { byHand, openers, windowMinutesMax } from '../agent/core/mark.ts';

const tokenMin = loginLimits.tokenS / 60;
const { presses, withinMs, heldMs } = byHand;
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
16. **Drill and service.** window.open begins a time in which presses are marked: a drill of
    ${windowMinutesMax.drill} minutes at most (${openers.drill.join(', ')}), or service of
    ${windowMinutesMax.service} (${openers.service.join(', ')}). None is opened while a case is open,
    and none goes on beside a real one. Every alarm and open case carries mark: drill and service
    dispatch nobody; null, or no mark at all, is real. Judge by the mark, never by the window. Presses
    in it take the same path; a drill sounds the siren only where that was asked for, service neither
    light nor siren. A window ends with the terminal's process: after a restart birth says null, and
    window.closed says restart. ${presses} presses of a button in ${withinMs / 1000} s make its case real, or
    holding it for ${heldMs / 1000} s, and so does make-real: incident.made-real is an alarm like
    alarm.raised, under the id of the case, and nothing takes it back. After the window a button whose
    case is marked opens a new, real one. Say in resolve, by as, what you take the case for: one that
    was made real meanwhile is then not ended.
`.trim();
