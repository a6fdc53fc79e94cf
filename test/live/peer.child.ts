// Viewers without a browser, many in one process, by the same library: count what comes, report what
// they are told to report. Ends by SIGKILL: the library knows no other end that is sure.

import nodeDatachannel, { type PeerConnection, type Track } from 'node-datachannel';
import { parseRtp, type RtpPacket, step } from '#agent/media/live/rtp.ts';
import type { PeerSeen, ToPeer } from './peers.ts';

interface Peer {
  readonly connection: PeerConnection;
  readonly track: Track;
  readonly candidates: { candidate: string; mid: string }[];
  before: RtpPacket | null;
  seen: PeerSeen;
}

const peers = new Map<string, Peer>();
const ssrc = 77;

function open(id: string, reports: boolean): Peer {
  const connection = new nodeDatachannel.PeerConnection(id, { iceServers: [] });
  const media = new nodeDatachannel.Video('0', 'RecvOnly');
  media.addVP8Codec(96);
  media.addH264Codec(102, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
  const track = connection.addTrack(media);
  if (reports) track.setMediaHandler(new nodeDatachannel.RtcpReceivingSession());
  const peer: Peer = {
    ...{ connection, track, candidates: [], before: null },
    seen: { packets: 0, keys: 0, gaps: 0, backwards: 0, sps: '', ssrc: 0, firstMs: null },
  };
  track.onMessage((bytes) => take(peer, bytes));
  connection.onLocalCandidate((candidate, mid) =>
    peer.candidates.push({ candidate: candidate.replace(/^a=/, ''), mid }),
  );
  peers.set(id, peer);
  return peer;
}

function take(peer: Peer, bytes: Buffer): void {
  const type = (bytes[1] ?? 0) & 0x7f;
  const packet = type === 102 ? parseRtp(bytes) : null;
  if (!packet) return;
  const { seen, before } = peer;
  const [first = 0, second = 0] = packet.payload;
  const isKey = (first & 31) === 5 || ((first & 31) === 28 && (second & 0x9f) === 0x85);
  peer.before = packet;
  peer.seen = {
    packets: seen.packets + 1,
    keys: seen.keys + (isKey ? 1 : 0),
    gaps: seen.gaps + (before && step(before.sequence, packet.sequence, 16) !== 1 ? 1 : 0),
    backwards:
      seen.backwards + (before && step(before.timestamp, packet.timestamp, 32) < 0 ? 1 : 0),
    sps: (first & 31) === 7 ? packet.payload.toString('hex') : seen.sps,
    ssrc: bytes.readUInt32BE(8),
    firstMs: seen.firstMs ?? performance.now(),
  };
}

function rtcp(format: number, type: number, body: Buffer): Buffer {
  const packet = Buffer.concat([Buffer.from([0x80 | format, type, 0, 0]), Buffer.alloc(4), body]);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  return packet;
}

function report({ track, seen }: Peer, { loss, pli }: { loss: number; pli: boolean }): void {
  const source = Buffer.alloc(4);
  source.writeUInt32BE(seen.ssrc);
  const block = Buffer.alloc(20);
  block[0] = Math.round(loss * 255);
  const parts = [rtcp(1, 201, Buffer.concat([source, block]))];
  if (pli) parts.push(rtcp(1, 206, source));
  track.sendMessageBinary(Buffer.concat(parts));
}

async function obey(told: ToPeer): Promise<unknown> {
  if (told.do === 'offer') {
    const { connection } = open(told.id, told.reports);
    connection.setLocalDescription('offer');
    // Without candidates: one who offers judges the other's certificate by the answer, and when the other
    // is quicker than its own `setRemoteDescription` it finds none, and fails.
    return connection
      .localDescription()
      ?.sdp.replace(/^a=(candidate:|end-of-candidates).*\r\n/gm, '');
  }
  const peer = peers.get(told.id);
  if (!peer) throw new Error(`no peer ${told.id}`);
  switch (told.do) {
    case 'answer':
      return peer.connection.setRemoteDescription(told.sdp, 'answer');
    case 'add':
      for (const one of told.candidates) peer.connection.addRemoteCandidate(one.candidate, one.mid);
      return;
    case 'candidates':
      return peer.candidates.splice(0);
    case 'seen':
      return peer.seen;
    case 'report':
      return report(peer, told);
    case 'close':
      peer.connection.close();
      return void peers.delete(told.id);
  }
}

process.on('message', (told: ToPeer & { readonly n: number }) => {
  obey(told).then(
    (result) => process.send?.({ n: told.n, result }),
    (error: unknown) => process.send?.({ n: told.n, error: String(error) }),
  );
});
