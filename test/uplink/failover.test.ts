import { describe, expect, it } from 'vitest';
import { Failover, failoverTimes } from '#agent/uplink/failover.ts';

const { untakenMs, unreceiptedMs, failuresMax, probes, probeEveryMs, steadyMs } = failoverTimes;
const none = { untaken: false, unreceipted: false };
const waiting = { untaken: true, unreceipted: true };
const taken = { untaken: false, unreceipted: true };
const make = () => new Failover(() => 0);

/** On the second broker, which works. */
function second(nowMs = 0): Failover {
  const failover = make();
  failover.switched(nowMs);
  failover.proven(nowMs);
  return failover;
}

/** Tests the first broker so often, all well; true where that brings the line back. */
function probed(failover: Failover, times: number, nowMs = 0): boolean {
  let back = false;
  for (let n = 0; n < times && !back; n++) back = failover.probed(true, nowMs + n * probeEveryMs);
  return back;
}

describe('away from a broker', () => {
  it('after three failures in a row, not after two', () => {
    const failover = make();
    for (let n = 1; n < failuresMax; n++) failover.failed(n);
    expect(failover.shouldLeave(10)).toBe(false);
    failover.proven(11);
    for (let n = 0; n < failuresMax; n++) failover.failed(12);
    expect(failover.shouldLeave(13)).toBe(true);
  });

  it('after one while an alarm waits, and then not to and fro', () => {
    const failover = make();
    failover.alarms(waiting, 0);
    failover.failed(1);
    expect(failover.shouldLeave(1)).toBe(true);
    failover.switched(1);
    failover.failed(2);
    expect(failover.shouldLeave(2)).toBe(false);
    expect(failover.shouldLeave(1 + untakenMs)).toBe(true);
  });

  it('when an alarm has not been taken in 10 s, though the link is up; then more slowly', () => {
    const failover = make();
    failover.proven(0);
    failover.alarms(waiting, 1_000);
    expect(failover.shouldLeave(1_000 + untakenMs - 1)).toBe(false);
    expect(failover.leaveMs).toBe(1_000 + untakenMs);
    failover.switched(11_000);
    expect(failover.leaveMs).toBe(11_000 + 2 * untakenMs);
    failover.switched(31_000);
    expect(failover.leaveMs).toBe(31_000 + 4 * untakenMs);
    failover.advanced('received', 32_000);
    expect(failover.leaveMs).toBe(32_000 + untakenMs);
  });

  it('not while alarms are being taken, however many wait', () => {
    const failover = make();
    failover.alarms(waiting, 0);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 5_000) {
      failover.alarms(waiting, nowMs);
      expect(failover.shouldLeave(nowMs)).toBe(false);
      failover.advanced('taken', nowMs);
    }
  });

  it('when the platform does not receive there what the broker takes', () => {
    const failover = make();
    failover.alarms(taken, 0);
    expect(failover.leaveMs).toBe(unreceiptedMs);
    failover.alarms(none, 1);
    expect(failover.leaveMs).toBe(Infinity);
  });
});

describe('back to the first', () => {
  it('when it was tested well three times in a row', () => {
    const failover = second();
    expect(failover.probeMs).toBe(probeEveryMs);
    expect(failover.probed(true, 1)).toBe(false);
    expect(failover.probed(false, 2)).toBe(false);
    expect(probed(failover, probes - 1)).toBe(false);
    expect(failover.probed(true, 100_000)).toBe(true);
    expect(failover.at).toBe(0);
    expect(failover.probeMs).toBe(Infinity);
  });

  it('never while an alarm is without its receipt', () => {
    const failover = second();
    failover.alarms(taken, 0);
    expect(probed(failover, 20)).toBe(false);
    failover.alarms(none, 1);
    expect(failover.probed(true, 2)).toBe(true);
  });

  it('after twice as many tests when the last return did not last', () => {
    const failover = second();
    expect(probed(failover, probes)).toBe(true);
    for (let n = 0; n < failuresMax; n++) failover.failed(100_000);
    failover.switched(100_000);
    failover.proven(100_000);
    expect(probed(failover, 2 * probes - 1)).toBe(false);
    expect(failover.probed(true, 200_000)).toBe(true);
    failover.proven(200_001 + steadyMs);
    failover.switched(900_000);
    expect(probed(failover, probes)).toBe(true);
  });

  it('without a test when the second fails as well', () => {
    const failover = second();
    for (let n = 0; n < failuresMax; n++) failover.failed(1);
    expect(failover.shouldLeave(1)).toBe(true);
    failover.switched(1);
    expect(failover.at).toBe(0);
  });
});
