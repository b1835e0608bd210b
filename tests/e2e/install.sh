#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# netlab under a prefix of its own works like netlab in the build folder.
. "$(dirname "$0")/lib.sh"
run 0 cmake --install "$BUILD" --prefix "$SCRATCH/prefix"
NETLAB=$SCRATCH/prefix/bin/netlab
run 0 netlab test "$EXAMPLES/hello/lab.xml"
no_out '^not ok'
for file in share/man/man1/netlab.1 share/man/man1/netlab-switch.1 share/man/man5/netlab-lab.5 share/bash-completion/completions/netlab share/zsh/site-functions/_netlab; do
	test -e "$SCRATCH/prefix/$file" || fail "$file was not installed"
done
run 0 "$SCRATCH/prefix/bin/netlab-switch" --version
ok "manual and completions are installed"
run 0 env XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" "$SCRATCH/prefix/libexec/netlab/extcap/netlab-extcap" --extcap-interfaces
out '^extcap '
# The builders work from there too; what is built already is found again.
run 0 netlab kernel build
run 0 netlab image build tiny
run 0 netlab image list
run 0 netlab doctor
