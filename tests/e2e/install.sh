#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# netlab under a prefix of its own works like netlab in the build folder.
. "$(dirname "$0")/lib.sh"
run 0 cmake --install "$BUILD" --prefix "$SCRATCH/prefix"
NETLAB=$SCRATCH/prefix/bin/netlab
run 0 netlab test "$EXAMPLES/hello/lab.xml"
no_out '^not ok'
for file in share/man/man1/netlab.1 share/man/man1/netlab-switch.1 share/man/man1/netlab-gui.1 share/man/man5/netlab-lab.5 \
	share/bash-completion/completions/netlab share/bash-completion/completions/netlab-switch \
	share/bash-completion/completions/netlab-uplink share/zsh/site-functions/_netlab share/zsh/site-functions/_netlab-programs; do
	test -e "$SCRATCH/prefix/$file" || fail "$file was not installed"
done
if command -v man >/dev/null; then
	for page in "$SCRATCH"/prefix/share/man/man?/netlab*; do
		run 0 env LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page"
		[ ! -s "$SCRATCH/err" ] || fail "the manual page $page has faults"
	done
fi
run 0 "$SCRATCH/prefix/bin/netlab-switch" --version
ok "manual and completions are installed"
run 0 env XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" "$SCRATCH/prefix/libexec/netlab/extcap/netlab-extcap" --extcap-interfaces
out '^extcap '

# The viewer's place on a desktop: menu entry, catalogue, type of its files, settings, icon, translations.
share=$SCRATCH/prefix/share
for file in applications/org.netlab.Gui.desktop metainfo/org.netlab.Gui.metainfo.xml mime/packages/org.netlab.Gui.xml \
	glib-2.0/schemas/gschemas.compiled icons/hicolor/scalable/apps/org.netlab.Gui.svg \
	icons/hicolor/symbolic/apps/org.netlab.Gui-symbolic.svg locale/de/LC_MESSAGES/netlab-gui.mo; do
	test -e "$share/$file" || fail "$file was not installed"
done
ok "the viewer's files are installed"
# validated PROGRAM ARG...: by the program that knows the format, where it is.
validated() { if command -v "$1" >/dev/null; then run 0 "$@"; else echo "# $1 is not installed"; fi; }
validated desktop-file-validate "$share/applications/org.netlab.Gui.desktop"
# Newer validators warn, and end with 3, because netlab has no home page of its own; nothing else may be wrong.
if command -v appstreamcli >/dev/null; then
	appstreamcli validate --no-net "$share/metainfo/org.netlab.Gui.metainfo.xml" >"$SCRATCH/appstream" || true
	run 0 grep 'Validation ' "$SCRATCH/appstream"
	run 1 grep -P '^[EW]: (?!.* url-homepage-missing)' "$SCRATCH/appstream"
fi
run 0 grep -q 'Netzwerklabor' "$share/applications/org.netlab.Gui.desktop"
if command -v update-mime-database >/dev/null; then
	run 0 grep -q 'application/x-netlab-lab+xml' "$share/mime/globs2"
	run 0 env XDG_DATA_DIRS="$share:/usr/share" gio info -a standard::content-type "$EXAMPLES/hello/lab.xml"
	out 'application/x-netlab-lab\+xml'
fi
speak fr
run 0 "$SCRATCH/prefix/bin/netlab-gui" --help
out 'Affiche un laboratoire'
speak en

# The builders work from there too; what is built already is found again.
run 0 netlab kernel build
run 0 netlab image build tiny
run 0 netlab image list
run 0 netlab doctor
