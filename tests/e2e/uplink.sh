#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Uplinks: out by TCP, UDP, ping and IPv6, DHCP, DNS, in by forwards; restricted ones; ports that are taken; deaths.
# The world outside is this test's own: a network namespace whose loopback has two public addresses, with servers on them.
. "$(dirname "$0")/lib.sh"

if [ -z "${UPLINK_INSIDE:-}" ]; then
	if [ "$(id -u)" = 0 ]; then as_root=(); else as_root=(--user --map-root-user); fi
	unshare "${as_root[@]}" --net --mount true 2>/dev/null || skip "this host lets nobody make network namespaces"
	exec unshare "${as_root[@]}" --net --mount env UPLINK_INSIDE=1 "$0" "$@"
fi
ip link set lo up
ip address add 203.0.113.1/32 dev lo
ip address add 2001:db8::1/128 dev lo
echo 'nameserver 127.0.0.1' >"$SCRATCH/resolv.conf"
mount --bind "$SCRATCH/resolv.conf" /etc/resolv.conf

# Servers: a page on every address, echoes of datagrams, a name server that knows one answer.
cat >"$SCRATCH/world.py" <<'PY'
import http.server, socket, struct, threading
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = f"outside, asked by {self.client_address[0]}\n".encode()
        self.send_response(200); self.send_header("Content-Length", str(len(text))); self.end_headers(); self.wfile.write(text)
    def log_message(self, *arguments): pass
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.server_address = self.socket.bind(self.server_address) or self.socket.getsockname()
        self.server_name, self.server_port = "world", 80
def udp(address, port, answer):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, port))
    def serve():
        while True:
            data, peer = s.recvfrom(2048)
            s.sendto(answer(data), peer)
    threading.Thread(target=serve, daemon=True).start()
