#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# setup: paths are the caller's, and mistakes are told before anything is built. What it runs is replaced by stubs, which
# write down how they were called.
. "$(dirname "$0")/lib.sh"
source_dir=$(dirname "$EXAMPLES")
tree=$SCRATCH/src
calls=$SCRATCH/calls
# What is put into a home goes into one that ends with the test: the user's own has links to what the user installed.
export XDG_CACHE_HOME=$SCRATCH/cache HOME=$SCRATCH/home XDG_CONFIG_HOME=$SCRATCH/home/.config calls
stub() { # stub PATH [BODY]
	mkdir -p "$(dirname "$1")"
	printf '#!/bin/bash\necho "%s $*" >>"$calls"\n%s\n' "$(basename "$1")" "${2:-}" >"$1"
	chmod +x "$1"
}
stub "$tree/netlab/none"
cp "$source_dir/setup" "$tree/"
cp "$source_dir/netlab/steps.sh" "$tree/netlab/"
stub "$tree/build/bin/netlab" 'if [ "$1" = check ] && grep -q bad "$2"; then echo "$2:1:1: error: bad" >&2; exit 2; fi'
stub "$tree/build/share/netlab/kernel/build" 'echo kernel >>"$calls"'
stub "$tree/build/share/netlab/filesystems/build"
touch "$tree/build/build.ninja"
stub "$SCRATCH/bin/dpkg-query" 'echo installed'
stub "$SCRATCH/bin/ninja"
sources=$SCRATCH/sources # what apt is set up for: LABEL ADDRESS
export sources
updates=$SCRATCH/updates # what apt would fetch before its first update, when it lists no index
export updates
stub "$SCRATCH/bin/apt-get" 'case $1 in indextargets) cat "$sources" ;; --print-uris) cat "$updates" 2>/dev/null ;; esac'
stub "$SCRATCH/bin/cmake" 'if [ "$1" = --install ]; then
	mkdir -p "$4/share/netlab"
	printf %s "$4/share/netlab/lab.xsd" | tee build/install_manifest.txt | xargs touch
fi'
PATH=$SCRATCH/bin:$PATH
mkdir "$SCRATCH/mine"
cd "$SCRATCH/mine"

run 1 "$tree/setup" start lab.xml
err 'no lab file lab.xml'
run 2 "$tree/setup" start
err 'Usage'
run 1 "$tree/setup" start "$SCRATCH/mine"
err 'no lab file .*mine/lab.xml'
run 1 "$tree/setup" start --only a lab.xml
err 'give the lab first'
[ ! -e "$calls" ] || fail "something was done before the lab was found missing"

echo good >lab.xml
echo 'Ubuntu http://mirror.test/ubuntu/' >"$sources"
run 1 "$tree/setup" start lab.xml
err 'On Ubuntu, Mint .* NETLAB_DEBIAN_MIRROR='
! grep -v -e --print-uris "$calls" | grep -Eq 'cmake|ninja|kernel|update|install' || fail "something was done where netlab cannot be set up: $(cat "$calls")"
mirror() {
	printf '%s\n' "$@" >"$sources"
	bash -c 'set -euo pipefail; . "$1"; debian_mirror' - "$tree/netlab/steps.sh"
}
run 0 mirror 'Another Vendor http://vendor.test/linux/debian' 'Debian-Security http://mirror.test/debian-security/' \
	'Debian http://mirror.test/deb/'
out '^http://mirror.test/deb$'
run 0 mirror ' http://mirror.test/debian-security/' ' http://mirror.test/debian/' ' http://vendor.test/debian/'
out '^http://mirror.test/debian$'
ok "the archive is Debian's own"
echo "'http://mirror.test/debian-security/dists/trixie-security/InRelease' mirror.test_debian-security 0
'http://mirror.test/debian/dists/trixie/InRelease' mirror.test_debian 0 " >"$updates"
: >"$sources"
run 0 bash -c 'set -euo pipefail; . "$1"; debian_mirror' - "$tree/netlab/steps.sh"
out '^http://mirror.test/debian$'
ok "the archive is known before apt's first update"
rm "$updates"
# Another distribution: the archive that the user names goes to apt and to mmdebstrap, with Debian's keys.
echo 'Ubuntu http://mirror.test/ubuntu/' >"$sources"
export NETLAB_DEBIAN_MIRROR=http://named.test/debian/
run 0 mirror 'Ubuntu http://mirror.test/ubuntu/'
out '^http://named.test/debian$'
run 0 "$tree/setup" start lab.xml
grep -qx kernel "$calls" || fail "not built with a named archive: $(cat "$calls")"
NETLAB_DEBIAN_MIRROR=mirror.example run 1 "$tree/setup" start lab.xml
err 'NETLAB_DEBIAN_MIRROR is "mirror.example"'
for room in kernel filesystems; do
	mkdir -p "$tree/share/$room"
	cp "$source_dir/$room/build" "$tree/share/$room/"
