/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes to values, for loader.c and loader_networks.c. */
#include <string.h>

#include "topologies/load/loader.h"
#include "topologies/model/values.h"

/* Of an interface. More than lessons need; keeps the comparison of pairs short. */
#define MAX_ADDRESSES 256

/** lab_tree_is() - whether NODE is an element of this name. */
gboolean lab_tree_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

/** loader_complain() - reports that a value cannot be read
 *  @element: where it stands
 *  @attribute: whose value it is
 *  @error: why; taken */
void loader_complain(Loader *self, const xmlNode *element, const char *attribute, GError *error)
{
	g_autofree char *label = lab_tree_label(element), *key = lab_value_key(element, attribute);

	g_hash_table_remove(self->findings->values, key);
	lab_diagnostics_add(
		self->diagnostics, LAB_ERROR, lab_tree_pos(element), "%s: %s %s", label, attribute, error->message);
	g_error_free(error);
}

/** loader_complain_of() - reports what is wrong with an element: its label, directly followed by the message. */
void loader_complain_of(Loader *self, const xmlNode *element, const char *format, ...)
{
	g_autofree char *label = lab_tree_label(element), *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	lab_diagnostics_add(self->diagnostics, LAB_ERROR, lab_tree_pos(element), "%s%s", label, message);
}

/** loader_choice() - the place of an attribute's value in NAMES (NULL-terminated)
 *  Returns FALSE, with index left alone, when the attribute is missing or wrong. */
gboolean loader_choice(
	Loader *self, const xmlNode *element, const char *attribute, const char *const *names, unsigned *index)
{
	const char *text = lab_tree_attribute(element, attribute);
	GError *error = NULL;

	if (!text)
		return FALSE;
	if (!value_choice(text, names, index, &error)) {
		loader_complain(self, element, attribute, error);
		return FALSE;
	}
	return TRUE;
}

/** loader_yes() - whether an attribute says "yes". */
gboolean loader_yes(Loader *self, const xmlNode *element, const char *attribute)
{
	unsigned index;

	return loader_choice(self, element, attribute, (const char *const[]){"no", "yes", NULL}, &index) && index == 1;
}

/** loader_name() - reads a name, if there is one. One that breaks its rule is kept all the same, so that those who use it
 *  are not reported too. */
void loader_name(Loader *self, const xmlNode *element, const char *attribute, LabNameRule rule, char **name)
{
	const char *text = lab_tree_attribute(element, attribute);
	GError *error = NULL;

	if (!text)
		return;
	if (!value_name(text, rule, &error))
		loader_complain(self, element, attribute, error);
	*name = text ? lab_excerpt(text) : NULL;
}

/** loader_block() - the element's text without the XML's indentation; NULL when it is empty. The caller frees it. */
char *loader_block(const xmlNode *element)
{
	xmlChar *raw = xmlNodeGetContent(element);
	char *text = value_block(raw ? (const char *)raw : "");

	xmlFree(raw);
	return *text ? text : (g_free(text), NULL);
}

/** loader_addresses() - appends the addresses (LabAddress) that an attribute lists. */
void loader_addresses(Loader *self, const xmlNode *element, GPtrArray *addresses)
{
	const char *text = lab_tree_attribute(element, "address");
	g_auto(GStrv) words = text ? g_strsplit_set(text, " \t\r\n", -1) : NULL;

	for (guint i = 0; words && words[i]; i++) {
		GError *error = NULL;
		LabAddress *one;

		if (!*words[i])
			continue;
		if (addresses->len == MAX_ADDRESSES) {
			loader_complain_of(self, element, " has more than %d addresses", MAX_ADDRESSES);
			break;
		}
		one = value_interface_address(words[i], &error);
		if (one)
			g_ptr_array_add(addresses, one);
		else
			loader_complain(self, element, "address", error);
	}
}