def dns(query):
    end = query.index(0, 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    head = query[:2] + struct.pack("!HHHHH", 0x8580, 1, kind == 1, 0, 0) + query[12:end]
    return head + (b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([203, 0, 113, 1]) if kind == 1 else b"")
udp("127.0.0.1", 53, dns)
udp("203.0.113.1", 7, lambda data: b"echo of " + data)
server = Server(("::", 80), Page)
# and what only the host itself is meant to reach
for address in "::ffff:127.0.0.1", "::1":
    threading.Thread(target=Server((address, 8888), Page).serve_forever, daemon=True).start()
udp("127.0.0.1", 8889, lambda data: b"echo of " + data)
print("ready", flush=True)
server.serve_forever()
PY
python3 "$SCRATCH/world.py" >"$SCRATCH/world" &
world=$!
trap 'kill "$world" 2>/dev/null || :' EXIT
eventually 10 grep -q ready "$SCRATCH/world"

mkdir -p "$SCRATCH/up"
echo='use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, sockaddr_in(7, INADDR_ANY));
while ($from = recv(S, $data, 2000, 0)) { send(S, $data, 0, $from); }'
cat >"$SCRATCH/up/lab.xml" <<XML
<lab xmlns="urn:netlab:lab:1" name="up">
  <network name="lan"/>
  <uplink network="lan">
    <forward host="8080" to="10.0.2.10:80"/>
    <forward host="127.0.0.1:7007" to="10.0.2.10:7" protocol="udp"/>
    <forward host="8090" to="[fd00:2::10]:80"/>
  </uplink>
  <node name="pc"><interface name="eth0" network="lan"/><run>udhcpc -i eth0</run></node>
  <node name="big" image="debian"><interface name="eth0" network="lan"/><run>udhcpc -b -i eth0</run></node>
  <node name="web" image="debian">
    <interface name="eth0" network="lan" address="10.0.2.10/24 fd00:2::10/64"/>
    <file path="/www/index.html">inside</file>
    <run background="yes">busybox httpd -f -p 80 -h /www</run>
    <file path="/echo.pl">$echo</file>
    <run background="yes">perl /echo.pl</run>
  </node>
  <network name="dev"/>
  <uplink network="dev" address="10.0.4.2/24 fd00:4::2/64" loopback="yes"/>
  <node name="dev"><interface name="eth0" network="dev"/><run>udhcpc -i eth0</run></node>
  <network name="cell"/>
  <uplink network="cell" name="hatch" address="10.0.3.2/24 fd00:3::2/64" restrict="yes">
    <forward host="8081" to="10.0.3.10:80"/>
    <forward host="7008" to="10.0.3.10:7" protocol="udp"/>
  </uplink>
  <node name="target" image="debian">
    <interface name="eth0" network="cell" address="10.0.3.10/24 fd00:3::10/64"/>
    <route to="default" via="10.0.3.2"/>
    <file path="/www/index.html">the cell</file>
    <run background="yes">busybox httpd -f -p 80 -h /www</run>
    <file path="/echo.pl">$echo</file>
    <run background="yes">perl /echo.pl</run>
  </node>
</lab>
XML

# A host that allows nobody to ping: said at the start and in the status, and the rest works.
run 0 netlab start "$SCRATCH/up/lab.xml"
err 'ping_group_range'
out 'tcp 127\.0\.0\.1:8080 +10\.0\.2\.10:80'
out 'udp 127\.0\.0\.1:7007 +10\.0\.2\.10:7'
out 'hatch +cell +ready .* no '
run 0 netlab status
out 'tcp \[::1\]:8090 +\[fd00:2::10\]:80'
out 'tcp 127.0.0.1:8090 +\[fd00:2::10\]:80'
out 'ping_group_range'
run 0 netlab status --json
json '[u["network"] for u in j["uplinks"]] == ["lan", "dev", "cell"]'
json 'j["uplinks"][0]["forwards"][0] == {"protocol": "tcp", "host": "127.0.0.1:8080", "to": "10.0.2.10:80"}'
json 'all(u["state"] == "ready" and u["pid"] > 0 for u in j["uplinks"])'
json '[(u["restricted"], u["loopback"]) for u in j["uplinks"]] == [(False, False), (False, True), (True, False)]'
json 'j["state"] == "ready" and not any(n["warnings"] for n in j["nodes"])'

# DHCP, DNS and out, from both images.
for node in pc big; do
	run 0 netlab exec $node -- ip -4 address show dev eth0
	out 'inet 10\.0\.2\.(1[5-9]|2[0-9]|30)/24'
	run 0 netlab exec $node -- ip route
	out 'default via 10\.0\.2\.2 '
	run 0 netlab exec $node -- cat /etc/resolv.conf
	out '^nameserver 10\.0\.2\.3$'
	run 0 netlab exec $node -- timeout 10 wget -qO- http://203.0.113.1/
	out '^outside, asked by'
	run 0 netlab exec $node -- timeout 10 wget -qO- http://world.test/
	out '^outside, asked by'
	eventually 20 netlab exec $node -- sh -c 'ip -6 address show dev eth0 scope global | grep "inet6 fd00:2:" | grep -v tentative'
	run 0 netlab exec $node -- timeout 10 wget -qO- 'http://[2001:db8::1]/'
	out '^outside, asked by'
done
run 0 netlab exec pc -- nslookup world.test
out '203\.0\.113\.1'
run 0 netlab exec big -- bash -c 'exec 3<>/dev/udp/203.0.113.1/7; echo knock >&3; timeout 10 head -n 1 <&3'
out 'echo of knock'
# The host's loopback is closed, by whatever address; a ping of the gateway is not one of the host.
for address in 10.0.2.2 127.0.0.1 10.0.2.3 0.0.0.0 203.0.113.1 '[fd00:2::2]' '[::1]' '[fd00:2::3]' '[fe80::2%eth0]' '[::ffff:127.0.0.1]' '[64:ff9b::7f00:1]' '[2001:db8::1]'; do
	run fails netlab exec big -- timeout 3 wget -T 3 -t 1 -qO- "http://$address:8888/"
	no_out 'outside'
done
run 0 netlab exec big -- bash -c 'exec 3<>/dev/udp/10.0.2.2/8889; echo knock >&3; timeout 2 head -n 1 <&3 || :'
no_out 'echo of'
run 0 netlab exec pc -- ping -c 1 -W 5 10.0.2.2
run 0 netlab status
out 'nodes tried to reach the host.s 127\.0\.0\.1; to open it, set loopback="yes"'
run 0 netlab status --json
json 'j["uplinks"][0]["counters"]["uplink:lan"]["drop_loopback"] > 0'
# It is open where the lab says so, by IPv4, IPv6 and UDP.
run 0 netlab exec dev -- timeout 10 wget -qO- http://10.0.4.2:8888/
out '^outside, asked by'
run 0 netlab exec dev -- timeout 10 wget -qO- 'http://[fd00:4::2]:8888/'
out '^outside, asked by'
# A connection that is refused outside is refused here, at once.
run fails netlab exec pc -- timeout 10 wget -qO- http://203.0.113.1:81/
err 'refused'

# In: TCP, UDP, IPv6.
ask() { python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=10).read().decode())' "$1"; }
knock() {
	python3 - "$1" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10)
