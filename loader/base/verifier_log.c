// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/verifier_log.h"

#define LOG_BEGIN "-- BEGIN PROG LOAD LOG --\n"
#define LOG_END "-- END PROG LOAD LOG --"

static const struct span nothing;

struct span verifier_log(const char *messages)
{
	const char *begin = strstr(messages, LOG_BEGIN), *end;

	if (!begin)
		return nothing;
	begin += strlen(LOG_BEGIN);
	end = strstr(begin, LOG_END);
	return (struct span){ begin, end ? (size_t)(end - begin) : strlen(begin) };
}

/* libbpf's line reads: prog 'NAME': -- BEGIN PROG LOAD LOG -- */
struct span verifier_log_program(const char *messages)
{
	const char *begin = strstr(messages, LOG_BEGIN), *start, *end;

	if (!begin)
		return nothing;
	for (start = begin; start > messages && start[-1] != '\n'; start--)
		;
	start = memchr(start, '\'', (size_t)(begin - start));
	if (!start)
		return nothing;
	start++;
	end = memchr(start, '\'', (size_t)(begin - start));
	return end ? (struct span){ start, (size_t)(end - start) } : nothing;
}

struct span last_lines(struct span span, unsigned int lines)
{
	const char *end = span.text + span.len, *p = end;

	if (!span.len)
		return span;
	/* The newline at the very end starts no line. */
	if (p[-1] == '\n')
		p--;
	while (p > span.text) {
		if (p[-1] == '\n' && !--lines)
			break;
		p--;
	}
	return (struct span){ p, (size_t)(end - p) };
}

static struct span without_newline(struct span line)
{
	while (line.len && line.text[line.len - 1] == '\n')
		line.len--;
	return line;
}

static int starts_with(struct span line, const char *start)
{
	size_t len = strlen(start);

	return line.len >= len && !memcmp(line.text, start, len);
}

struct span verifier_verdict(struct span log)
{
	while (log.len) {
		struct span line = last_lines(log, 1);

		log.len = (size_t)(line.text - log.text);
		line = without_newline(line);
		if (line.len && !starts_with(line, "processed ") &&
		    !starts_with(line, "verification time ") &&
		    !starts_with(line, "stack depth ") && !starts_with(line, "peak_states "))
			return line;
	}
	return nothing;
}

static int ends_with(struct span line, const char *end)
{
	size_t len = strlen(end);

	return line.len >= len && !memcmp(line.text + line.len - len, end, len);
}

const char *verifier_advice(int err, struct span verdict)
{
	if (starts_with(verdict, "program of this type cannot use helper ") ||
	    (starts_with(verdict, "calling kernel function ") &&
	     ends_with(verdict, " is not allowed")))
		return "a policy, or this callback, may not call that; loops are written with mage_for()";
	if (!starts_with(verdict, "attach to unsupported member "))
		return NULL;
	/* Each of what mm/mage/program.c looks for has an error of its own. */
	switch (err) {
	case -ELOOP:
		return "it has a loop by may_goto; write it with mage_for()";
	case -EMLINK:
		return "it has a function that is not static; make it static";
	case -EXDEV:
		return "it calls a function of a module, which policies may not";
	case -EMEDIUMTYPE:
		return "it uses a map of a kind that policies may not; use an array, a hash, "
		       "a queue, a ring buffer, an arena, or task or cgroup storage";
	case -EMSGSIZE:
		return "it uses a map whose keys or values are too large; split them up, or make "
		       "the map a global variable";
	case -ENOTUNIQ:
		return "it uses a map with BPF_F_ZERO_SEED; leave that flag out";
	case -ENOTEMPTY:
		return "it has a structure with a list, a tree or a timer in it; "
		       "make lists and trees global variables, and let objects hold none";
	default:
		return NULL;
	}
}

struct span first_message(const char *messages)
{
	static const char prefix[] = "libbpf: ";

	if (!strncmp(messages, prefix, strlen(prefix)))
		messages += strlen(prefix);
	if (!*messages)
		return nothing;
	return (struct span){ messages, strcspn(messages, "\n") };
}

/* The text between @before and @after, on one line. */
static struct span between(const char *messages, const char *before, const char *after)
{
	const char *begin = strstr(messages, before), *line, *end;

	if (!begin)
		return nothing;
	begin += strlen(before);
	line = begin + strcspn(begin, "\n");
	end = strstr(begin, after);
	return end && end < line ? (struct span){ begin, (size_t)(end - begin) } : nothing;
}

struct span missing_function(const char *messages)
{
	return between(messages, "extern (func ksym) '", "': not found in kernel");
}

struct span missing_member(const char *messages)
{
	return between(messages, "Cannot find member ", " in kernel BTF");
}
