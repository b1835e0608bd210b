/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/cmdline.h"

#include <string.h>

enum { PAGE = 4096, KIB = 1024, MIB = 1024 * KIB };

/* get_mtu() in vector_kern.c takes no less, and falls back to 1500 without a word. A smaller one is set from inside. */
#define VECTOR_MTU_MIN 576u

static void add(GPtrArray *argv, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add(GPtrArray *argv, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_ptr_array_add(argv, g_strdup_vprintf(format, args));
	va_end(args);
}

/* Whole mebibytes where it is, as a reader expects; memparse() takes both. */
static void add_memory(GPtrArray *argv, guint64 bytes)
{
	guint64 rounded = (bytes + PAGE - 1) / PAGE * PAGE;
	if (rounded % MIB == 0)
		add(argv, "mem=%" G_GUINT64_FORMAT "M", rounded / MIB);
	else
		add(argv, "mem=%" G_GUINT64_FORMAT "K", rounded / KIB);
}

/* The kernel joins all arguments with spaces and takes them apart again (next_arg() in lib/cmdline.c), so a path with a
 * space needs quotes. mem=, initrd= and the like are read before that, as whole arguments: quotes would be wrong there. */
static void add_disk(GPtrArray *argv, const char *device, const char *path)
{
	const char *quote = strpbrk(path, " \t") ? "\"" : "";
	add(argv, "%s=%s%s%s", device, quote, path, quote);
}

/* mtu also sizes the receive buffers. depth (64 frames a system call) and headroom stay as the driver has them: 32, 128
 * and 256, gro=1 and headroom=64 made no difference that could be told from noise; vec=0 cost a quarter. The device
 * offers neither checksum nor segmentation offload over this transport, so no frame is longer than the MTU allows. */
static void add_vector(GPtrArray *argv, unsigned unit, const UmlInterface *interface)
{
	const guint8 *mac = interface->mac;
	add(argv, "vec%u:transport=fd,fd=%d,mac=%02x:%02x:%02x:%02x:%02x:%02x,mtu=%u", unit, interface->fd, mac[0],
		mac[1], mac[2], mac[3], mac[4], mac[5], MAX(interface->mtu, VECTOR_MTU_MIN));
}

/* 1 is the number of a network card (virtio 1.2, 5). Devices are made in the order of the arguments (vu_cmdline_set() in
 * virtio_uml.c), and probed in that order: so they are eth0, eth1, ... */
static void add_virtio(GPtrArray *argv, const UmlInterface *interface)
{
	const char *quote = strpbrk(interface->socket, " \t") ? "\"" : "";
	add(argv, "virtio_uml.device=%s%s:1%s", quote, interface->socket, quote);
}

char **uml_command_line(const UmlOptions *options)
{
	GPtrArray *argv = g_ptr_array_new();
	add(argv, "%s", options->kernel);
	add_memory(argv, options->memory);
	add(argv, "initrd=%s", options->initramfs);
	/* Else the first root is a ramfs (init_rootfs() in init/do_mounts.c, because UML always names a root=), which grows until
	 * every process was killed for want of memory. This takes half of it, and then says that there is no space left. */
	add(argv, "rootfstype=tmpfs");

	/* The first console writes and never reads; "con=" before "con0=", which would else be overwritten. */
	add(argv, "con=null");
	add(argv, "con0=null,fd:%d", options->log_fd);
	add(argv, "ssl=null");
	add(argv, "ssl0=fd:%d", options->serial_fd);

	/* auto: on a host that has no seccomp, ptrace is slower and no less right. */
	add(argv, "seccomp=%s", options->isolation ? "off" : "auto");

	/* The kernel puts its pid file and management socket below uml_dir/umid. Guests have a /tmp of their own; where they
	 * have not, a name that is taken makes the kernel choose another, and nothing depends on it. */
	add(argv, "umid=%s", options->name);
	add(argv, "uml_dir=/tmp/");

	/* The process is the machine's life: a reboot and a panic end it. Without noreboot UML would execute itself anew
	 * behind the agent's back; without panic= a panic in early boot spins for ever (a later one aborts by itself,
	 * panic_exit() in um_arch.c). */
	add(argv, "noreboot");
	add(argv, "panic=-1");

	/* Busy-waiting is calibrated against the clock at every boot otherwise, a third of a start's CPU time (init/calibrate.c).
	 * A host can count no faster than this at HZ=100, and too high only makes the rare udelay() longer. */
	add(argv, "lpj=50000000");

	/* `ip link` in a guest shows what the lab says and no bond0, dummy0, tunl0, sit0, ... They can still be created. */
	add(argv, "fb_tunnels=none");
	add(argv, "bonding.max_bonds=0");
	add(argv, "dummy.numdummies=0");
	add(argv, "ifb.numifbs=0");

	for (unsigned i = 0; i < options->n_interfaces; i++) {
		if (options->interfaces[i].socket)
			add_virtio(argv, &options->interfaces[i]);
		else
			add_vector(argv, i, &options->interfaces[i]);
	}

	/* r: read-only; c: shared, no lock on the file. The netlab.* options are for the agent: what it mounts. */
	if (options->root_image) {
		add_disk(argv, "ubdarc", options->root_image);
		add(argv, "netlab.root=ubda");
	}
	if (options->disk) {
		add_disk(argv, "ubdb", options->disk);
		add(argv, "netlab.disk=ubdb");
	}
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}
