#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Building images: what is whole is not built again, what is not is; what cannot be written is told.
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$SCRATCH/cache
images=$XDG_CACHE_HOME/netlab/images
run 0 netlab image build tiny
err 'building image tiny: done'
run 0 netlab image build tiny
[ ! -s "$SCRATCH/err" ] || fail "it was built again"
: >"$images/tiny/initramfs.cpio"
run 0 netlab image build tiny
err 'building image tiny: done'
rm "$images/tiny/initramfs.cpio"
run 0 netlab image build tiny
[ -s "$images/tiny/initramfs.cpio" ] || fail "what is missing is built"
[ -z "$(find "$images" -name '.*.work.*')" ] || fail "something was left: $(ls -A "$images")"

# A file that cannot be read whole makes no archive.
newc=$(dirname "$EXAMPLES")/filesystems/newc
run fails "$newc" <<<"file f 644 /proc/self/mem"
run fails bash -c '"$1" <<<"dir a 755" >/dev/full' - "$newc"

# A recipe of one's own whose program is not there.
printf 'type = initramfs\nprograms = no-such-program\n' >"$SCRATCH/mine.recipe"
run 1 netlab image build "$SCRATCH/mine.recipe"
err 'no-such-program is not on this machine'