s.connect(("127.0.0.1", int(sys.argv[1])))
for word in (b"one", b"two"):
    s.send(word); print(s.recv(100).decode())
PY
}
run 0 ask http://127.0.0.1:8080/
out '^inside$'
run 0 ask 'http://[::1]:8090/'
out '^inside$'
# by IPv4 to a node that has only IPv6 to answer by
run 0 ask http://127.0.0.1:8090/
out '^inside$'
run 0 knock 7007
out '^two$'

# A restricted lab is reached, and reaches nothing.
run 0 ask http://127.0.0.1:8081/
out '^the cell$'
run 0 knock 7008
out '^two$'
run 0 netlab exec target -- ping -c 1 -W 2 10.0.3.2
run fails netlab exec target -- timeout 2 wget -qO- http://203.0.113.1/
run fails netlab exec target -- timeout 2 wget -qO- http://10.0.3.2/
run fails netlab exec target -- timeout 2 wget -qO- http://10.0.3.2:8080/
run fails netlab exec target -- timeout 2 wget -qO- 'http://[2001:db8::1]/'
run fails netlab exec target -- timeout 2 wget -qO- 'http://[fd00:3::2]/'
run fails netlab exec target -- busybox nslookup world.test 10.0.3.3
run 0 netlab exec target -- nc -u -N -p 7777 -w 1 203.0.113.1 7
no_out 'echo of'

# The uplink's process, seen from the host: its network, and nothing else of it.
run 0 netlab status --json
uplink=$(json_value 'j["uplinks"][0]["pid"]')
[ "$(program_of "$uplink")" = netlab-uplink ] || fail "process $uplink is not the uplink"
for ns in user mnt pid ipc; do
	[ "$(readlink /proc/$uplink/ns/$ns)" != "$(readlink /proc/self/ns/$ns)" ] || fail "the uplink shares the host's $ns namespace"
done
[ "$(readlink /proc/$uplink/ns/net)" = "$(readlink /proc/self/ns/net)" ] || fail "the uplink has not the host's network"
hatch=$(json_value 'j["uplinks"][2]["pid"]')
[ "$(readlink /proc/$hatch/ns/net)" != "$(readlink /proc/self/ns/net)" ] || fail "a restricted uplink has the host's network"
run 0 nsenter --target "$hatch" --user --net --preserve-credentials ip -oneline link
out '^1: lo:'
no_out '^2:'
run 0 nsenter --target "$hatch" --user --net --preserve-credentials ip route show table all
no_out '203\.0\.113'
ok "a restricted uplink has a network of its own, with nothing in it"
grep -q '^CapEff:.0*$' /proc/$uplink/status || fail "the uplink has capabilities"
grep -q '^Seccomp:.2$' /proc/$uplink/status || fail "the uplink has no seccomp filter"
grep -q '^NoNewPrivs:.1$' /proc/$uplink/status || fail "the uplink could gain privileges"
ok "an uplink has the host's network, no capability, a filter, namespaces of its own"
find "/proc/$uplink/root/" -type f | sed "s|/proc/$uplink/root||" >"$SCRATCH/out"
out '^/netlab-uplink$'
no_out '^/(home|root|proc|dev|tmp|run|var)'
[ "$(grep '^/etc/' "$SCRATCH/out" | grep -vxF -e /etc/resolv.conf -e /etc/ld.so.cache)" = "" ] || fail "it sees files of /etc"
ok "and sees no file but its own and resolv.conf"