/** loader_offload() - what an <interface>, <end>, <node> or <defaults> says about offload. */
void loader_offload(Loader *self, const xmlNode *element, LabOffload *offload)
{
	unsigned index;

	if (loader_choice(self, element, "offload", (const char *const[]){"no", "yes", NULL}, &index))
		*offload = index ? LAB_OFFLOAD_YES : LAB_OFFLOAD_NO;
}

/** loader_settings() - what an <interface> and an <end> have in common. */
void loader_settings(Loader *self, const xmlNode *element, LabInterface *interface)
{
	const char *mac = lab_tree_attribute(element, "mac"), *mtu = lab_tree_attribute(element, "mtu");
	GError *error = NULL;

	loader_addresses(self, element, interface->addresses);
	loader_offload(self, element, &interface->offload);
	if (mac) {
		interface->mac_written = value_mac(mac, interface->mac, &error);
		if (error)
			loader_complain(self, element, "mac", g_steal_pointer(&error));
	}
	if (mtu && !value_number(mtu, 68, 65535, &interface->mtu, &error))
		loader_complain(self, element, "mtu", g_steal_pointer(&error));
}

/** loader_link_settings() - changes what an element's attributes say about a cable; the rest stays. */
void loader_link_settings(Loader *self, const xmlNode *element, LinkSettings *settings)
{
	for (const char *const *name = link_setting_names; *name; name++) {
		const char *text = lab_tree_attribute(element, *name);
		GError *error = NULL;

		if (text && !link_settings_set(settings, *name, text, &error))
			loader_complain(self, element, *name, error);
	}
}

/** loader_vlan() - the VLANs that an element's attributes let pass; NULL when it says nothing. The caller owns it. */
LabPortVlan *loader_vlan(Loader *self, const xmlNode *element)
{
	const char *access = lab_tree_attribute(element, "vlan"), *trunk = lab_tree_attribute(element, "trunk"),
		   *native = lab_tree_attribute(element, "native");
	g_autofree LabPortVlan *vlan = g_new0(LabPortVlan, 1);
	GError *error = NULL;

	if (!access && !trunk && !native)
		return NULL;
	vlan->native = 1;
	if (access && !value_vlan(access, &vlan->access, &error))
		loader_complain(self, element, "vlan", g_steal_pointer(&error));
	if (trunk && !value_vlans(trunk, vlan->trunk, &error))
		loader_complain(self, element, "trunk", g_steal_pointer(&error));
	if (native && !strcmp(native, "none"))
		vlan->native = 0;
	else if (native && !value_vlan(native, &vlan->native, &error))
		loader_complain(self, element, "native", g_steal_pointer(&error));
	if (access && trunk)
		loader_complain_of(self, element, " has both vlan (access port) and trunk; use only one of them");
	else if (access && native)
		loader_complain_of(self, element, ": native needs trunk; all frames on an access port are untagged");
	else if (!access && !trunk)
		loader_complain_of(self, element, ": native needs trunk; add, for example, trunk=\"all\"");
	if (vlan->native)
		vlan->trunk[vlan->native / 64] |= G_GUINT64_CONSTANT(1) << (vlan->native % 64);
	return g_steal_pointer(&vlan);
}

/** loader_path() - the path of the host that an attribute means. Every attribute with a path comes through here, so that
 *  the list of what the lab touches is complete
 *  @folder: where relative paths start
 *  @use: what the lab does with it
 *  Returns the absolute path, NULL when it is missing or empty, which is reported. The caller frees it. */
char *loader_path(Loader *self, const xmlNode *element, const char *attribute, const char *folder, LabTouchKind use)
{
	g_autofree char *path = NULL;
	const char *text = lab_tree_attribute(element, attribute);

	if (text && !*text)
		loader_complain_of(self, element, ": %s \"\" is empty", attribute);
	if (!text || !*text)
		return NULL;
	path = g_canonicalize_filename(text, folder);
	lab_touch(self->lab->touches, use, lab_tree_pos(element), path);
	return g_steal_pointer(&path);
}
