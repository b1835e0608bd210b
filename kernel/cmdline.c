/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/cmdline.h"

#include <string.h>

enum { PAGE = 4096, KIB = 1024, MIB = 1024 * KIB };

/* get_mtu() in vector_kern.c accepts no less, and silently falls back to 1500. A smaller MTU is set from inside. */
#define VECTOR_MTU_MIN 576u

static void add(GPtrArray *argv, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add(GPtrArray *argv, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_ptr_array_add(argv, g_strdup_vprintf(format, args));
	va_end(args);
}

/* In mebibytes if possible, which is easier to read; memparse() accepts both. */
static void add_memory(GPtrArray *argv, guint64 bytes)
{
	guint64 rounded = (bytes + PAGE - 1) / PAGE * PAGE;
	if (rounded % MIB == 0)
		add(argv, "mem=%" G_GUINT64_FORMAT "M", rounded / MIB);
	else
		add(argv, "mem=%" G_GUINT64_FORMAT "K", rounded / KIB);
}

/* The kernel joins all arguments with spaces and splits them again (next_arg() in lib/cmdline.c), so a path with a space
 * needs quotes. mem=, initrd= and the like are read before that, as whole arguments: quotes would be wrong there. */
static void add_disk(GPtrArray *argv, const char *device, const char *path)
{
	const char *quote = strpbrk(path, " \t") ? "\"" : "";
	add(argv, "%s=%s%s%s", device, quote, path, quote);
}

/* mtu also sizes the receive buffers. depth (64 frames a system call) and headroom stay as the driver has them: 32, 128
 * and 256, gro=1 and headroom=64 made no measurable difference; vec=0 cost a quarter. The device
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
	/* Without this the first root is a ramfs (init_rootfs() in init/do_mounts.c, because UML always has a root=), which grows
	 * until every process is killed by lack of memory. A tmpfs takes half of the memory and then reports that it is full. */
	add(argv, "rootfstype=tmpfs");

	/* The first console writes and never reads; "con=" must come before "con0=", which it would overwrite. */
	add(argv, "con=null");
	add(argv, "con0=null,fd:%d", options->log_fd);
	add(argv, "ssl=null");
	add(argv, "ssl0=fd:%d", options->serial_fd);

	/* auto: without seccomp on the host, ptrace does the same, only slower. */
	add(argv, "seccomp=%s", options->isolation ? "off" : "auto");

	/* The kernel puts its pid file and management socket below uml_dir/umid. Guests have their own /tmp; if they do not, and
	 * the name is taken, the kernel chooses another, and nothing depends on it. */
	add(argv, "umid=%s", options->name);
	add(argv, "uml_dir=/tmp/");

	/* A reboot or a panic must end the process. Without noreboot UML would execute itself again unnoticed; without panic= a
	 * panic in early boot loops forever (a later one aborts anyway, panic_exit() in um_arch.c). */
	add(argv, "noreboot");
	add(argv, "panic=-1");

	/* Otherwise every boot calibrates its delay loop, which takes a third of the CPU time of a start (init/calibrate.c). No host
	 * counts faster than this at HZ=100, and a value that is too high only makes the rare udelay() longer. */
	add(argv, "lpj=50000000");

	/* `ip link` in a guest must show the lab's interfaces, and no bond0, dummy0, tunl0, sit0, ... Users can still create them. */
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

	/* r: read-only; c: the kernel does not lock the file (the supervisor has the lock of a node's own disk). The netlab.* options
	 * are for the agent: what it mounts. */
	if (options->root_image) {
		add_disk(argv, "ubdarc", options->root_image);
		add(argv, "netlab.root=ubda");
	}
	if (options->disk) {
		add_disk(argv, "ubdbc", options->disk);
		add(argv, "netlab.disk=ubdb");
	}
	if (options->modules) {
		add_disk(argv, "ubdcrc", options->modules);
		add(argv, "netlab.modules=ubdc");
	}
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}
