/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the sanitizers write, for programs that are started without an environment (see e2e/sanitized). Leaks: unit tests look for
 * them; what is killed says nothing. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "log_path=" SANITIZER_REPORTS "/report:handle_abort=1:handle_sigill=1:detect_leaks=0";
}

const char *__ubsan_default_options(void)
{
	return "log_path=" SANITIZER_REPORTS "/report:print_stacktrace=1";
}
