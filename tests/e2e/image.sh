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

# An initramfs may have its programs from packages: udhcpc6 is in no busybox of Debian 12.
grep -aq udhcpc6 "$images/tiny/initramfs.cpio" || fail "tiny has the programs of its package"
printf 'type = initramfs\npackages = busybox-static\n' >"$SCRATCH/mine.recipe"
run 1 netlab image build "$SCRATCH/mine.recipe"
err 'packages need a line "suite = ..."'
printf 'type = initramfs\nsuite = trixie\npackages = busybox-static\nprograms = no-such-program\n' >"$SCRATCH/mine.recipe"
run 1 netlab image build "$SCRATCH/mine.recipe"
err 'no-such-program is in none of the packages busybox-static'

# Two netlabs with different recipes take turns without building again; of many versions, three stay.
for text in 1 2 1 2 3 4; do
	printf 'type = initramfs\n[file /etc/a 0644]\nversion %s\n' $text >"$SCRATCH/turns.recipe"
	run 0 netlab image build "$SCRATCH/turns.recipe"
	grep -aq "version $text" "$images/turns/initramfs.cpio" || fail "version $text is in use"
	grep -q done "$SCRATCH/err" && echo "$text" >>"$SCRATCH/built"
done
[ "$(tr -d '\n' <"$SCRATCH/built")" = 1234 ] || fail "built: $(cat "$SCRATCH/built")"
[ "$(find "$images" -name 'turns-*' | wc -l)" = 3 ] || fail "copies: $(ls "$images")"

# A stranger's recipe writes only into the image, and takes only what is beside it.
mkdir "$SCRATCH/stranger"
recipe=$SCRATCH/stranger/evil.recipe
refused() { # refused MESSAGE LINE...
	local message=$1
	shift
	printf '%s\n' 'type = initramfs' "$@" >"$recipe"
	run 1 netlab image build "$recipe"
	err "$message"
}
target=$SCRATCH/written
for path in "/../../../../../../../../../../..$target" "/a/../../..$target" /a/./b /a//b /a/ /..; do
	refused 'is not a plain path' "[file $path 0644]" evil
done
echo secret >"$SCRATCH/secret"
ln -s ../secret "$SCRATCH/stranger/link"
ln -s .. "$SCRATCH/stranger/folder"
for source in ../secret link folder/secret; do
	refused "outside the recipe's folder.*--trust" "[file /etc/a 0644 from $source]"
done
refused 'is not a regular file' '[file /etc/a 0644 from folder]'
refused 'without paths' 'programs = ../secret'
refused 'without paths' 'programs = -x'
refused 'names of packages' "packages = curl,--setup-hook=touch\$IFS$target"
refused 'not the name of a Debian suite' "suite = --setup-hook=touch $target"
[ ! -e "$target" ] || fail "a recipe wrote on the host"
printf 'type = initramfs\n[file /etc/a 0644 from link]\n' >"$recipe"
run 0 netlab image build --trust "$recipe"
grep -aq secret "$images/evil/initramfs.cpio" || fail "with --trust a recipe takes a file from elsewhere"

# A disk's files go through no link of the image to the host. In place of mmdebstrap: a root with such a link, and its hooks.
bin=$SCRATCH/bin
mkdir -p "$bin"
cat >"$bin/mmdebstrap" <<'STUB'
#!/bin/bash
set -e
root=$(mktemp -d)
mkdir -p "$root"/{bin,etc,var/log,var/cache,var/lib/apt/lists,usr/share}
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh tar rm; do ln -s busybox "$root/bin/$applet"; done
ln -s "$TARGET" "$root/var/evil"
mkdir -p "$root$TARGET"
for argument; do
	case $argument in
	'--customize-hook=upload '*) read -r _ from to <<<"$argument"; cp "$from" "$root$to" ;;
	'--customize-hook=tar-in '*) read -r _ from to <<<"$argument"; tar -C "$root$to" -xf "$from" ;; # as mmdebstrap does
	--customize-hook=*) PATH=$PATH:/usr/sbin unshare -r sh -c "${argument#*=}" exec "$root" ;;
	esac
done
tar -C "$root" -c .
rm -rf "$root"
STUB
chmod +x "$bin/mmdebstrap"
if unshare -r true 2>/dev/null && command -v tar2sqfs >/dev/null; then
	mkdir "$target"
	printf 'type = disk\nsuite = trixie\n[file /var/evil/x 0644]\nevil\n[customize]\nfind() { :; } # that of busybox has no -delete\n[ -e /var/evil/x ]\n' >"$recipe"
	PATH=$bin:$PATH TARGET=$target NETLAB_DEBIAN_MIRROR=http://mirror.test/debian run 0 netlab image build "$recipe"
	[ -z "$(ls -A "$target")" ] || fail "a recipe wrote through a link of the image: $(find "$target")"
	ok "the files of a disk stay inside it"
fi
