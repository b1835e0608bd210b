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
for program in apt-get ninja; do stub "$SCRATCH/bin/$program"; done
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
err 'name the lab first'
[ ! -e "$calls" ] || fail "something was done before the lab was found missing"

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