done
cp "$source_dir/netlab/steps.sh" "$tree/share/"
cp "$source_dir/filesystems/newc" "$tree/share/filesystems/"
cp "$source_dir/kernel/kernel.config" "$tree/share/kernel/"
cp -r "$source_dir/kernel/patches" "$tree/share/kernel/"
run 1 "$tree/share/kernel/build" # the stub of apt has no kernel
grep -q '^deb \[signed-by=.*debian-archive-keyring[^ ]*\] http://named.test/debian trixie-backports main$' \
	"$XDG_CACHE_HOME/netlab/kernel/apt/sources.list" || fail "the kernel does not come from the named archive"
printf 'type = disk\nsuite = trixie\n' >mine.recipe
stub "$SCRATCH/bin/mmdebstrap" 'exit 1'
stub "$SCRATCH/bin/tar2sqfs"
stub "$SCRATCH/bin/newuidmap"
run 1 "$tree/share/filesystems/build" ./mine.recipe
grep -q '^mmdebstrap .*--keyring=.*debian-archive-keyring.* deb http://named.test/debian trixie main$' "$calls" ||
	fail "images do not come from the named archive: $(grep mmdebstrap "$calls")"
rm "$SCRATCH"/bin/{mmdebstrap,tar2sqfs,newuidmap} "$calls"
unset NETLAB_DEBIAN_MIRROR
ok "on other distributions the user names the archive"
echo 'Debian http://mirror.test/debian/' >"$sources"

echo bad >lab.xml
run 2 "$tree/setup" start lab.xml
err 'lab.xml:1:1: error: bad'
! grep -q kernel "$calls" || fail "the kernel was built for a lab with errors"
ok "a lab with errors is told before the kernel is built"

echo good >lab.xml
rm "$calls"
run 0 "$tree/setup" start lab.xml --only a
[ "$(grep -E '^(netlab|kernel)' "$calls")" = "$(printf 'netlab check lab.xml\nkernel\nnetlab start lab.xml --only a')" ] ||
	fail "checked, built and started in this order: $(cat "$calls")"
ok "checked, built and started, in this order"
run 0 "$tree/setup" install opt
err "export PATH=\"$SCRATCH/mine/opt/bin:"
grep -qx "cmake --install build --prefix $SCRATCH/mine/opt" "$calls" || fail "opt is not the caller's: $(cat "$calls")"
ok "the prefix is relative to the caller's folder"
[ -e opt/share/netlab/lab.xsd ] || fail "nothing was installed"
if command -v tshark >/dev/null || command -v wireshark >/dev/null; then
	[ "$(readlink "$(find "$HOME" -name netlab-extcap)")" = "$SCRATCH/mine/opt/libexec/netlab/extcap/netlab-extcap" ] ||
		fail "Wireshark was not told: $(find "$HOME")"
	ok "Wireshark finds netlab-extcap"
fi
run 0 "$tree/setup" uninstall opt
[ ! -e opt/share ] || fail "something was left: $(find opt)"
[ -z "$(find "$HOME" -name netlab-extcap)" ] || fail "Wireshark was left with: $(find "$HOME" -name netlab-extcap)"
ok "what was installed is removed again"
run 0 env SHELL=/bin/zsh "$tree/setup" install opt
err 'fpath=\("[^"]*/opt/share/zsh/site-functions"'

# Packages are missing, and sudo says no.
stub "$SCRATCH/bin/dpkg-query"
stub "$SCRATCH/bin/id" 'echo 1000'
stub "$SCRATCH/bin/sudo" 'echo "you are not in the sudoers file" >&2; exit 1'
run 1 "$tree/setup" start lab.xml </dev/null
err 'as root: apt-get install build-essential'

# They are installed as soon as another apt is done.
stub "$SCRATCH/bin/sudo" '[ "$1" != -v ] || exit 0; exec "$@"'
run 0 "$tree/setup" start lab.xml </dev/null
grep -q '^apt-get install .*DPkg::Lock::Timeout=.* build-essential' "$calls" || fail "not installed: $(cat "$calls")"
