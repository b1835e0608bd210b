/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/app/application.h"
#include "netlab/host/capture_filter.h"
#include "topologies/topology.h"

int main(int argc, char **argv)
{
	lab_set_filter_check(capture_filter_check);
	g_autoptr(LabApplication) application = lab_application_new();
	return g_application_run(G_APPLICATION(application), argc, argv);
}
