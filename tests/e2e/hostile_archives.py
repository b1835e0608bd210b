# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes what a hostile guest may send when it is asked for a folder: an archive each, into a folder.

    hostile_archives.py FOLDER VICTIM

VICTIM is a folder of the user's, outside of where the copies go. Prints the names, in order.
"""
import gzip
import io
import os
import random
import sys
import tarfile

FOLDER, VICTIM = sys.argv[1:]
os.makedirs(FOLDER)
END = bytes(1024)
names = []


def entry(name, kind=tarfile.REGTYPE, link="", content=b"owned\n", mode=0o644, pax=None, form=tarfile.GNU_FORMAT, **other):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.size = len(content) if kind in (tarfile.REGTYPE, b"7", b"Z") else 0
    info.pax_headers = pax or {}
    for key, value in other.items():
        setattr(info, key, value)
    padded = content + bytes(-len(content) % 512) if info.size else b""
    return info.tobuf(tarfile.PAX_FORMAT if pax else form, "utf-8", "surrogateescape") + padded


def link(name, target):
    return entry(name, tarfile.SYMTYPE, target)


def folder(name, mode=0o755):
    return entry(name, tarfile.DIRTYPE, mode=mode)


def archive(name, *parts, end=END):
    names.append(name)
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(b"".join(parts) + end)


def header(name, kind, size):
    """A header whose size is not what follows."""
    return entry(name, kind, size=size)[:512]


FILE = os.path.join(VICTIM, "file")
archive("through-link", link("x", VICTIM), entry("x/owned"), entry("x/file"))
archive("through-file-link", link("x", FILE), entry("x"))
archive("absolute", entry(VICTIM + "/owned"), entry(FILE))
archive("above", entry("../owned"), entry("../../owned"), entry("../../home/file"))
archive("above-later", folder("a"), entry("a/../../owned"), entry("a/../../../home/file"))
archive("hard-link", entry("x", tarfile.LNKTYPE, FILE), entry("x"))
archive("hard-link-above", entry("x", tarfile.LNKTYPE, "../../home/file"), entry("x"))
archive("chain", link("a", "b"), link("b", "../.."), entry("a/home/file"), entry("b/owned"))
archive("link-to-link", link("a", VICTIM), entry("b", tarfile.LNKTYPE, "a"), entry("b/owned"))
archive("root-is-link", link(".", VICTIM), entry("owned"))
archive("root-is-link-2", link("./", VICTIM), entry("./file"))
archive("root-is-file", entry("."), entry("./file"))
archive("folder-becomes-link", folder("x"), link("x", VICTIM), entry("x/owned"))
archive("link-becomes-folder", link("x", VICTIM), folder("x"), entry("x/owned"), folder("x/", 0o7777))
archive("proc", link("x", "/proc/self/cwd/.."), link("y", "/proc/1/root"), entry("x/owned"), entry("y" + FILE))
archive("pipe", entry("pipe", tarfile.FIFOTYPE), entry("file"))
archive("devices", entry("null", tarfile.CHRTYPE, devmajor=1, devminor=3), entry("disk", tarfile.BLKTYPE, devmajor=254))
archive("bits", entry("root", mode=0o7777), folder("sticky", 0o7777), entry("sticky/root", mode=0o6755))
archive("shut", folder("a", 0), folder("a/b", 0), entry("a/b/c", mode=0), folder(".", 0))
archive("sparse", header("hole", tarfile.GNUTYPE_SPARSE, 512)[:386] + b"00000000000\0" b"00000001000\0" +
        header("hole", tarfile.GNUTYPE_SPARSE, 512)[410:483] + b"\x80" + b"\x7f" * 11 + bytes(17) + bytes(512))
archive("pax-size", entry("huge", pax={"size": "9" * 18}))
archive("pax-sparse", entry("hole", pax={"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "../owned",
                                         "GNU.sparse.realsize": "9" * 18}, content=b"1\n0\n1\n" + bytes(506)))
archive("pax-path", entry("x", pax={"path": "../../home/owned"}), entry("y", pax={"path": FILE}))
archive("pax-link", entry("x", tarfile.SYMTYPE, pax={"linkpath": VICTIM}), entry("x/owned"))
archive("long-name", entry("n" * 300 + "/" + "/".join(["d" * 200] * 500)), entry("n" * 255), entry("l" * 100_000))
archive("long-link", link("x", "../" * 2000 + VICTIM), link("y", "t" * 100_000), entry("x/owned"))
archive("deep", *[folder("d/" * depth) for depth in range(1, 400)])
archive("escapes", entry("\033]0;owned\007\033[2J"), entry("a\nb"), entry("../\033[31mred"), entry("\udcff\udcfe"))
archive("cut", entry("file", content=bytes(4096))[:1500], end=b"")
archive("noise", random.Random(11).randbytes(20_000), end=b"")
archive("compressed", gzip.compress(bytes(50_000_000)), end=b"")
archive("checksum", entry("file")[:100] + b"7" + entry("file")[101:])
archive("volumes", header("part", b"M", 512) + bytes(512), header("label", b"V", 0), entry("file"))
archive("dump", entry(".", b"D", content=b"Yfile\0Xsecret\0Rhome\0T../home\0\0"), entry("x", b"N", content=b"Rename a to b\n"))
archive("kinds", entry("seven", b"7"), entry("zed", b"Z"), entry("old", b"\0"), header("x", b"K", 8 << 30), end=b"")
archive("own-names", folder("copy"), entry("copy/copy"), folder(".netlab-XXXXXX"), entry(".netlab-XXXXXX/copy"))
archive("numbers", entry("past", mtime=-2**62), entry("future", mtime=2**62), entry("who", uid=2**40, gid=2**40))
archive("itself", entry("x", tarfile.LNKTYPE, "x"), link("y", "y"), entry("y/z"), link("e", ""), entry("", content=b""))
print("\n".join(names))
# An empty file, and no end: to be sent again and again.
archive("part", entry("empty", content=b""), end=b"")
