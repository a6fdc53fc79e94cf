// What `gate-agent --help` says.

export const usage = `gate-agent: the alarm terminal of a school gate

  gate-agent run           [--config FILE] [--state DIR] [--socket PATH]
      The daemon. Ends on SIGTERM. Exit 78: the configuration is wrong, and none was good before.
  gate-agent check-config  [--config FILE] [--json]
      Names every wrong field with its line and a hint. Exit 0: right, 78: wrong.
  gate-agent status        [--config FILE] [--socket PATH] [--json]
      How the terminal is. Exit 0: ready, 1: faults or no link, 2: open incident, 3: not configured,
      69: the daemon does not answer, 77: this user may not ask.
  gate-agent button teach  [--config FILE] [--socket PATH] [--json] [--bias BIAS] [--chip CHIP] [--port PATH]
      Shows every GPIO line and serial port live; press a button, and it prints the configuration for it.
      Ctrl-C ends. Exit 0; 64: an option the daemon refuses; 69 and 77 as above.
  gate-agent dome discover [--address HOST | --range RANGE] [--user NAME --password-file FILE]
                           [--ca FILE] [--json]
      Domes on every network, in a range or at an address: who they are, whom they let in, their clock.
      Nothing is switched. Exit 0: found, 1: none that answers well, 77: the password was refused once, and
      shown to no other dome.
  gate-agent dome probe    --address HOST --user NAME --password-file FILE [--out FILE] [--json]
                           [--ca FILE | --trust SHA256] [--assume HOW [--store-presets]]
      Asks which presets look at the gate and rest, tries how this dome switches light, siren and tracking,
      asks who stands before it what came of it, writes its profile and says what goes into the configuration.
      Exit 0; 1: no way to light the strobe; 69: not reached, half an answer, or a certificate that nobody
      has trusted; 77: the password was refused, and is tried once.
  gate-agent export        --incident ID --reason TEXT --out FILE.zip [--config FILE] [--socket PATH]
      A case as one file: report, timeline, clips, snapshots, talks, signed. Who and why are recorded.
      Exit 0; 64: refused, and why; 69: it could not be made; 73: FILE cannot be written; 77 as above.
  gate-agent verify        FILE.zip [--key FINGERPRINT ..] [--json]
      Checks such a file, anywhere, without network. Exit 0: right, 1: changed, and where, 2: signed by
      another key than FINGERPRINT, 65: no such file of gate-agent's, 66: not to be read.
  gate-agent --version | --help

  --config FILE  default: $GATE_AGENT_CONFIG, else /etc/gate-agent/gate-agent.yaml
  --state DIR    where last-good.json is kept; default: $STATE_DIRECTORY, else beside FILE
  --socket PATH  control socket; default: what FILE says, else $RUNTIME_DIRECTORY/control.sock,
                 else /run/gate-agent/control.sock
  --bias BIAS    with which free lines are opened: pull-up, pull-down, none; default: as they are
  --chip CHIP    look at this chip, too, though its lines are pins of the processor itself
  --port PATH    look at this serial port, too, though the system has no name for it
  --address HOST a host, host:port or http address;  --range RANGE  192.168.1.0/24 or 192.168.1.10-60
  --ca FILE      PEM: who signed the dome's certificate, or that certificate itself
  --out FILE     the profile; a certificate that is trusted is written beside it, as FILE with .pem
  --trust SHA256 trusts a certificate with this fingerprint, where nobody is there to say yes
  --assume HOW   nobody is there: yes (what is not refused works), proof (what is seen in the picture or read
                 back works), no (nothing is switched); presets go by their names
  --store-presets a preset that no name speaks of is stored where the dome looks, for alarm and rest
`;