# The host joins another network: names go on being resolved.
sed -i 's/203, 0, 113, 1/127, 9, 9, 9/; s/"127.0.0.1", 53/"127.0.0.2", 53/; s/80), Page/82), Page/; s/8888/8898/; s/8889/8899/; s/"203.0.113.1", 7/"127.0.0.2", 7/' "$SCRATCH/world.py"
python3 "$SCRATCH/world.py" >"$SCRATCH/world2" &
world2=$!
trap 'kill "$world" "$world2" 2>/dev/null || :' EXIT
eventually 10 grep -q ready "$SCRATCH/world2"
echo 'nameserver 127.0.0.2' >"$SCRATCH/resolv.conf"
eventually 30 netlab exec pc -- sh -c 'nslookup other.test 10.0.2.3 | grep 127.9.9.9'

# Large pings, in parts, also when some are lost: libslirp 4.7.0 alone dies of that.
run 0 netlab exec pc -- ping -c 2 -W 5 -s 3000 10.0.2.2
out '2 packets received'
run 0 netlab link set pc:eth0 loss=20%
netlab exec pc -- ping -c 30 -i 0.05 -W 1 -s 3000 10.0.2.2 >"$SCRATCH/lossy" || :
run 0 netlab link set pc:eth0 loss=none
run 0 netlab status --json
json 'j["uplinks"][0]["restarts"] == 0 and j["uplinks"][0]["pid"] == '"$uplink"
run 0 netlab exec pc -- timeout 10 wget -qO- http://203.0.113.1/

# It dies: said, and it comes back. Until then clients wait for it.
kill -9 "$uplink"
run 0 ask http://127.0.0.1:8080/
out '^inside$'
back() { netlab status --json >"$SCRATCH/s" && python3 -c 'import json,sys; u=json.load(open(sys.argv[1]))["uplinks"][0]; sys.exit(not (u["state"] == "ready" and u["pid"] not in (0, int(sys.argv[2]))))' "$SCRATCH/s" "$uplink"; }
eventually 20 back
run 0 netlab status
out 'it died \(killed by signal 9'
run 0 netlab status --json
json 'j["uplinks"][0]["restarts"] == 1 and j["uplinks"][0]["counters"]["uplink:lan"]["drop_loopback"] > 0'
run 0 netlab exec pc -- timeout 10 wget -qO- http://203.0.113.1/
run 0 ask http://127.0.0.1:8080/
out '^inside$'

# A second lab wants the same port: it does not start, and says why; the first goes on.
sed 's/name="up"/name="second"/' "$SCRATCH/up/lab.xml" >"$SCRATCH/second.xml"
run 1 netlab start "$SCRATCH/second.xml"
err 'second\.xml:3:.*uplink of network "lan".*TCP port 127\.0\.0\.1:8080 .*choose another port'
run 0 netlab list --json
json '[l["name"] for l in j] == ["up"]'
run 0 ask http://127.0.0.1:8080/
run 0 netlab stop up
free() { python3 -c 'import socket; s=socket.create_server(("127.0.0.1", 8080))'; }
run 0 free

# Pings, where the host lets its users send them.
if echo "0 $(id -g)" >/proc/sys/net/ipv4/ping_group_range; then
	run 0 netlab start "$SCRATCH/up/lab.xml"
	[ ! -s "$SCRATCH/err" ] || ! grep -q ping_group_range "$SCRATCH/err" || fail "pings are allowed, and it says they are not"
	run 0 netlab exec pc -- ping -c 2 -W 5 203.0.113.1
	out '2 packets received'
	run fails netlab exec target -- ping -c 1 -W 1 203.0.113.1
	run 0 netlab stop
else
	echo "SKIPPED: pings to outside, for this host does not let the test allow them"
fi
