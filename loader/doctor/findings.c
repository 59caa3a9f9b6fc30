// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>

#include "common/json.h"
#include "common/one_line.h"
#include "doctor/findings.h"

void finding_add(struct findings *findings, const char *area, const char *check,
		 enum verdict verdict, const char *todo, const char *format, ...)
{
	struct finding *finding = &findings->finding[findings->nr];
	va_list args;

	if (findings->nr == MOST_FINDINGS)
		return;
	findings->nr++;
	finding->area = area;
	snprintf(finding->check, sizeof(finding->check), "%s", check);
	finding->verdict = verdict;
	snprintf(finding->todo, sizeof(finding->todo), "%s", todo ? todo : "");
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

bool findings_wrong(const struct findings *findings)
{
	for (size_t i = 0; i < findings->nr; i++) {
		if (findings->finding[i].verdict == VERDICT_WRONG)
			return true;
	}
	return false;
}

void findings_text(FILE *out, const struct findings *findings)
{
	static const char *const marks[] = { "ok", "note", "WRONG" };
	size_t nr[3] = { 0 };

	for (size_t i = 0; i < findings->nr; i++) {
		const struct finding *f = &findings->finding[i];

		fprintf(out, "%-5s  %-11s  %-13s  ", marks[f->verdict], f->area, f->check);
		put_one_line(out, f->text);
		fputc('\n', out);
		if (f->todo[0]) {
			fprintf(out, "%5s  %11s  %13s  -> ", "", "", "");
			put_one_line(out, f->todo);
			fputc('\n', out);
		}
		nr[f->verdict]++;
	}
	fprintf(out, "\n%zu ok, %zu to note, %zu wrong\n", nr[VERDICT_OK], nr[VERDICT_NOTE],
		nr[VERDICT_WRONG]);
}

void findings_json(FILE *out, const struct findings *findings)
{
	static const char *const words[] = { "ok", "note", "wrong" };
	struct json json;

	json_start(&json, out);
	json_open_object(&json, NULL);
	json_bool(&json, "ok", !findings_wrong(findings));
	json_open_array(&json, "findings");
	for (size_t i = 0; i < findings->nr; i++) {
		const struct finding *f = &findings->finding[i];

		json_open_object(&json, NULL);
		json_string(&json, "area", f->area);
		json_string(&json, "check", f->check);
		json_string(&json, "verdict", words[f->verdict]);
		json_string(&json, "text", f->text);
		json_string(&json, "todo", f->todo[0] ? f->todo : NULL);
		json_close_object(&json);
	}
	json_close_array(&json);
	json_close_object(&json);
	json_end(&json);
}
